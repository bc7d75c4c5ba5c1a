"""Which words are names: lists of first and last names, and of words that are neither.

The lists are Faker's own, of the languages that the sample speaks and some more. Words of
everyday language, months, places and brands that are also names count as names only where the
context is strong ("my name is Will").
"""

import importlib
import re
from functools import cache
from pathlib import Path

_LOCALES = (
    "en_US en_GB en_IE en_IN es_ES es_MX fr_FR de_DE it_IT nl_NL pt_BR pl_PL sv_SE da_DK"
    " fi_FI no_NO cs_CZ ro_RO hu_HU tr_TR id_ID"
)


def _listed_words(file: str) -> list[str]:
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


# Words that never are a name by themselves here: everyday words and names that are also words.
COMMON = frozenset(_listed_words("everyday.txt"))

# First names that brands and products carry: a last name behind them proves nothing.
_BRANDS = frozenset(
    (
        "calvin tommy ralph kate michael louis yves jimmy marc stella victoria harry star taylor nina"
        " carolina christian giorgio emilio tory paul ted vivienne hugo elizabeth estee le fisher"
    ).split()
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_HANDLE_STOP = COMMON | frozenset(
    "is was and not on field page problem issue doesn't change".split()
)


@cache
def _provider(locale: str) -> type:
    module = importlib.import_module(f"faker.providers.person.{locale}")
    return module.Provider  # type: ignore[no-any-return]


def _listed(locale: str, kinds: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for kind in kinds:
        found += list(getattr(_provider(locale), kind, ()))
    return [name for name in dict.fromkeys(found) if name.isalpha() and len(name) > 2]


FIRST_KINDS = ("first_names", "first_names_female", "first_names_male")


@cache
def first_names() -> frozenset[str]:
    """First names of all locales in lower case, without everyday words."""
    names = {name.casefold() for locale in _LOCALES.split() for name in _listed(locale, FIRST_KINDS)}
    return frozenset(names - COMMON)


@cache
def pool(kind: str) -> tuple[str, ...]:
    """Artificial names to draw from, "first" or "last": US English, no everyday words."""
    names = _listed("en_US", FIRST_KINDS if kind == "first" else ("last_names",))
    return tuple(sorted(name for name in names if name.casefold() not in COMMON))


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


def is_name_field(text: str) -> bool:
    """Whether a form's name field holds one to five words."""
    return 1 <= len(words(text)) <= 6


def is_known(text: str) -> bool:
    """Whether the first word is a known first name."""
    found = words(text)
    return bool(found) and found[0].casefold() in first_names()


def is_known_or_full(text: str) -> bool:
    """A known first name, or two words and more of which none is an everyday word."""
    found = words(text)
    return is_known(text) or (len(found) > 1 and not any(map(is_common, found)))


def is_first_and_last(text: str) -> bool:
    """A known first name, not a brand's, followed by a word that is not everyday language."""
    found = words(text)
    return (
        len(found) > 1
        and is_known(text)
        and found[0].casefold() not in _BRANDS
        and not any(map(is_common, found[1:]))
    )


def is_handle(text: str) -> bool:
    """Whether a word after "username" can be one."""
    return len(text) > 2 and text.casefold() not in _HANDLE_STOP


def is_mixed_handle(text: str) -> bool:
    """Letters together with digits, dots, dashes or underscores, and not a hyphenated word."""
    return (
        len(text) > 3
        and bool(re.search(r"[\d_.]", text))
        and not re.match(r"\d+(st|nd|rd|th)\b", text)
    )
