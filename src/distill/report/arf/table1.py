"""Errors by code: Table 1, and the counts in every version and every system's summaries."""

from collections import Counter
from collections.abc import Iterable

from distill import paths
from distill.people import annotations
from distill.records import Row
from distill.report.results import TRUTH, Results
from distill.stats.intervals import proportion
from distill.stats.tables import EMPTY, Table
from distill.tasks.summarize import taxonomy

FIELDS = ["measure", "of", "channel", "code", "count", "rows"]
PLOT_FIELDS = ["measure", "version", "channel", "code", "count"]
TABLE1_FIELDS = ["measure", "channel", "code", "count", "share", "of_rows", "low", "high", "rows"]
TABLE1_NOTE = (
    "Errors in the teacher's audit summaries: the summaries that have the error, and its share of"
    " all errors of the channel (paper, Table 1); then the share of the summaries that have it,"
    " with its 95% Wilson interval. Findings come from people where they annotated a row, else from"
    " the annotator model, and from the checks on every row."
)
NOTE = "Summaries that have the error, of the rows in the head of each column."
_TITLES = {
    ("findings", "versions"): "Dataset versions, by the findings",
    ("truth", "versions"): "Dataset versions, by the hidden truth",
    ("judge", "systems"): "Test summaries, by the judge",
    ("truth", "systems"): "Test summaries, by the hidden truth",
}

Counts = dict[str, Counter[str]]  # channel -> code -> summaries


def found_counts(results: Results, version: str, split: str | None = None) -> Counts:
    """Return the findings' counts; a code found twice in a summary counts once.

    Of one split, only rows drawn at random: those that experts met through feedback are left out.
    """
    return _counts(
        results,
        {
            (row["channel"], row["id"], row["code"])
            for row in results.findings[version]
            if split is None or (split == row["split"] and row["source"] != annotations.FEEDBACK)
        },
    )


def table1_note(results: Results) -> str:
    """Return how to read Table 1, and how many errors of complained-of rows it leaves out."""
    apart = {
        (row["id"], row["code"])
        for row in results.findings[paths.ORG]
        if row["source"] == annotations.FEEDBACK
    }
    if not apart:
        return TABLE1_NOTE
    errors = "1 error" if len(apart) == 1 else f"{len(apart)} errors"
    rows = len({row_id for row_id, _ in apart})
    summaries = "1 summary" if rows == 1 else f"{rows} summaries"
    return (
        f"{TABLE1_NOTE}\n\nNot counted, for they were drawn from feedback and not at random:"
        f" {errors} that experts marked in {summaries}."
    )


def true_counts(results: Results, version: str, split: str | None = None) -> Counts:
    """Return the counts of a version's errors by the hidden truth."""
    return _counts(
        results,
        (
            (row["channel"], row["id"], code)
            for row in results.versions[version]
            if split in {None, row["split"]}
            for code in results.true_score(row["id"], row["input"], row["target"]).codes
        ),
    )


def system_counts(results: Results, measure: str, system: str) -> Counts:
    """Return the counts of errors in a system's test summaries."""
    return _counts(
        results,
        (
            (channel, row_id, code)
            for channel, scores in results.scores[measure][system].items()
            for row_id, score in scores.items()
            for code in score.codes
        ),
    )


def _counts(results: Results, found: Iterable[tuple[str, str, str]]) -> Counts:
    counts: Counts = {channel: Counter() for channel in results.channels}
    for channel, _, code in found:
        counts[channel][code] += 1
    return counts


def _audit(results: Results) -> dict[str, Counts]:
    measures = {"findings": found_counts(results, paths.ORG, "audit")}
    if results.truths:
        measures[TRUTH] = true_counts(results, paths.ORG, "audit")
    return measures


def table1_rows(results: Results) -> list[Row]:
    """Return one row per measure, channel and code, most frequent first."""
    rows = _audited(results)
    found = []
    for measure, counts in _audit(results).items():
        for channel in results.channels:
            for code, count in _ranked(counts[channel]):
                of_rows = proportion(count, rows[channel]).rounded()
                found.append(
                    {
                        "measure": measure,
                        "channel": channel,
                        "code": code,
                        "count": count,
                        "share": count / counts[channel].total(),
                        "of_rows": of_rows["value"],
                        "low": of_rows["low"],
                        "high": of_rows["high"],
                        "rows": rows[channel],
                    }
                )
    return found


def _audited(results: Results) -> Counter[str]:
    return Counter(row["channel"] for row in results.versions[paths.ORG] if row["split"] == "audit")


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def table1(results: Results) -> list[Table]:
    """Return one table per measure, the channels side by side."""
    audited = _audited(results)
    header = []
    for channel in results.channels:
        header += [f"{channel} ({audited[channel]} rows)", "Count", "Of the rows"]
    titles = {"findings": "By the findings", TRUTH: "By the hidden truth"}
    return [
        Table(
            titles[measure],
            header,
            _side_by_side([(counts[channel], audited[channel]) for channel in results.channels]),
        )
        for measure, counts in _audit(results).items()
    ]


def _side_by_side(columns: list[tuple[Counter[str], int]]) -> list[list[str]]:
    cells = []
    for counts, rows in columns:
        total = counts.total()
        cells.append(
            [
                [code, f"{count} ({count / total:.1%})", _of_rows(count, rows)]
                for code, count in _ranked(counts)
            ]
            + [["all errors", f"{total} (100%)" if total else EMPTY, ""]]
        )
    longest = max(map(len, cells))
    padded = [column[:-1] + [[""] * 3] * (longest - len(column)) + column[-1:] for column in cells]
    return [[cell for pair in line for cell in pair] for line in zip(*padded, strict=True)]


def _of_rows(count: int, rows: int) -> str:
    share = proportion(count, rows)
    return f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}]"


def counted(results: Results) -> dict[tuple[str, str], dict[str, tuple[Counts, Counter[str]]]]:
    """Return (measure, "versions" or "systems") -> name -> counts and rows per channel."""
    versions, systems = results.params.versions, results.params.systems
    sizes = {name: Counter(row["channel"] for row in results.versions[name]) for name in versions}
    found = {
        ("findings", "versions"): {
            name: (found_counts(results, name), sizes[name]) for name in versions
        }
    }
    if results.truths:
        found[TRUTH, "versions"] = {
            name: (true_counts(results, name), sizes[name]) for name in versions
        }
    for measure, scores in results.scores.items():
        found[measure, "systems"] = {
            name: (
                system_counts(results, measure, name),
                Counter({channel: len(rows) for channel, rows in scores[name].items()}),
            )
            for name in systems
        }
    return found


def rows(results: Results) -> list[Row]:
    """Return one row per measure, version or system, channel and code that occurs."""
    return [
        {
            "measure": measure,
            "of": name,
            "channel": channel,
            "code": code,
            "count": counts[channel][code],
            "rows": sizes[channel],
        }
        for (measure, _), columns in counted(results).items()
        for name, (counts, sizes) in columns.items()
        for channel in results.channels
        for code in taxonomy.load()
        if counts[channel][code]
    ]


def plot_rows(results: Results) -> list[Row]:
    """Return the count of every code that any version has, by each measure, zeros included."""
    return [
        {
            "measure": measure,
            "version": version,
            "channel": channel,
            "code": code,
            "count": counts[channel][code],
        }
        for (measure, of), columns in counted(results).items()
        if of == "versions"
        for version, (counts, _) in columns.items()
        for channel in results.channels
        for code in taxonomy.load()
        if any(other[channel][code] for other, _ in columns.values())
    ]


def tables(results: Results) -> list[Table]:
    """Return a table per measure and channel: a row a code, a column a version or system."""
    return [
        Table(
            f"{_TITLES[key]}: {channel}",
            ["Error", *(f"{name} ({sizes[channel]})" for name, (_, sizes) in columns.items())],
            [
                [code, *(str(counts[channel][code]) for counts, _ in columns.values())]
                for code in taxonomy.load()
                if any(counts[channel][code] for counts, _ in columns.values())
            ],
        )
        for key, columns in counted(results).items()
        for channel in results.channels
    ]
