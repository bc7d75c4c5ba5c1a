"""Names of persons without a cue such as "my name is".

"I spoke to Gijsbrecht Öztürk": two capitalised words that are not English. "Graves and Torres": a
row of names. "JohnSmith": two joined. Names in small letters are found in names_in_small.py.
Capitals prove nothing in a line that is not English or is mostly in capitals: there, only Western
first names count.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import regex  # type: ignore[import-untyped]

from distill.privacy.find import lexicon, names_in_small
from distill.privacy.find.language import is_english_at, line_around
from distill.privacy.find.names_in_small import AFTER_SMALL, NO_PERSON_AFTER, may_be_last
from distill.privacy.find.words import (
    is_any_name,
    is_compound,
    is_contraction,
    is_english,
    is_frequent_english,
    is_misspelled_day,
    is_misspelled_english,
    is_top,
    is_top_500,
    is_us_first_name,
    is_western_first_name,
)

_CAPITAL = r"\p{Lu}[\p{L}\p{M}]*+(?:['’-]\p{L}[\p{L}\p{M}]*+)*+"
_LINK = r"(?:de|la|los|las|del|da|dos|do|di|du|van|der|den|von|le|el|al|bin|ten|ter|zu|y|i|ibn|st)"
_TOKEN = regex.compile(rf"{_CAPITAL}|{_LINK}(?= )")
_RUN = regex.compile(rf"(?<![\p{{L}}\p{{M}}\d_]){_CAPITAL}(?:\.? (?:{_LINK} ){{0,2}}{_CAPITAL})*+")
_ROW_WORD = regex.compile(r"\p{Lu}\p{L}{2,}")
_ROW = regex.compile(
    r"(?<![\w'’.-])\p{Lu}\p{L}{2,}(?:, \p{Lu}\p{L}{2,})*+,? (?:and|&) \p{Lu}\p{L}{2,}"
    r"(?![\w'’-]| \p{Lu})"
)
_JOINED = regex.compile(
    r"(?<![\p{L}\d_@#/])(\p{Lu}\p{Ll}{2,})(\p{Lu}\p{Ll}{2,})(?:\p{Lu}\p{Ll}{2,})*(?![\p{L}_])"
)
_LABEL = regex.compile(r"\p{L}[^:\n]{0,19}: ")
_QUOTED = re.compile(r"[\"'“‘*\[]$")
_DETERMINED = re.compile(
    r"\b(?:a|an|the|this|that|these|those|my|your|our|some|any) $", re.IGNORECASE
)
_THING_FOLLOWS = regex.compile(
    r" (?!(?:is|was|will|has|had|said|says|told|from|and|or|here|who|called|sent|promised|to|at|in)"
    r"\b)[\p{Ll}\d]"
)
_NUMBERED = re.compile(r" \d")
_BOUGHT = re.compile(r"\b(?:ordered|bought|received|got|have|need|want|new|of|model) $", re.I)
_LOWER = regex.compile(r" (?:\p{Ll}|\d)|[.,!?]|$")
_THAT = re.compile(r"\bthat $", re.IGNORECASE)
_DOES = re.compile(
    r" (?:is|was|has|had|will|can|could|would|says?|said|told|took|did|does|wants?)\b"
)
_BEHIND_THING = regex.compile(r" ?\p{Lu}[\p{Lu}\d-]*\d|[\"”’*\]]|['](?!s\b)| (?:ones?|wala)\b")
_COMPANY = re.compile(r" (?:&|&amp;) (?!I\b)([A-Z][^\W\d_]*)")
_LAST_WORD = re.compile(r"([^\W_]+) $")
_NEXT = re.compile(r" ([^\W\d_]+)")
_INNER_CAPITAL = regex.compile(
    r"(?<!^(?:Mc|Mac|De|Di|La|Le|Van|Von|Da|Fitz|O['’]?|D['’]?))(?<=\p{Ll})\p{Lu}"
)
_EVERYDAY_FIRST = 3_000  # first names among so many English words are words without a cue
_EVERYDAY_LAST = 5_000
_ACRONYM = 4  # letters at most


class Word(NamedTuple):
    """A word text[start:end] of a run, with its kind (see `_kind`)."""

    start: int
    end: int
    text: str
    kind: str


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, "PERSON") of the names in a text of "Label: content" lines."""
    for run in _RUN.finditer(text):
        for start, end in _in_run(text, run.start(), run.end()):
            yield start, end, "PERSON"
    for row in _ROW.finditer(text):
        if _are_names(words := list(_ROW_WORD.finditer(row[0]))):
            for word in words:
                yield row.start() + word.start(), row.start() + word.end(), "PERSON"
    for joined in _JOINED.finditer(text):
        first, last = joined[1], joined[2]
        if is_western_first_name(first) and is_any_name(last) and not is_top_500(last):
            yield *joined.span(), "PERSON"
    for start, end in names_in_small.find(text):
        yield start, end, "PERSON"


@lru_cache(lexicon.REMEMBERED)
def _kind(word: str) -> str:
    """The kind of a word in a run of capitalised words.

    "first", "last": a name and no everyday word. "either": a name that is also English, "Young".
    "new": not English. "rare": rare English ("Tosh"). "initial": one letter. "link": "van", "de".
    "other": frequent English, an acronym, or an everyday word of another language.
    """
    plain = word.removesuffix("'s").removesuffix("’s")
    key = plain.casefold()
    first_part = key.split("-")[0]
    if not word[0].isupper():
        return "link"
    if len(plain) == 1:
        return "initial"
    if first_part in lexicon.foreign_words() or _is_no_name(plain, key):
        return "other"
    listed = {"first": lexicon.first_names(), "last": lexicon.last_names()}
    kinds = [kind for kind, known in listed.items() if key in known]
    if first_part in lexicon.first_names():
        kinds.insert(0, "first")
    if not kinds:
        return _kind_of_unlisted(plain)
    frequent = is_top(key, _EVERYDAY_FIRST if kinds[0] == "first" else _EVERYDAY_LAST)
    return "either" if frequent and not is_us_first_name(key) else kinds[0]


def _is_no_name(plain: str, key: str) -> bool:
    """Whether a word is a contraction, a brand, a place, joined words or has a capital inside."""
    brand = key in lexicon.brands() and not is_any_name(key)
    if is_contraction(plain) or brand or _INNER_CAPITAL.search(plain):
        return True
    if key in lexicon.places() and not is_any_name(key):
        return True
    parts = key.split("-")
    short = [
        part for part in parts if len(part) < 3 or (is_english(part) and not is_any_name(part))
    ]
    return len(parts) > 1 and bool(short)


def _kind_of_unlisted(plain: str) -> str:
    if is_any_name(plain) and not is_top_500(plain):
        return "either"
    acronym = plain.isupper() and len(plain) <= _ACRONYM
    if is_compound(plain):
        return "other"
    if acronym or is_frequent_english(plain) or is_misspelled_day(plain):
        return "other"
    return "rare" if is_english(plain) else "new"


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
    if not known and not _may_be_name(kinds):
        return
    if not is_english_at(text, run[0].start):
        if not any(is_western_first_name(word.text) for word in run):
            return
    elif not known and len(kinds) == 1 and _opens_misspelled(text, run[0]):
        return
    if _is_brand(text, run) or (not {"first", "last"} & set(kinds) and _is_named_thing(text, run)):
        return
    if _is_thing(text, run[-1].end) or ("first" not in kinds and _is_label(text, run)):
        return
    last = run[-1]
    if last.text.endswith(("'s", "’s")):
        yield run[0].start, last.end - 2
    else:
        yield run[0].start, _past_small_last(text, last) if kinds == ["first"] else last.end


def _past_small_last(text: str, first: Word) -> int:
    """Where a name ends whose last name may follow in small letters: "Kylie minogue"."""
    after = AFTER_SMALL.match(text, first.end)
    if after is None or not is_western_first_name(first.text):
        return first.end
    sign = text[after.end() : after.end() + 1]
    return after.end() if may_be_last(after[1], first.text.casefold(), sign) else first.end


def _opens_misspelled(text: str, word: Word) -> bool:
    """Whether the word opens a sentence and is misspelled English: "Pleease"."""
    before = text[max(0, word.start - 2) : word.start].strip()
    return (not before or before[-1] in ".!?:") and is_misspelled_english(word.text)


def _may_be_name(kinds: list[str]) -> bool:
    """Whether a run has a word that is not English, or two names that are ("Mark Young")."""
    return "new" in kinds or "last" in kinds or kinds.count("either") > 1


def _are_names(words: list[regex.Match[str]]) -> bool:
    """Whether all words of a row are names, one of them no everyday word: "Graves and Torres"."""
    names = [word[0].casefold() for word in words]
    known = any(name in lexicon.first_names() or name in lexicon.last_names() for name in names)
    return known and all(
        is_any_name(n) and n not in lexicon.brands() and not is_top(n, 100) for n in names
    )


def _is_label(text: str, run: list[Word]) -> bool:
    label = _LABEL.match(text, line_around(text, run[0].start)[0])
    return label is not None and run[-1].end <= label.end()


def _is_brand(text: str, run: list[Word]) -> bool:
    """Whether one word is a maker, and a thing follows: "Milton water bottles"."""
    return (
        len(run) == 1
        and run[0].text.casefold() in lexicon.brands()
        and _THING_FOLLOWS.match(text, run[0].end) is not None
    )


def _is_named_thing(text: str, run: list[Word]) -> bool:
    """Whether a thing is named: "a Nokia 1100", "'Sapiens' by", "the Milton bottles"."""
    start, end = run[0].start, run[-1].end
    before, after = text[max(0, start - 24) : start], text[end : end + 12]
    if _QUOTED.search(before) or _BEHIND_THING.match(after):
        return True
    if len(run) == 1 and _NUMBERED.match(after) and _BOUGHT.search(before):
        return True
    if len(run) == 1 and _DETERMINED.search(before) and _LOWER.match(after):
        return not (_THAT.search(before) and _DOES.match(after))  # "she said that Trifonov was ill"
    brand = _LAST_WORD.search(before)
    return brand is not None and brand[1].casefold() in lexicon.brands()


def _is_thing(text: str, end: int) -> bool:
    """Whether a company or a product is named: "Harley & Sons", "Diesel jeans"; no "Jo & Ann"."""
    after, company = _NEXT.match(text, end), _COMPANY.match(text, end)
    return (company is not None and not is_us_first_name(company[1])) or (
        after is not None and after[1].casefold() in NO_PERSON_AFTER
    )
