"""How well each reviewer tells rationales with the gold answer from others.

A reviewer that approves everything has a discrimination of 0, one that approves exactly the right
rationales has 1. It is Youden's J, the share of right rationales that are approved less that of
wrong ones, and takes the answer match for the truth: a reviewer that rejects a right answer by
wrong premises loses by it, so the measure is a lower bound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from distill.committee.acceptance import is_score
from distill.records import Row

Weights = Mapping[str, float]
LEAST = 0.01


@dataclass
class Reviewer:
    """Rationales that a reviewer approved, and all that it scored, by whether the answer is right.

    Approved: scored above the threshold.
    """

    right_approved: int = 0
    right: int = 0
    wrong_approved: int = 0
    wrong: int = 0

    @property
    def discrimination(self) -> float | None:
        """Return Youden's J, None where no right or no wrong rationale was scored."""
        if not self.right or not self.wrong:
            return None
        return self.right_approved / self.right - self.wrong_approved / self.wrong


def measure(texts: Iterable[Row], threshold: float) -> dict[str, Reviewer]:
    """Return the counts of each reviewer of the rationales."""
    found: dict[str, Reviewer] = {}
    for text in texts:
        if text["matches"] is None:
            continue
        for name, score in text["scores"].items():
            reviewer = found.setdefault(name, Reviewer())
            if not is_score(score):
                continue
            if text["matches"]:
                reviewer.right += 1
                reviewer.right_approved += score > threshold
            else:
                reviewer.wrong += 1
                reviewer.wrong_approved += score > threshold
    return found


def weights(reviewers: Mapping[str, Reviewer]) -> Weights:
    """Return the weight of each reviewer: its discrimination, but at least LEAST.

    So a reviewer that tells nothing counts only where there is no better one.
    """
    return {name: max(LEAST, one.discrimination or 0.0) for name, one in reviewers.items()}
