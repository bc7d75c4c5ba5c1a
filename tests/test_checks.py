import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.tasks.summarize import checks, taxonomy
from distill.tasks.summarize.format import render

CHAT = (
    "Customer: Hello, my order 07-11223-45678 never arrived.\n"
    "Bot: I am sorry that this is frustrating. Our warehouse is closed on Sundays.\n"
    "Customer: I ordered the lamp on March 3.\n"
    "Customer: Please send me a refund of $24.99."
)
FORM = (
    "Topic: Item damaged\nRole: seller\nItem number: 110012345678\nItem name: brass lamp\n"
    "Message: The buyer says that the lamp is broken. I shipped the lamp in perfect order."
)
GOOD = (
    "Hello, my order 07-11223-45678 never arrived",
    "I ordered the lamp on March 3",
    "Please send me a refund of $24.99",
)
GOOD_FORM = (
    "The customer is a seller",
    "Item number 110012345678",
    "Item name brass lamp",
    "The buyer says that the lamp is broken",
    "I shipped the lamp in perfect order",
)


def codes(*bullets, text=CHAT, channel="botchat"):
    return {flaw.code for flaw in checks.find(render(bullets), text, channel)}


def form_codes(*bullets):
    return codes(*bullets, text=FORM, channel="webform")


def by_customer(*sentences):
    return "\n".join(f"Customer: {sentence}" for sentence in sentences)


def test_a_summary_in_the_customers_words_has_no_errors():
    assert codes(*GOOD) == set()
    assert form_codes(*GOOD_FORM) == set()


def test_each_check_detects_a_code_of_the_taxonomy():
    assert set(checks.CHECKS) <= set(taxonomy.load())


def test_a_malformed_list_is_content_other():
    assert [flaw.code for flaw in checks.find("<ul><li>a", CHAT, "botchat")] == ["content_other"]


def test_codes_of_other_channels_are_not_reported():
    assert "unn_content_requests_agent" in codes(*GOOD, "I want to talk to a human")
    assert "unn_content_requests_agent" not in form_codes(*GOOD_FORM, "I want to talk to a human")


@pytest.mark.parametrize(
    "bullet",
    [
        "I want to talk to a real person",
        "Agent please",
        "Customer requests a human agent",
        "please connect me with a live representative",
        "Get me a human",
    ],
)
def test_a_request_for_an_agent_is_detected(bullet):
    assert "unn_content_requests_agent" in codes(*GOOD, bullet)


@pytest.mark.parametrize(
    "bullet", ["A representative told me to wait", "The delivery agent left it outside"]
)
def test_a_mention_of_an_agent_is_no_request(bullet):
    assert "unn_content_requests_agent" not in codes(bullet, text=by_customer(bullet))


@pytest.mark.parametrize(
    ("bullet", "code"),
    [
        ("The customer was transferred to another agent", "unn_content_transfer"),
        ("Thank you very much", "unn_content_courtesy"),
        ("Good morning", "unn_content_courtesy"),
        ("You people are a joke", "unn_content_customer_rant"),
        ("No order details were provided", "unn_content_no_details"),
        ("Our warehouse is closed on Sundays", "unn_content_ebay_response_included"),
        ("The customer is confused", "sentiment_inferred_confused"),
        ("The customer is not frustrated", "sentiment_inferred_not_frustrated"),
        ("The customer shows no confusion and is not confused", "sentiment_inferred_not_confused"),
        ("The customer has no complaints", "sentiment_inferred_no_complaint"),
        ("The customer is worried", "sentiment_other"),
    ],
)
def test_an_unnecessary_bullet_is_one_error(bullet, code):
    assert codes(*GOOD, bullet) == {code}


@pytest.mark.parametrize(
    ("noise", "code"),
    [
        ("Thank you very much.", "unn_content_courtesy"),
        ("You people are a joke!", "unn_content_customer_rant"),
        ("Our warehouse is closed on Sundays.", "unn_content_ebay_response_included"),
        ("I want to talk to a human.", "unn_content_requests_agent"),
        ("My order never arrived.", "unn_content_redundant"),
    ],
)
def test_noise_is_detected_next_to_a_fact_in_one_bullet(noise, code):
    text = CHAT if noise in CHAT else f"{CHAT}\nCustomer: {noise}"
    for bullet in (f"{GOOD[2]}. {noise}", f"{noise} {GOOD[2]}."):
        assert codes(*GOOD[:2], bullet, text=text) == {code}


def test_several_facts_in_one_bullet_are_no_error():
    assert codes(f"{GOOD[0]}. {GOOD[1]}.", GOOD[2]) == set()


def test_a_request_for_a_copy_is_detected_unless_it_is_of_an_invoice():
    wish, invoice = (
        "Please email me a copy of this form",
        "Please email me a copy of the invoice",
    )
    for bullet, expected in ((wish, {"unn_content_webform_email_copy"}), (invoice, set())):
        text = f"{FORM} {bullet}."
        assert codes(*GOOD_FORM, bullet, text=text, channel="webform") == expected


def test_frustration_is_inferred_unless_the_customer_states_it():
    bullet = "The customer is frustrated"
    assert codes(*GOOD, bullet) == {"sentiment_inferred_frustrated"}  # only the bot mentions it
    assert codes(*GOOD, bullet, text=f"{CHAT}\nCustomer: I am so frustrated.") == set()


def test_a_repetition_is_redundant_unless_it_is_about_another_order():
    again = "The order never arrived, order 07-11223-45678"
    other = "my order 99-11223-45678 never arrived"
    text = f"{CHAT}\nCustomer: {again}.\nCustomer: {other}."
    assert codes(*GOOD, again, other, text=text) == {"unn_content_redundant"}
    assert "unn_content_redundant" not in codes(*GOOD, other, text=text)
    assert "unn_content_redundant" in codes(*GOOD, "As I said, it is not here", text=text)


def test_a_negation_does_not_repeat_the_statement_that_it_negates():
    text = by_customer("My brass lamp is working.", "My brass lamp is not working.")
    bullets = ("My brass lamp is working", "My brass lamp is not working")
    assert "unn_content_redundant" not in codes(*bullets, text=text)


def test_the_later_of_two_equal_bullets_is_redundant():
    flaws = checks.find(render([*GOOD, GOOD[2]]), CHAT, "botchat")
    assert [(flaw.code, flaw.evidence) for flaw in flaws] == [("unn_content_redundant", GOOD[2])]


@pytest.mark.parametrize(
    "again",
    [
        "Again, my parcel with the lamp never came",
        "The package and the lamp did not arrive",
        "As I wrote, something went wrong with the delivery",
    ],
)
def test_a_repetition_in_other_words_is_redundant(again):
    statements = ("My parcel with the lamp never came", "I want a refund of $24.99")
    text = by_customer(*(f"{sentence}." for sentence in (*statements, again)))
    assert codes(*statements, text=text) == set()
    assert codes(*statements, again, text=text) == {"unn_content_redundant"}


def test_the_same_statement_about_another_order_must_be_in_the_summary():
    text = f"{CHAT}\nCustomer: Again, order 99-11223-45678 never arrived."
    assert codes(*GOOD, text=text) == {"entity_missing_order_number"}


def test_a_number_missing_from_its_sentence_is_the_only_error():
    assert codes("Hello, my order never arrived", *GOOD[1:]) == {"entity_missing_order_number"}


def test_a_wrong_digit_makes_a_number_inaccurate_and_not_missing():
    wrong = "Hello, my order 07-11223-45679 never arrived"
    assert codes(wrong, *GOOD[1:]) == {"entity_inaccurate_order_number"}


def test_an_invented_number_is_inaccurate_and_of_unknown_kind():
    assert codes(*GOOD[:2], f"{GOOD[2]} for ZX-990-123") == {"entity_inaccurate_other"}


def test_a_truncated_number_is_entity_other():
    cut = "Hello, my order 07-11223 never arrived"
    assert codes(cut, *GOOD[1:]) == {"entity_other"}


def test_a_number_of_letters_and_digits_is_missing_where_the_summary_has_none():
    text = by_customer("Order ID: BN12345678901.", "It never arrived.")
    assert "entity_missing_order_number" in codes("The order never arrived", text=text)


def test_a_number_that_the_customer_joined_to_a_word_is_not_truncated():
    text = by_customer("I live in Hyderabad-500001.", "My parcel never arrived.")
    bullets = ("The parcel for Hyderabad 500001 never arrived",)
    assert "entity_other" not in codes(*bullets, text=text)


def test_what_the_customer_does_is_no_response_of_the_company():
    text = f"{CHAT}\nBot: We offer a partial refund of 10%.\nCustomer: Fine."
    code = "unn_content_ebay_response_included"
    assert code in codes(*GOOD, "A partial refund of 10% is offered", text=text)
    assert code in codes(*GOOD, "The customer was offered a partial refund of 10%", text=text)
    assert code not in codes(*GOOD, "Customer accepted a partial refund of 10%", text=text)


def test_dates_and_prices_must_be_in_the_summary_and_accurate():
    assert codes(GOOD[0], "I ordered the lamp", GOOD[2]) == {"data_element_missing"}
    assert "data_element_inaccurate" in codes(GOOD[0], "I ordered the lamp on March 8", GOOD[2])
    assert codes(*GOOD[:2], "Please send me a refund") == {"entity_missing_price"}
    assert "entity_inaccurate_price" in codes(*GOOD[:2], "Please send me a refund of $24.90")


def test_nothing_to_summarize_is_correct_only_without_content():
    hello = by_customer("Hello!", "Thanks.")
    assert codes(text=hello) == set()
    assert codes(text=CHAT) == {"nothing_to_summarize"}
    assert codes("The customer asks about shipping", text=hello) == {"nothing_to_summarize"}


def test_the_role_must_be_in_the_summary_and_accurate():
    assert form_codes("The customer is a buyer", *GOOD_FORM[1:]) == {"customer_type_inaccurate"}
    assert form_codes("The customer is a buyer", *GOOD_FORM) == {"customer_type_other"}
    role_only_in_field = "Role: seller\nMessage: The lamp broke on its way."
    assert codes("The lamp broke on its way", text=role_only_in_field, channel="webform") == {
        "customer_type_missing"
    }


def test_a_role_is_implied_by_the_customers_actions():
    text = "Topic: Payment\nMessage: I sold a lamp. The payment is late."
    bullets = ("I sold a lamp", "The payment is late")
    assert codes("The customer is a buyer", *bullets, text=text, channel="webform") == {
        "customer_type_inaccurate"
    }
    assert codes("The customer is a seller", *bullets, text=text, channel="webform") == set()


def test_the_item_name_must_be_in_the_summary_and_accurate():
    text = FORM.replace("lamp", "kettle").replace("brass kettle", "brass lamp stand")
    others = [bullet.replace("lamp", "kettle") for bullet in GOOD_FORM[3:]]
    good = (*GOOD_FORM[:2], "Item name brass lamp stand", *others)
    assert codes(*good, text=text, channel="webform") == set()
    assert codes(*good[:2], *others, text=text, channel="webform") == {"entity_missing_item_name"}
    wrong = (*GOOD_FORM[:2], "Item name brass lamb stand", *others)
    assert "entity_inaccurate_item_name" in codes(*wrong, text=text, channel="webform")


def test_a_language_other_than_english_must_be_named():
    text = by_customer(
        "Guten Tag, ich habe meine Bestellung noch nicht erhalten und warte auf das Paket."
    )
    bullet = "ich habe meine Bestellung noch nicht erhalten und warte auf das Paket"
    assert codes(bullet, text=text) == {"language_non_english_not_identified"}
    assert codes("The chat is in German", bullet, text=text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "hv u got d parcel no it is nt here plz chk",
        "Kya ho gaya yaar my phone is broken",
        "no no no",
    ],
)
def test_noisy_english_is_identified_as_english(text):
    assert "language_non_english_not_identified" not in codes(text, text=by_customer(text))


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=6))
def test_checks_accept_any_text(text, bullets):
    for channel in ("botchat", "webform"):
        for flaw in checks.find(render(bullets), text, channel):
            assert flaw.code in taxonomy.load()
            assert isinstance(flaw.evidence, str)
