"""What a clause is about: its likeness to the meanings of a phrasebook.

Two clauses with few words in common can say one thing, and two with many can say two; cosines of
embeddings tell them apart badly. A clause is therefore also compared with about 100 meanings that
customers of a marketplace have, each given by a few sentences (phrasebook.yaml), and two clauses
are alike where their distributions over the meanings are (Bhattacharyya coefficient).
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import yaml

from distill.tasks.summarize.rules.judge.contradiction import is_negative
from distill.tasks.summarize.rules.judge.encoder import Vectors, encoder
from distill.tasks.summarize.rules.judge.meaning import plain

PATH = Path(__file__).with_name("phrasebook.yaml")
_NEAREST = 2  # sentences of a meaning whose mean cosine is the likeness of a clause to it
_TEMPERATURE = 0.04
_SURE = 0.4  # least share of a meaning that can be contradicted
_CONTRARY = 0.6  # least likeness of a clause to a sentence that contradicts its source
_KNOWN = 0.6  # least likeness of a clause to the meaning that it is taken to have


def common(first: Sequence[str], second: Sequence[str]) -> Vectors:
    """Return how far clauses mean the same, 0 to 1, shape (first, second).

    It is 0 where the phrasebook knows what neither of the two means.
    """
    known, profiles = _profiles([*first, *second])
    one, other = known[: len(first), None], known[None, len(first) :]
    return (profiles[: len(first)] @ profiles[len(first) :].T) * np.maximum(one, other)


def are_known(texts: Sequence[str]) -> list[bool]:
    """Return for each clause whether the phrasebook has its meaning."""
    return [bool(known) for known in _profiles(texts)[0]]


def contradicts(clause: str, source: str) -> bool:
    """Return whether a clause is nearer to what contradicts its source than to what it means."""
    meaning = of(source)
    negated = is_negative(clause)
    contraries, alike = (
        [text for text in texts if is_negative(text) == negated]
        for texts in (
            _read()["contraries"].get(meaning, []),
            [source, *_read()["meanings"].get(meaning, [])],
        )
    )
    if not contraries:
        return False
    vectors = encoder().encode([plain(text) for text in [clause, *contraries, *alike]])
    likeness = vectors[0] @ vectors[1:].T
    opposed, agreed = likeness[: len(contraries)], likeness[len(contraries) :]
    return bool(opposed.max() > max(agreed.max(initial=0.0), _CONTRARY))


def of(text: str) -> str:
    """Return the name of the meaning that a clause surely has, "" where none is sure."""
    known, profiles = _profiles([text])
    at = int(profiles[0].argmax())
    return list(_read()["meanings"])[at] if known[0] and profiles[0, at] ** 2 >= _SURE else ""


def is_wish(text: str) -> bool:
    """Return whether a clause is surely something that the customer wants."""
    return of(text).startswith("want_")


def sentences() -> list[str]:
    """Return all sentences of the meanings."""
    return [sentence for group in _read()["meanings"].values() for sentence in group]


def _profiles(texts: Sequence[str]) -> tuple[Vectors, Vectors]:
    """Return which texts are known, and the square roots of their shares of the meanings."""
    if not texts:
        return np.zeros(0, np.float32), np.zeros((0, len(_book()[0])), np.float32)
    encoder().encode([plain(text) for text in texts])  # all at once
    found = [_profile(text) for text in texts]
    return np.stack([known for known, _ in found]), np.stack([shares for _, shares in found])


@lru_cache(10_000)
def _profile(text: str) -> tuple[np.float32, Vectors]:
    starts, vectors = _book()
    cosines = vectors @ encoder().encode([plain(text)])[0]
    groups = np.split(cosines, starts[1:])
    likeness = np.array([np.sort(group)[-_NEAREST:].mean() for group in groups], np.float32)
    shares = np.exp((likeness - likeness.max()) / _TEMPERATURE)
    return np.float32(likeness.max() >= _KNOWN), np.sqrt(shares / shares.sum())


@cache
def _book() -> tuple[list[int], Vectors]:
    """Return where each meaning's sentences begin, and all sentences' vectors."""
    lengths = [len(group) for group in _read()["meanings"].values()]
    starts = [0, *np.cumsum(lengths[:-1]).tolist()]
    return starts, encoder().encode([plain(sentence) for sentence in sentences()])


@cache
def _read() -> dict[str, dict[str, list[str]]]:
    book: dict[str, dict[str, list[str]]] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return book
