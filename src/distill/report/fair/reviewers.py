"""The reviewers: how well each tells right from wrong, and how far two of them agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from distill.committee.acceptance import SCORES, is_score
from distill.committee.reliability import Reviewer, measure, weights
from distill.records import Row
from distill.stats import tables
from distill.stats.inter_rater import agreement
from distill.stats.intervals import Estimate, proportion
from distill.stats.tables import EMPTY, Table

TITLE = "Reviewers"
NOTE = (
    "A reviewer approves a rationale by a score above the threshold. Right and wrong go by the"
    " answer match; discrimination is the difference of both shares (Youden's J), and the weight of"
    " a reviewer under `weights: reliability`. Kappa is Cohen's with quadratic weights, over the"
    " texts that both reviewers scored. Where the hidden truth is known, the last table shows what"
    " a match cannot: how often a reviewer approves rationales that have the right answer by a"
    " wrong premise."
)
FAR = 2  # points


class Pair(NamedTuple):
    """Texts that two reviewers scored, those at least two points apart, and their kappa."""

    n: int
    far: int
    kappa: Estimate | None


def scores(texts: Sequence[Row]) -> dict[str, Counter[int]]:
    """Return how often each reviewer gave each valid score."""
    found: dict[str, Counter[int]] = {}
    for text in texts:
        for name, score in text["scores"].items():
            given = found.setdefault(name, Counter())
            if is_score(score):
                given[score] += 1
    return found


def pairs(
    texts: Sequence[Row], names: Sequence[str], resamples: int, seed: int
) -> dict[tuple[str, str], Pair]:
    """Return the agreement of every two reviewers on the texts that both scored."""
    found = {}
    for one, other in combinations(names, 2):
        both = [text for text in texts if _scored(text, one) and _scored(text, other)]
        ours, theirs = ([text["scores"][name] for text in both] for name in (one, other))
        far = sum(abs(a - b) >= FAR for a, b in zip(ours, theirs, strict=True))
        kappa = None
        if len(both) > 1:
            groups = [text["id"] for text in both]
            kappa = agreement(ours, theirs, groups, resamples, seed)["weighted_kappa"]
        found[one, other] = Pair(len(both), far, kappa)
    return found


def _scored(text: Row, name: str) -> bool:
    return is_score(text["scores"].get(name))


def by_truth(texts: Sequence[Row], threshold: float) -> dict[str, Reviewer]:
    """Return the approvals of rationales with the gold answer; right are those that are `sound`."""
    known = [text for text in texts if text["matches"] and text["sound"] is not None]
    return measure([{**text, "matches": text["sound"]} for text in known], threshold)


def report(texts: Sequence[Row], threshold: float, resamples: int, seed: int) -> list[Table]:
    """Return discrimination, scores, agreement and, where it is known, approvals by truth."""
    truth = by_truth(texts, threshold)
    found = measure(texts, threshold)
    names = list(scores(texts))
    return [
        _discrimination(found),
        _given(scores(texts)),
        _agreement(pairs(texts, names, resamples, seed)),
        *([_by_truth(truth)] if truth else []),
    ]


def _share(hits: int, n: int) -> str:
    return tables.share_cell(proportion(hits, n))


def _discrimination(found: Mapping[str, Reviewer]) -> Table:
    weight = weights(found)
    header = ["Reviewer", "Approves right", "Approves wrong", "Discrimination", "Weight"]
    rows = [
        [
            name,
            _share(one.right_approved, one.right),
            _share(one.wrong_approved, one.wrong),
            EMPTY if one.discrimination is None else f"{one.discrimination:.2f}",
            f"{weight[name]:.2f}",
        ]
        for name, one in found.items()
    ]
    return Table("Discrimination by the answer match", header, rows)


def _given(found: Mapping[str, Counter[int]]) -> Table:
    header = ["Reviewer", *map(str, SCORES), "All"]
    rows = [
        [name, *(str(given[score]) for score in SCORES), str(given.total())]
        for name, given in found.items()
    ]
    return Table("Scores of all texts", header, rows)


def _agreement(found: Mapping[tuple[str, str], Pair]) -> Table:
    header = ["Reviewers", "Texts", f"{FAR} or more points apart", "Kappa"]
    rows = [
        [
            " and ".join(names),
            str(pair.n),
            _share(pair.far, pair.n),
            EMPTY if pair.kappa is None else tables.mean_cell(pair.kappa),
        ]
        for names, pair in found.items()
    ]
    return Table("Agreement", header, rows)


def _by_truth(found: Mapping[str, Reviewer]) -> Table:
    header = ["Reviewer", "Approves sound", "Approves unsound"]
    rows = [
        [
            name,
            _share(one.right_approved, one.right),
            _share(one.wrong_approved, one.wrong),
        ]
        for name, one in found.items()
    ]
    return Table("Rationales with the gold answer, by the hidden truth", header, rows)
