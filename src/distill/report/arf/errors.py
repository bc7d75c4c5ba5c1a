"""Errors by code, in every dataset version and in every system's test summaries.

Codes are counted by summary: a code found twice in one counts once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from distill import paths, records
from distill.people import annotations
from distill.records import Row
from distill.report.arf import words
from distill.report.arf.scoring import TRUTH, Truth
from distill.report.scores import Scores
from distill.stats.tables import Table
from distill.tasks.summarize import taxonomy

FINDINGS = "findings"
PLOTTED = 8  # codes of a figure
VERSIONS, SYSTEMS = "versions", "systems"
FIELDS = ["measure", "of", "channel", "code", "count", "rows"]
PLOT_FIELDS = ["measure", "version", "channel", "code", "count", "rows", "rate"]
TITLE = "Which errors does each version and system make?"
NOTE = (
    "Summaries that have the error, and their share of the rows in the head of the column. Rows"
    " whose annotation was quarantined are no rows of the findings' columns."
)
_TITLES = {
    (FINDINGS, VERSIONS): "Dataset versions, by the findings",
    (TRUTH, VERSIONS): "Dataset versions, by the hidden truth",
    ("judge", SYSTEMS): "Test summaries, by the judge",
    (TRUTH, SYSTEMS): "Test summaries, by the hidden truth",
}

Codes = dict[str, Counter[str]]  # channel -> code -> summaries that have it


class Counts(NamedTuple):
    """The errors of one version or system, and the rows in which they were looked for."""

    codes: Codes
    rows: Counter[str]  # by channel

    def rate(self, channel: str, code: str) -> float:
        """Return the share of a channel's summaries that have the error."""
        return self.codes[channel][code] / (self.rows[channel] or 1)


Errors = dict[tuple[str, str], dict[str, Counts]]  # measure, VERSIONS or SYSTEMS -> name -> counts


def analyzed(version: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield a version's rows whose errors are known, out of all its `rows`.

    Left out are those whose annotation was quarantined, if no expert annotated them: `analyze`
    writes no findings of them, which does not mean that they have no errors.
    """
    lost = {row["id"] for row in records.read(paths.annotated(version)) if row["findings"] is None}
    lost -= annotations.load(version, rows).keys() if lost else set()
    yield from (row for row in rows if row["id"] not in lost)


def in_findings(channels: Iterable[str], rows: Iterable[Row], findings: Iterable[Row]) -> Counts:
    """Count what was found in the rows of a version."""
    by_id = {row["id"]: row["channel"] for row in rows}
    found = {(row["channel"], row["id"], row["code"]) for row in findings if row["id"] in by_id}
    return Counts(_codes(channels, found), Counter(by_id.values()))


def in_truth(channels: Iterable[str], rows: Iterable[Row], truth: Truth) -> Counts:
    """Count the errors that the rows of a version have by the hidden truth."""
    found = (
        (row["channel"], row["id"], code)
        for row in rows
        for code in set(truth.score(row["id"], row["input"], row["target"]).codes)
    )
    return Counts(_codes(channels, found), Counter(row["channel"] for row in rows))


def in_scores(scores: Scores, measure: str, system: str) -> Counts:
    """Count the errors in a system's test summaries, those of all its trainings together."""
    codes: Codes = {channel: Counter() for channel in scores.channels}
    sizes: Counter[str] = Counter()
    for by_channel in scores.trained(measure, system):
        for channel, by_id in by_channel.items():
            sizes[channel] += len(by_id)
            for score in by_id.values():
                codes[channel].update(set(score.codes))
    return Counts(codes, sizes)


def _codes(channels: Iterable[str], found: Iterable[tuple[str, str, str]]) -> Codes:
    codes: Codes = {channel: Counter() for channel in channels}
    for channel, _, code in found:
        codes[channel][code] += 1
    return codes


def count(
    versions: Mapping[str, Iterable[Row]],
    findings: Mapping[str, Iterable[Row]],
    scores: Scores,
    truth: Truth | None,
) -> Errors:
    """Count the errors of all versions and systems, by each measure that there is.

    The rows are gone through several times.
    """
    channels = scores.channels
    errors: Errors = {
        (FINDINGS, VERSIONS): {
            name: in_findings(channels, analyzed(name, rows), findings[name])
            for name, rows in versions.items()
        }
    }
    if truth:
        errors[TRUTH, VERSIONS] = {
            name: in_truth(channels, rows, truth) for name, rows in versions.items()
        }
    for measure in scores.by:
        errors[measure, SYSTEMS] = {
            name: in_scores(scores, measure, name) for name in scores.systems(measure)
        }
    return errors


def rows(errors: Errors) -> list[Row]:
    """Return one row per measure, version or system, channel and code that occurs."""
    return [
        {
            "measure": measure,
            "of": name,
            "channel": channel,
            "code": code,
            "count": codes[code],
            "rows": counts.rows[channel],
        }
        for (measure, _), columns in errors.items()
        for name, counts in columns.items()
        for channel, codes in counts.codes.items()
        for code in taxonomy.load()
        if codes[code]
    ]


def plot_rows(errors: Errors) -> list[Row]:
    """Return the rate of every code that any version has, by each measure, zeros included."""
    return [
        {
            "measure": measure,
            "version": version,
            "channel": channel,
            "code": code,
            "count": codes[code],
            "rows": counts.rows[channel],
            "rate": counts.rate(channel, code),
        }
        for (measure, of), columns in errors.items()
        if of == VERSIONS
        for version, counts in columns.items()
        for channel, codes in counts.codes.items()
        for code in _occurring(columns, channel)
    ]


def figure_rows(errors: Errors, measure: str) -> list[Row]:
    """Return the rows of `plot_rows` of a measure whose rate changed most, codes in words."""
    by_code: dict[tuple[str, str], list[Row]] = {}
    for row in plot_rows(errors):
        if row["measure"] == measure:
            by_code.setdefault((row["channel"], row["code"]), []).append(row)
    changed = sorted(by_code, key=lambda key: -_change(by_code[key]))
    shown = [
        key
        for channel in dict.fromkeys(channel for channel, _ in by_code)
        for key in [key for key in changed if key[0] == channel][:PLOTTED]
    ]
    return [row | {"code": words.of(row["code"])} for key in shown for row in by_code[key]]


def _change(rows: Sequence[Row]) -> float:
    rates = [row["rate"] for row in rows]
    return float(max(rates) - min(rates))


def _occurring(columns: Mapping[str, Counts], channel: str) -> list[str]:
    return [
        code
        for code in taxonomy.load()
        if any(counts.codes[channel][code] for counts in columns.values())
    ]


def tables(errors: Errors, channels: Iterable[str]) -> list[Table]:
    """Return a table per measure and channel: a row a code, a column a version or system."""
    channels = list(channels)
    return [
        Table(
            f"{_TITLES[key]}: {channel}",
            ["Error", *(f"{name} ({counts.rows[channel]})" for name, counts in columns.items())],
            [
                [code, *(_cell(counts, channel, code) for counts in columns.values())]
                for code in _occurring(columns, channel)
            ],
        )
        for key, columns in errors.items()
        for channel in channels
    ]


def _cell(counts: Counts, channel: str, code: str) -> str:
    """Return "31 (8.2%)", "0" where no summary has the error."""
    number = counts.codes[channel][code]
    return f"{number} ({counts.rate(channel, code):.1%})" if number else "0"
