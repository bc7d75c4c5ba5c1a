"""The final answer as a number, as people and models write numbers, read as exact fractions.

>>> [str(number) for number in find("She pays $1,234.50, that is 1 1/2 or 20 percent, not -3e2")]
['1234.5', '1.5', '20%', '-300']
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from distill.tasks.reason.answers.statements import Text, pieces, read

LONGEST = 60  # digits; longer runs are identifiers or an attack on integer arithmetic
HIGHEST = 60  # power of ten
_GAP = "[ ,'’\u00a0\u202f\u2009]"  # what divides groups of three digits
_DIGITS = rf"""
    (?P<european>\d{{1,3}}(?:\.\d{{3}})+,\d+ | \d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\.?\d))
  | (?P<grouped>\d{{1,3}}(?:{_GAP}\d{{3}})+(?!\d)(?:\.\d+)? | \d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d)(?:\.\d+)?)
  | (?P<comma>\d+,\d{{1,2}}(?![\d,]))
  | (?:(?P<whole>\d+)\s+)?(?P<top>\d+)\s?/\s?(?P<bottom>\d+)(?![\d/])
  | (?P<plain>\d+(?:\.\d+)?|\.\d+)
"""  # noqa: E501
_CURRENCY = r"(?:(?:US)?[$€£¥₹]{1,2}|\b(?:USD|EUR|GBP)\b)\s?"
_NUMBER = re.compile(
    rf"""(?:(?<![\w.)\]%])(?P<sign>[-−–])(?=[\d.$€£¥₹])|(?P<minus>\b(?:minus|negative)\s+))?
    (?P<currency>{_CURRENCY})?(?P<late>[-−–](?=\d))?
    (?<![A-Za-z0-9_])(?<!\d[.,])(?:{_DIGITS})
    (?:[eE](?P<e>[+-]?\d+)(?!\w)|\s?[x×*·]\s?10\s?(?:\^|\*\*)\s?\{{?(?P<power>[+\-−]?\d+)\}}?)?
    (?:(?P<k>[kK])\b|\s(?P<scale>thousand|million|billion)\b)?
    (?P<percent>\s?%|\s(?:percent|per\ cent|pct)\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"#\w[\w-]*|\b\d+[-/]\d+[-/]\d+(?:[-/]\d+)*\b|\b\d{1,2}:\d{2}\b|\b\d+-\d{4,}\b"
)
_CENTS = re.compile(r"(\d+)\s(?:dollars?|euros?|pounds?)(?:\sand)?\s(\d{1,2})\s(?:cents?|pence)\b")
_ASIDE = re.compile(r"\([^()]*\)")
_EQUALS = re.compile(r"[=≈]|\b(?:equals|which (?:is|makes|gives|leaves)|comes to)\b")
_EXPRESSION = re.compile(r"[\d)%]\s*[-+*×x·÷−–]\s*[$€£(]?\d|\d\s/\s\d")
_OR = re.compile(r"\d\S*(?:\s\w+)?\s+or\s+(?:\w+\s)?\S?\d")
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: value for value, word in enumerate(_UNITS)}
_WORDS |= {word: 10 * tens for tens, word in enumerate(_TENS, start=2)}
_WORD = "|".join(sorted([*_WORDS, "hundred", *_SCALES], key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"(?<!\bthe )\b(?P<minus>(?:minus|negative)\s+)?(?P<words>(?:{_WORD})(?:(?:[\s-]+(?:and\s+)?)"
    rf"(?:{_WORD}))*)\b(?P<percent>\s?%|\s(?:percent|per cent)\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """An exact value, and whether it is written as a percentage: Number(50, True) is 50%."""

    value: Fraction
    percent: bool = False
    currency: bool = False
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return _written(self.value) + ("%" if self.percent else "")

    def equals(self, other: "Number") -> bool:
        """Return whether both are the same value; 50% is 50, as units are ignored, and 0.5."""
        if self.value == other.value:
            return True
        if self.percent == other.percent:
            return False
        mine, theirs = (one.value / (100 if one.percent else 1) for one in (self, other))
        return mine == theirs


def find(text: str) -> list[Number]:
    """Return the numbers of a text in digits, in order, without identifiers, dates and times."""
    text = _prepared(text)
    text = _IDENTIFIER.sub(lambda match: " " * len(match[0]), text)
    return [number for match in _NUMBER.finditer(text) if (number := _number(match))]


def extract(text: Text) -> str | None:
    """Return the number that the text states as its answer, else the one it ends with."""
    for statement in text.stated:
        if _is_working(statement):
            continue
        for piece in pieces(statement):
            if found := _candidates(piece) or in_words(piece):
                return None if _is_hedged(piece, found) else str(found[0])
    for piece in reversed(pieces(text.text)):
        if found := find(piece):
            return str(_concluded(piece, found))
    return None


def equal(found: str, expected: str) -> bool:
    """Return whether two extracted numbers are equal."""
    [mine], [theirs] = find(found), find(expected)
    return mine.equals(theirs)


def alone(text: str) -> Number | None:
    """Return the number that a text consists of, None where it holds more."""
    plain = read(text).text.strip().strip("$").strip()
    match = _NUMBER.fullmatch(_prepared(plain).strip())
    return _number(match) if match else None


def _is_working(statement: str) -> bool:
    """Return whether "Answer:" heads a whole calculation, whose result comes last."""
    lines = [line for line in statement.splitlines() if line.strip()]
    is_headed = statement.lstrip(" \t").startswith("\n")
    return is_headed and len(lines) > 1 and ("=" in lines[0] or len(lines[0].split()) > 8)


def _candidates(piece: str) -> list[Number]:
    """Return the numbers of a statement, the answer first: "7" of "3 + 4 = 7" and "7 (= 3 + 4)"."""
    piece = _CENTS.sub(lambda match: f"{match[1]}.{int(match[2]):02}", piece)
    outside = _ASIDE.sub(" ", piece)
    if find(outside):
        piece = outside
    parts = [part for part in _EQUALS.split(piece) if find(part)]
    results = [part for part in parts if not _EXPRESSION.search(part)] or parts
    return find(results[-1]) if results else []


def _concluded(piece: str, found: list[Number]) -> Number:
    """Return the answer of the last sentence with a number, where none is stated as such.

    It is what the sentence's equation results in, else its one amount of money, else its last
    number.
    """
    if _EQUALS.search(piece) and (results := _candidates(piece)):
        return results[0]
    amounts = [number for number in found if number.currency]
    return amounts[0] if len(amounts) == 1 else found[-1]


def _is_hedged(piece: str, found: list[Number]) -> bool:
    """Return whether the statement offers two different numbers: "5 or 6"."""
    offered = _OR.search(piece)
    return bool(offered) and len({number.value for number in found}) > 1


def in_words(text: str) -> list[Number]:
    """Return the numbers of a text in words: "twenty-five", "one hundred and five"."""
    return list(_worded(text))


def _prepared(text: str) -> str:
    """Return the text with fractions of one character as 1/2, superscripts as ^2, ASCII digits."""
    text = re.sub("[⁰¹²³⁴-⁹⁻]+", lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text)
    return "".join(_plain_sign(sign) for sign in text)


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if kind == "No" and "⁄" in (parts := unicodedata.normalize("NFKC", sign)):
        return " " + parts.replace("⁄", "/")
    return sign


def _number(match: re.Match[str]) -> Number | None:
    if sum(sign.isdigit() for sign in match[0]) > LONGEST:
        return None
    value = _magnitude(match)
    power = int((match["e"] or match["power"] or "0").replace("−", "-"))
    if value is None or abs(power) > HIGHEST:
        return None
    value *= Fraction(10) ** power
    value *= 1000 if match["k"] else _SCALES.get((match["scale"] or "").lower(), 1)
    negative = match["sign"] or match["minus"] or match["late"]
    return Number(
        value=-value if negative else value,
        percent=bool(match["percent"]),
        currency=bool(match["currency"]),
        start=match.start(),
        end=match.end(),
    )


def _magnitude(match: re.Match[str]) -> Fraction | None:
    if match["top"]:
        if int(match["bottom"]) == 0:
            return None
        return int(match["whole"] or 0) + Fraction(int(match["top"]), int(match["bottom"]))
    if european := match["european"]:
        return Fraction(european.replace(".", "").replace(",", "."))
    if comma := match["comma"]:
        return Fraction(comma.replace(",", "."))
    return Fraction(re.sub(_GAP, "", match["grouped"] or match["plain"]))


def _worded(text: str) -> Iterator[Number]:
    for match in _IN_WORDS.finditer(text):
        total = group = 0
        for word in re.split(r"[\s-]+", match["words"].lower()):
            if word in _SCALES:
                total, group = total + (group or 1) * _SCALES[word], 0
            elif word == "hundred":
                group = (group or 1) * 100
            else:
                group += _WORDS.get(word, 0)  # "and"
        value = Fraction(total + group)
        yield Number(
            -value if match["minus"] else value,
            bool(match["percent"]),
            start=match.start(),
            end=match.end(),
        )


def _written(value: Fraction) -> str:
    """Return an exact decimal, or a fraction where there is none."""
    rest, digits = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        digits = max(digits, count)
    if rest != 1 or digits > LONGEST:
        return str(value)
    whole = abs(value.numerator) * 10**digits // value.denominator
    text = str(whole).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)
