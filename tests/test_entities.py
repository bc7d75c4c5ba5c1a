import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.tasks.summarize.reading import entities


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Item 110012345678 never came", "item_number", "110012345678"),
        ("my order 07-11223-45678 is late", "order_number", "07-11223-45678"),
        ("Order ID: 408-9527813-1745165", "order_number", "408-9527813-1745165"),
        ("order no. OP98765432 shows delivered", "order_number", "OP98765432"),
        ("return 5004711220 was refused", "return_number", "5004711220"),
        ("I opened case 4711220034", "case_number", "4711220034"),
        ("payment 2087341190012T failed", "transaction_id", "2087341190012T"),
        ("I paid $24.99 for it", "price", "$24.99"),
        ("it cost 24.99 USD in all", "price", "24.99 USD"),
        ("about £12.50", "price", "£12.50"),
        ("it is worth 10,000 rs", "price", "10,000 rs"),
        ("the buyer maria_82 does not pay", "username", "maria_82"),
        ("my account vintage.lamps is locked", "username", "vintage.lamps"),
        ("it came on March 3", "date", "March 3"),
        ("delivered 03/14/2025", "date", "03/14/2025"),
        ("the code is X7K9-2210", "other", "X7K9-2210"),
    ],
)
def test_the_kind_follows_from_the_format_or_the_word_before(text, kind, value):
    assert [(entity.kind, entity.value) for entity in entities.find(text)] == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "It took 24-48 hours",
        "I ordered 128GB",
        "call me on the phone 4155550123",
        "size 42",
        "an iPhone 13",
    ],
)
def test_small_numbers_and_telephone_numbers_are_no_entities(text):
    assert entities.find(text) == []


def test_a_plain_word_after_buyer_is_no_username():
    assert entities.find("The buyer never paid and the seller left.") == []


@pytest.mark.parametrize(
    ("kind", "one", "two"),
    [
        ("price", "$24.00", "24 USD"),
        ("price", "$1,200.50", "1200.50 dollars"),
        ("date", "March 3rd", "Mar 3"),
        ("date", "3 March", "March 3"),
        ("order_number", "07-11223-45678", "071122345678"),
        ("transaction_id", "2087341190012T", "2087341190012t"),
    ],
)
def test_spellings_of_one_value_have_the_same_key(kind, one, two):
    assert entities.key(kind, one) == entities.key(kind, two)


@given(st.text(max_size=200))
def test_positions_of_entities_are_exact(text):
    for entity in entities.find(text):
        assert text[entity.start : entity.end] == entity.value
        assert entity.kind in entities.KINDS
