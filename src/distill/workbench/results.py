"""The page *Results*: the verdict, all summaries of each test interaction, tables and plots."""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import chain
from pathlib import Path

import streamlit as st

from distill import paths, records
from distill.params.arf import Params
from distill.people import annotations
from distill.records import Row
from distill.report import plots
from distill.report.arf import words
from distill.report.page import read_verdict, verdict_html
from distill.workbench import frame, markup
from distill.workbench.stamps import stamp

VERDICT = paths.METRICS / "verdict.json"
ALL = "all"
TABLES = (
    *("table2", "table4", "table1", "table3", "errors", "cascade", "agreement"),
    *("cost", "privacy", "rows"),
)
BY_SYSTEMS, BY_EXPERTS = "disagreement between systems", "disagreement between judge and experts"
BY_ID = "by id"
CELL = re.compile(r"(?<=\| )[a-z_]+(?= \|)")  # of a table, where it may be an error's code
PLOTS = {name: paths.METRICS / f"plots/{name}.csv" for name in ("ratings", "errors", "curves")}
PLOTS["calibration"] = paths.CALIBRATION

ExpertRatings = Mapping[str, Mapping[str, Sequence[int]]]  # id -> system -> ratings


@dataclass
class Item:
    """A test interaction with each system's summary and the judge's rating of it."""

    id: str
    channel: str
    text: str
    summaries: dict[str, str] = field(default_factory=dict)
    judged: dict[str, Row] = field(default_factory=dict)

    def spread(self) -> float:
        """Return the range of the judge's ratings of the systems."""
        found = [row["rating"] for row in self.judged.values()]
        return max(found) - min(found) if found else 0

    def gap(self, experts: ExpertRatings) -> float:
        """Return the largest distance between judge and an expert; -1 where no expert rated."""
        gaps = [
            abs(self.judged[system]["rating"] - rating)
            for system, found in experts.get(self.id, {}).items()
            if system in self.judged
            for rating in found
        ]
        return max(gaps, default=-1)


def page(params: Params) -> None:
    """Show one of the parts, at first the verdict."""
    parts = {
        "Verdict": _conclusions,
        "Interactions": _interactions,
        "Tables": _tables,
        "Plots": _plots,
    }
    with frame.titled("Results"):
        parts[st.radio("Show", list(parts), horizontal=True)](params)


def _conclusions(params: Params) -> None:
    if not VERDICT.exists():
        st.info("`dvc repro report` writes the verdict.")
        return
    st.html(verdict_html(read_verdict(VERDICT)))
    _figures("ratings")


def _interactions(params: Params) -> None:
    systems = tuple(params.systems)
    folders = [(paths.predictions(name), paths.ratings(name)) for name in systems]
    items = _judged(systems, stamp(paths.split("test"), *chain.from_iterable(folders)))
    experts = _expert_ratings({item.id: item for item in items})
    left, right = st.columns(2)
    channel = left.selectbox("Channel", [ALL, *params.channels])
    order = right.selectbox("Order", [BY_SYSTEMS, BY_EXPERTS, BY_ID])
    shown = [item for item in items if channel in {ALL, item.channel}]
    if order == BY_SYSTEMS:
        shown.sort(key=Item.spread, reverse=True)
    if order == BY_EXPERTS:
        shown.sort(key=lambda item: item.gap(experts), reverse=True)
        if not experts:
            st.info("No expert has rated a system's summary yet.")
    if not shown:
        st.info("There are no test interactions.")
        return
    place = st.number_input(f"Interaction (of {len(shown):,})", 1, len(shown))
    _item(shown[place - 1], systems, experts)


@st.cache_resource(max_entries=1, show_spinner="Reading summaries and ratings")
def _judged(systems: Sequence[str], written: object) -> list[Item]:
    items = {
        row["id"]: Item(row["id"], row["channel"], row["input"])
        for row in records.read(paths.split("test"))
    }
    for system in systems:
        for row in records.read(paths.predictions(system)):
            if row["id"] in items:
                items[row["id"]].summaries[system] = row["output"]
        for row in records.read(paths.ratings(system)):
            if row["id"] in items:
                items[row["id"]].judged[system] = row
    return list(items.values())


def _expert_ratings(items: Mapping[str, Item]) -> ExpertRatings:
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in annotations.read():
        item = items.get(row["id"])
        summary = item and item.summaries.get(row["of"])
        if summary and row.get("rating") is not None and annotations.is_of(row, summary):
            found[row["id"]][row["of"]].append(row["rating"])
    return found


def _item(item: Item, systems: Sequence[str], experts: ExpertRatings) -> None:
    st.html(markup.block(f"<h3>{escape(item.id)}</h3>") + markup.text(item.text))
    left, right = st.columns(2)
    for number, system in enumerate(systems):
        with (right if number % 2 else left).container(border=True):
            rated = experts.get(item.id, {}).get(system, [])
            st.html(markup.block(_verdict(system, item.judged.get(system), rated)))
            summary = item.summaries.get(system)
            st.html(markup.block("no summary") if summary is None else markup.points(summary))


def _verdict(system: str, judged: Row | None, experts: Sequence[int]) -> str:
    parts = [f"<b>{escape(system)}</b>: "]
    parts.append("not judged" if judged is None else f"judge <b>{judged['rating']:g}</b>")
    if experts:
        parts.append(f", experts <b>{', '.join(map(str, experts))}</b>")
    if judged is not None:
        errors = [f"{words.of(error['code'])}: {error['quote']}" for error in judged["errors"]]
        lines = [*(errors or ["no errors"]), judged.get("reason", "")]
        parts += [f"<br>{escape(line)}" for line in lines if line]
    return "".join(parts)


def _tables(params: Params) -> None:
    pages = [paths.METRICS / f"{name}.md" for name in TABLES]
    texts = {page: page.read_text(encoding="utf-8") for page in pages if page.exists()}
    if not texts:
        st.info("`dvc repro report` makes the tables.")
        return
    shown = st.selectbox("Table", list(texts), format_func=lambda page: _title(texts[page]))
    text = CELL.sub(lambda cell: words.of(cell[0]), texts[shown])
    st.markdown(text.replace("$", r"\$"))  # Streamlit sets what stands between dollars


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _plots(params: Params) -> None:
    if not sum([_figures(name) for name in PLOTS]):
        st.info("`dvc repro report` makes the plots.")


def _figures(name: str) -> int:
    """Show the figures of one plot, error codes in words; return how many there are."""
    rows = [
        row | {"code": words.of(str(row["code"]))} if "code" in row else row
        for row in _csv(PLOTS[name])
    ]
    figures = plots.figures(name, rows)
    for figure in figures:
        st.caption(figure.caption)
        st.vega_lite_chart(figure.spec, width="content")
    return len(figures)


def _csv(file: Path) -> list[Row]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [{key: _cell(cell) for key, cell in row.items()} for row in csv.DictReader(lines)]


def _cell(cell: str) -> str | float | None:
    """Return a number where the cell is one, None where it is empty."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell
