"""Numbers of a text, to be compared exactly: identifiers, amounts, dates and counts."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from distill.tasks.summarize.rules.judge import lexicon

_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:3]: at for at, name in enumerate(_MONTHS.split(), 1)}
_MONTH_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_MONEY = r"[$€£₹]|usd|eur|gbp|inr|dollars?|euros?|pounds?|\brs\.?"
_DATES = (
    re.compile(rf"\b{_MONTH_NAME}\s+{_DAY}\b(?!\s*%)", re.I),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH_NAME}\b", re.I),
    re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](?:\d{4}|\d{2})\b"),
    re.compile(r"\b\d{4}-(\d{2})-(\d{2})\b"),
)
_AMOUNT = re.compile(
    rf"(?:{_MONEY})\s?(\d[\d,]*(?:\.\d+)?)|(?<![\d.])(\d[\d,]*(?:\.\d+)?)\s?(?:{_MONEY})(?!\w)",
    re.I,
)
_IDENTIFIER = re.compile(
    r"(?<![\w@.])(?=[\w-]*\d[\w-]*\d)(?:[A-Za-z]{0,4}\d[\w-]{4,}|"
    r"[a-z]+[_.-]?[a-z]*\d[\w]*)(?![\w@])"
)
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\w-]|[.,]\d)")
_WORDS = [
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
]
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(_WORDS, 2)}
_KINDS = ("order", "item", "return", "case", "transaction", "username")
_KIND_WORDS = {
    "order": "order", "orders": "order", "purchase": "order", "item": "item", "items": "item",
    "product": "item", "listing": "item", "auction": "item", "article": "item", "return": "return",
    "rma": "return", "case": "case", "ticket": "case", "dispute": "case", "claim": "case",
    "transaction": "transaction", "payment": "transaction", "username": "username",
    "account": "username", "user": "username", "member": "username",
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One value: its kind, its form for comparison, its verbatim text.

    Kinds are order, item, return, case, transaction, username and other for identifiers, price,
    date and count.
    """

    kind: str
    form: frozenset[str]
    text: str

    @property
    def is_identifier(self) -> bool:
        """Return whether the value identifies something."""
        return self.kind in _KINDS or self.kind == "other"

    def equals(self, other: "Value") -> bool:
        """Return whether two values can be the same; day and month may be swapped in a date."""
        return bool(self.form & other.form)


@lru_cache(10_000)
def find(text: str) -> tuple[Value, ...]:
    """Return the values of a text, each part of the text in one value alone."""
    found: list[Value] = []
    rest = text
    for take in (_dates, _amounts, _identifiers, _counts):
        values = take(rest)
        found += values
        for value in values:
            rest = rest.replace(value.text, " " * len(value.text), 1)
    return tuple(found)


def is_carrier(text: str) -> bool:
    """Return whether a text says a value and nothing else: "the order number is 12-3456"."""
    found = find(text)
    for value in found:
        text = text.replace(value.text, "", 1)
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return bool(found) and sum(map(_is_content, words)) <= (found[0].kind != "count")


def _is_content(word: str) -> bool:
    return word not in lexicon.CARRIERS and not (
        len(word) > 4 and get_close_matches(word, lexicon.CARRIERS, 1, 0.8)
    )


def mask(text: str) -> str:
    """Return a text without its identifiers, which embeddings cannot compare."""
    for value in _identifiers(text):
        text = text.replace(value.text, "", 1)
    return " ".join(text.split())


def _dates(text: str) -> list[Value]:
    found = []
    for at, pattern in enumerate(_DATES):
        for match in pattern.finditer(text):
            first, second = match.groups()
            if at < 2:
                month, day = (first, second) if at == 0 else (second, first)
                forms = {f"{_MONTH[month[:3].casefold()]}-{int(day)}"}
            else:
                forms = {f"{int(first)}-{int(second)}", f"{int(second)}-{int(first)}"}
            found.append(Value("date", frozenset(forms), match[0]))
    return found


def _amounts(text: str) -> list[Value]:
    return [
        Value("price", frozenset({_plain(match[1] or match[2])}), match[0])
        for match in _AMOUNT.finditer(text)
    ]


def _identifiers(text: str) -> list[Value]:
    found = []
    for match in _IDENTIFIER.finditer(text):
        form = re.sub(r"\W|_", "", match[0]).casefold()
        found.append(Value(_kind(text[: match.start()], match[0]), frozenset({form}), match[0]))
    return found


def _kind(before: str, identifier: str) -> str:
    """Return the kind by the nearest word of the last six that names one."""
    if re.match(r"[a-z]{3}", identifier):
        return "username"
    for word in reversed(re.findall(r"[a-z]+", before.casefold())[-6:]):
        if word in _KIND_WORDS:
            return _KIND_WORDS[word]
    return "other"


def _counts(text: str) -> list[Value]:
    numbers = [
        Value("count", frozenset({_plain(match[0])}), match[0]) for match in _NUMBER.finditer(text)
    ]
    words = re.finditer(r"\b(?:" + "|".join(_WORDS) + r")\b", text, re.I)
    return numbers + [
        Value("count", frozenset({_NUMBER_WORDS[match[0].casefold()]}), match[0]) for match in words
    ]


def _plain(number: str) -> str:
    value = float(number.replace(",", ""))
    return str(int(value)) if value == int(value) else str(value)
