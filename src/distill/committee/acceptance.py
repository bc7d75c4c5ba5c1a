"""Which of the teachers' texts are accepted, and why the others are not.

FAIR accepts a rationale whose mean score is above a threshold. Here the answer is matched first,
which no review can make good.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from distill.committee.settings import MATCHED, RATIONALE, REVIEWED
from distill.records import Row

ACCEPTED, REJECTED, QUARANTINED = "accepted", "rejected", "quarantined"
SCORES = range(1, 6)


class Rule(NamedTuple):
    """What a text needs; `weights` by reviewer, {} for equal ones."""

    gate: str
    threshold: float
    weights: Mapping[str, float] = {}


def is_score(score: Any) -> bool:
    """Return whether a reviewer's score is a whole number from 1 to 5."""
    return type(score) is int and score in SCORES


def mean(scores: Mapping[str, Any], weights: Mapping[str, float]) -> float | None:
    """Return the weighted mean of the valid scores, None without one that weighs anything."""
    valid = {name: score for name, score in scores.items() if is_score(score)}
    weight = {name: weights.get(name, 1.0) for name in valid}
    whole = sum(weight.values())
    return sum(weight[name] * valid[name] for name in valid) / whole if whole else None


def decided(texts: Iterable[Row], rule: Rule) -> Iterator[Row]:
    """Yield each text with its mean score, the decision and the gate that rejected it.

    A text that peers have to judge and that none judged is quarantined.
    """
    for text in texts:
        score = mean(text["scores"], rule.weights)
        decision, why = _decision(text, score, rule)
        yield {**text, "mean": score, "decision": decision, "why": why}


def _decision(text: Row, score: float | None, rule: Rule) -> tuple[str, str]:
    if text["kind"] == RATIONALE and rule.gate in MATCHED and not text["matches"]:
        return REJECTED, "match"
    if rule.gate not in REVIEWED or (text["kind"] != RATIONALE and not text["reviewed"]):
        return ACCEPTED, ""  # the paper trains on feedback that nobody reviewed
    if score is None:
        return QUARANTINED, "not_reviewed"
    return (ACCEPTED, "") if score > rule.threshold else (REJECTED, "peers")
