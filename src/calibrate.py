"""Compare the judge's ratings with people's and, on the sample, with the hidden truth's; and people
with one another.

in   data/annotations/ann.jsonl  {"id": "botchat-000123", "of": "tiny-r1", "rating": 4,
                                  "codes": [], "note": ""}
     data/ratings/tiny-r1        {"id": "botchat-000123", "channel": "botchat", "rating": 5, ...}
out  metrics/calibration.json          {"botchat": 0.7134, ...}    Spearman, for `dvc metrics`
     metrics/calibration_details.json  {"botchat": {"people": {"n": 40, "spearman": 0.7134, ...},
                                                    "by_system": {"tiny-r1": {"people": ...}}}}
                                       `truth` of trained systems, `truth_untrained` of students
                                       without an adapter
     metrics/calibration.csv           botchat,people,5,4,12       how often the two ratings met
     metrics/agreement.json            {"annotators": {"ann": 40}, "pairs": {"ann, ben": ...}}
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from distill import paths, records, stage
from distill.offline import truth
from distill.params import load
from distill.params.arf import Params
from distill.people import agreement, annotations
from distill.records import Row
from distill.stats import inter_rater, intervals, tables

SPLITS = ("train", "dev", "test", "audit")
PEOPLE, TRUTH, UNTRAINED = "people", "truth", "truth_untrained"
FIELDS = ["channel", "against", "judge", "rating", "n"]


class Pair(NamedTuple):
    """The judge's and another rating of one summary; means of several samples are no integers."""

    system: str
    id: str
    channel: str
    judge: float
    other: float


Pairs = Mapping[str, Sequence[Pair]]  # PEOPLE, TRUTH, UNTRAINED -> pairs


def calibrate(pairs: Iterable[Pair], resamples: int, seed: int) -> Row:
    """Return agreement and mean difference (judge minus other), with n and 95% intervals.

    Several summaries of one interaction are not independent: the bootstrap draws interactions.
    """
    rows = list(pairs)
    if not rows:
        return {"n": 0}
    ids = [pair.id for pair in rows]
    found: Row = {"n": len(rows), "interactions": len(set(ids))}
    agreed = inter_rater.agreement(
        [pair.judge for pair in rows], [pair.other for pair in rows], ids, resamples, seed
    )
    bias = intervals.mean(_mean_deltas(rows), resamples, seed)
    for name, estimate in {**agreed, "difference": bias}.items():
        rounded = estimate.rounded()
        found[name] = rounded["value"]
        found |= {f"{name}_{end}": rounded[end] for end in ("low", "high")}
        if estimate.undefined:
            found[f"{name}_undefined"] = estimate.undefined
    return found


def _mean_deltas(rows: list[Pair]) -> list[float]:
    """Judge minus other, averaged over the summaries of each interaction."""
    deltas: dict[str, list[float]] = defaultdict(list)
    for pair in rows:
        deltas[pair.id].append(pair.judge - pair.other)
    return [sum(values) / len(values) for values in deltas.values()]


def by_system(found: Pairs, channel: str, resamples: int, seed: int) -> dict[str, Row]:
    """Return the comparisons of each system's summaries alone: system -> rater -> numbers.

    The judge may be more lenient with one system than with another, which changes their difference.
    """
    systems = dict.fromkeys(
        pair.system for pairs in found.values() for pair in pairs if pair.channel == channel
    )
    return {
        system: {
            PEOPLE if name == PEOPLE else TRUTH: calibrate(own, resamples, seed)
            for name, pairs in found.items()
            if (own := [one for one in pairs if (one.system, one.channel) == (system, channel)])
        }
        for system in systems
    }


def headline(details: Mapping[str, Row]) -> float | None:
    """Return a channel's Spearman with people; without their ratings, with the hidden truth."""
    known = details[PEOPLE] if details[PEOPLE]["n"] else details.get(TRUTH, {})
    value: float | None = known.get("spearman")
    return value


def annotated(params: Params, channels: Mapping[str, str]) -> list[Row]:
    """Return the annotations of present versions, systems and interactions.

    `channels` maps the known ids to their channels. Annotations of what is gone, such as a renamed
    version or a row of a split that has become smaller, do not count; they are listed on stderr
    with file and line and count again once it is back.
    """
    found, gone = [], 0
    for row in annotations.read():
        problem = ""
        if row["of"] not in {*params.systems, *params.versions}:
            problem = f"{row['of']!r} is neither a version nor a system of params.yaml"
        elif row["id"] not in channels:
            problem = f"no row of {paths.SPLIT} has the id {row['id']!r}"
        if problem:
            gone += 1
            print(f"{row['where']}: {problem}; the annotation is not counted", file=sys.stderr)
        else:
            found.append(row)
    if gone:
        print(f"Annotations that are not counted: {gone}", file=sys.stderr)
    return found


def human_pairs(
    human: Sequence[Row], channels: Mapping[str, str], ratings: Mapping[str, Mapping[str, float]]
) -> Iterator[Pair]:
    """Yield a pair for every annotation that rates a system's present summary.

    Rows that were drawn from feedback are left out: they are no random sample of the judge's rows.
    """
    drawn = [row for row in human if row.get("source") != annotations.FEEDBACK]
    for system, judged in ratings.items():
        for row in annotations.current(system, records.read(paths.predictions(system)), drawn):
            if row["id"] in judged and row.get("rating") is not None:
                yield Pair(system, row["id"], channels[row["id"]], judged[row["id"]], row["rating"])


def true_pairs(
    systems: Iterable[str], ratings: Mapping[str, Mapping[str, float]]
) -> Iterator[Pair]:
    """Yield a pair for every rated summary of the systems, with the rating by the hidden truth."""
    truths = truth.load()
    texts = {row["id"]: row["input"] for row in records.read(paths.split("test"))}
    for system in systems:
        for row in records.read(paths.predictions(system)):
            judged = ratings[system].get(row["id"])
            if judged is not None:
                true, _ = truth.rate(truths[row["id"]], texts[row["id"]], row["output"])
                yield Pair(system, row["id"], row["channel"], judged, true)


def pairs(params: Params, human: Sequence[Row], channels: Mapping[str, str]) -> Pairs:
    """Return the pairs of the judge with people and with the truth.

    Untrained students are separate from the other systems: it is easy to agree on summaries that
    are all bad.
    """
    ratings = {
        system: {row["id"]: row["rating"] for row in records.read(paths.ratings(system))}
        for system in params.systems
    }
    found = {PEOPLE: list(human_pairs(human, channels, ratings))}
    if params.on_sample:
        others = [name for name in params.systems if name not in params.students]
        found[TRUTH] = list(true_pairs(others, ratings))
        found[UNTRAINED] = list(true_pairs(params.students, ratings))
    return found


def counts(found: Pairs) -> list[Row]:
    """Return how often two ratings met, by channel and rater, for the plot of the calibration."""
    counted = Counter(
        (pair.channel, against, pair.judge, pair.other)
        for against in (PEOPLE, TRUTH)
        for pair in found.get(against, ())
    )
    return [dict(zip(FIELDS, (*key, n), strict=True)) for key, n in sorted(counted.items())]


def main() -> None:
    """Write metrics/calibration.json, calibration_details.json, calibration.csv and agreement.*."""
    args = stage.parser(__doc__).parse_args()
    params = load(args.params)
    channels = {
        row["id"]: row["channel"] for name in SPLITS for row in records.read(paths.split(name))
    }
    human = annotated(params, channels)
    compared = pairs(params, human, channels)
    resamples, seed = params.report.bootstrap, params.seed
    details: dict[str, Row] = {
        channel: {
            name: calibrate((pair for pair in found if pair.channel == channel), resamples, seed)
            for name, found in compared.items()
        }
        for channel in params.channels
    }
    headlines = {channel: headline(found) for channel, found in details.items()}
    records.write_json(paths.METRICS / "calibration.json", headlines)
    for channel, found in details.items():
        found["by_system"] = by_system(compared, channel, resamples, seed)
    records.write_json(paths.METRICS / "calibration_details.json", details)
    tables.write_csv(paths.CALIBRATION, FIELDS, counts(compared))
    between = agreement.agreement(human, channels, resamples, seed)
    records.write_json(paths.METRICS / "agreement.json", between)
    page = agreement.tables(between)
    tables.write_markdown(paths.METRICS / "agreement.md", agreement.TITLE, page, agreement.NOTE)


if __name__ == "__main__":
    stage.main(main)
