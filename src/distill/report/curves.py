"""Learning curves of all runs in one table, from DVCLive's files of each run."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from distill import paths
from distill.errors import InputError
from distill.records import Row

FIELDS = ["run", "curve", "step", "loss"]


def rows(runs: Iterable[str]) -> list[Row]:
    """Return the runs' losses at data/curves/<run>/plots/metrics/**/loss.tsv.

    `curve` is the part of the path that ** stands for: "train", "dev". Raises InputError for a run
    without curves.
    """
    return [row for run in runs for row in _run(run)]


def _run(run: str) -> Iterator[Row]:
    folder = paths.curves(run)
    if not folder.is_dir():
        raise InputError(f"{folder} does not exist; `dvc repro` makes it")
    metrics = folder / "plots/metrics"
    for file in sorted(metrics.rglob("*loss.tsv")):
        curve = file.relative_to(metrics).with_suffix("").as_posix().removesuffix("/loss")
        for step, loss in _points(file):
            yield {"run": run, "curve": curve, "step": step, "loss": loss}


def _points(file: Path) -> list[tuple[int, float]]:
    """Step and loss of each line; one column is named step, the other has the metric's name."""
    with file.open(encoding="utf-8", newline="") as lines:
        table = csv.reader(lines, delimiter="\t")
        try:
            at = next(table, []).index("step")
            return [(int(line[at]), float(line[1 - at])) for line in table]
        except (ValueError, IndexError) as error:
            raise InputError(f"{file}:{table.line_num}: not a step and a loss ({error})") from error
