"""The page *Annotate*: experts rate summaries and tick their errors.

The page hides which version or system wrote a summary. Next saves a row. Customers' text is always
escaped and never read as HTML or Markdown.
"""

import html
import re
from pathlib import Path

import streamlit as st

from distill import paths
from distill.errors import DistillError
from distill.params.arf import Params
from distill.people import annotations, queues
from distill.people.queues import Item, Queue, Sampling
from distill.workbench.annotate.desk import LETTERS, Desk, Sheet, choices, opened
from distill.workbench.annotate.form import form
from distill.workbench.annotate.summary import summary
from distill.workbench.stamps import stamp

KEYS = (Path(__file__).parent / "keys.js").read_text(encoding="utf-8")
STYLE = (Path(__file__).parent / "annotate.css").read_text(encoding="utf-8")


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
    item = opened(desk, queue)
    _progress(desk, queue, item)
    if desk.problem:
        _say(desk.problem)
    if item is None:
        st.success("Every row of your queue is annotated. Thank you!")
    else:
        _show(item)
    form(Sheet(params.annotation.of, desk, queue, item, desk.turn))
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
        f' data-codes="{len(choices(item)) if item else 0}">'
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
