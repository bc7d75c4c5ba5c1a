"""Compare the judge's ratings with people's, and on the sample with the hidden truth's; and people
with one another.

in   data/annotations/ann.jsonl  {"id": "botchat-000123", "of": "tiny-r1", "rating": 4,
                                  "codes": [], "note": ""}
     data/ratings/tiny-r1        {"id": "botchat-000123", "channel": "botchat", "rating": 5, ...}
out  metrics/calibration.json    {"botchat": {"human": {"n": 40, "spearman": 0.71, ...}, ...}}
     metrics/agreement.json      {"annotators": {"ann": 40, "ben": 38}, "pairs": {"ann, ben": ...}}
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from distill import paths, records, stage
from distill.errors import InputError
from distill.offline import truth
from distill.params import load
from distill.params.arf import Params
from distill.people import agreement, annotations
from distill.records import Row
from distill.stats import inter_rater, intervals, tables

SPLITS = ("train", "dev", "test", "audit")


class Pair(NamedTuple):
    """The judge's rating and another's of one summary."""

    id: str
    channel: str
    judge: int
    other: int


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
        found |= {f"{name}_low": rounded["low"], f"{name}_high": rounded["high"]}
    return found


def _mean_deltas(rows: list[Pair]) -> list[float]:
    """Judge minus other, averaged over the summaries of each interaction."""
    deltas: dict[str, list[int]] = defaultdict(list)
    for pair in rows:
        deltas[pair.id].append(pair.judge - pair.other)
    return [sum(values) / len(values) for values in deltas.values()]


def annotated(params: Params, channels: Mapping[str, str]) -> list[Row]:
    """Return all annotations; `channels` maps the known ids to their channels.

    Raises InputError naming file and line for an annotation of nothing that is known.
    """
    found = []
    for row in annotations.read():
        if row["of"] not in {*params.systems, *params.versions}:
            problem = f"{row['of']!r} is neither a version nor a system; correct it"
            raise InputError(f"{row['where']}: {problem}")
        if row["id"] not in channels:
            problem = f"id {row['id']!r} is not in {paths.SPLIT}; correct it or remove the line"
            raise InputError(f"{row['where']}: {problem}")
        found.append(row)
    return found


def human_pairs(
    human: Sequence[Row], channels: Mapping[str, str], ratings: Mapping[str, Mapping[str, int]]
) -> Iterator[Pair]:
    """Yield a pair for every annotation that rates a system's summary as it is now.

    Rows that were drawn from feedback are left out: they are not what the judge mostly rates.
    """
    drawn = [row for row in human if row.get("source") != annotations.FEEDBACK]
    for system, judged in ratings.items():
        for row in annotations.current(system, records.read(paths.predictions(system)), drawn):
            if row["id"] in judged and row.get("rating") is not None:
                yield Pair(row["id"], channels[row["id"]], judged[row["id"]], row["rating"])


def true_pairs(systems: Iterable[str], ratings: dict[str, dict[str, int]]) -> Iterator[Pair]:
    """Yield a pair for every rated summary of the systems, the truth's rating beside it."""
    truths = truth.load()
    texts = {row["id"]: row["input"] for row in records.read(paths.split("test"))}
    for system in systems:
        for row in records.read(paths.predictions(system)):
            judged = ratings[system].get(row["id"])
            if judged is not None:
                true, _ = truth.rate(truths[row["id"]], texts[row["id"]], row["output"])
                yield Pair(row["id"], row["channel"], judged, true)


def pairs(
    params: Params, human: Sequence[Row], channels: Mapping[str, str]
) -> dict[str, list[Pair]]:
    """Return the pairs by whom the judge is compared with.

    Students out of the box stand apart from the teacher and the runs: summaries that are all
    bad are easy to agree on.
    """
    ratings = {
        system: {row["id"]: row["rating"] for row in records.read(paths.ratings(system))}
        for system in params.systems
    }
    found = {"human": list(human_pairs(human, channels, ratings))}
    if params.on_sample:
        found["truth"] = list(true_pairs([paths.TEACHER, *params.runs], ratings))
        found["truth_out_of_box"] = list(true_pairs(params.students, ratings))
    return found


def main() -> None:
    """Write metrics/calibration.json and metrics/agreement.json, .md."""
    args = stage.parser(__doc__).parse_args()
    params = load(args.params)
    channels = {
        row["id"]: row["channel"] for name in SPLITS for row in records.read(paths.split(name))
    }
    human = annotated(params, channels)
    compared = pairs(params, human, channels)
    resamples, seed = params.report.bootstrap, params.seed
    table = {
        channel: {
            name: calibrate((pair for pair in found if pair.channel == channel), resamples, seed)
            for name, found in compared.items()
        }
        for channel in params.channels
    }
    _json("calibration", table)
    between = agreement.agreement(human, channels, resamples, seed)
    _json("agreement", between)
    page = agreement.tables(between)
    tables.write_markdown(paths.METRICS / "agreement.md", agreement.TITLE, page, agreement.NOTE)


def _json(name: str, value: Row) -> None:
    paths.METRICS.mkdir(exist_ok=True)
    text = json.dumps(value, indent=1, allow_nan=False) + "\n"
    (paths.METRICS / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    stage.main(main)
