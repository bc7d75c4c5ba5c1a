"""The page *Annotate*: experts rate summaries and tick their errors.

The page hides which version or system wrote a summary. Next saves a row. Customers' text is always
escaped and never read as HTML or Markdown.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from distill import paths
from distill.errors import DistillError
from distill.params.arf import Params
from distill.people import annotations, queues
from distill.people.queues import Item, Queue, Sampling
from distill.tasks.summarize import taxonomy
from distill.workbench.annotate import frequent
from distill.workbench.annotate.desk import LETTERS, Desk, Sheet, choices, listed, opened
from distill.workbench.annotate.form import RUBRIC, form, meanings
from distill.workbench.annotate.summary import summary
from distill.workbench.stamps import stamp

KEYS = (Path(__file__).parent / "keys.js").read_text(encoding="utf-8")
STYLE = (Path(__file__).parent / "annotate.css").read_text(encoding="utf-8")
INTRODUCTION = """#### Annotate summaries

Read an interaction of a customer and its summary, and say how good the summary is for the next
agent, who reads nothing else. You are not told who wrote it. There are {rows} summaries; the first
{overlap} of each channel are for every expert, the others for one expert each. You can stop at any
time: each summary is saved at once.

1. **Rate it** with the keys `1` to `5`:
{scale}
2. **Tick its errors.** The most frequent ones have a letter, `.` searches the others. What the
   summary says and the interaction does not have is highlighted where it is a figure or a number.
3. **Save** with Enter or `n`. `p` goes back, `s` skips, `u` takes the last step back, `/` writes a
   note.
"""


def page(params: Params) -> None:
    """Show one row of the expert's queue with its form."""
    st.html(f"<style>{STYLE}</style>")
    annotator = _known()
    sampling = _sampling(params)
    try:
        items = _items(stamp(*queues.files(sampling)), repr(sampling), sampling)
        annotated = list(annotations.read())
        desk = _desk(annotator)
        if desk.counts is None:
            desk.counts = frequent.count(_versions(params))
    except DistillError as error:
        _say(str(error))
        return
    if not annotator:
        _introduce(len(items), params.annotation.overlap, queues.pending(sampling))
        return
    queue = queues.queue(sampling, items, annotator, annotated)
    item = opened(desk, queue)
    _progress(desk, queue, item)
    if desk.problem:
        _say(desk.problem)
    if item is None:
        st.success("Every row of your queue is annotated. Thank you!")
    else:
        _show(item)
    form(Sheet(desk, queue, item, desk.turn))
    if item:
        with st.expander("What the errors mean"):
            st.html(meanings(choices(item)))
    st.html(f"<script>{KEYS}</script>", unsafe_allow_javascript=True)


def _known() -> str:
    """Return the annotator's name from the URL or the session; "" where there is none."""
    name = st.query_params.get("annotator") or st.session_state.get("annotator", "")
    if not paths.NAME.fullmatch(name):
        return ""
    st.session_state["annotator"] = st.query_params["annotator"] = name
    return str(name)


def _introduce(rows: int, overlap: int, later: Sequence[str]) -> None:
    """Explain the task and ask for a name."""
    scale = "\n".join(
        f"   - **{rating}**: {meaning}" for rating, meaning in reversed(RUBRIC.items())
    )
    st.markdown(INTRODUCTION.format(rows=rows, overlap=overlap, scale=scale))
    if later:
        st.caption(
            f"No stage has written these yet; their summaries come later: {', '.join(later)}."
        )
    with st.form("who", border=False):
        given = st.text_input("Your name", help="Names your file in data/annotations.")
        if st.form_submit_button("Start", type="primary"):
            slug = re.sub(r"[^a-z0-9_-]+", "-", given.strip().lower()).strip("-_")
            if slug:
                st.query_params["annotator"] = slug
                st.rerun()
            _say("Write a name with letters from a to z or digits.")
    with st.expander("What the errors mean"):
        st.html(meanings(taxonomy.load().values()))


def _desk(annotator: str) -> Desk:
    desk: Desk | None = st.session_state.get("desk")
    if desk is None or desk.annotator != annotator:
        desk = st.session_state["desk"] = Desk(annotator)
    return desk


def _sampling(params: Params) -> Sampling:
    return Sampling(
        params.annotation,
        tuple(params.versions),
        {name: sizes.audit for name, sizes in params.split.sizes.items()},
        params.seed,
    )


def _versions(params: Params) -> list[str]:
    """Return the dataset versions whose findings tell which errors are frequent."""
    of = params.annotation.sources
    return [name for name in of if name in params.versions] or [paths.ORG]


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
    if item and item.key in queue.own:
        status += " · annotated before"
    st.progress(queue.done / queue.total if queue.total else 0.0)
    row = f" · {item.handle}" if item else ""
    st.html(
        f'<div id="distill-desk" data-turn="{desk.turn}" data-letters="{LETTERS}"'
        f' data-codes="{len(listed(desk, item)) if item else 0}">'
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
