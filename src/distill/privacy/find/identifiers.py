# ruff: noqa: E501 - a pattern is easier to read on one line
"""Numbers of orders, items and accounts, typed by the nearest word before them.

"my order number is 3348917502" is an ORDER_ID, "see case 1234567" a CASE_ID, and an answer to "What
is your order number?" is an ORDER_ID as well.
"""

from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

from distill.privacy.find.lines import with_digits

KINDS = {
    "ORDER_ID": r"order|pedido|commande|bestell\w*|ordine|bestelling|purchase|booking|reservation",
    "ITEM_ID": r"item|listing|article|art[íi]culo|artikel|articolo",
    "RETURN_ID": r"return|rma|devoluci[óo]n|retour|r[üu]ck\w*|reso",
    "CASE_ID": r"case|ticket|claim|caso|dossier|fall|vorgang|pratica|zaak|complaint",
    "TRANSACTION_ID": r"transaction|transacci[óo]n|payment|txn|tx(?!t)|upi|utr|refund",
    "ACCOUNT_ID": r"account|customer (?:id|number)|member(?:ship)?|policy|loyalty"
    r"|cuenta|konto|compte",
    "REFERENCE_ID": r"tracking|invoice|ref|reference|confirmation|parcel|package|shipment|awb"
    r"|serial|imei",
}
# A number behind one of these words has another type, which a rule knows.
_OTHERS = (
    r"phone|telephone|tel|mobile|cell|call|text me|reach|whatsapp|fax|contact|tel[eé]f\w*|handy"
    r"|m[óo]vil|portable|ssn|social security|national (?:id|insurance)|passport|pasaporte"
    r"|passeport|reisepass|dni|nie|nino|tax id|driver['’]?s licen[cs]e|card|iban"
)
# Amounts, measures, times and spans of days ("2nd", "64gb", "24-48") are no identifiers.
AMOUNT = (
    r"\d+(?:st|nd|rd|th|mm|cm|m|ft|in|inch|gb|tb|mb|mah|w|v|hz|kg|g|mg|ml|l|k|x|rs|inr|am|pm|hrs?"
    r"|h|mins?|days?|mp|hp|p|px|fps|rpm|lbs?|oz|kmh|mph)\b|\d{1,3}-\d{1,3}(?![\w-])|\d{1,4}-[a-z]{2,}(?![\w-])"
    r"|(?:rs|inr|usd|eur|gbp)\d|\d[\d,.]* ?(?:rs|inr|usd|eur|gbp|rupees?|dollars?|euros?|pounds?|bucks|points|watts?"
    r"|hours?|hrs|minutes?|mins|days?|weeks?|months?|years?|times|percent|mah|inch(?:es)?|cm|mm|kg|grams?|litres?"
    r"|liters?|pieces?|pcs|items?|orders?|units?|miles?|km|mbps|steps|pages|calls|people|customers|reviews)\b"
)
_NUMBER = regex.compile(
    rf"(?<![\w+(@.$€£₹]|(?i:rs\.?|inr) )(?!(?i:{AMOUNT}))(?=[\w-]*\d[\w-]*\d)"
    r"(?:[A-Za-z]{0,6}-?\d[A-Za-z\d-]{3,}|(?=[A-Z\d]*\d)[A-Z\d]{5,20}"
    r"|[A-Z]{2,5}_[\w-]+|\p{Ll}{2,12}\d{3,10})(?![\w@-])"
)
_WORD = regex.compile(
    "|".join(rf"(?P<{kind}>\b(?:{words}))" for kind, words in KINDS.items())
    + rf"|(?P<other>\b(?:{_OTHERS})\b)",
    regex.IGNORECASE,
)
# A word in front of a model's number: "Nokia 1100", "RTX 4080"; not "Order 1100" or "ID 4080".
_MODEL = regex.compile(
    rf"(?<![.!?:\n] )\b(?!(?i:{'|'.join(KINDS.values())}|no|nr|num|number|numbers|id|code|is|was|ref|pin)\b)\p{{Lu}}[\p{{L}}\d-]* $"
)
_HANDLE = regex.compile(r"\p{Ll}{3,}\d+")
_REACH = 50  # characters at most between the word and the number
ANSWERED = regex.compile(
    r"[^:\n]{1,20}: (?:(?:yes|sure|ok|okay|it['’]?s|it is|of course|this is)[,.:]? ){0,2}",
    regex.IGNORECASE,
)


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, type) of the numbers behind a word that gives their type."""
    numbers = (n for start, end in with_digits(text) for n in _NUMBER.finditer(text, start, end))
    for number in numbers:
        if _MODEL.search(text, max(0, number.start() - 24), number.start()) and len(number[0]) < 6:
            continue
        kind = kind_before(text, number.start())
        if kind == "ACCOUNT_ID" and _HANDLE.fullmatch(number[0]):
            kind = "USERNAME"
        if kind and kind != "other":
            yield number.start(), number.end(), kind


def kind_before(text: str, at: int) -> str | None:
    """The type of a number at an offset, "other" if it is for a rule to find, or None."""
    line = text.rfind("\n", 0, at) + 1
    kind = _kind(text, max(line, at - _REACH - 20), at)
    if not kind and line and ANSWERED.fullmatch(text, line, at):
        asked = text.rfind("\n", 0, line - 1) + 1  # "What is your order number?" before it
        kind = _kind(text, max(asked, line - 2 * _REACH), line)
    return kind


def _kind(text: str, start: int, end: int) -> str | None:
    """The type that the last known word gives, unless a digit stands behind that word."""
    found = list(_WORD.finditer(text, start, end))
    last = found[-1] if found else None
    if last is None or any(c.isdigit() for c in text[last.end() : end]):
        return None
    return str(last.lastgroup)
