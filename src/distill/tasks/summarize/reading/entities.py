"""Identifiers and figures in a text: their kinds, and keys by which spellings compare equal.

The kind follows from the format (an item number has 12 digits, an order number is written
dd-ddddd-ddddd) or from the word before it ("case 4711220034"); else it is "other".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

KINDS = (
    "item_number",
    "order_number",
    "return_number",
    "case_number",
    "transaction_id",
    "username",
    "price",
    "date",
    "other",
)
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_CURRENCY = r"usd|eur|gbp|cad|aud|inr|dollars?|euros?|pounds?|rupees?|rs|bucks"
_PATTERN = re.compile(
    rf"""
    (?P<date>\b\d{{1,4}}[/.]\d{{1,2}}[/.]\d{{2,4}}\b | \b\d{{4}}-\d{{2}}-\d{{2}}\b
        | \b(?:{_MONTH})\.?\ \d{{1,2}}(?:st|nd|rd|th)?\b(?!\d)(?:,?\ (?:19|20)\d\d\b)?
        | \b\d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?(?:{_MONTH})\b(?:,?\ (?:19|20)\d\d\b)?)
    | (?P<price>[$£€₹]\ ?\d[\d,]*(?:\.\d+)? | \brs\.?\ ?\d[\d,]*(?:\.\d+)?
        | \b\d[\d,]*(?:\.\d+)?\ ?(?:{_CURRENCY}|[€£₹$])(?!\w))
    | \b(?:user\ ?name|user\ ?id|seller|buyer|user|handle|member|account)\b
        (?:\ (?:name|id|is|named|called))*\ ?[:=]?\ ?["'@(]?
        (?P<username>(?=[a-z\d._-]*[a-z])(?=[a-z._-]*[\d_]|[a-z]+[.-][a-z\d])[a-z\d][\w.-]*\w)
    | (?P<token>(?<![\w@.-])(?=[a-z-]*\d)[a-z\d]+(?:-[a-z\d]+)*(?![\w@]))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FORMATS = (
    ("transaction_id", re.compile(r"\d{13}T", re.IGNORECASE)),
    ("order_number", re.compile(r"\d{2}-\d{5}-\d{5}|\d{3}-\d{7}-\d{7}")),
    ("item_number", re.compile(r"[123]\d{11}")),
)
_CONTEXT = re.compile(
    r"\b(?:(?P<noun>order|item|listing|return|case|ticket|transaction|payment)s?\b"
    r"|(?:phone|call|mobile|cell|tel)\w*)",  # but not "I ordered 128GB"
    re.IGNORECASE,
)
_KIND_OF_WORD = {
    "order": "order_number",
    "item": "item_number",
    "listing": "item_number",
    "return": "return_number",
    "case": "case_number",
    "ticket": "case_number",
    "transaction": "transaction_id",
    "payment": "transaction_id",
}
_REACH = 30  # characters before an identifier in which a word determines its kind


@dataclass(frozen=True)
class Entity:
    """An identifier or figure as written, at text[start:end]."""

    kind: str
    value: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """The normalized value, equal for all spellings of one value."""
        return key(self.kind, self.value)


def key(kind: str, value: str) -> str:
    """Return a value without blanks, dashes, case, currency and ".00", and with short months."""
    value = value.casefold()
    if kind == "price":
        amount = re.sub(r"[^\d.]", "", value).strip(".")
        return re.sub(r"\.0+$", "", amount)
    if kind == "date":
        value = re.sub(rf"({_MONTH})\.?", lambda month: month[1][:3], value)
        value = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", value.replace(" of ", " "))
        swapped = re.fullmatch(r"(\d+) ([a-z]{3})(.*)", value)
        value = f"{swapped[2]} {swapped[1]}{swapped[3]}" if swapped else value
    return re.sub(r"[\W_]+", "", value) if kind != "username" else value


def find(text: str) -> list[Entity]:
    """Return the text's identifiers and figures, in order."""
    return list(_find(text))


@lru_cache(maxsize=4096)
def _find(text: str) -> tuple[Entity, ...]:
    return tuple(_entities(text))


def _entities(text: str) -> Iterator[Entity]:
    for match in _PATTERN.finditer(text):
        group = str(match.lastgroup)
        value, start, end = match[group], match.start(group), match.end(group)
        kind = _kind(text, value, start) if group == "token" else group
        if kind:
            yield Entity(kind, value, start, end)


def _kind(text: str, value: str, start: int) -> str:
    for kind, pattern in _FORMATS:
        if pattern.fullmatch(value):
            return kind
    digits = sum(map(str.isdigit, value))
    if len(value) < 5 or digits < 3:
        return ""
    before = re.split(r"(?<!\bno)[.!?\n](?:\s|$)", text[max(0, start - _REACH) : start])[-1]
    contexts = list(_CONTEXT.finditer(before))
    word = (contexts[-1]["noun"] or "").lower() if contexts else ""
    if contexts and not word:
        return ""  # a telephone number
    return _KIND_OF_WORD.get(word, "other") if len(value) > 5 or word else ""
