# ruff: noqa: E501 - a pattern is easier to read on one line
"""Turns that do nothing but answer: "chennai 600003", "karthi and poi 025", "bhy 258639582".

A form that is filled in by chat gets names and numbers without a sentence around them. A short turn
in which every word is a name, a number, or one that announces either is taken for such an answer.
"""

from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

from distill.privacy.find import identifiers, lexicon
from distill.privacy.find.lines import with_digits
from distill.privacy.find.words import (
    is_any_name,
    is_english,
    is_misspelled_english,
    is_top,
    is_top_500,
    is_top_1500,
    is_two_joined,
)

_TURN = regex.compile(
    r"^(?P<label>\p{L}[^:\n]{0,19}: )?\s*(?P<said>[^\n.!?;:@<>/\"]{2,60}?)[.!]?\s*$",
    regex.MULTILINE,
)
_WORD = regex.compile(r"[\p{L}\p{M}\d]+(?:['’-][\p{L}\p{M}\d]+)*")
_ANNOUNCING_WORDS = """
    and my name is its it's it no number yes ok okay sure i am im the last first ssn pin password pasword
    passward pswd id mail phone ph mobile account acc policy claim booking confirmation order to from hi
    hello please pls thanks sir mam maam here a of for n code ref reference zip pincode postal customer
    member contact cell so s company user nric imei pan aadhaar aadhar upi ifsc awb ssn dob vin mac
    utr gst cvv otp cnic
"""
_ANNOUNCING = frozenset(_ANNOUNCING_WORDS.split())
_UNITS_WORDS = """
    gb tb mb kb kg lb lbs oz mm cm ft inch inr usd eur gbp rs mbps ghz mah pcs pc pair pairs qty
    quantity nos am pm st nd rd th hrs hr min mins days xl xxl size no
"""
_UNITS = frozenset(_UNITS_WORDS.split())
# A question whose answer is a thing.
_OF_THINGS = regex.compile(
    r"\b(?:product|item|model|brand|colou?r|size|device|laptop|watch|phone you|version|edition|title|which (?!name))",
    regex.IGNORECASE,
)
_MOST = 9  # words of an answer


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, type) of the names and numbers in turns that only answer."""
    turns = (turn for start, end in with_digits(text) for turn in _TURN.finditer(text, start, end))
    for turn in turns:
        before = text[max(0, turn.start() - 160) : turn.start()].rstrip("\n").rpartition("\n")[2]
        start, end = turn.span("said")
        words = list(_WORD.finditer(text, start, end))
        if not 2 <= len(words) <= _MOST or _OF_THINGS.search(before):
            continue
        kinds = [_kind(word[0]) for word in words]
        if "other" not in kinds:
            yield from _answer(words, kinds)


def _kind(word: str) -> str:
    small = word.casefold()
    if small in _UNITS or (small in lexicon.foreign_words() and small not in _ANNOUNCING):
        return "other"
    if small in _ANNOUNCING:
        return "announcing"
    if any(c.isdigit() for c in small):
        return (
            "number"
            if not regex.fullmatch(identifiers.AMOUNT, small, regex.IGNORECASE)
            else "other"
        )
    if small in lexicon.places():
        return "town"
    if len(small) < 4 and not is_top_500(small) and not is_any_name(small):
        return "piece"
    known = is_any_name(small) and not is_top_1500(small)
    new = not is_english(small) and not is_misspelled_english(small) and not is_two_joined(small)
    return "name" if known or new else "other"


def _answer(words: list[regex.Match[str]], kinds: list[str]) -> Iterator[tuple[int, int, str]]:
    numbers = [i for i, kind in enumerate(kinds) if kind == "number"]
    long = any(sum(c.isdigit() for c in words[i][0]) > 2 for i in numbers)
    pieces = [i for i, kind in enumerate(kinds) if kind == "piece"]
    if not long and not (len(numbers) > 1 and pieces):
        return
    kind = "ADDRESS" if "town" in kinds and not pieces else "ACCOUNT_ID"
    for start, end in _runs(kinds, ("number", "piece")):
        if any(kinds[i] == "number" for i in range(start, end)):
            yield words[start].start(), words[end - 1].end(), kind
    for start, end in _runs(kinds, ("name",)):
        if not all(is_top(words[i][0], 5_000) for i in range(start, end)):
            yield words[start].start(), words[end - 1].end(), "PERSON"


def _runs(kinds: list[str], wanted: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] in wanted:
            end += 1
        if end > start:
            yield start, end
        start = max(end, start + 1)
