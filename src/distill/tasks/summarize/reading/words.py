"""Content words of texts, and their overlap."""

import re
from collections.abc import Iterable
from functools import lru_cache

_TOKEN = re.compile(r"\w+(?:[-'’./]\w+)*")
_FUNCTION_WORDS = """
    a an the and or but if so as at by for from in into of off on onto out over to up with about
    after before than then that this these those there here i i'm i've i'd i'll im ive me my
    mine myself we us our you your yours u ur he she it it's its they them their is am are was
    were be been being do does did done have has had having will would can could should shall
    may might must just very really also too only even now well yes no ok okay oh hi hello hey
    please pls plz thank thanks which who whom whose what when where why how all any some such
    own same because while customer customers user customer's says said say states stated state
    reports reported report mentions mentioned claims claimed explains explained number no. id
    the's isn't wasn't don't dont didn't didnt doesn't doesnt
"""
_STOP = frozenset(_FUNCTION_WORDS.split())
_SYNONYMS = (
    "parcel package item order product thing delivery purchase shipment goods one",
    "arriv come came deliver receiv got get reach reached ship show turn here",
    "broken broke damag smash crack defect fault",
    "refund money reimburs",
    "return back",
    "wrong different other",
    "not never nothing no none nobody without missing miss",
)
_CONCEPT_OF_WORD = {word: group.split()[0] for group in _SYNONYMS for word in group.split()}
NEGATIONS = frozenset(
    ("not", "never", "no", "none", "nothing", "cannot", "can't", "won't", "without")
)


def strip(sentence: str) -> str:
    """Return the sentence without closing punctuation and list markers."""
    return sentence.strip().rstrip(".!?…,;: ").lstrip("-–•* ")


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    word = word.replace("’", "'").removesuffix("'s")
    for suffix, least in (("ing", 6), ("ed", 5), ("es", 5), ("s", 4), ("ly", 6)):
        if word.endswith(suffix) and len(word) >= least and not word.endswith("ss"):
            return word[: -len(suffix)]
    return word


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """Return the text's content words: stems without function words, and normalized identifiers."""
    tokens = (token.replace("’", "'") for token in _TOKEN.findall(text.casefold()))
    return frozenset(
        re.sub(r"[\W_]+", "", token) if _has_digit(token) else _stem(token)
        for token in tokens
        if token not in _STOP and (len(token) > 1 or not token.isascii() or token.isdigit())
    )


@lru_cache(maxsize=8192)
def plain_words(text: str) -> frozenset[str]:
    """Return the content words without identifiers and figures."""
    return frozenset(word for word in words(text) if not _has_digit(word))


def _has_digit(token: str) -> bool:
    return any(map(str.isdigit, token))


def share(part: frozenset[str], whole: Iterable[str]) -> float:
    """Return the share of the words in `part` that `whole` contains; 0 where `part` is empty."""
    return len(part.intersection(whole)) / len(part) if part else 0.0


def negated(text: str) -> bool:
    """Return whether the text contains a negation."""
    lowered = text.casefold().replace("’", "'")
    return "n't" in lowered or not NEGATIONS.isdisjoint(lowered.split())


_REPEAT = re.compile(
    r"^\W*(?:as (?:i|we) (?:\w+ )?(?:said|told|wrote|mentioned|explained|stated)"
    r"|as stated|as mentioned|again|please note again"
    r"|like i (?:said|told|wrote)|to repeat|i repeat|once (?:more|again)|in other words"
    r"|to put it (?:plainly|differently|another way)|to say it again)\b",
    re.IGNORECASE,
)


def announces_repeat(text: str) -> bool:
    """Return whether the text opens with words such as "As I said" or "Once more"."""
    return bool(_REPEAT.search(text))


@lru_cache(maxsize=8192)
def concepts(text: str) -> frozenset[str]:
    """Return the content words without identifiers, with synonyms unified."""
    return frozenset(
        _CONCEPT_OF_WORD.get(word, word) for word in plain_words(_REPEAT.sub("", text))
    )
