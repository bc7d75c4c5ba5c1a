"""What the texts of each version are worth: refusals, label noise, diversity, and their classes."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from distill import paths, records, tasks
from distill.llm.settings import Rules
from distill.offline.utterances import truth
from distill.params.evokd import Augmented, EvoKD, Round
from distill.records import Row
from distill.report import accounting
from distill.report.evokd.systems import Trained
from distill.stats import macro, tables
from distill.stats.intervals import Estimate, proportion
from distill.stats.tables import EMPTY, Table, share_cell
from distill.tasks import entities

Truth = Callable[[Row], Any]


def new_rows(version: str) -> list[Row]:
    """Return the rows that a version adds to its parent's."""
    rows = records.read(paths.dataset(version))
    return [row for row in rows if row["split"] == "train" and row["made"]["round"] == version]


def kinds(row: Row) -> list[str]:
    """Return the label of a row, or the types of its entities."""
    answer = tasks.parser(row)(row["target"])
    return (
        [span["type"] for span in entities.spans(answer)] if row["task"] == "entities" else [answer]
    )


def truth_of(params: EvoKD, channel: str) -> Truth | None:
    """Return what is right of a text, None where nobody knows: a model of an endpoint wrote it."""
    if not isinstance(params.llms[params.write.llm], Rules):
        return None
    if params.write.rules == "pool":
        gold = {row["input"]: row["gold"] for row in records.read(params.rows(channel, "train"))}
        return lambda row: gold.get(row["input"])
    return partial(_of_grammar, task=params.channels[channel].task)


def _of_grammar(row: Row, task: str) -> Any:
    return truth.truth(task, row["input"])


def noise(rows: Iterable[Row], known: Truth) -> Estimate:
    """Return the share of rows whose answer is not right."""
    found = [_is_wrong(row, known(row)) for row in rows]
    return proportion(sum(found), len(found))


def _is_wrong(row: Row, right: Any) -> bool:
    answer = tasks.parser(row)(row["target"])
    return bool((entities.spans(answer) if row["task"] == "entities" else answer) != right)


def diversity(rows: Iterable[Row]) -> float | None:
    """Return the share of word pairs that occur for the first time (distinct-2)."""
    pairs = [pair for row in rows for pair in pairwise(row["input"].casefold().split())]
    return len(set(pairs)) / len(pairs) if pairs else None


def made(params: EvoKD) -> Iterator[tuple[str, str, list[Row]]]:
    """Yield each version that is not of labelled rows, its stage, and its new rows."""
    for name, entry in params.versions.items():
        if isinstance(entry, Round | Augmented):
            yield name, "tag" if isinstance(entry, Round) else "augment", new_rows(name)


def table(params: EvoKD) -> Table:
    """Return the table of texts by version."""
    lines = []
    for name, stage, rows in made(params):
        counts = accounting.read(stage, name)
        known = truth_of(params, params.versions[name].channel)
        distinct = diversity(rows)
        lines.append(
            [
                name,
                str(counts["in"]),
                str(len(rows)),
                ", ".join(f"{reason} {n}" for reason, n in counts["quarantined"].items()) or EMPTY,
                EMPTY if known is None else share_cell(noise(rows, known)),
                EMPTY if distinct is None else f"{distinct:.2f}",
            ]
        )
    header = ["Version", "Texts", "Learnt", "Refused", "Labels that are not right", "Distinct-2"]
    return Table("Texts by version", header, lines)


def by_class(params: EvoKD, trained: Iterable[Trained]) -> list[Row]:
    """Return, for each round and label, the parent's F1 on the test rows, the new texts, and F1."""
    scores = {one.version: macro.by_label(one.counts) for one in trained}
    found = []
    for name, entry in params.rounds.items():
        given = Counter(kind for row in new_rows(name) for kind in kinds(row))
        labels = params.channels[entry.channel].labels
        for place, label in enumerate(labels):
            found.append(
                {
                    "version": name,
                    "label": label,
                    "f1_before": float(scores[entry.parent][place]),
                    "texts": given[label],
                    "f1": float(scores[name][place]),
                }
            )
    return found


def adaptivity(params: EvoKD, lines: list[Row]) -> Table:
    """Return whether classes with a low F1 before a round got more of its texts.

    Spearman's correlation of the two over the classes: negative where weak classes got more.
    """
    cells = []
    for name in params.rounds:
        own = [line for line in lines if line["version"] == name]
        before, given = (np.array([line[key] for line in own]) for key in ("f1_before", "texts"))
        flat = len(set(before)) < 2 or len(set(given)) < 2
        test = None if flat else stats.spearmanr(before, given)
        cells.append(
            [name, str(len(own)), EMPTY, EMPTY]
            if test is None
            else [name, str(len(own)), f"{test.statistic:+.2f}", tables.p_cell(float(test.pvalue))]
        )
    header = ["Round", "Classes", "Correlation", "p"]
    return Table("Texts of a class against its F1 before the round", header, cells)
