"""Tables as Markdown for people and as CSV for programs."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from distill import records
from distill.records import Row
from distill.stats.intervals import Estimate

EMPTY = "-"


class Bold(str):
    """A cell in bold type."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """A table below its title; cells are plain text, without any markup, or Bold."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Return the table as Markdown, with a row of dashes where it has none."""
        rows = self.rows or [[EMPTY] * len(self.header)]
        lines = [map(escaped, self.header), ["---"] * len(self.header)]
        lines += [map(_markdown_cell, row) for row in rows]
        body = ["| " + " | ".join(line) + " |" for line in lines]
        return "\n".join([f"## {escaped(self.title)}", "", *body, ""])


def _markdown_cell(cell: str) -> str:
    return f"**{escaped(cell)}**" if isinstance(cell, Bold) else escaped(cell)


def escaped(text: str) -> str:
    """Return plain text as Markdown that shows it as it is."""
    return re.sub(r"[\\*|`]", r"\\\g<0>", text).replace("<", "&lt;")


def markdown(title: str, tables: Iterable[Table], note: str = "") -> str:
    """Return a page of tables below a plain-text note on how to read them."""
    parts = [f"# {escaped(title)}", ""]
    parts += [escaped(note), ""] if note else []
    return "\n".join([*parts, *(table.markdown() for table in tables)])


def write_markdown(path: Path, title: str, tables: Iterable[Table], note: str = "") -> None:
    """Write a page of tables below a plain-text note on how to read them."""
    records.write_text(path, markdown(title, tables, note))


def aligned(table: Sequence[Sequence[str]], left: int) -> Iterator[str]:
    """Yield the rows for a terminal; the first `left` columns are text, the others numbers."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "   ".join(cells).rstrip()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    """Write the rows' fields of `header`; numbers to 4 digits, an unknown value is empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    for row in rows:
        table.writerow([_number(row.get(name)) for name in header])
    records.write_text(path, text.getvalue())


def _number(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


def dollar_cell(dollars: float | None) -> str:
    """Return "$1,204.50", small amounts as "$0.0042", and "-" for an unknown amount."""
    if dollars is None:
        return EMPTY
    return f"${dollars:,.2f}" if dollars >= 0.01 or not dollars else f"${dollars:.4f}"


def mean_cell(estimate: Estimate, mark: str = "") -> str:
    """Return "4.05* [3.91, 4.18], n=150", followed by the trainings where there are several."""
    if estimate.value is None:
        return EMPTY
    seeds = f", {estimate.seeds} trainings" if estimate.seeds > 1 else ""
    return f"{estimate.value:.2f}{mark}{_interval(estimate, '.2f')}, n={estimate.n}{seeds}"


def delta_cell(estimate: Estimate | None) -> str:
    """Return "+0.19 [0.05, 0.31], p=0.004"."""
    if estimate is None or estimate.value is None:
        return EMPTY
    p = "" if estimate.p is None else f", p={p_cell(estimate.p)}".replace("=<", "<")
    return f"{estimate.value:+.2f}{_interval(estimate, '+.2f')}{p}"


def p_cell(p: float | None) -> str:
    """Return "0.004", and "<0.0001" for a smaller one."""
    if p is None:
        return EMPTY
    return f"{p:.2g}" if p >= 0.0001 else "<0.0001"


def reduction_cell(estimate: Estimate) -> str:
    """Return "55% [45%, 65%]", and how many resamples had no value where there are such."""
    if estimate.value is None:
        return EMPTY
    undefined = f", {estimate.undefined} resamples undefined" if estimate.undefined else ""
    return f"{estimate.value:z.0%}{_interval(estimate, 'z.0%')}{undefined}"


def share_cell(estimate: Estimate, digits: int = 0) -> str:
    """Return "94% [88%, 97%], n=120", with so many digits behind the point."""
    if estimate.value is None:
        return EMPTY
    form = f".{digits}%"
    return f"{estimate.value:{form}}{_interval(estimate, form)}, n={estimate.n}"


def _interval(estimate: Estimate, form: str) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f" [{estimate.low:{form}}, {estimate.high:{form}}]"
