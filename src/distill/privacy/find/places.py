# ruff: noqa: E501 - a pattern is easier to read on one line
"""Postal addresses of many countries: a signal such as a street or a postal code, and its words.

"H.No 8-2-293/82/A, Plot 1265, Road No 36, Jubilee Hills, Hyderabad 500033", "Storgata 5, 3210
Sandefjord", "flat 3, 22b akerman rd sw9", "Blk 123 Bedok North Ave 2 #05-11, Singapore 460123".
A run of words that an address may hold is one if its signals weigh enough.
"""

import re
from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

from distill.privacy.find.identifiers import AMOUNT
from distill.privacy.find.place_tokens import Token, runs

_DIGIT = re.compile(r"\d")
_MEASURE = regex.compile(rf"(?:{AMOUNT})", regex.IGNORECASE)
_NUMBERS = ("number", "weak")
_OF_STREETS = ("name", "new", "plain", "within", "town", "ordinal", "premise", "before")
_ALONE = {"strong": 2, "town": 1, "ending": 1}  # kinds that tell by themselves, and their weights
_GO_ON = (*_OF_STREETS[:2], *_NUMBERS, "town", "strong", "ordinal", "premise", "street", "ending")
_OF_PARTS = ("plain", "new", "name", "within", "street", "town")
_LONGEST = 4  # words between a house's number and its street


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, "ADDRESS") of the addresses, each within a line."""
    at = 0
    for line in text.splitlines(keepends=True):
        if _DIGIT.search(line):
            for run in runs(line):
                for start, end in _addresses(run, line):
                    yield at + start, at + end, "ADDRESS"
        at += len(line)


def _addresses(run: list[Token], line: str) -> Iterator[tuple[int, int]]:
    signals = sorted(_signals(run, line))
    if not signals:
        return
    groups: list[list[tuple[int, int, int]]] = [[signals[0]]]
    for signal in signals[1:]:
        last = max(past for _, past, _ in groups[-1])
        if _bridged(run, last, signal[0]):
            groups[-1].append(signal)
        else:
            groups.append([signal])
    for group in groups:
        first, past = min(s[0] for s in group), max(s[1] for s in group)
        first, past, weight = _grown(
            run, first, past, sum({(s[0], s[2]): s[2] for s in group}.values())
        )
        if weight >= 2 and _DIGIT.search(line, run[first].start, run[past - 1].end):
            yield run[first].start, run[past - 1].end


def _bridged(run: list[Token], past: int, start: int) -> bool:
    """Whether the tokens between two signals belong to the same address."""
    return start <= past or start - past <= 8


def _signals(run: list[Token], line: str) -> Iterator[tuple[int, int, int]]:
    """Yield (first token, past the last, weight) of what tells an address."""
    for i, token in enumerate(run):
        if token.kind in _NUMBERS and not _MEASURE.match(line, token.start):
            yield from _house(run, i)
        if token.kind == "before":
            yield from _named_behind(run, i)
        if token.kind in _ALONE:
            yield i, i + 1, _ALONE[token.kind]
        if token.kind == "weak" and _is_code(run, i):
            yield i, i + 1, 1
        if i + 1 < len(run):
            yield from _pair(run, i)


def _house(run: list[Token], i: int) -> Iterator[tuple[int, int, int]]:
    """A house's number before its street: "12, Defence Colony", "22b akerman rd"."""
    for j in range(i + 1, min(len(run), i + 2 + _LONGEST)):
        street = run[j].kind in ("street", "before")
        if street and j == i + 1:  # "9 Avenue d'Ouchy"
            if j + 1 < len(run) and run[j + 1].kind in ("name", "new", "town", "within"):
                yield i, j + 2, 2
            return
        if street or run[j].kind == "ending":
            yield i, j + 1, 2
            return
        long = run[i].end - run[i].start > 2
        if run[j].kind == "premise" and j > i + 1 and long:  # "789 sunshine apt"
            yield i, j + 1, 2
            return
        if run[j].kind not in _OF_STREETS:
            return


def _named_behind(run: list[Token], i: int) -> Iterator[tuple[int, int, int]]:
    """A street whose kind stands before its name and number: "Rua das Laranjeiras 210"."""
    if i + 1 < len(run) and run[i + 1].kind in ("name", "town", "within", "new"):
        numbers = (j for j in range(i + 1, min(len(run), i + 6)) if run[j].kind in _NUMBERS)
        if number := next(numbers, 0):
            yield i, number + 1, 2


def _pair(run: list[Token], i: int) -> Iterator[tuple[int, int, int]]:
    """Two tokens that tell an address: "Storgata 5", "Karl Johans gate 37B", "flat 3", "4th cross"."""
    kind, after = run[i].kind, run[i + 1]
    if kind in ("street", "ending", "before") and after.kind == "number" and not after.comma:
        if kind == "ending":
            yield i, i + 2, 2
        elif i and run[i - 1].kind in ("name", "new", "town"):
            yield i - 1, i + 2, 2
    if kind == "premise" and after.kind in (*_NUMBERS, "strong"):
        yield i, i + 2, 1
    elif kind == "premise" and after.kind == "premise":  # "flat no 4"
        if i + 2 < len(run) and run[i + 2].kind in _NUMBERS:
            yield i, i + 3, 1
    elif kind == "ordinal" and after.kind in ("premise", "street"):
        yield i, i + 2, 1


def _is_code(run: list[Token], i: int) -> bool:
    """Whether a number may be a postal code: a town or another name stands beside it."""
    beside = [run[j].kind for j in (i - 1, i + 1) if 0 <= j < len(run)]
    long = run[i].end - run[i].start > 4
    return any(kind in ("town", "name") or (kind == "new" and long) for kind in beside)


def _grown(run: list[Token], first: int, past: int, weight: int) -> tuple[int, int, int]:
    """The address with the names, numbers and codes around its signals."""
    houses = run[first].kind in ("number", "weak") and run[first].comma
    while (
        first
        and not houses
        and run[first - 1].kind
        in (
            "name",
            "town",
            "number",
            "premise",
            "ending",
            "strong",
        )
    ):
        if (
            run[first - 1].kind == "number"
            and not run[first].comma
            and run[first].kind in ("premise", "weak")
        ):
            break
        first -= 1
    past = _continued(run, past)
    while past - 1 > first and run[past - 1].kind in ("within",):
        past -= 1
    return first, past, weight


def _continued(run: list[Token], past: int) -> int:
    """Where an address ends that goes on behind a signal, for example with ", near city mall"."""
    while past < len(run):
        if run[past].kind in _GO_ON:
            past += 1
            continue
        if not (run[past].comma or run[past].kind == "within"):
            break
        end = past + 1
        while end < len(run) and not run[end].comma and run[end].kind in _OF_PARTS:
            end += 1
        closed = end == len(run) or run[end].comma or run[end].kind in (*_NUMBERS, "strong")
        if end - past > _LONGEST or not closed:
            break
        past = end
    return past
