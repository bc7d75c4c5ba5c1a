"""Names without a cue: runs of capitalised words of which one is known, or none is English.

"I spoke to Gijsbrecht Öztürk yesterday" holds no "my name is"; what gives the name away is that
it is written like one and that neither word is ordinary.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import regex  # type: ignore[import-untyped]

from distill.privacy.find import names

_CAPITAL = r"\p{Lu}[\p{L}\p{M}]*+(?:['’-]\p{L}[\p{L}\p{M}]*+)*+"
_LINK = r"(?:de|la|los|las|del|da|dos|do|di|du|van|der|den|von|le|el|al|bin|ten|ter|zu|y|i|ibn|st)"
_TOKEN = regex.compile(rf"{_CAPITAL}|{_LINK}(?= )")
_RUN = regex.compile(rf"(?<![\p{{L}}\p{{M}}\d_]){_CAPITAL}(?:\.? (?:{_LINK} ){{0,2}}{_CAPITAL})*+")
_LABEL = regex.compile(r"\p{L}[^:\n]{0,19}: ")
_SMALL = re.compile(r"[^\W\d_]+")
_PROSE = re.compile(r"(?<![\w@./])[^\W\d_]+(?![\w@/]|\.\w)")
_SMALL_TURN = regex.compile(
    r"^(?:\p{L}[^:\n]{0,19}: )[\s]*(\p{Ll}{3,}(?: \p{Ll}+){0,2})(?=[.!]?\s*$)", regex.MULTILINE
)
_DRAWN = re.compile(r"(.)\1\1")  # "pleeease"
_VOWEL = re.compile(r"[^\x00-\x7f]|[aeiouy]")
_NEXT = re.compile(r" ([^\W\d_]+)")
_AFTER_SMALL = regex.compile(r" (?:[b-hj-z]\.? )?(\p{Ll}[\p{L}\p{M}'’-]+)")
# What follows the name of a company, a place or a product.
_NO_PERSON_AFTER_WORDS = """
    inc ltd llc gmbh corp co plc ag sa bv group company store shop bank airlines hotel street
    avenue road lane drive city county university school band orchestra records jeans shoes boots
    jacket shirt dress watch bag phone tv laptop headphones
"""
_NO_PERSON_AFTER = frozenset(_NO_PERSON_AFTER_WORDS.split())
_FREQUENT = 15_000  # of the English words
_FEW = 4  # words from which a line's spelling tells something
_SHOUTED = 0.6  # share of words in capitals from which a line tells nothing
_FOREIGN = 0.5  # share of words that are not English from which it is another language


class Word(NamedTuple):
    """text[start:end], and what is known of it: see `_kind`."""

    start: int
    end: int
    text: str
    kind: str


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, "PERSON") of the names in a text of "Label: content" lines."""
    for run in _RUN.finditer(text):
        for start, end in _in_run(text, run.start(), run.end()):
            yield start, end, "PERSON"
    for start, end in _in_small_letters(text):
        yield start, end, "PERSON"
    for turn in _SMALL_TURN.finditer(text):
        if _is_answer(turn[1].split(" ")) and _is_plain_english(text, turn.start(1)):
            yield *turn.span(1), "PERSON"


@cache
def _kind(word: str) -> str:
    """A first or last name, either (also a plain word), new, rare, an initial, a link, or other."""
    plain = word.removesuffix("'s").removesuffix("’s")
    key = plain.casefold()
    first_part = key.split("-")[0]
    if not word[0].isupper():
        return "link"
    if len(plain) == 1:
        return "initial"
    if first_part in names.FOREIGN:
        return "other"
    listed = {"first": names.first_names(), "last": names.last_names()}
    kinds = [kind for kind, known in listed.items() if key in known]
    if first_part in names.first_names():
        kinds.insert(0, "first")
    return kinds[0] if kinds else _kind_of_unlisted(plain)


def _kind_of_unlisted(plain: str) -> str:
    if names.is_listed(plain) and not names.is_too_common(plain):
        return "either"
    acronym = plain.isupper() and len(plain) <= _FEW
    if acronym or names.is_frequent(plain) or names.is_misspelled_day(plain):
        return "other"
    return "rare" if names.is_ordinary(plain) else "new"


def _in_run(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    run: list[Word] = []
    for token in _TOKEN.finditer(text, start, end):
        word = Word(token.start(), token.end(), token[0], _kind(token[0]))
        if word.kind == "other" and _initialled(run):
            word = word._replace(kind="last")  # "Jildau S Bouts"
        if word.kind != "other":
            run.append(word)
        elif run:
            yield from _named(run, text)
            run = []
    if run:
        yield from _named(run, text)


def _initialled(run: list[Word]) -> bool:
    return len(run) > 1 and run[-1].kind == "initial" and run[-2].kind in ("first", "last", "new")


def _named(run: list[Word], text: str) -> Iterator[tuple[int, int]]:
    while run and run[-1].kind in ("link", "initial"):
        run = run[:-1]
    while run and run[0].kind == "link":
        run = run[1:]
    kinds = [word.kind for word in run if word.kind not in ("link", "initial")]
    if not kinds:
        return
    known = "first" in kinds or ("last" in kinds and len(run) > 1)
    if not known and not _likely(kinds):
        return
    if not _is_plain_english(text, run[0].start):
        if not any(names.is_widespread(word.text) for word in run):
            return
    elif not known and len(kinds) == 1 and _opens_misspelled(text, run[0]):
        return
    if _is_thing(text, run[-1].end) or ("first" not in kinds and _is_label(text, run)):
        return
    last = run[-1]
    yield run[0].start, last.end - 2 if last.text.endswith(("'s", "’s")) else last.end


def _opens_misspelled(text: str, word: Word) -> bool:
    """Whether it opens a sentence and is an everyday word with a letter wrong: "Pleease"."""
    before = text[max(0, word.start - 2) : word.start].strip()
    return (not before or before[-1] in ".!?:") and names.is_misspelled(word.text)


def _likely(kinds: list[str]) -> bool:
    """Two listed words that are also ordinary ("Will Young"), or words that are not English."""
    return "new" in kinds or "last" in kinds or kinds.count("either") > 1


def _line(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, end if end >= 0 else len(text)


def _is_plain_english(text: str, at: int) -> bool:
    """Whether the line is English and not all in capitals: else writing tells nothing.

    A line of few words is judged by the whole text.
    """
    return _is_plain_line(text, *_line(text, at))


@lru_cache(maxsize=1)  # a long line of many names is read once
def _is_plain_line(text: str, start: int, end: int) -> bool:
    words = _SMALL.findall(text, start, end)
    if sum(word.isupper() and len(word) > 1 for word in words) > _SHOUTED * max(len(words), _FEW):
        return False
    telling = _telling(words)
    return _is_english(telling) if len(telling) >= _FEW else _is_all_english(text)


@lru_cache(maxsize=1)
def _is_all_english(text: str) -> bool:
    return _is_english(_telling(_PROSE.findall(text)))


def _is_english(telling: list[str]) -> bool:
    strange = sum(names.is_foreign(word) or not names.is_ordinary(word) for word in telling)
    return len(telling) < _FEW or strange < _FOREIGN * len(telling)


def _telling(words: list[str]) -> list[str]:
    """The words in small letters that are nobody's name."""
    small = (word for word in words if word.islower() and len(word) > 1)
    return [
        word
        for word in small
        if names.is_ordinary(word) or word in names.FOREIGN or not names.is_listed(word)
    ]


def _is_label(text: str, run: list[Word]) -> bool:
    label = _LABEL.match(text, _line(text, run[0].start)[0])
    return label is not None and run[-1].end <= label.end()


def _is_thing(text: str, end: int) -> bool:
    """Whether what follows tells a company or a product: "Harley & Sons", "Diesel jeans"."""
    after = _NEXT.match(text, end)
    return text.startswith(" &", end) or (
        after is not None and after[1].casefold() in _NO_PERSON_AFTER
    )


def _in_small_letters(text: str) -> Iterator[tuple[int, int]]:
    """First names in small letters, with the last name behind them where there is one."""
    words = frozenset(_SMALL.findall(text)) - names.FOREIGN
    firsts, lasts = words & names.first_names(), words & names.last_names()
    if not firsts and not lasts:
        return
    before: re.Match[str] | None = None
    for word in _SMALL.finditer(text):
        start, end = word.span()
        if word[0] in firsts and _stands_alone(text, start, end):
            yield from _first_in_small(text, start, end)
        if word[0] in lasts and before and text[before.end() : start] == " ":
            first = before[0]  # "crystal minh": the first name is also a plain word
            known = first.islower() and names.is_listed(first) and not names.is_plain(first)
            if (
                known
                and _stands_alone(text, before.start(), end)
                and _is_plain_english(text, start)
            ):
                yield before.start(), end
        before = word


def _is_answer(words: list[str]) -> bool:
    """Whether the one to three words of a turn are a name: "brandt", "ana b kruger"."""
    if any(names.is_too_common(word) or word in names.FOREIGN for word in words):
        return False
    first, last = words[0], words[-1]
    if len(words) == 1:
        named = first in names.first_names() or first in names.last_names()
        return len(first) > 3 and (named or (_is_new(first) and not names.is_joined(first)))
    if first in names.first_names() and not _may_be_thing(first):
        return not all(map(names.is_plain, words))
    return last in names.last_names() and not all(map(names.is_plain, words))


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _first_in_small(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if not _is_plain_english(text, start):
        return
    word, after = text[start:end], _AFTER_SMALL.match(text, end)
    if after and _may_be_last(after[1], word):
        yield start, after.end()
    elif names.is_american(word) and len(word) > 3:
        yield start, end


def _may_be_last(word: str, first: str) -> bool:
    named = word in names.first_names() or word in names.last_names()
    return named or (len(word) > 3 and not _may_be_thing(first) and _is_new(word))


def _may_be_thing(first: str) -> bool:
    """Whether a first name is one that few bear and an English word: "velvet keychain"."""
    return names.is_among(first, _FREQUENT) and not names.is_widespread(first)


def _is_new(word: str) -> bool:
    """Whether a word is no English and no misspelling of it: "kruegerman", not "thankss"."""
    drawn = _DRAWN.search(word) is not None or not _VOWEL.search(word)
    return not drawn and not names.is_ordinary(word) and not names.is_misspelled(word)
