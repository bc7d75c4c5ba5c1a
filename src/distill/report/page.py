"""The pages of the report: a Markdown file each, and all of them as one metrics/report.html.

The HTML page needs no network. It opens with the verdict; what few readers need is folded.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from distill import records
from distill.errors import InputError
from distill.report import plots
from distill.stats import tables
from distill.stats.tables import EMPTY, Bold, Table

GOOD, BAD, OPEN = "good", "bad", "open"
JUDGE = "judge"  # the conclusion whose answer stands above every table of the judge's
_FOLDER = Path(__file__).parent
_NUMBER = re.compile(r"[-+<$]?\$?\d")


class Conclusion(NamedTuple):
    """The answer to one question, in a sentence, and the figures behind it.

    `tone`: GOOD, BAD or OPEN.
    """

    name: str
    question: str
    answer: str
    details: Sequence[str] = ()
    tone: str = OPEN


class Section(NamedTuple):
    """A page of metrics/<name>.md and a section of report.html, where the figures are as well.

    `title` is a question, `paper` the paper's table that answers it. All text is plain; `listing`
    is a block of code. In report.html `more`, `more_figures`, `listing` and `note` are folded, and
    a `folded` section as a whole. `empty` is what stands there instead where there is nothing.
    """

    name: str
    title: str
    paper: str = ""
    lead: str = ""
    note: str = ""
    tables: Sequence[Table] = ()
    figures: Sequence[plots.Figure] = ()
    more: Sequence[Table] = ()
    more_figures: Sequence[plots.Figure] = ()
    listing: Sequence[str] = ()
    folded: bool = False
    empty: str = ""

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to show."""
        some = [table for table in (*self.tables, *self.more) if table.rows]
        return not (some or self.figures or self.more_figures or self.listing)

    def markdown(self) -> str:
        """Return the section without its figures."""
        title = f"{self.title} ({self.paper})" if self.paper else self.title
        above = [self.lead, self.empty if self.is_empty else "", self.note]
        shown = [] if self.is_empty else [*self.tables, *self.more]
        page = tables.markdown(title, shown, "\n\n".join(text for text in above if text))
        if self.listing:
            page += "\n".join(["", "```yaml", *self.listing, "```", ""])
        return page


class Summary(NamedTuple):
    """One system's summary: its scores as a line, and its points (none where it is hidden)."""

    system: str
    scores: str
    points: list[str]


class Sample(NamedTuple):
    """A test interaction and its summaries; of real interactions the text is ""."""

    id: str
    text: str
    summaries: list[Summary]


class Page(NamedTuple):
    """The content of report.html: `about` is a line on its data, `names` are codes in words."""

    title: str
    about: str
    verdict: Sequence[Conclusion]
    sections: Sequence[Section]
    samples: Sequence[Sample]
    samples_note: str
    names: Mapping[str, str]

    def html(self) -> str:
        """Return report.html; everything that comes from data is escaped."""
        return _environment().get_template("page.html").render(self._asdict())


def write(
    folder: Path,
    title: str,
    about: str,
    drawn: Sequence[Conclusion],
    shown: Mapping[str, tuple[str, Sequence[Table], str]],
) -> None:
    """Write verdict.json, verdict.md and report.html of a method without samples.

    `shown` maps the names of sections to their title, tables and note.
    """
    write_verdict(folder, drawn)
    sections = [
        Section(name, head, tables=own, note=note) for name, (head, own, note) in shown.items()
    ]
    whole = Page(title, about, drawn, sections, [], "", {})
    records.write_text(folder / "report.html", whole.html())


def write_verdict(folder: Path, drawn: Sequence[Conclusion]) -> None:
    """Write verdict.json and verdict.md."""
    rows = [{**one._asdict(), "details": list(one.details)} for one in drawn]
    records.write_json(folder / "verdict.json", rows)
    records.write_text(folder / "verdict.md", verdict_markdown("Verdict", drawn))


def in_lines(found: Iterable[Conclusion]) -> list[str]:
    """Return the lines of a verdict for a terminal."""
    return [f"{one.question} {one.answer}" for one in found]


def verdict_html(found: Iterable[Conclusion]) -> str:
    """Return the verdict as a part of a page, with its style."""
    return _environment().get_template("verdict.html").render(verdict=list(found))


def read_verdict(path: Path) -> list[Conclusion]:
    """Return the conclusions of metrics/verdict.json; raises InputError where it cannot be read."""
    try:
        return [Conclusion(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); `dvc repro report` makes it"
        ) from error


def verdict_markdown(title: str, found: Iterable[Conclusion]) -> str:
    """Return metrics/verdict.md."""
    parts = [f"# {tables.escaped(title)}", ""]
    for one in found:
        parts += [f"## {tables.escaped(one.question)}", "", f"**{tables.escaped(one.answer)}**", ""]
        parts += [*(f"- {tables.escaped(line)}" for line in one.details), ""]
    return "\n".join(parts)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["svg"] = lambda spec: Markup(plots.svg(spec))  # escaped by Vega
    environment.filters["numeric"] = numeric
    environment.tests["bold"] = lambda cell: isinstance(cell, Bold)
    return environment


def numeric(table: Table) -> list[bool]:
    """Return of each column whether its cells are figures, which stand to the right."""
    columns: list[Any] = list(zip(*table.rows, strict=True)) or [()] * len(table.header)
    return [
        any(cell not in ("", EMPTY) for cell in column)
        and all(cell in ("", EMPTY) or _NUMBER.match(cell) for cell in column)
        for column in columns
    ]
