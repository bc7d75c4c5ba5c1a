"""Numbers in digits, as people and models write them, read as exact fractions.

>>> [str(number) for number in find("She pays $1,234.50, that is 1 1/2 or 20 percent, not -3e2")]
['1234.5', '1.5', '20%', '-300']
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

LONGEST = 60  # digits; longer runs are identifiers or an attack on integer arithmetic
HIGHEST = 60  # power of ten
_GAP = "[ ,'’\u00a0\u202f\u2009]"  # what divides groups of three digits
_DIGITS = rf"""
    (?P<european>\d{{1,3}}(?:\.\d{{3}})+,\d+ | \d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\.?\d))
  | (?P<grouped>\d{{1,3}}(?:{_GAP}\d{{3}})+(?!\d)(?:\.\d+)? | \d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d)(?:\.\d+)?)
  | (?P<comma>\d+,\d{{1,2}}(?![\d,]))
  | (?:(?P<whole>\d+)\s+(?:and\s+)?)?(?P<top>\d+)\s?/\s?(?P<bottom>\d+)(?![\d/])
  | (?P<plain>\d+(?:\.\d+)?|\.\d+)
"""  # noqa: E501
_CURRENCY = r"(?:(?:US)?[$€£¥₹]{1,2}|\b(?:USD|EUR|GBP|Rs\.?))\s?"
_NUMBER = re.compile(
    rf"""(?:(?<![\w.)\]%])(?P<sign>[-−–])(?=[\d.$€£¥₹])|(?P<minus>\b(?:minus|negative)\s+))?
    (?:(?P<currency>{_CURRENCY})(?P<late>[-−–](?=\d))?|(?<![A-Za-z0-9_])(?<!\d[.,]))
    (?:{_DIGITS})
    (?:[eE](?P<e>[+-]?\d+)(?!\w)|\s?[x×*·]\s?10\s?(?:\^|\*\*)\s?\{{?(?P<power>[+\-−]?\d+)\}}?)?
    (?:(?P<k>[kK])\b|\s(?P<scale>thousand|million|billion)\b)?
    (?P<percent>\s?%|\s(?:percent|per\ cent|pct)\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"#\w[\w-]*|\b\d+[-/]\d+[-/]\d+(?:[-/]\d+)*\b|\b\d{1,2}:\d{2}\b|\b\d+-\d{4,}\b"
)
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


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
    text = prepared(text)
    text = _IDENTIFIER.sub(lambda match: " " * len(match[0]), text)
    return [number for match in _NUMBER.finditer(text) if (number := _number(match))]


def alone(text: str) -> Number | None:
    """Return the number that a text consists of, None where it holds more."""
    match = _NUMBER.fullmatch(prepared(text).strip())
    return _number(match) if match else None


def prepared(text: str) -> str:
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
    value *= 1000 if match["k"] else SCALES.get((match["scale"] or "").lower(), 1)
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
