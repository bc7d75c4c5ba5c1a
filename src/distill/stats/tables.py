"""Tables as Markdown for people and as CSV for programs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from distill.records import Row
from distill.stats.intervals import Estimate

EMPTY = "-"


@dataclass(frozen=True)
class Table:
    """One Markdown table below its title; cells are text already."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Return the table; "|" inside a cell is escaped."""
        body = [self.header, ["---"] * len(self.header), *self.rows]
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in body]
        if not self.rows:
            lines.append("| " + " | ".join([EMPTY] * len(self.header)) + " |")
        return "\n".join([f"## {self.title}", "", *lines, ""])


def write_markdown(path: Path, title: str, tables: Iterable[Table], note: str = "") -> None:
    """Write a page of tables with a note on how to read them."""
    parts = [f"# {title}", "", *([note, ""] if note else []), *(t.markdown() for t in tables)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Page:
    """What `write_markdown` wrote."""

    title: str
    note: str
    tables: Sequence[Table]


def read_markdown(path: Path) -> Page:
    """Return a page of tables; what is neither title, table nor a line of text is left out."""
    title, notes, found = "", [], []
    for part in path.read_text(encoding="utf-8").split("\n\n"):
        if part.startswith("# "):
            title = part.removeprefix("# ").strip()
        elif part.startswith("## "):
            found.append(Table(part.removeprefix("## ").strip(), [], []))
        elif part.startswith("| ") and found:
            header, _, *rows = (_split(line) for line in part.strip().splitlines())
            found[-1] = Table(found[-1].title, header, rows)
        elif part.strip() and not found:
            notes.append(part.strip())
    return Page(title, "\n".join(notes), [table for table in found if table.header])


def _split(line: str) -> list[str]:
    return [cell.replace("\\|", "|") for cell in line[2:-2].split(" | ")]


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
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def _number(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


def dollar_cell(dollars: float | None) -> str:
    """Return "$1,204.50", small amounts as "$0.0042", and "-" where nothing is known."""
    if dollars is None:
        return EMPTY
    return f"${dollars:,.2f}" if dollars >= 0.01 or not dollars else f"${dollars:.4f}"


def mean_cell(estimate: Estimate, mark: str = "") -> str:
    """Return "4.05* [3.91, 4.18], n=150"."""
    if estimate.value is None:
        return EMPTY
    return f"{estimate.value:.2f}{mark}{_interval(estimate, '.2f')}, n={estimate.n}"


def delta_cell(estimate: Estimate | None) -> str:
    """Return "+0.19 [0.05, 0.31], p=0.004"."""
    if estimate is None or estimate.value is None:
        return EMPTY
    p = "" if estimate.p is None else f", p={estimate.p:.2g}"
    return f"{estimate.value:+.2f}{_interval(estimate, '+.2f')}{p}"


def share_cell(estimate: Estimate) -> str:
    """Return "94% [88%, 97%], n=120"."""
    if estimate.value is None:
        return EMPTY
    return f"{estimate.value:.0%}{_interval(estimate, '.0%')}, n={estimate.n}"


def _interval(estimate: Estimate, form: str) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f" [{estimate.low:{form}}, {estimate.high:{form}}]"
