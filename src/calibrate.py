"""Compare the judge's ratings with people's, and on the sample with the hidden truth's.

in   data/annotations/ann.jsonl  {"id": "botchat-000123", "of": "tiny-r1", "rating": 4,
                                  "codes": [], "note": ""}
     data/ratings/tiny-r1        {"id": "botchat-000123", "channel": "botchat", "rating": 5, ...}
out  metrics/calibration.json    {"botchat": {"human": {"n": 40, "spearman": 0.71, ...}, ...}}
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from arf import annotations, paths, records, stats, truth
from arf.errors import InputError, reported
from arf.params import Params, load
from arf.records import Row

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
    agreement = stats.agreement(
        [pair.judge for pair in rows], [pair.other for pair in rows], ids, resamples, seed
    )
    bias = stats.mean(_mean_deltas(rows), resamples, seed)
    for name, estimate in {**agreement, "difference": bias}.items():
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


def human_pairs(params: Params, ratings: dict[str, dict[str, int]]) -> Iterator[Pair]:
    """Yield a pair for every annotation that rates a system's summary.

    Raises InputError naming file and line for an annotation of nothing that is known.
    """
    channels = {
        row["id"]: row["channel"] for name in SPLITS for row in records.read(paths.split(name))
    }
    lines: Counter[str] = Counter()
    for row in annotations.read():
        lines[row["annotator"]] += 1
        where = f"{paths.ANNOTATIONS / row['annotator']}.jsonl:{lines[row['annotator']]}"
        if row["of"] not in {*params.systems, *params.versions}:
            raise InputError(
                f"{where}: {row['of']!r} is neither a version nor a system; correct it"
            )
        if row["id"] not in channels:
            raise InputError(f"{where}: id {row['id']!r} is not in {paths.SPLIT}; correct it")
        judged = ratings.get(row["of"], {}).get(row["id"])
        if judged is not None and row.get("rating") is not None:
            yield Pair(row["id"], channels[row["id"]], judged, row["rating"])


def true_pairs(systems: Iterable[str], ratings: dict[str, dict[str, int]]) -> Iterator[Pair]:
    """Yield a pair for every rated summary of the systems, the truth's rating beside it."""
    truths = truth.load()
    texts = {row["id"]: row["text"] for row in records.read(paths.split("test"))}
    for system in systems:
        for row in records.read(paths.predictions(system)):
            judged = ratings[system].get(row["id"])
            if judged is not None:
                true, _ = truth.rate(truths[row["id"]], texts[row["id"]], row["summary"])
                yield Pair(row["id"], row["channel"], judged, true)


def pairs(params: Params) -> dict[str, list[Pair]]:
    """Return the pairs by whom the judge is compared with.

    Students out of the box stand apart from the teacher and the runs: summaries that are all
    bad are easy to agree on.
    """
    ratings = {
        system: {row["id"]: row["rating"] for row in records.read(paths.ratings(system))}
        for system in params.systems
    }
    found = {"human": list(human_pairs(params, ratings))}
    if params.on_sample:
        found["truth"] = list(true_pairs([paths.TEACHER, *params.runs], ratings))
        found["truth_out_of_box"] = list(true_pairs(params.students, ratings))
    return found


def main() -> None:
    """Write metrics/calibration.json."""
    params = load()
    compared = pairs(params)
    table = {
        channel: {
            name: calibrate(
                (pair for pair in found if pair.channel == channel),
                params.report.bootstrap,
                params.seed,
            )
            for name, found in compared.items()
        }
        for channel in params.channels
    }
    paths.METRICS.mkdir(exist_ok=True)
    text = json.dumps(table, indent=1, allow_nan=False) + "\n"
    (paths.METRICS / "calibration.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    reported(main)
