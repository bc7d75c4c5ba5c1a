"""Which words are names: lists of first and last names, and of words that are neither.

The lists are Faker's own, of all its languages. Words of
everyday language, months, places and brands that are also names count as names only where the
context is strong ("my name is Will").
"""

import importlib
import pkgutil
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from faker.providers import person
from symspellpy.editdistance import (  # type: ignore[import-untyped]
    DistanceAlgorithm,
    EditDistance,
)


def _listed_words(file: str) -> list[str]:
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


# Words that never are a name by themselves here: everyday words and names that are also words.
COMMON = frozenset(_listed_words("everyday.txt"))

# Everyday words of other languages, which are no names either; English ones are not among them.
FOREIGN = frozenset(_listed_words("foreign.txt"))

# First names that brands and products carry: a last name behind them proves nothing.
_BRANDS_WORDS = """
    calvin tommy ralph kate michael louis yves jimmy marc stella victoria harry star taylor nina
    carolina christian giorgio emilio tory paul ted vivienne hugo elizabeth estee le fisher
"""
_BRANDS = frozenset(_BRANDS_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# What opens a product's name or a joined word, and no user name.
_NO_STEM_WORDS = """
    iphone ipad covid model version size page step windows series part non re pre ex co self well
    multi semi anti one two three follow pick check set sign log pay stand add brand second third
    half full part long short high low best top e t x wi ultra mid
"""
_NO_STEM = frozenset(_NO_STEM_WORDS.split())
_ENDINGS_WORDS = """
    com net org edu gov info html htm pdf jpg jpeg png txt csv doc docx exe zip
"""
# What opens a sentence after a full stop without a blank.
_OPENINGS_WORDS = """
    the and you please but this that not can are was for with have what when how why they then
    there thank thanks just also yes now will all any get did does our your she him her its who
    where which could would should still only once need want
"""
_OPENINGS = frozenset(_OPENINGS_WORDS.split())
_ENDINGS = frozenset(_ENDINGS_WORDS.split())
_HANDLE_STOP = COMMON | {"was", "field", "issue", "doesn't", "change", "changed"}


@cache
def _listed(locale: str, kinds: tuple[str, ...]) -> list[str]:
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    lists = [getattr(provider, kind, ()) for kind in kinds]
    found = [name for names in lists if not isinstance(names, property) for name in names]
    return [name for name in dict.fromkeys(found) if len(name) > 2]


@cache
def _everywhere(kinds: tuple[str, ...]) -> frozenset[str]:
    """All locales' names in lower case; of a double name also each part."""
    locales = [module.name for module in pkgutil.iter_modules(person.__path__)]
    listed = (name.casefold() for locale in locales for name in _listed(locale, kinds))
    return frozenset(
        part for name in listed for part in (name, *_WORD.findall(name)) if len(part) > 2
    )


_INFLECTED = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
)
_FREQUENT = 15_000  # of the English words, the most frequent ones
_EVERYDAY = 2_000
_TOO_COMMON = 500
_PLAIN = 1_500
# What chats say more often than English at large does.
_SAID = ("hello", "thanks", "thank", "okay", "sorry", "welcome", "yeah", "goodbye", "morning")
_DAYS_WORDS = """
    monday tuesday wednesday thursday friday saturday sunday january february august september
    october november december
"""
_DAYS = frozenset(_DAYS_WORDS.split())
_WIDESPREAD = "en_US en_GB es_ES es_MX fr_FR de_DE it_IT nl_NL pt_BR"
_DISTANCE = EditDistance(DistanceAlgorithm.DAMERAU_OSA)
FIRST_KINDS = ("first_names", "first_names_female", "first_names_male")
LAST_KINDS = ("last_names", "last_names_female", "last_names_male")


def is_listed(word: str) -> bool:
    """Whether a word, in any case, is anybody's name, be it an everyday word as well."""
    key = word.casefold()
    return key in _all_first_names() or key in _everywhere(LAST_KINDS)


@cache
def _all_first_names() -> frozenset[str]:
    return _everywhere(FIRST_KINDS) | frozenset(_listed_words("names.txt"))


@cache
def first_names() -> frozenset[str]:
    """First names of all locales in lower case, without everyday words."""
    return _all_first_names() - COMMON


@cache
def last_names() -> frozenset[str]:
    """Last names of all locales in lower case, without everyday words."""
    return _everywhere(LAST_KINDS) - COMMON


@cache
def _english() -> tuple[str, ...]:
    """SymSpell's list of 82,000 English words in lower case, the frequent ones first."""
    listed = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")
    lines = listed.read_text(encoding="utf-8-sig").splitlines()
    counted = {word: int(count) for word, count in (line.split() for line in lines)}
    return tuple(sorted(counted, key=lambda word: -counted[word]))


@cache
def _words(most: int | None) -> frozenset[str]:
    return (frozenset(_english()[:most]) - first_names() - last_names()) | COMMON


@cache
def is_ordinary(word: str, most: int | None = None) -> bool:
    """Whether a word, in any case and also inflected or contracted, is English and no name.

    `most` asks the most frequent words only.
    """
    plain = re.split("['’]", word.casefold())[0]
    known = _words(most)
    if plain in known or len(plain) < 2:
        return True
    return any(
        plain.endswith(ending) and plain[: -len(ending)] + rest in known
        for ending, rest in _INFLECTED
    )


@cache
def _first_of_english(most: int) -> frozenset[str]:
    return frozenset(_english()[:most])


def is_among(word: str, most: int) -> bool:
    """Whether a word, be it a name or not, is among the `most` frequent of English."""
    return word.casefold() in _first_of_english(most)


def is_foreign(word: str) -> bool:
    """Whether a word is an everyday one of another language, and not of English."""
    return word in FOREIGN and not is_among(word, _EVERYDAY)


def is_too_common(word: str) -> bool:
    """Whether a word is never taken for a name where nothing announces one: "The", "New"."""
    return is_among(word, _TOO_COMMON)


def is_plain(word: str) -> bool:
    """Whether a word is so common that it is taken for itself, be it a name as well: "said"."""
    return is_among(word, _PLAIN)


def is_frequent(word: str) -> bool:
    """Whether a word is ordinary and not a rare one, which may well be a name: "Tosh"."""
    return is_ordinary(word, _FREQUENT)


@cache
def is_misspelled(word: str) -> bool:
    """Whether a word is one of the most frequent of English but for one letter."""
    plain = word.casefold()
    return any(
        abs(len(known) - len(plain)) < 2 and _DISTANCE.compare(plain, known, 1) == 1
        for known in (*_SAID, *_english()[: _EVERYDAY if len(plain) < 6 else 3 * _EVERYDAY])
        if len(known) > 3 and known[0] == plain[0]
    )


@cache
def is_misspelled_day(word: str) -> bool:
    """Whether a word is a day of the week or a month but for one letter: "Mondaay", "Febuary"."""
    return any(_DISTANCE.compare(word.casefold(), day, 1) == 1 for day in _DAYS)


def is_joined(word: str) -> bool:
    """Whether a word is two frequent ones without a blank: "thankyou"."""
    halves = ((word[:i], word[i:]) for i in range(2, len(word) - 1))
    return any(all(half in _SAID or is_too_common(half) for half in pair) for pair in halves)


def is_widespread(name: str) -> bool:
    """Whether a name is one of the United States, Western Europe or Latin America."""
    key = name.casefold()
    return key in _widespread() and key not in COMMON


@cache
def _widespread() -> frozenset[str]:
    listed = (_listed(locale, FIRST_KINDS) for locale in _WIDESPREAD.split())
    return frozenset(name.casefold() for names in listed for name in names)


def is_contraction(word: str) -> bool:
    """Whether a word with an apostrophe begins with an ordinary one: "don't", "seller's"."""
    return any(mark in word for mark in "'’") and is_ordinary(word)


@cache
def pool(kind: str) -> tuple[str, ...]:
    """Artificial names to draw from: "female", "male", "first" (either) or "last".

    US English, without everyday words.
    """
    kinds = {"first": FIRST_KINDS, "last": LAST_KINDS}.get(kind, (f"first_names_{kind}",))
    found = [name for name in _listed("en_US", kinds) if name.isalpha()]
    return tuple(sorted(name for name in found if name.casefold() not in COMMON))


@cache
def pool_for(name: str) -> tuple[str, ...]:
    """The pool that a name in lower case belongs to, by gender where it shows."""
    if name not in first_names():
        return pool("last")
    female = name in _everywhere(("first_names_female",))
    male = name in _everywhere(("first_names_male",))
    return pool("first" if female == male else "female" if female else "male")


def words(text: str) -> list[str]:
    """The words of a name, without digits and punctuation."""
    return _WORD.findall(text)


def is_common(word: str) -> bool:
    """Whether a word is everyday language rather than a name."""
    return word.casefold() in COMMON


def is_plausible(text: str) -> bool:
    """Whether a name may stand here: no everyday word opens it."""
    found = words(text)
    return bool(found) and not is_common(found[0]) and len(found[0]) > 1


def is_stated(text: str) -> bool:
    """Whether a name may stand after "my name is" and the like: also Will, Mark and Grace.

    In lower case it must be known, or be of two words and more.
    """
    found = words(text)
    if not found or not found[0][0].isupper():
        return is_known(text) or not any(map(is_frequent, found))
    return is_plausible(text) or is_listed(found[0])


def is_name_field(text: str) -> bool:
    """Whether a form's name field holds one to five words."""
    return 1 <= len(words(text)) <= 6


def is_known(text: str) -> bool:
    """Whether the first word is a known first name."""
    found = words(text)
    return bool(found) and found[0].casefold() in first_names()


def is_american(text: str) -> bool:
    """Whether a word, in any case, is a first name of the United States."""
    return text.capitalize() in pool("first")


def is_known_or_full(text: str) -> bool:
    """A known first name, any listed first name with a last name, or two new words."""
    found = words(text)
    rest = found[1:]
    if is_known(text):
        return True
    new = bool(rest) and not any(map(is_common, rest)) and not found[0].isupper()
    return new and (not is_common(found[0]) or is_listed(found[0]))


def is_first_and_last(text: str) -> bool:
    """A known first name, not a brand's, followed by a word that is not everyday language."""
    found = text.split()
    return (
        len(found) > 1
        and is_known(text)
        and found[0].casefold() not in _BRANDS
        and not any(is_common(word.strip(".,'’")) for word in found[1:])
    )


def is_handle(text: str) -> bool:
    """Whether a word after "username" can be one."""
    return len(text) > 2 and text.casefold() not in _HANDLE_STOP


def is_mixed_handle(text: str) -> bool:
    """A handle with digits, dots or underscores, or two words joined by a dash; no product."""
    stem = re.split(r"[\d_.-]", text.casefold())[0]
    joined = re.fullmatch(r"[^\W\d_]{2,}-[^\W\d_]{3,}", text)
    if len(text) < 4 or stem in _NO_STEM or re.match(r"\d+(st|nd|rd|th)\b", text):
        return False
    new = joined is not None and not all(map(is_ordinary, text.split("-")))
    return bool(re.search(r"[\d_.]", text)) or new


def is_dotted_handle(text: str) -> bool:
    """Two words joined by a dot that are neither a file or domain nor two sentences."""
    first, last = text.split(".")
    return last not in _ENDINGS and first != "www" and last not in _OPENINGS


def is_dashed_handle(text: str) -> bool:
    """Two joined words of which the first is a name, or no English: "mei-lee", "soojin-winter"."""
    first = text.split("-", maxsplit=1)[0]
    return not is_ordinary(first) or (is_listed(first) and not is_plain(first))


def is_secret(text: str) -> bool:
    """Whether a word after "password" can be one: any but ordinary English."""
    return not (text.isalpha() and is_ordinary(text))


def is_said_secret(text: str) -> bool:
    """Whether "hunter two" after "password is" can be one: not "at least 8"."""
    return not is_among(text.split(maxsplit=1)[0], _TOO_COMMON)


def is_mailbox(text: str) -> bool:
    """Whether "ana at gmail dot com" is an address, and not "look at amazon com"."""
    first = text.split(maxsplit=1)[0]
    return not is_common(first) or is_listed(first) or " dot " in text.partition(" at ")[0]


def is_likely(text: str) -> bool:
    """Whether words in small letters after "last name" can be one: also "brown", not "changed"."""
    first = words(text)[0]
    return (is_listed(first) and not is_too_common(first)) or not is_ordinary(first)


def is_unusual(text: str) -> bool:
    """Whether words in small letters after "name" can be one: no English, or a known name."""
    first = words(text)[0].casefold()
    known = first in first_names() or first in last_names()
    return known or (len(first) > 2 and not is_ordinary(first) and not is_misspelled(first))


def is_answer(text: str) -> bool:
    """Whether a word after a security question can be the answer."""
    return not is_common(words(text)[0])


def is_place(text: str) -> bool:
    """Whether a street's words in small letters hold one that is no English."""
    return any(not is_ordinary(word) for word in words(text))


def is_new_handle(text: str) -> bool:
    """A mixed handle that is not an English word or product with a short number."""
    stem = re.split(r"[\d-]", text.casefold())[0]
    return is_mixed_handle(text) and (not is_ordinary(stem) or len(text) - len(stem) > 2)


_LINK_WORDS = "de la los las del da dos di van der den von le el al bin y mr mrs ms dr"
_LINKS = frozenset(_LINK_WORDS.split())


def can_stand_alone(word: str) -> bool:
    """Whether one word of a person's name may be a name by itself: no title, link or "the"."""
    return word.casefold() not in _LINKS and not is_too_common(word)


_STATES_WORDS = """
    ak al ar az ca co ct dc de fl ga hi ia id il in ks ky la ma md me mi mn mo ms mt nc nd ne nh nj
    nm nv ny oh ok or pa ri sc sd tn tx ut va vt wa wi wv wy
"""
_STATES = frozenset(_STATES_WORDS.split())


def is_in_a_state(text: str) -> bool:
    """Whether "NY 10001" begins with a state of the United States."""
    return text[:2].casefold() in _STATES


def is_signature(text: str) -> bool:
    """Whether a signature's first line is a name: one to four words, not all of them English."""
    found = words(text)
    return 1 <= len(found) <= 4 and any(is_listed(w) or not is_ordinary(w) for w in found)
