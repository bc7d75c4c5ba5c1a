import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.tasks.summarize import format

SPACED = st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(SPACED, min_size=1))
def test_bullets_are_the_inverse_of_render(items):
    assert format.bullets(format.render(items)) == items


def test_an_empty_list_is_nothing_to_summarize():
    assert format.render([]) == "<ul><li>nothing to summarize</li></ul>"


@pytest.mark.parametrize(
    "reply",
    [
        "<ul><li>a</li><li>b</li></ul>",
        "```html\n<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n```",
        "  <ul> <li> a </li> <li>b</li> </ul>\n",
    ],
)
def test_blanks_and_a_code_fence_are_accepted(reply):
    assert format.normalize(reply) == "<ul><li>a</li><li>b</li></ul>"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "nothing to summarize",
        "<ul></ul>",
        "<ul><li>a<li></ul>",
        "<ul><li>a</li>",
        "Sure! <ul><li>a</li></ul>",
        "<ul><li>a <b>b</b></li></ul>",
        "<ul><li>a</li></ul><ul><li>b</li></ul>",
    ],
)
def test_malformed_summaries_are_rejected(reply):
    with pytest.raises(ValueError, match="not one closed"):
        format.normalize(reply)


def test_empty_items_are_dropped_and_a_list_of_only_empty_items_is_rejected():
    assert format.normalize("<ul><li> </li><li>a</li></ul>") == "<ul><li>a</li></ul>"
    assert format.render(["", "a"]) == "<ul><li>a</li></ul>"
    with pytest.raises(ValueError, match="text"):
        format.normalize("<ul><li></li><li> </li></ul>")


def test_half_a_surrogate_pair_is_rejected():
    with pytest.raises(ValueError, match="surrogates"):
        format.normalize("<ul><li>it came \ud83d</li></ul>")
