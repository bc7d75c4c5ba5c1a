"""The page *Revisions*: what an edit took away and put in, and whether people call it good.

A mark is saved at once, to data/marks/<annotator>.jsonl; Table 3 counts it with the next report.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import streamlit as st

from distill import paths, records
from distill.errors import DistillError
from distill.params.arf import Params
from distill.people import edit_verdicts
from distill.records import Row
from distill.report.arf.table3 import OVERALL, TITLES
from distill.stats.intervals import Estimate
from distill.stats.tables import Table, share_cell
from distill.workbench import markup
from distill.workbench.stamps import stamp

AT_ONCE = 20  # edits of one page
ALL, ACCEPTED, REFUSED = "all", "accepted", "refused"
UNMARKED, GOOD, BAD = "not marked by me", "good by me", "bad by me"
ANNOTATOR = "annotator"  # where the session and the URL keep the name
MARKER = "marker"  # its widget


class Edit(NamedTuple):
    """One edit of one row; `reason` says why the guard refused it."""

    key: edit_verdicts.Edit
    channel: str
    text: str
    code: str
    before: str
    after: str
    accepted: bool
    reason: str

    @property
    def id(self) -> str:
        """The row's."""
        return self.key[1]

    @property
    def verdicts(self) -> list[str]:
        """What the guard says, and more closely."""
        return [ACCEPTED] if self.accepted else [REFUSED, f"{REFUSED}: {self.reason}"]


def page(params: Params) -> None:
    """Show the edits of a revision that is chosen, a page at a time."""
    st.html(markup.STYLE)
    st.title("Revisions")
    try:
        _page(params)
    except DistillError as error:
        st.error("This cannot be shown.")
        st.text(str(error))


def _page(params: Params) -> None:
    if not params.revisions:
        st.info("params.yaml names no revisions.")
        return
    left, right = st.columns(2)
    version = left.selectbox(
        "Version",
        list(params.revisions),
        format_func=lambda name: f"{name}, from {params.revisions[name].parent}",
    )
    with right:
        annotator = _annotator()
    edits = _edits(version, stamp(paths.dataset(version)))
    own = edit_verdicts.of_annotator(annotator) if annotator else {}
    _rates(version)
    _counts(edits)
    shown = _filtered(edits, own)
    first = _first(len(shown))
    for edit in shown[first : first + AT_ONCE]:
        with st.container(border=True):
            _edit(edit)
            if annotator:
                _mark(edit, annotator, own.get(edit.key, {}))


@st.cache_resource(max_entries=2, show_spinner="Reading the edits")
def _edits(version: str, written: object) -> list[Edit]:
    return [
        Edit(edit_verdicts.of_edit(version, row["id"], edit), row["channel"], row["input"], **edit)
        for row in records.read(paths.dataset(version))
        for edit in row["edits"]
    ]


def _annotator() -> str:
    known = st.query_params.get(ANNOTATOR) or st.session_state.get(ANNOTATOR, "")
    st.session_state.setdefault(MARKER, known)
    name = st.text_input("Your name, to mark edits", key=MARKER).strip()
    if name and not paths.NAME.fullmatch(name):
        st.warning("A name is made of a-z, 0-9, - and _.")
        return ""
    st.session_state[ANNOTATOR] = name
    return name


def _rates(version: str) -> None:
    """Table 3's lines of the version, as the last report wrote them."""
    file = paths.METRICS / "table3.csv"
    if not file.exists():
        st.info("Success rates are there after `dvc repro report`.")
        return
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["version"] == version]
    channels = Counter((row["measure"], row["code"]) for row in rows)
    header = ["Success (Table 3)", "Error", "Channel", "Success", "Harm", "Refused"]
    cells = [
        [
            TITLES[row["measure"]],
            row["code"],
            row["channel"],
            share_cell(_estimate(row, "success", "low", "high", "n")),
            share_cell(_estimate(row, "harm", "harm_low", "harm_high", "harm_n")),
            row["refused"],
        ]
        for row in rows
        if row["channel"] != OVERALL or channels[row["measure"], row["code"]] > 2
    ]
    st.html(markup.table(Table("", header, cells)))


def _estimate(row: Mapping[str, str], *names: str) -> Estimate:
    value, low, high = (float(row[name]) if row[name] else None for name in names[:3])
    return Estimate(value, low, high, int(row[names[3]]))


def _counts(edits: Sequence[Edit]) -> None:
    """The guard's verdicts beside people's."""
    said = edit_verdicts.load()
    lines = []
    for name in (ACCEPTED, REFUSED):
        group = [edit for edit in edits if name in edit.verdicts]
        people = Counter(said.get(edit.key) for edit in group)
        unchanged = sum(edit.before == edit.after for edit in group)
        lines.append([name, len(group), unchanged, people[True], people[False]])
    header = ["Guard", "Edits", "Unchanged", "Good by people", "Bad by people"]
    st.html(markup.table(Table("", header, [[str(cell) for cell in line] for line in lines])))


def _filtered(edits: Sequence[Edit], own: Mapping[edit_verdicts.Edit, Row]) -> list[Edit]:
    """The edits that the choices above the list leave."""

    def marked(edit: Edit) -> str:
        row = own.get(edit.key)
        return UNMARKED if row is None else GOOD if row["good"] else BAD

    one, two, three, four = st.columns(4)
    channel = one.selectbox("Channel", [ALL, *dict.fromkeys(edit.channel for edit in edits)])
    code = two.selectbox("Error", [ALL, *dict.fromkeys(edit.code for edit in edits)])
    counts = Counter(verdict for edit in edits for verdict in edit.verdicts)
    verdict = three.selectbox(
        "Guard",
        [ALL, *sorted(counts)],
        format_func=lambda name: name if name == ALL else f"{name} ({counts[name]})",
    )
    mark = four.selectbox("Mark", [ALL, UNMARKED, GOOD, BAD])
    unchanged = st.toggle("Also edits that changed nothing")
    return [
        edit
        for edit in edits
        if channel in {ALL, edit.channel}
        and code in {ALL, edit.code}
        and verdict in {ALL, *edit.verdicts}
        and (unchanged or edit.before != edit.after)
        and mark in {ALL, marked(edit)}
    ]


def _first(count: int) -> int:
    """The place of the first edit of the page that is chosen."""
    pages = max(1, -(-count // AT_ONCE))
    number = st.number_input(f"Page (of {pages:,}; edits: {count:,})", 1, pages)
    return (number - 1) * AT_ONCE


def _edit(edit: Edit) -> None:
    """One element of the page: each one more takes the browser time."""
    st.html(
        markup.block(
            f"<b>{escape(edit.id)}</b> {escape(edit.channel)}, {escape(edit.code)}:"
            f" <b>{escape(edit.verdicts[-1])}</b>"
        )
        + markup.difference(edit.before, edit.after)
        + f"<details><summary>Interaction</summary>{markup.text(edit.text)}</details>"
    )


def _mark(edit: Edit, annotator: str, saved: Row) -> None:
    """Two choices and a note; what is chosen is saved at once."""
    version, row_id, code, digest = edit.key
    key = " ".join([annotator, *edit.key])
    chosen, noted = f"good {key}", f"note {key}"

    def save() -> None:
        good = st.session_state.get(chosen)
        if good is not None:
            row = {"id": row_id, "of": version, "code": code, "good": good == "good"}
            note = st.session_state.get(noted, "")
            edit_verdicts.put(annotator, {**row, "note": note, "digest": digest})

    st.radio(
        "This edit is",
        ["good", "bad"],
        index=None if not saved else 0 if saved["good"] else 1,
        key=chosen,
        horizontal=True,
        on_change=save,
    )
    st.text_input("Note", saved.get("note", ""), key=noted, on_change=save)
