"""Inter-annotator agreement on the summaries that several experts annotated.

Codes: Cohen's kappa of each pair of experts, of each code and of all codes together, where every
code of the row's channel is one yes or no, and chance is that of each code. Ratings: Cohen's kappa
with quadratic weights. With three and more experts also Krippendorff's alpha. Intervals are
bootstrap intervals that resample interactions. Adjudicated annotations are left out, since they are
not independent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from distill.records import Row
from distill.stats import inter_rater
from distill.stats.intervals import Estimate, Floats
from distill.stats.tables import EMPTY, Table
from distill.tasks.summarize import taxonomy

TITLE = "Inter-annotator agreement"
NOTE = (
    "On the summaries that several experts annotated. Codes: Cohen's kappa, each code of the"
    " channel one yes or no. Ratings: Cohen's kappa with quadratic weights. With three and more"
    " experts also Krippendorff's alpha. 1 is perfect agreement, 0 is agreement by chance. 95%"
    " intervals (bootstrap by interaction), and the resamples without a value, which are left out."
    " All codes together have the chance of each code, by its own frequency. A dash: not defined,"
    " because nobody used the code or all experts gave the same answer."
)
LISTED = 20  # largest disagreements

Summary = tuple[str, str, str]  # of, id, digest
Annotations = dict[Summary, dict[str, Row]]  # summary -> annotator -> annotation


def agreement(
    rows: Iterable[Row], channels: Mapping[str, str], resamples: int, seed: int
) -> dict[str, Any]:
    """Return metrics/agreement.json ; `channels` maps ids to channels."""
    annotations = _by_summary(row for row in rows if not row.get("adjudicated"))
    counts = Counter(name for by_name in annotations.values() for name in by_name)
    shared = {summary: by_name for summary, by_name in annotations.items() if len(by_name) > 1}
    found: dict[str, Any] = {"annotators": dict(sorted(counts.items())), "pairs": {}, "alpha": {}}
    for one, two in combinations(sorted(counts), 2):
        both = {
            summary: (by_name[one], by_name[two])
            for summary, by_name in shared.items()
            if one in by_name and two in by_name
        }
        if both:
            found["pairs"][f"{one}, {two}"] = _pair(both, channels, resamples, seed)
    if len(counts) > 2 and shared:
        found["alpha"] = _alpha(shared, channels, resamples, seed)
    return found | {"rows": _disputed(shared)}


def _by_summary(rows: Iterable[Row]) -> Annotations:
    """Group annotations; one without a digest is of the text of the others, if they share one."""
    rows = list(rows)
    texts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        texts[row["of"], row["id"]] |= {row.get("digest") or ""} - {""}
    found: Annotations = defaultdict(dict)
    for row in rows:
        seen = texts[row["of"], row["id"]]
        digest = row.get("digest") or (min(seen) if len(seen) == 1 else "")
        found[row["of"], row["id"], digest][row["annotator"]] = row
    return found


def _pair(
    both: Mapping[Summary, tuple[Row, Row]], channels: Mapping[str, str], resamples: int, seed: int
) -> Row:
    cells = np.zeros((len(both), len(taxonomy.load()), 4))
    for at, ((_, row_id, _), (one, two)) in enumerate(both.items()):
        for place, code in enumerate(taxonomy.load().values()):
            if code.applies_to(channels[row_id]):
                cell = 2 * (code.code not in one["codes"]) + (code.code not in two["codes"])
                cells[at, place, cell] = 1
    groups = [row_id for _, row_id, _ in both]
    by_code, overall = inter_rater.kappas(cells, groups, resamples, seed)
    rated = [
        (row_id, one["rating"], two["rating"])
        for (_, row_id, _), (one, two) in both.items()
        if one.get("rating") is not None and two.get("rating") is not None
    ]
    weighted = Estimate(None, None, None, 0)
    if rated:
        ids, ours, theirs = zip(*rated, strict=True)
        weighted = inter_rater.agreement(ours, theirs, ids, resamples, seed)["weighted_kappa"]
    used = {code for pair in both.values() for row in pair for code in row["codes"]}
    return {
        "n": len(both),
        "ratings": {"n": len(rated), **_flat("weighted_kappa", weighted)},
        "codes": _flat("kappa", overall),
        "by_code": {
            code: _flat("kappa", estimate)
            for code, estimate in zip(taxonomy.load(), by_code, strict=True)
            if code in used
        },
    }


def _alpha(shared: Annotations, channels: Mapping[str, str], resamples: int, seed: int) -> Row:
    rated, groups = [], []
    for (_, row_id, _), by_name in shared.items():
        ratings = [row["rating"] for row in by_name.values() if row.get("rating") is not None]
        if len(ratings) > 1:
            rated.append([ratings.count(rating) for rating in range(1, 6)])
            groups.append(row_id)
    alpha = inter_rater.alpha(np.array(rated, dtype=float), groups, "ordinal", resamples, seed)
    used = {
        code for by_name in shared.values() for row in by_name.values() for code in row["codes"]
    }
    votes = _votes(shared, channels)
    ids = [row_id for _, row_id, _ in shared]
    by_code = {
        code: _flat("alpha", inter_rater.pooled_alpha(votes[:, [at]], ids, resamples, seed))
        for at, code in enumerate(taxonomy.load())
        if code in used
    }
    overall = inter_rater.pooled_alpha(votes, ids, resamples, seed)
    return {
        "n": len(shared),
        "ratings": {"n": len(rated), **_flat("alpha", alpha)},
        "codes": _flat("alpha", overall),
        "by_code": by_code,
    }


def _votes(shared: Annotations, channels: Mapping[str, str]) -> Floats:
    """Return the experts who saw each error in each summary and who did not, and zeros where the
    code does not apply: shape (summaries, codes, 2)."""
    votes = np.zeros((len(shared), len(taxonomy.load()), 2))
    for at, ((_, row_id, _), by_name) in enumerate(shared.items()):
        for place, code in enumerate(taxonomy.load().values()):
            if code.applies_to(channels[row_id]):
                yes = sum(code.code in row["codes"] for row in by_name.values())
                votes[at, place] = yes, len(by_name) - yes
    return votes


def _disputed(shared: Annotations) -> list[Row]:
    """Return the largest disagreements: by the ratings' distance, then by the number of codes."""
    found = []
    for (of, row_id, _), by_name in shared.items():
        names = sorted(by_name)
        ratings = {name: by_name[name].get("rating") for name in names}
        known = [rating for rating in ratings.values() if rating is not None]
        distance = max(known) - min(known) if known else 0
        ticked = [set(by_name[name]["codes"]) for name in names]
        disputed = set().union(*ticked) - set.intersection(*ticked)
        codes = {
            code: [name for name in names if code in by_name[name]["codes"]]
            for code in taxonomy.load()
            if code in disputed
        }
        if distance or codes:
            row = {"of": of, "id": row_id, "ratings": ratings, "codes": codes}
            found.append((-distance, -len(codes), of, row_id, row))
    return [row for *_, row in sorted(found, key=lambda entry: entry[:4])[:LISTED]]


def _flat(name: str, estimate: Estimate) -> Row:
    rounded = estimate.rounded()
    return {name: rounded["value"]} | {end: rounded[end] for end in ("low", "high", "undefined")}


def tables(found: Mapping[str, Any]) -> list[Table]:
    """Return metrics/agreement.md: experts, pairs, codes, and the largest disagreements."""
    columns = dict(found["pairs"])
    if found["alpha"]:
        columns["all (Krippendorff's alpha)"] = found["alpha"]
    used = [
        code for code in taxonomy.load() if any(code in one["by_code"] for one in columns.values())
    ]
    return [
        Table(
            "Experts",
            ["Expert", "Annotated summaries"],
            [[name, str(n)] for name, n in found["annotators"].items()],
        ),
        Table(
            "Pairwise agreement",
            ["Experts", "Shared summaries", "Codes (kappa)", "Ratings (weighted kappa)"],
            [
                [name, str(one["n"]), _cell(one["codes"]), _cell(one["ratings"])]
                for name, one in columns.items()
            ],
        ),
        Table(
            "Agreement by code",
            ["Code", *columns],
            [
                [code, *(_cell(one["by_code"].get(code, {})) for one in columns.values())]
                for code in used
            ],
        ),
        Table(
            "Largest disagreements",
            ["Summary", "Ratings", "Codes that only some experts ticked"],
            [[f"{row['id']} ({row['of']})", *_dispute(row)] for row in found["rows"]],
        ),
    ]


def _dispute(row: Row) -> list[str]:
    ratings = [f"{name} {rating or EMPTY}" for name, rating in row["ratings"].items()]
    codes = [f"{code} ({', '.join(names)})" for code, names in row["codes"].items()]
    return [", ".join(ratings), "; ".join(codes) or EMPTY]


def _cell(one: Mapping[str, float | None]) -> str:
    value = next((one[name] for name in ("kappa", "weighted_kappa", "alpha") if name in one), None)
    if value is None:
        return EMPTY
    undefined = f", {one['undefined']} undefined" if one["undefined"] else ""
    if one["low"] is None:
        return f"{value:.2f}{undefined}"
    return f"{value:.2f} [{one['low']:.2f}, {one['high']:.2f}]{undefined}"
