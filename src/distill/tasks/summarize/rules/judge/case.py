"""One interaction and one summary, cut into clauses and compared once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from distill.tasks.summarize.format import NOTHING, bullets
from distill.tasks.summarize.rules.judge import meaning, noise, topics
from distill.tasks.summarize.rules.judge.encoder import Vectors
from distill.tasks.summarize.rules.judge.interaction import Interaction, clauses, parse

# Words whose misspelling would hide noise.
_CUE_WORDS = "name birthday phone email address message form agent person human thanks hello"
_TAG = re.compile(r"<[^<>]*>?")


@dataclass(frozen=True)
class Clause:
    """A clause, the number of the sentence or point that it is part of, and its kind of noise."""

    text: str
    of: int
    noise: str


@dataclass(frozen=True)
class Case:
    """What the judge compares."""

    interaction: Interaction
    points: tuple[str, ...]
    is_well_formed: bool

    @classmethod
    def of(cls, text: str, summary: str) -> "Case":
        """Return the case of an interaction's text and its summary, malformed or not."""
        try:
            case = cls(parse(text), tuple(bullets(summary)), True)
        except ValueError:
            parts = [part.strip() for part in _TAG.split(summary.strip())]
            case = cls(parse(text), tuple(part for part in parts if part), False)
        case._encode()
        return case

    def _encode(self) -> None:
        """Encode all that will be compared at once: one large batch takes less than many small."""
        sentences = [*map(self._respelt, self.interaction.own), *self.points]
        parts = [part for sentence in sentences for part in clauses(sentence)]
        meaning.prepare([*sentences, *parts, *self.interaction.others, *self._fields])

    def _respelt(self, text: str) -> str:
        return meaning.respelt(text, " ".join(self.points))

    @cached_property
    def _fields(self) -> list[str]:
        return [f"{label}: {value}" for label, value in self.interaction.fields.items()]

    @property
    def says_nothing(self) -> bool:
        """Return whether the summary says that there is nothing to summarize."""
        return all(is_nothing(point) for point in self.points)

    @cached_property
    def own(self) -> list[Clause]:
        """The customer's clauses."""
        return _clauses(self.interaction.own)

    @cached_property
    def stated(self) -> list[Clause]:
        """The clauses of the summary's points."""
        return _clauses(self.points)

    @cached_property
    def sources(self) -> list[str]:
        """What can support a clause: the customer's clauses and sentences, a form's fields."""
        texts = [*(clause.text for clause in self.own), *self.interaction.own, *self._fields]
        return list(dict.fromkeys(texts))

    @cached_property
    def targets(self) -> list[str]:
        """What can cover a clause of the customer: the summary's clauses and points."""
        return list(dict.fromkeys([*(clause.text for clause in self.stated), *self.points]))

    @cached_property
    def support(self) -> Vectors:
        """The cosines of the summary's clauses and the sources."""
        sources = [self._respelt(source) for source in self.sources]
        return _cosines([clause.text for clause in self.stated], sources)

    @cached_property
    def support_by_others(self) -> Vectors:
        """The cosines of the summary's clauses and the other roles' sentences."""
        return _cosines([clause.text for clause in self.stated], self.interaction.others)

    @cached_property
    def support_topics(self) -> Vectors:
        """How far the summary's clauses mean what the sources mean."""
        return _common([clause.text for clause in self.stated], self.sources)

    @cached_property
    def cover_topics(self) -> Vectors:
        """How far the customer's clauses mean what the targets mean."""
        return _common([self._respelt(clause.text) for clause in self.own], self.targets)

    @cached_property
    def cover(self) -> Vectors:
        """The cosines of the customer's clauses and the targets."""
        return _cosines([self._respelt(clause.text) for clause in self.own], self.targets)


def is_nothing(point: str) -> bool:
    """Return whether a point says that there is nothing to summarize."""
    return point.casefold().strip(" .!") == NOTHING


def _clauses(sentences: Sequence[str]) -> list[Clause]:
    parts = [(part, at) for at, sentence in enumerate(sentences) for part in clauses(sentence)]
    texts = [meaning.respelt(part, _CUE_WORDS) for part, _ in parts]
    kinds = noise.kinds([*texts, *sentences])
    wholes = [kinds[len(parts) + at] for _, at in parts]
    known = topics.are_known(texts)
    return [
        Clause(part, at, kind or ("" if is_known else whole))
        for (part, at), kind, whole, is_known in zip(parts, kinds, wholes, known, strict=False)
    ]


def _common(first: Sequence[str], second: Sequence[str]) -> Vectors:
    if not first or not second:
        return np.zeros((len(first), max(1, len(second))), np.float32)
    return topics.common(first, second)


def _cosines(first: Sequence[str], second: Sequence[str]) -> Vectors:
    """Return the cosines, with one column of zeros where there is nothing to compare with."""
    if not first or not second:
        return np.zeros((len(first), max(1, len(second))), np.float32)
    return meaning.cosines(first, second)
