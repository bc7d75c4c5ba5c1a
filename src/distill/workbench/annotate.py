"""The page *Annotate*: experts rate summaries and tick their errors.

The page hides which version or system wrote a summary. Next saves a row. Customers' text is always
escaped and never read as HTML or Markdown.
"""

import html
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from distill import paths
from distill.errors import DistillError
from distill.params.arf import Params
from distill.people import annotations, queues
from distill.people.queues import Item, Queue, Sampling
from distill.records import Row
from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.checks.case import Case
from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import entities
from distill.workbench.stamps import stamp

RUBRIC = {  # the scale of the paper, section 4
    1: "many errors, or one that misleads",
    2: "one or two errors",
    3: "a single minor error",
    4: "no distinct error, but could be tighter",
    5: "no error at all",
}
LETTERS = "acdefghijklmopqrtvwxyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # without b, n, s, u
KEYS = (Path(__file__).parent / "keys.js").read_text(encoding="utf-8")
STYLE = (Path(__file__).parent / "annotate.css").read_text(encoding="utf-8")

Draft = dict[str, Any]  # unsaved rating, codes and note


@dataclass
class Step:
    """A step that `undo` reverts: a saved annotation or a skip."""

    id: str
    before: Row | None
    skipped: bool = False


@dataclass
class Desk:
    """One browser's state; `turn` counts its steps and is part of the widgets' keys."""

    annotator: str
    turn: int = 0
    open: str | None = None
    skipped: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Sheet:
    """The state that the page was drawn from: `item` is None at the end of the queue."""

    of: str
    desk: Desk
    queue: Queue
    item: Item | None
    turn: int


def page(params: Params) -> None:
    """Show one row of the expert's queue with its form."""
    st.html(f"<style>{STYLE}</style>")
    annotator = _annotator()
    if not annotator:
        return
    desk = _desk(annotator)
    try:
        queue = _queue(_sampling(params), annotator)
    except DistillError as error:
        _say(str(error))
        return
    item = _open(desk, queue)
    _progress(desk, queue, item)
    if desk.problem:
        _say(desk.problem)
    if item is None:
        st.success("Every row of your queue is annotated. Thank you!")
    else:
        _show(item)
    _form(Sheet(params.annotation.of, desk, queue, item, desk.turn))
    st.html(f"<script>{KEYS}</script>", unsafe_allow_javascript=True)


def _annotator() -> str:
    """Return the annotator's name, from the URL or from a form; "" until there is one."""
    name = st.query_params.get("annotator") or st.session_state.get("annotator", "")
    if paths.NAME.fullmatch(name):
        st.session_state["annotator"] = st.query_params["annotator"] = name
        return str(name)
    st.markdown("#### Who annotates?")
    with st.form("who", border=False):
        given = st.text_input("Your name", help="Names your file in data/annotations.")
        if st.form_submit_button("Start", type="primary"):
            slug = re.sub(r"[^a-z0-9_-]+", "-", given.strip().lower()).strip("-_")
            if slug:
                st.query_params["annotator"] = slug
                st.rerun()
            _say("Write a name with letters from a to z or digits.")
    return ""


def _desk(annotator: str) -> Desk:
    desk: Desk | None = st.session_state.get("desk")
    if desk is None or desk.annotator != annotator:
        desk = st.session_state["desk"] = Desk(annotator)
    return desk


def _sampling(params: Params) -> Sampling:
    return Sampling(
        params.annotation,
        params.annotation.of in params.versions,
        {name: sizes.audit for name, sizes in params.split.sizes.items()},
        params.seed,
    )


def _queue(sampling: Sampling, annotator: str) -> Queue:
    items = _items(stamp(*queues.sources(sampling)), repr(sampling), sampling)
    return queues.queue(sampling, items, annotator, annotations.read())


@st.cache_resource(max_entries=2, show_spinner=False)
def _items(files: object, settings: str, _sampling: Sampling) -> list[Item]:
    """Return the sample; it is read again where a file or a setting has changed."""
    return queues.load(_sampling)


def _open(desk: Desk, queue: Queue) -> Item | None:
    """Return the row to show: the open one, else the next one, else a skipped one."""
    if desk.open not in queue.items:
        waiting = [row_id for row_id in queue.open if row_id not in desk.skipped]
        again = [row_id for row_id in desk.skipped if row_id in queue.open]
        desk.open = next(iter([*waiting, *again]), None)
    return queue.items[desk.open] if desk.open else None


def _progress(desk: Desk, queue: Queue, item: Item | None) -> None:
    status = f"{queue.done} of {queue.total} done, {len(queue.own)} by you"
    if desk.skipped:
        status += f", {len(desk.skipped)} skipped"
    if item and item.source == annotations.FEEDBACK:
        status += " · from feedback"
    if item and item.id in queue.own:
        status += " · annotated before"
    st.progress(queue.done / queue.total if queue.total else 0.0)
    row = f" · {html.escape(item.id)}" if item else ""
    st.html(
        f'<div id="distill-desk" data-turn="{desk.turn}" data-letters="{LETTERS}"'
        f' data-codes="{len(_choices(item)) if item else 0}">'
        f"<b>{html.escape(desk.annotator)}</b> · {status}{row}</div>"
    )


def _say(problem: str) -> None:
    """Show a message as plain text."""
    st.html(f'<div class="distill-problem" role="alert">{html.escape(problem)}</div>')


def _show(item: Item) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown("##### Interaction")
        st.html(f'<div class="distill-text" tabindex="0">{html.escape(item.text)}</div>')
    with right:
        st.markdown("##### Summary")
        st.html(f'<div class="distill-text" tabindex="0">{summary(item.summary, item.text)}</div>')


def summary(written: str, text: str) -> str:
    """Return a summary as escaped HTML; one that is not one closed list becomes plain text.

    Identifiers and figures that do not occur in the interaction are highlighted.
    """
    try:
        points = bullets(written)
    except ValueError:
        return _highlighted(written, text)
    return f"<ul>{''.join(f'<li>{_highlighted(point, text)}</li>' for point in points)}</ul>"


def _highlighted(point: str, text: str) -> str:
    known = Case((point,), text).text_keys
    parts, at = [], 0
    for found in entities.find(point):
        word = rf"(?<!\w){re.escape(found.value)}(?!\w)"
        if found.key not in known and not re.search(word, text, re.IGNORECASE):
            parts += [html.escape(point[at : found.start])]
            parts += [f'<mark title="not in the interaction">{html.escape(found.value)}</mark>']
            at = found.start + len(found.value)
    return "".join([*parts, html.escape(point[at:])])


def _form(sheet: Sheet) -> None:
    """Show the widgets as one form: nothing is sent before a button is pressed."""
    desk, queue, item = sheet.desk, sheet.queue, sheet.item
    with st.form(f"row-{desk.turn}", border=False):
        if item:
            draft = _draft(desk, queue, item)
            with st.container(key="rating"):
                st.radio(
                    "Rating",
                    list(RUBRIC),
                    index=draft["rating"] - 1 if draft["rating"] else None,
                    captions=list(RUBRIC.values()),
                    horizontal=True,
                    key=f"{desk.turn}-rating",
                )
        with st.container(key="steps", horizontal=True):
            act = partial(_act, sheet)
            for name, label, disabled in (
                ("next", "Save, next `n` `⏎`", item is None),
                ("back", "Back `b`", not _earlier(queue, item)),
                ("skip", "Skip `s`", item is None),
                ("undo", "Undo `u`", not desk.steps),
            ):
                st.form_submit_button(
                    label,
                    key=f"step-{name}",
                    type="primary" if name == "next" else "secondary",
                    disabled=disabled,
                    on_click=act,
                    args=(name,),
                )
        if item:
            with st.container(key="note"):
                st.text_input("Note `/`", value=draft["note"], key=f"{desk.turn}-note")
            _codes(desk, item, draft)


def _codes(desk: Desk, item: Item, draft: Draft) -> None:
    groups: dict[str, list[tuple[str, taxonomy.Code]]] = {}
    for place, code in enumerate(_choices(item)):
        letter = LETTERS[place] if place < len(LETTERS) else ""
        groups.setdefault(code.group, []).append((letter, code))
    with st.container(key="codes"):
        for group, choices in groups.items():
            with st.container(key=f"group-{group}"):
                st.markdown(f"**{group.replace('_', ' ')}**")
                for letter, code in choices:
                    st.checkbox(
                        f"`{letter}` {code.code.replace('_', ' ')}",
                        value=code.code in draft["codes"],
                        key=f"{desk.turn}-{code.code}",
                        help=f"{code.definition} *{code.severity}*: {code.example}",
                    )


def _choices(item: Item) -> list[taxonomy.Code]:
    return [code for code in taxonomy.load().values() if code.applies_to(item.channel)]


def _draft(desk: Desk, queue: Queue, item: Item) -> Draft:
    """Return the row's unsaved input, else what was saved, else nothing."""
    saved = desk.drafts.get(item.id) or queue.own.get(item.id) or {}
    return {
        "rating": saved.get("rating"),
        "codes": saved.get("codes", []),
        "note": saved.get("note", ""),
    }


def _act(sheet: Sheet, name: str) -> None:
    """Do a button's action; a second press of the same button is ignored."""
    desk, item = sheet.desk, sheet.item
    if sheet.turn != desk.turn:
        return
    desk.problem = ""
    if item:
        desk.drafts[item.id] = _input(desk, item)
    try:
        if name == "next" and item:
            _save(sheet, item)
        elif name == "skip" and item:
            _skip(desk, item)
        elif name == "back":
            desk.open = _earlier(sheet.queue, item)
        elif name == "undo" and desk.steps:
            _undo(sheet)
    except (DistillError, OSError) as error:
        desk.problem = str(error)
    desk.turn += 1


def _input(desk: Desk, item: Item) -> Draft:
    state = st.session_state
    return {
        "rating": state[f"{desk.turn}-rating"],
        "codes": [code.code for code in _choices(item) if state[f"{desk.turn}-{code.code}"]],
        "note": state[f"{desk.turn}-note"].strip(),
    }


def _save(sheet: Sheet, item: Item) -> None:
    desk = sheet.desk
    draft = desk.drafts[item.id]
    if draft["rating"] is None:
        desk.problem = "Rate the summary first: 1 to 5."
        return
    row = {"id": item.id, "of": sheet.of, **draft}
    row |= {"digest": annotations.digest(item.summary)}
    annotations.put(desk.annotator, row | ({"source": item.source} if item.source else {}))
    desk.steps.append(Step(item.id, _line(sheet.queue.own.get(item.id))))
    _leave(desk, item)


def _skip(desk: Desk, item: Item) -> None:
    _leave(desk, item)
    desk.skipped.append(item.id)
    desk.steps.append(Step(item.id, None, skipped=True))


def _leave(desk: Desk, item: Item) -> None:
    desk.drafts.pop(item.id, None)
    desk.skipped = [row_id for row_id in desk.skipped if row_id != item.id]
    desk.open = None


def _undo(sheet: Sheet) -> None:
    """Revert the last step and open its row; a first annotation stays on the page as a draft."""
    desk = sheet.desk
    step = desk.steps[-1]
    desk.drafts.pop(step.id, None)
    if step.skipped:
        desk.skipped = [row_id for row_id in desk.skipped if row_id != step.id]
    elif step.before is None:
        annotations.drop(desk.annotator, step.id, sheet.of)
        desk.drafts[step.id] = sheet.queue.own.get(step.id, {})
    else:
        annotations.put(desk.annotator, step.before)
    desk.steps.pop()
    desk.open = step.id


def _line(annotation: Row | None) -> Row | None:
    """Return the annotation without the keys that reading adds."""
    added = ("annotator", "where")
    return annotation and {key: annotation[key] for key in annotation if key not in added}


def _earlier(queue: Queue, item: Item | None) -> str | None:
    """Return the row annotated before this one; of an open row, the last one annotated."""
    own = list(queue.own)
    if item and item.id in queue.own:
        own = own[: own.index(item.id)]
    return own[-1] if own else None
