"""The pages of the report: a Markdown file each, and all of them as one metrics/report.html.

The HTML page needs no network.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from distill.report import plots
from distill.stats import tables
from distill.stats.tables import Bold, Table

_FOLDER = Path(__file__).parent


class Section(NamedTuple):
    """A page of metrics/<name>.md and a section of report.html, where the figures are as well.

    Title and note are plain text; `listing` is a block of code below the tables.
    """

    name: str
    title: str
    note: str = ""
    tables: Sequence[Table] = ()
    figures: Sequence[plots.Figure] = ()
    listing: Sequence[str] = ()

    def markdown(self) -> str:
        """Return the section without its figures."""
        page = tables.markdown(self.title, self.tables, self.note)
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


def html(
    title: str, sections: Sequence[Section], samples: Sequence[Sample], samples_note: str
) -> str:
    """Return report.html; everything that comes from data is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["svg"] = lambda spec: Markup(plots.svg(spec))  # escaped by Vega
    environment.tests["bold"] = lambda cell: isinstance(cell, Bold)
    return environment.get_template("page.html").render(
        title=title, sections=sections, samples=samples, samples_note=samples_note
    )
