"""Word lists, read on first use: names of all languages (Faker), English by frequency (SymSpell).

Files in this folder add everyday words, everyday words of other languages, brands, towns, and first
and last names that Faker lacks. All sets are in lower case.
"""

import importlib
import pkgutil
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from faker.providers import address, person

FIRST_KINDS = ("first_names", "first_names_female", "first_names_male")
REMEMBERED = 1 << 16  # words about which an answer is cached: a corpus has ever more of them
LAST_KINDS = ("last_names", "last_names_female", "last_names_male")
_WESTERN = ("en_US", "en_GB", "es_ES", "es_MX", "fr_FR", "de_DE", "it_IT", "nl_NL", "pt_BR")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def words_of(text: str) -> list[str]:
    """The words of a text, without digits and punctuation."""
    return _WORD.findall(text)


def _read(file: str) -> frozenset[str]:
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def everyday_words() -> frozenset[str]:
    """Words that are no names by themselves, though some are names as well: "will", "grace"."""
    return _read("everyday.txt")


@cache
def foreign_words() -> frozenset[str]:
    """Everyday words of other languages that are not English."""
    return _read("foreign.txt")


@cache
def brands() -> frozenset[str]:
    """Makers and shops, whose names are part of the names of things."""
    return _read("brands.txt")


@cache
def english_by_frequency() -> tuple[str, ...]:
    """82,000 English words, the most frequent first."""
    listed = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")
    lines = listed.read_text(encoding="utf-8-sig").splitlines()
    counted = {word: int(count) for word, count in (line.split() for line in lines)}
    return tuple(sorted(counted, key=lambda word: -counted[word]))


@cache
def most_frequent(count: int) -> frozenset[str]:
    """The `count` most frequent words of English."""
    return frozenset(english_by_frequency()[:count])


@cache
def english_without_names(count: int | None = None) -> frozenset[str]:
    """The `count` most frequent words of English (all by default) that are no names."""
    english = frozenset(english_by_frequency()[:count])
    return (english - first_names() - last_names()) | everyday_words()


@cache
def all_first_names() -> frozenset[str]:
    """First names of all locales, everyday words included."""
    return names_everywhere(FIRST_KINDS) | more_names()


@cache
def more_names() -> frozenset[str]:
    """First names that Faker's lists lack."""
    return _read("names.txt")


@cache
def first_names() -> frozenset[str]:
    """First names of all locales, without everyday words."""
    return all_first_names() - everyday_words()


@cache
def all_last_names() -> frozenset[str]:
    """Last names of all locales and of surnames.txt, everyday words included."""
    return names_everywhere(LAST_KINDS) | _read("surnames.txt")


@cache
def last_names() -> frozenset[str]:
    """Last names of all locales, without everyday words."""
    return all_last_names() - everyday_words()


@cache
def western_first_names() -> frozenset[str]:
    """First names of Western Europe, Latin America and the US, without everyday words."""
    listed = (names_of(locale, FIRST_KINDS) for locale in _WESTERN)
    return frozenset(name.casefold() for names in listed for name in names) - everyday_words()


@cache
def us_first_names() -> frozenset[str]:
    """First names of the United States, without everyday words."""
    listed = names_of("en_US", FIRST_KINDS)
    return frozenset(name.casefold() for name in listed if name.isalpha()) - everyday_words()


@cache
def census_first_names() -> frozenset[str]:
    """First names of the US census, rare ones included, without everyday words."""
    return frozenset(name.casefold() for name in names_of("en", FIRST_KINDS)) - everyday_words()


@cache
def names_everywhere(kinds: tuple[str, ...]) -> frozenset[str]:
    """Names of all locales; of a double name also each part."""
    locales = [module.name for module in pkgutil.iter_modules(person.__path__)]
    listed = (name.casefold() for locale in locales for name in names_of(locale, kinds))
    return frozenset(part for name in listed for part in (name, *words_of(name)) if len(part) > 2)


@cache
def names_of(locale: str, kinds: tuple[str, ...]) -> list[str]:
    """Faker's names of one locale, as written and in Faker's order."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    lists = [getattr(provider, kind, ()) for kind in kinds]
    found = [name for names in lists if not isinstance(names, property) for name in names]
    return [name for name in dict.fromkeys(found) if len(name) > 2]


@cache
def places() -> frozenset[str]:
    """Towns, states and countries of all locales of which each is one word and no English word."""
    listed = (
        name.casefold()
        for module in pkgutil.iter_modules(address.__path__)
        for kind in (
            "cities",
            "city_names",
            "states",
            "provinces",
            "union_territories",
            "countries",
        )
        for name in _listed(f"faker.providers.address.{module.name}", kind)
    )
    words = frozenset(name for name in listed if len(name) > 3 and " " not in name)
    return (words | _read("towns.txt")) - everyday_words() - most_frequent(2_000)


def _listed(module: str, kind: str) -> list[str]:
    found = getattr(importlib.import_module(module).Provider, kind, ())
    return (
        [name for name in found if isinstance(name, str)] if isinstance(found, tuple | list) else []
    )
