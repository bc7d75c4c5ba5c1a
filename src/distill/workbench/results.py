"""The page *Results*: metrics/ as tables and plots, and each test interaction's summaries."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import chain

import streamlit as st

from distill import paths, records
from distill.errors import DistillError
from distill.params.arf import Params
from distill.people import annotations
from distill.records import Row
from distill.report import plots, ratings
from distill.stats import tables
from distill.workbench import markup
from distill.workbench.stamps import stamp

ALL = "all"
TABLES = ("table2", "table4", "table1", "table3", "errors", "cascade", "cost", "privacy", "rows")
BY_SYSTEMS, BY_PEOPLE = "disagreement between systems", "disagreement between judge and people"
AS_THEY_COME = "as they come"

People = Mapping[str, Mapping[str, Sequence[int]]]  # id -> system -> ratings


@dataclass
class Item:
    """A test interaction, with each system's summary and what the judge says of it."""

    id: str
    channel: str
    text: str
    summaries: dict[str, str] = field(default_factory=dict)
    judged: dict[str, Row] = field(default_factory=dict)

    def spread(self) -> float:
        """Return how far apart the judge's ratings of the systems are."""
        found = [row["rating"] for row in self.judged.values()]
        return max(found) - min(found) if found else 0

    def gap(self, people: People) -> float:
        """Return how far at most the judge is from a person; -1 where no person rated."""
        gaps = [
            abs(self.judged[system]["rating"] - rating)
            for system, found in people.get(self.id, {}).items()
            if system in self.judged
            for rating in found
        ]
        return max(gaps, default=-1)


def page(params: Params) -> None:
    """Show one of the three parts."""
    st.html(markup.STYLE)
    st.title("Results")
    parts = {"Interactions": _interactions, "Tables": _tables, "Plots": _plots}
    try:
        parts[st.radio("Show", list(parts), horizontal=True)](params)
    except DistillError as error:
        st.error("This cannot be shown.")
        st.text(str(error))


def _interactions(params: Params) -> None:
    systems = tuple(params.systems)
    folders = [(paths.predictions(name), paths.ratings(name)) for name in systems]
    items = _judged(systems, stamp(paths.split("test"), *chain.from_iterable(folders)))
    people = _people({item.id: item for item in items})
    left, right = st.columns(2)
    channel = left.selectbox("Channel", [ALL, *params.channels])
    order = right.selectbox("Order", [BY_SYSTEMS, BY_PEOPLE, AS_THEY_COME])
    shown = [item for item in items if channel in {ALL, item.channel}]
    if order == BY_SYSTEMS:
        shown.sort(key=Item.spread, reverse=True)
    if order == BY_PEOPLE:
        shown.sort(key=lambda item: item.gap(people), reverse=True)
        if not people:
            st.info("No person has rated a system's summary yet.")
    if not shown:
        st.info("There are no test interactions.")
        return
    place = st.number_input(f"Interaction (of {len(shown):,})", 1, len(shown))
    _item(shown[place - 1], systems, people)


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


def _people(items: Mapping[str, Item]) -> People:
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in annotations.read():
        item = items.get(row["id"])
        told = item and item.summaries.get(row["of"])
        if told and row.get("rating") is not None and annotations.is_of(row, told):
            found[row["id"]][row["of"]].append(row["rating"])
    return found


def _item(item: Item, systems: Sequence[str], people: People) -> None:
    st.html(markup.block(f"<h3>{escape(item.id)}</h3>") + markup.text(item.text))
    left, right = st.columns(2)
    for number, system in enumerate(systems):
        with (right if number % 2 else left).container(border=True):
            rated = people.get(item.id, {}).get(system, [])
            st.html(markup.block(_verdict(system, item.judged.get(system), rated)))
            summary = item.summaries.get(system)
            st.html(markup.block("no summary") if summary is None else markup.points(summary))


def _verdict(system: str, judged: Row | None, people: Sequence[int]) -> str:
    parts = [f"<b>{escape(system)}</b>: "]
    parts.append("not judged" if judged is None else f"judge <b>{judged['rating']:g}</b>")
    if people:
        parts.append(f", people <b>{', '.join(map(str, people))}</b>")
    if judged is not None:
        parts.append(f"<br>{escape(', '.join(judged['codes']) or 'no errors')}")
        parts.append(f"<br>{escape(judged['reason'])}")
    return "".join(parts)


def _tables(params: Params) -> None:
    there = [name for name in TABLES if (paths.METRICS / f"{name}.md").exists()]
    if not there:
        st.info("`dvc repro report` makes the tables.")
        return
    titles = {name: tables.read_markdown(paths.METRICS / f"{name}.md") for name in there}
    name = st.selectbox("Table", there, format_func=lambda name: titles[name].title)
    title, note = escape(titles[name].title), escape(titles[name].note)
    st.html(markup.block(f"<h2>{title}</h2><p>{note}</p>"))
    for table in titles[name].tables:
        st.html(markup.block(f"<h3>{escape(table.title)}</h3>") + markup.table(table))


def _plots(params: Params) -> None:
    figures = [
        *plots.ratings(_csv("ratings"), ratings.MEASURES),
        *plots.errors(_csv("errors")),
        *plots.curves(_csv("curves")),
    ]
    if not figures:
        st.info("`dvc repro report` makes the plots.")
    columns = st.columns(2)
    for number, figure in enumerate(figures):
        columns[number % 2].html(markup.picture(figure))


def _csv(name: str) -> list[dict[str, str]]:
    file = paths.METRICS / "plots" / f"{name}.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
