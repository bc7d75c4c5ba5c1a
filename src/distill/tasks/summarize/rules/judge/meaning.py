"""Similarity of clauses: MiniLM embeddings beside the share of common content words."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache

import numpy as np

from distill.tasks.summarize.rules.judge import lexicon
from distill.tasks.summarize.rules.judge.encoder import Vectors, encoder
from distill.tasks.summarize.rules.judge.values import mask

_LEAD = re.compile(
    r"^(?:(?:the )?(?:customer|buyer|seller|client|user|sender|they|he|"
    r"she)(?:'s)?(?: is)?(?: also)? )?"
    r"(?:(?:reports?|states?|says|claims?|mentions?|explains?|notes?|confirms?|adds?|complains?|"
    r"writes?|indicates?|describes?)(?: that| of| about)? )",
    re.I,
)
_EMPHASIS = re.compile(  # what a customer puts before a fact to stress it
    r"^(?:it makes (?:me|customer|them) (?:\w+ ){0,2}that|(?:i|customer) can (?:hardly|not) believe"
    r" that|how can it be that|for the \w+ time now,?|again,|once more,|as i wrote above,"
    r"|as i said,|to repeat,|(?:i am|customer is|they are|the (?:customer|buyer|seller) is)"
    r"(?: \w+){0,2} (?:that|because))\s+",
    re.I,
)
_ASKING = re.compile(
    r"^(?:please |kindly )?(?:(?:can|could|would) you (?:please )?)?"
    r"(?:tell|let|give|send) (?:me|us)\b"
    r"(?: know)?|^(?:please|kindly)\b"
    r"|^(?:(?:i|the customer|customer|the buyer|buyer|the seller|seller|they|he|she) )?"
    r"(?:would (?:also )?like|(?:also )?(?:want|ask|request|need|seek|wish)(?:s|es)?)\b"
    r"(?: for| that| whether| if| you)?(?: to (?:know|understand|get|have|see|receive|be told))?",
    re.I,
)
_MONEY_BACK = re.compile(
    r"\b(?:(?:all|part) of )?(?:(?:the|their|my|his|her) )?(?:full |whole )?"
    r"(?:money|amount|sum|price|fees?) back\b|\breimburse\w*|\brepa(?:y|id)\w*",
    re.I,
)
_JOINT = re.compile(
    r"^(?:and|but|so|because|since|although|though|yet|while|which|who|that is why)\s+(?:also )?",
    re.I,
)
_FIRST_PERSON = (
    (re.compile(r"\b(?:i'm|i am)\b", re.I), "customer is"),
    (re.compile(r"\b(?:i've|i have)\b", re.I), "customer has"),
    (re.compile(r"\bi'd\b", re.I), "customer would"),
    (re.compile(r"\bi\b", re.I), "customer"),
    (re.compile(r"\b(?:my|our)\b", re.I), "their"),
    (re.compile(r"\b(?:me|us)\b", re.I), "customer"),
)
_SUFFIXES = ("ingly", "edly", "ing", "ies", "ied", "ed", "es", "ly", "s", "e")
_CACHED = 10_000  # texts whose words are remembered
_SYNONYM = 0.5  # least cosine of two words that say the same
_MISSPELT = 0.75  # least likeness of letters of two spellings of one word
_SHARE = 0.3  # the weight of common words beside the cosine


def plain(text: str) -> str:
    """Return a clause for the encoder: third person, no asking or reporting, no identifier."""
    text = _EMPHASIS.sub("", _JOINT.sub("", mask(text)))
    text = _ASKING.sub("", _LEAD.sub("", text)).strip()
    text = _MONEY_BACK.sub("refund", text)
    for pattern, replacement in _FIRST_PERSON:
        text = pattern.sub(replacement, text)
    return text.strip(" .,;:!?") or "nothing"


def respelt(text: str, by: str) -> str:
    """Return a text whose misspelt words are replaced by the words of another that they resemble.

    An embedding of a misspelt word says little of it.
    """
    known = [word for word in re.findall(r"[^\W\d_]+", by) if len(word) > 3]

    def right(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 4 or encoder().knows(word):
            return word
        return next(iter(get_close_matches(word, known, 1, _MISSPELT)), word)

    return re.sub(r"[^\W\d_]+", right, text)


def prepare(texts: Sequence[str]) -> None:
    """Encode the texts and their words, so that later comparisons find them encoded."""
    found = {word for text in texts for word in words(text).values()}
    encoder().encode([*map(plain, texts), *sorted(found)])


def cosines(first: Sequence[str], second: Sequence[str]) -> Vectors:
    """Return the cosines of clauses, shape (first, second)."""
    vectors = encoder().encode([plain(text) for text in [*first, *second]])
    return vectors[: len(first)] @ vectors[len(first) :].T


@lru_cache(_CACHED)
def words(text: str) -> dict[str, str]:
    """Return stem -> word of the content words, in order; reporting words are none."""
    text = _MONEY_BACK.sub("refund", mask(text))
    found = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.casefold())
    return {
        stem(word): word
        for word in found
        if len(word) > 1 and not {word, word.split("'")[0]} & (lexicon.STOP | lexicon.REPORTING)
    }


def stem(word: str) -> str:
    """Return a word without its inflection, roughly."""
    word = re.split("['’]", word)[0]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            base = word[: -len(suffix)]
            return base[:-1] if len(base) > 3 and base[-1] == base[-2] != "l" else base
    return word


def said(of: dict[str, str], by: dict[str, str]) -> dict[str, float]:
    """Return for each word its likeness to the nearest of the other words: 1 for the same stem."""
    new = [word for base, word in of.items() if base not in by and not _is_misspelt(word, by)]
    likeness = dict.fromkeys(of.values(), 1.0)
    if new and by:
        vectors = encoder().encode([*new, *by.values()])
        nearest = (vectors[: len(new)] @ vectors[len(new) :].T).max(axis=1)
    else:
        nearest = np.zeros(len(new), np.float32)
    return likeness | {word: float(value) for word, value in zip(new, nearest, strict=True)}


def _is_misspelt(word: str, by: dict[str, str]) -> bool:
    return len(word) > 4 and bool(get_close_matches(word, by.values(), 1, _MISSPELT))


def score(cosine: float, of: str, by: str) -> float:
    """Return how far one text says what another says: their cosine and the share of words."""
    return cosine + _SHARE * share(of, by)


def share(of: str, by: str) -> float:
    """Return the share of a text's content words that another text says, in these words or alike.

    A word without a synonym above _SYNONYM counts nothing, a text without content words 1.
    """
    values = said(words(of), words(by)).values()
    if not values:
        return 1.0
    return sum(value if value >= _SYNONYM else 0.0 for value in values) / len(values)
