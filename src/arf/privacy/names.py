"""Which words are names: lists of first and last names, and of words that are neither.

The lists are Faker's own, of the languages that the sample speaks and some more. Words of
everyday language, months, places and brands that are also names count as names only where the
context is strong ("my name is Will").
"""

import importlib
import re
from functools import cache
from itertools import chain
from pathlib import Path

_LOCALES = (
    "en_US en_GB en_IE en_IN es_ES es_MX fr_FR de_DE it_IT nl_NL pt_BR pl_PL sv_SE da_DK"
    " fi_FI no_NO cs_CZ ro_RO hu_HU tr_TR id_ID en_KE en_NG en_PK en_NZ fr_CA fr_DZ es_AR es_CO"
    " sk_SK hr_HR sl_SI et_EE lt_LT lv_LV ga_IE sw ha_NG ig_NG az_AZ"
)


def _listed_words(file: str) -> list[str]:
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


# Words that never are a name by themselves here: everyday words and names that are also words.
COMMON = frozenset(_listed_words("everyday.txt"))

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
_ENDINGS = frozenset(_ENDINGS_WORDS.split())
_HANDLE_STOP = COMMON | {"was", "field", "issue", "doesn't", "change", "changed"}


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
def _all_first_names() -> frozenset[str]:
    listed = (_listed(locale, FIRST_KINDS) for locale in _LOCALES.split())
    names = chain(_listed_words("names.txt"), *listed)
    return frozenset(name.casefold() for name in names)


def _is_listed(word: str) -> bool:
    return word.casefold() in _all_first_names()


@cache
def first_names() -> frozenset[str]:
    """First names of all locales in lower case, without everyday words."""
    return _all_first_names() - COMMON


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


def is_stated(text: str) -> bool:
    """Whether a name may stand after "my name is" and the like: also Will, Mark and Grace.

    In lower case it must be known, or be of two words and more.
    """
    found = words(text)
    if not found or not found[0][0].isupper():
        return is_known(text) or (len(found) > 1 and not any(map(is_common, found)))
    return is_plausible(text) or _is_listed(found[0])


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
    return new and (not is_common(found[0]) or _is_listed(found[0]))


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
    return bool(re.search(r"[\d_.]", text)) or (bool(joined) and not is_common(stem))


def is_dotted_handle(text: str) -> bool:
    """Two words joined by a dot that are neither a file or domain nor two sentences."""
    first, last = text.split(".")
    return last not in _ENDINGS and first != "www" and not is_common(last)
