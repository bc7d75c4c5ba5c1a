"""Real texts in the place of written ones: active learning with a noisy oracle.

A hard text is the unlabelled one nearest to a row that the student answers wrong, or hesitates on;
an easy one the nearest to a row that it answers right; a random one is drawn at random. A label is
the row's own, but for a declared share. Nothing is written, and nothing reads a text: what such a
run shows is which rows are worth their label, not what a language model writes.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from random import Random
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

from distill.errors import ModelError
from distill.records import Row
from distill.tasks.entities.offsets import quotations

Request = Mapping[str, Any]


class Pool:
    """The rows of a pool, of which those in `used` are not drawn; each is drawn once."""

    def __init__(self, rows: Sequence[Row], noise: float, used: Collection[str] = ()):
        self.rows, self.noise = rows, noise
        self.by_text = {row["input"]: row for row in rows}
        self.free = np.array([row["input"] not in used for row in rows])
        self.vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        self.known = self.vectors.fit_transform([row["input"] for row in rows])

    def write(self, request: Request) -> str:
        """Return texts of the pool as a writer does: {"texts": [{"text": ..., "kind": "hard"}]}."""
        rng = Random(str(request["seed"]))
        shown = list(request["shown"])
        right = [row for row in shown if row["right"]]
        sources = {
            "hard": [row for row in shown if not row["right"]] or shown,
            "easy": right or shown,
        }
        kinds = ["hard"] * request["hard"] + ["easy"] * request["easy"]
        made = []
        for number, kind in enumerate(kinds):
            near = sources[kind][number % len(sources[kind])]["input"]
            place = self._any(rng) if request["select"] == "random" else self._nearest(near)
            if place is not None:
                made.append({"text": self.rows[place]["input"], "kind": kind, "pattern": None})
        return json.dumps({"texts": made}, ensure_ascii=False)

    def tag(self, request: Request) -> str:
        """Return the answers to texts of the pool, a declared share of them wrong."""
        answers = [self._answer(text, request["labels"]) for text in request["texts"]]
        return json.dumps({"answers": answers}, ensure_ascii=False)

    def unable(self, what: str) -> Callable[[Request], str]:
        """Return a rule that refuses: a pool has no other words for a text."""

        def refuse(request: Request) -> str:
            raise ModelError(f"{what}: a pool of real texts writes none; name an endpoint")

        return refuse

    def _any(self, rng: Random) -> int | None:
        free = np.flatnonzero(self.free)
        return self._taken(int(rng.choice(free))) if len(free) else None

    def _nearest(self, text: str) -> int | None:
        similar = (self.known @ self.vectors.transform([text]).T).toarray().ravel()
        similar[~self.free] = -1.0
        return self._taken(int(similar.argmax())) if self.free.any() else None

    def _taken(self, place: int) -> int:
        text = self.rows[place]["input"]
        self.free &= np.array([row["input"] != text for row in self.rows])
        return place

    def _answer(self, text: str, labels: Sequence[str]) -> Any:
        row = self.by_text.get(text)
        if row is None:
            return "none"
        gold = row["gold"]
        if isinstance(gold, str):
            return self._label(text, gold, labels)
        spans = [
            {**span, "type": self._label(f"{text}/{span['start']}", span["type"], labels)}
            for span in gold
        ]
        return quotations(text, spans)

    def _label(self, key: str, gold: str, labels: Sequence[str]) -> str:
        """Return the label, or, at the rate of `noise`, another one; the key decides."""
        drawn = int.from_bytes(blake2b(key.encode(), digest_size=8).digest())
        if drawn / 2**64 >= self.noise:
            return gold
        others = [label for label in labels if label != gold]
        return others[drawn % len(others)]
