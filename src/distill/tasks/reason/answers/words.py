"""Numbers in words: "twenty-five", "one hundred and five", "two thirds", "a dozen"."""

import re
from collections.abc import Iterator
from fractions import Fraction

from distill.tasks.reason.answers.figures import SCALES, Number

_UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_PARTS = "half third quarter fifth sixth seventh eighth ninth tenth"
_WORDS = {word: value for value, word in enumerate(re.findall(r"\w+", _UNITS))}
_WORDS |= {word: 10 * tens for tens, word in enumerate(re.findall(r"\w+", _TENS), start=2)}
_DENOMINATORS = {word: part for part, word in enumerate(re.findall(r"\w+", _PARTS), start=2)}
_SCALES = {**SCALES, "dozen": 12}
_WORD = "|".join(sorted([*_WORDS, "hundred", *_SCALES], key=len, reverse=True))
_PART = "|".join(_DENOMINATORS)
_IN_WORDS = re.compile(
    rf"""(?<!\bthe\ )\b(?P<minus>(?:minus|negative)\s+)?
    (?:(?P<words>(?:an?\s+(?=hundred|thousand|million|dozen))?
         (?:{_WORD})(?:[\s-]+(?:and\s+)?(?:{_WORD}))*)\b(?:[\s-](?P<parts>{_PART}|halve)s?\b)?
       |(?:an?\s+)?(?P<part>half|(?<=\ba\ )(?:{_PART}))\b)
    (?P<percent>\s?%|\s(?:percent|per\ cent)\b)?""",
    re.IGNORECASE | re.VERBOSE,
)

_ADJECTIVE = re.compile(r"\b(?!(?:is|are|just|only|exactly|about|by|be|was)\b)[a-z]+\s$")


def find(text: str) -> list[Number]:
    """Return the numbers of a text in words; "the last one" is none."""
    return list(_numbers(text))


def _numbers(text: str) -> Iterator[Number]:
    for match in _IN_WORDS.finditer(text):
        if match["words"] == "one" and _ADJECTIVE.search(text, 0, match.start()):
            continue
        value = _value(match["words"]) if match["words"] else Fraction(1)
        if part := match["parts"] or match["part"]:
            value /= _DENOMINATORS.get(part.lower(), 2)  # "halve" of "halves"
        yield Number(-value if match["minus"] else value, percent=bool(match["percent"]))


def _value(words: str) -> Fraction:
    total = group = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _SCALES:
            total, group = total + (group or 1) * _SCALES[word], 0
        elif word == "hundred":
            group = (group or 1) * 100
        else:
            group += _WORDS.get(word, 0)  # "and", "a"
    return Fraction(total + group)
