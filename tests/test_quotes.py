import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.tasks.summarize.format import render
from distill.tasks.summarize.quotes import count

TEXT = "Customer: My kettle, order 07-11223-45678, never came!\nCustomer: I don't want a new one."


@pytest.mark.parametrize(
    "quote",
    [
        "order 07-11223-45678",
        "ORDER  07-11223-45678,\nnever came",  # case, white space
        '"never came"',
        "I don\N{RIGHT SINGLE QUOTATION MARK}t want a new one",
        "never came...",
        "My kettle ... never came",
        "kettle\N{HORIZONTAL ELLIPSIS}came [...] new one",
        "My kettle, order 07-11223-45678, never came!\nCustomer: I don't want",
    ],
)
def test_a_quote_stands_in_the_text_whatever_its_case_punctuation_and_gaps(quote):
    assert count(quote, TEXT) == 1


@pytest.mark.parametrize(
    "quote",
    [
        "",
        " ... ",
        "!!",
        "the kettle never came",  # a word that the text does not have
        "order 07-11223-4567",  # an identifier cut short
        "rder 07",  # part of a word
        "never came ... My kettle",  # the wrong order
        "came ... came",
    ],
)
def test_other_words_stand_nowhere(quote):
    assert count(quote, TEXT) == 0


def test_a_quote_of_a_summary_needs_neither_its_tags_nor_its_escapes():
    summary = render(["a lamp & a shade", "5 < 6"])
    assert count("lamp & a shade", summary) == 1
    assert count("<li>a lamp &amp; a shade</li><li>5", summary) == 1
    assert count("ul", summary) == 0


def test_a_quote_is_counted_as_often_as_it_stands_in_the_text():
    assert count("it is late", "It is late. It is late; it is lately so.") == 2


def test_a_text_without_spaces_between_words_can_be_quoted():
    assert count("退款", "我想要退款，谢谢") == 1


@given(st.text(max_size=80), st.text(max_size=200))
def test_any_two_texts_can_be_compared(quote, text):
    assert count(quote, text) >= 0
    if count(quote, quote):
        assert count(quote, f"{text} . {quote} . {text}") >= 1
