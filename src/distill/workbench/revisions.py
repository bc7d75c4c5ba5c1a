"""The page *Revisions*: every edit word by word, and the experts' verdicts on it.

A verdict is saved at once to data/edit_verdicts/<annotator>.jsonl; Table 3 counts it with the next
report.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from sys import intern
from typing import NamedTuple

import streamlit as st

from distill import paths, records
from distill.params.arf import Params
from distill.people import edit_verdicts
from distill.records import Row
from distill.report.arf import words
from distill.report.arf.table3 import OVERALL, TITLES
from distill.stats.intervals import Estimate
from distill.stats.tables import Table, share_cell
from distill.workbench import frame, markup
from distill.workbench.stamps import stamp

KEYS = (Path(__file__).parent / "revisions.js").read_text(encoding="utf-8")
AT_ONCE = 20  # edits of one page
ALL, ACCEPTED, REFUSED = "all", "accepted", "refused"
OPEN, GOOD, BAD = "without my verdict", "good by me", "bad by me"
ANNOTATOR = "annotator"  # key of the name in the session and the URL
NAME_FIELD = "annotator-name"  # key of its widget


class Place(NamedTuple):
    """Where an edit stands: a shard, the offset of a row's line there, a number among its edits."""

    shard: Path
    line: int
    number: int


class Edit(NamedTuple):
    """One edit of one row, without its texts, which are in memory only while they are shown.

    `changed`: the edit is not the text that it was given; `reason`: the guard's for a refusal.
    """

    key: edit_verdicts.Edit
    channel: str
    changed: bool
    accepted: bool
    reason: str
    place: Place

    @property
    def code(self) -> str:
        """Return the error that the edit is to repair."""
        return self.key[2]

    @property
    def guard_verdicts(self) -> list[str]:
        """Return the guard's verdict, and with it its reason for a refusal."""
        return [ACCEPTED] if self.accepted else [REFUSED, f"{REFUSED}: {self.reason}"]


def page(params: Params) -> None:
    """Show the edits of the chosen revision, page by page."""
    with frame.titled("Revisions"):
        _page(params)


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
    shown = _filtered(edits, own)
    first = _first(len(shown))
    listed = shown[first : first + AT_ONCE]
    _list(listed, annotator, own)
    with st.expander("Success rates and verdicts"):
        _rates(version)
        _counts(edits)
    st.html(f"<script>{KEYS}</script>", unsafe_allow_javascript=True)


def _list(edits: Sequence[Edit], annotator: str, own: Mapping[edit_verdicts.Edit, Row]) -> None:
    """Show edits; the keys y and n are for the first one without a verdict."""
    following = next((edit for edit in edits if edit.key not in own), None)
    for place, edit in enumerate(edits):
        with st.container(border=True, key=f"edit-{place}"):
            _edit(edit)
            if annotator:
                if edit is following:
                    st.caption("`y` good, `n` bad")
                _verdict(edit, annotator, own.get(edit.key, {}))


@st.cache_resource(max_entries=2, show_spinner="Reading the edits")
def _edits(version: str, written: object) -> list[Edit]:
    return indexed(version)


def indexed(version: str) -> list[Edit]:
    """Return all edits of a revision; raises InputError where it cannot be read."""
    return [
        _without_texts(version, row, Place(shard, line, number))
        for shard in records.files(paths.dataset(version))
        for line, row in records.read_places(shard)
        for number in range(len(row["edits"]))
    ]


def _without_texts(version: str, row: Row, place: Place) -> Edit:
    edit = row["edits"][place.number]
    return Edit(
        edit_verdicts.of_edit(version, row["id"], {**edit, "code": intern(edit["code"])}),
        intern(row["channel"]),
        edit["before"] != edit["after"],
        edit["accepted"],
        intern(edit["reason"]),
        place,
    )


def _annotator() -> str:
    known = st.query_params.get(ANNOTATOR) or st.session_state.get(ANNOTATOR, "")
    st.session_state.setdefault(NAME_FIELD, known)
    name = st.text_input("Your name, to judge edits", key=NAME_FIELD).strip()
    if name and not paths.NAME.fullmatch(name):
        st.warning("A name is made of a-z, 0-9, - and _.")
        return ""
    st.session_state[ANNOTATOR] = name
    return name


def _rates(version: str) -> None:
    """Show the version's lines of Table 3, as the last report wrote them."""
    file = paths.METRICS / "table3.csv"
    if not file.exists():
        st.info("`dvc repro report` writes the success rates.")
        return
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["version"] == version]
    channels = Counter((row["measure"], row["code"]) for row in rows)
    header = ["Measure", "Error", "Channel", "Success", "Harm", "Refused"]
    cells = [
        [
            TITLES[row["measure"]],
            words.of(row["code"]),
            row["channel"],
            share_cell(_estimate(row, "success", "low", "high", "n")),
            share_cell(_estimate(row, "harm", "harm_low", "harm_high", "harm_n")),
            row["refused"],
        ]
        for row in rows
        if row["channel"] != OVERALL or channels[row["measure"], row["code"]] > 2
    ]
    st.markdown(Table("Success rates (Table 3)", header, cells).markdown())


def _estimate(row: Mapping[str, str], *names: str) -> Estimate:
    value, low, high = (float(row[name]) if row[name] else None for name in names[:3])
    return Estimate(value, low, high, int(row[names[3]]))


def _counts(edits: Sequence[Edit]) -> None:
    """Show the guard's verdicts with the experts' verdicts."""
    verdicts = edit_verdicts.load()
    lines = []
    for name in (ACCEPTED, REFUSED):
        group = [edit for edit in edits if name in edit.guard_verdicts]
        experts = Counter(verdicts.get(edit.key) for edit in group)
        unchanged = sum(not edit.changed for edit in group)
        lines.append([name, len(group), unchanged, experts[True], experts[False]])
    header = ["Guard", "Edits", "Unchanged", "Good by experts", "Bad by experts"]
    cells = [[str(cell) for cell in line] for line in lines]
    st.markdown(Table("Verdicts", header, cells).markdown())


def _filtered(edits: Sequence[Edit], own: Mapping[edit_verdicts.Edit, Row]) -> list[Edit]:
    """Return the edits that pass the filters above the list."""

    def own_verdict(edit: Edit) -> str:
        row = own.get(edit.key)
        return OPEN if row is None else GOOD if row["good"] else BAD

    with st.container(key="filters"):
        one, two, three, four = st.columns(4)
    channel = one.selectbox("Channel", [ALL, *dict.fromkeys(edit.channel for edit in edits)])
    code = two.selectbox(
        "Error", [ALL, *dict.fromkeys(edit.code for edit in edits)], format_func=words.of
    )
    counts = Counter(verdict for edit in edits for verdict in edit.guard_verdicts)
    by_guard = three.selectbox(
        "Guard",
        [ALL, *sorted(counts)],
        format_func=lambda name: name if name == ALL else f"{name} ({counts[name]})",
    )
    by_me = four.selectbox("My verdict", [ALL, OPEN, GOOD, BAD])
    with_unchanged = st.toggle("Include edits that changed nothing")
    return [
        edit
        for edit in edits
        if channel in {ALL, edit.channel}
        and code in {ALL, edit.code}
        and by_guard in {ALL, *edit.guard_verdicts}
        and (with_unchanged or edit.changed)
        and by_me in {ALL, own_verdict(edit)}
    ]


def _first(count: int) -> int:
    """Return the index of the first edit of the chosen page."""
    pages = max(1, -(-count // AT_ONCE))
    number = st.number_input(f"Page (of {pages:,}; edits: {count:,})", 1, pages)
    return (number - 1) * AT_ONCE


def _edit(edit: Edit) -> None:
    """Show an edit as one element of the page: each further one takes the browser time."""
    row = records.read_at(edit.place.shard, edit.place.line)
    shown = row["edits"][edit.place.number]
    st.html(
        markup.block(
            f"<b>{escape(row['id'])}</b> {escape(edit.channel)}, {escape(words.of(edit.code))}:"
            f" <b>{escape(edit.guard_verdicts[-1])}</b>"
        )
        + markup.difference(shown["before"], shown["after"])
        + f"<details><summary>Interaction</summary>{markup.text(row['input'])}</details>"
    )


def _verdict(edit: Edit, annotator: str, saved: Row) -> None:
    """Show two choices and a note, saved at once."""
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
