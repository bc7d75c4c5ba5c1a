"""The error codes of taxonomy.yaml in words, for headings, tables and figures that people read."""

from distill.tasks.summarize import taxonomy

_WORDS = {
    "content_missing": "leaves a point out",
    "content_order": "tells points out of order",
    "content_inaccurate": "tells a point wrongly",
    "content_hallucination": "invents a point",
    "content_other": "other fault of content",
    "nothing_to_summarize": "wrong about whether there is content",
    "entity_missing_item_number": "leaves the item number out",
    "entity_missing_item_name": "leaves the item name out",
    "entity_missing_order_number": "leaves the order number out",
    "entity_missing_return_number": "leaves the return number out",
    "entity_missing_case_number": "leaves the case number out",
    "entity_missing_username": "leaves the username out",
    "entity_missing_price": "leaves the price out",
    "entity_missing_transaction_id": "leaves the transaction id out",
    "entity_inaccurate_item_number": "wrong item number",
    "entity_inaccurate_item_name": "wrong item name",
    "entity_inaccurate_order_number": "wrong order number",
    "entity_inaccurate_return_number": "wrong return number",
    "entity_inaccurate_case_number": "wrong case number",
    "entity_inaccurate_username": "wrong username",
    "entity_inaccurate_price": "wrong price",
    "entity_inaccurate_transaction_id": "wrong transaction id",
    "entity_inaccurate_other": "unknown identifier",
    "entity_other": "other fault with an identifier",
    "data_element_missing": "leaves a date or figure out",
    "data_element_inaccurate": "wrong date or figure",
    "data_element_other": "other fault with a date or figure",
    "customer_type_missing": "leaves buyer or seller out",
    "customer_type_inaccurate": "confuses buyer and seller",
    "customer_type_other": "other fault with buyer or seller",
    "unn_content_redundant": "says something twice",
    "unn_content_courtesy": "reports greetings or thanks",
    "unn_content_ebay_response_included": "reports the company's answer",
    "unn_content_customer_rant": "reports a general complaint",
    "unn_content_no_details": "remarks that details are lacking",
    "unn_content_requests_agent": "reports the wish for a person",
    "unn_content_transfer": "reports a transfer",
    "unn_content_webform_email_copy": "reports the wish for a copy by e-mail",
    "unn_other": "other unnecessary information",
    "sentiment_inferred_confused": "infers confusion",
    "sentiment_inferred_frustrated": "infers frustration",
    "sentiment_inferred_not_confused": "infers that nobody is confused",
    "sentiment_inferred_not_frustrated": "infers that nobody is frustrated",
    "sentiment_inferred_no_complaint": "infers that there is no complaint",
    "sentiment_other": "other unfounded word about feelings",
    "language_non_english_not_identified": "does not name the language",
    "language_translation_inaccurate": "wrong translation",
    "language_other": "other fault of language",
}
_GROUPS = {"unnecessary_information": "unn_content_", "inferred_sentiment": "sentiment_"}


def of(code: str) -> str:
    """Return a code in words; one that a user added to taxonomy.yaml without its underscores.

    Anything else, such as a total, is returned as it is.
    """
    if code in _WORDS:
        return _WORDS[code]
    known = taxonomy.load().get(code)
    if known is None:
        return code
    prefix = _GROUPS.get(known.group, "")
    return code.removeprefix(prefix).replace("_", " ")


def missing() -> list[str]:
    """Return the codes of taxonomy.yaml that have no words here."""
    return [code for code in taxonomy.load() if code not in _WORDS]
