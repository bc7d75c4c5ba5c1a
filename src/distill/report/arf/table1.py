"""Table 1: major error types of the teacher, in the audit split of the version org."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from distill import paths
from distill.people import annotations
from distill.records import Row
from distill.report.arf import errors
from distill.report.arf.errors import FINDINGS, Counts
from distill.report.arf.scoring import TRUTH, Truth
from distill.stats.intervals import proportion
from distill.stats.tables import EMPTY, Table

FIELDS = ["measure", "channel", "code", "count", "share", "of_rows", "low", "high", "rows"]
SHOWN = 10
TITLE = "What does the teacher get wrong?"
TITLES = {FINDINGS: "By the findings", TRUTH: "By the hidden truth"}
NOTE = (
    "Errors in the teacher's audit summaries: the summaries that have the error, and its share of"
    " all errors of the channel (paper, Table 1); then the share of the summaries that have it,"
    " with its 95% Wilson interval. Findings come from experts where they annotated a row, else"
    " from the annotator model, and from the checks on every row; rows whose annotation was"
    " quarantined are excluded."
)


def count(
    channels: Sequence[str], rows: Iterable[Row], findings: Iterable[Row], truth: Truth | None
) -> dict[str, Counts]:
    """Count the audit rows' errors by each measure; `rows` and `findings` are those of org.

    Findings in rows that experts met through feedback are left out: those rows were not drawn at
    random.
    """
    audit = [row for row in rows if row["split"] == "audit"]
    random = (row for row in findings if row["source"] != annotations.FEEDBACK)
    counts = {
        FINDINGS: errors.in_findings(channels, errors.analyzed(paths.ORG, audit), random),
    }
    if truth:
        counts[TRUTH] = errors.in_truth(channels, audit, truth)
    return counts


def note(findings: Iterable[Row]) -> str:
    """Return how to read Table 1, and how many errors of feedback's rows it leaves out."""
    apart = {(row["id"], row["code"]) for row in findings if row["source"] == annotations.FEEDBACK}
    if not apart:
        return NOTE
    number = "1 error" if len(apart) == 1 else f"{len(apart)} errors"
    rows = len({row_id for row_id, _ in apart})
    summaries = "1 summary" if rows == 1 else f"{rows} summaries"
    return (
        f"{NOTE}\n\nNot counted, as the rows were drawn from feedback and not at random:"
        f" {number} that experts marked in {summaries}."
    )


def rows(counted: Mapping[str, Counts]) -> list[Row]:
    """Return one row per measure, channel and code, most frequent first."""
    found = []
    for measure, counts in counted.items():
        for channel, codes in counts.codes.items():
            for code, number in _ranked(codes):
                of_rows = proportion(number, counts.rows[channel]).rounded()
                found.append(
                    {
                        "measure": measure,
                        "channel": channel,
                        "code": code,
                        "count": number,
                        "share": number / codes.total(),
                        "of_rows": of_rows["value"],
                        "low": of_rows["low"],
                        "high": of_rows["high"],
                        "rows": counts.rows[channel],
                    }
                )
    return found


def _ranked(codes: Counter[str]) -> list[tuple[str, int]]:
    return sorted(codes.items(), key=lambda item: (-item[1], item[0]))


def slim(counts: Counts) -> Table:
    """Return the most frequent errors by the findings: a row an error, a column a channel."""
    every = Counter[str]()
    for codes in counts.codes.values():
        every.update(codes)
    lines = [
        [code, *(_share(counts, channel, code) for channel in counts.codes)]
        for code, _ in _ranked(every)[:SHOWN]
    ]
    header = ["Error", *(f"{channel} (n={counts.rows[channel]})" for channel in counts.codes)]
    return Table(f"The {SHOWN} most frequent errors of the teacher, by the findings", header, lines)


def _share(counts: Counts, channel: str, code: str) -> str:
    number = counts.codes[channel][code]
    return f"{number} ({counts.rate(channel, code):.0%})" if number else "0"


def tables(counted: Mapping[str, Counts]) -> list[Table]:
    """Return one table per measure, the channels side by side."""
    return [_table(TITLES[measure], counts) for measure, counts in counted.items()]


def _table(title: str, counts: Counts) -> Table:
    header: list[str] = []
    for channel in counts.codes:
        header += [f"{channel} ({counts.rows[channel]} rows)", "Count", "Of the rows"]
    columns = [_column(codes, counts.rows[channel]) for channel, codes in counts.codes.items()]
    longest = max(map(len, columns))
    padded = [
        column[:-1] + [[""] * 3] * (longest - len(column)) + column[-1:] for column in columns
    ]
    lines = [[cell for part in line for cell in part] for line in zip(*padded, strict=True)]
    return Table(title, header, lines)


def _column(codes: Counter[str], rows: int) -> list[list[str]]:
    total = codes.total()
    return [
        *(
            [code, f"{number} ({number / total:.1%})", _of_rows(number, rows)]
            for code, number in _ranked(codes)
        ),
        ["all errors", f"{total} (100%)" if total else EMPTY, ""],
    ]


def _of_rows(number: int, rows: int) -> str:
    share = proportion(number, rows)
    return f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}]"
