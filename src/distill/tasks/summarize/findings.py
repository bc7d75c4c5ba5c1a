"""The errors that the annotator model and the deterministic checks find in a dataset version.

Rows and the annotator's replies have the same order, so both are read as streams. The checks are
computed by shards, wherever the engine likes.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any

from distill import paths, records
from distill.engine import shards
from distill.engine.parts import Parts
from distill.errors import InputError
from distill.records import Row
from distill.tasks.summarize import checks, taxonomy
from distill.tasks.summarize.checks import Flaw

Findings = dict[str, tuple[str, str]]  # code -> the words that show it, and who found it
Found = tuple[Row, Row | None, Findings]  # a row, the annotator's reply to it, what is known then


@dataclass(frozen=True)
class Check:
    """Checks a shard of [summary, interaction, channel]; its part has a line for each of them.

    [["unn_content_requests_agent", "I want a human"]]
    """

    codes: tuple[str, ...]
    known: Mapping[str, taxonomy.Code]

    def __call__(self, shard: list[list[str]]) -> bytes:
        """Return the part."""
        found = (
            checks.find(summary, text, channel, self.codes, self.known)
            for summary, text, channel in shard
        )
        lines = (json.dumps([astuple(flaw) for flaw in flaws]) + "\n" for flaws in found)
        return "".join(lines).encode("ascii")

    def made_from(self) -> Any:
        """Return what a part depends on beside the summaries."""
        return [self.codes, [asdict(code) for code in self.known.values()]]


def in_version(version: str, codes: Collection[str], parts: Parts, size: int) -> Iterator[Found]:
    """Yield the rows of a dataset version with their findings, in order.

    `codes` are those that the checks report, `size` is the number of rows of a shard. Raises
    InputError as `with_replies` does.
    """
    dataset, annotated = paths.dataset(version), paths.annotated(version)
    flaws = _by_checks(records.read(dataset), codes, parts, size)
    rows = with_replies(records.read(dataset), records.read(annotated))
    for (row, reply), found in zip(rows, flaws, strict=True):
        yield row, reply, _merged(reply, found)


def in_rows(
    rows: Iterable[Row], annotated: Iterable[Row], codes: Collection[str]
) -> Iterator[Found]:
    """Yield rows with their findings as `in_version` does, from rows that are in no file."""
    for row, reply in with_replies(rows, annotated):
        yield row, reply, by_machines(row, reply, codes)


def with_replies(rows: Iterable[Row], annotated: Iterable[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Yield each row with the annotator's reply to it, None where it was not asked.

    Raises InputError for a reply without a row, or one that stands before that of an earlier row.
    """
    replies = iter(annotated)
    reply = next(replies, None)
    for row in rows:
        if reply is None or reply["id"] != row["id"]:
            yield row, None
        else:
            yield row, reply
            reply = next(replies, None)
    if reply is not None:
        raise InputError(
            f"data/annotated: the reply to {reply['id']} has no row in data/dataset, or stands in"
            " another order; `dvc repro annotate` makes it again, of cached replies"
        )


def by_machines(row: Row, annotated: Row | None, codes: Collection[str]) -> Findings:
    """Return the findings of the annotator, if it was asked, and of the checks, in a dataset row.

    `annotated` is {"id", "source", "findings": [{"code", "evidence"}, ...] or null}; `codes` are
    those that the checks report. Of two findings with the same code the annotator's counts.
    """
    return _merged(annotated, checks.find(row["target"], row["input"], row["channel"], codes))


def _by_checks(
    rows: Iterable[Row], codes: Collection[str], parts: Parts, size: int
) -> Iterator[list[Flaw]]:
    """Yield the errors that the checks find in each row."""
    summaries = ([row["target"], row["input"], row["channel"]] for row in rows)
    for file in parts.make(Check(tuple(codes), taxonomy.load()), shards(summaries, size)):
        with file.open(encoding="ascii") as lines:
            for line in lines:
                yield [Flaw(*flaw) for flaw in json.loads(line)]


def _merged(annotated: Row | None, flaws: Iterable[Flaw]) -> Findings:
    found: Findings = {}
    if annotated is not None:
        for finding in annotated["findings"] or ():
            found.setdefault(finding["code"], (finding["evidence"], annotated["source"]))
    for flaw in flaws:
        found.setdefault(flaw.code, (flaw.evidence, "rules"))
    return found
