"""The page *Try it*: one interaction, the systems' outputs side by side, the judge's errors.

A text that is pasted is anonymized before anybody is asked. Thumbs go to data/feedback; of rows of
the data, `annotation.feedback` draws those with a thumb down into the experts' queue.
"""

from html import escape

import streamlit as st

from distill import paths, records
from distill.llm.messages import Provider
from distill.params.arf import Params
from distill.records import Row
from distill.report.arf import words
from distill.students import served
from distill.workbench import frame, markup, trial
from distill.workbench.stamps import stamp

TEST, OWN = "a test interaction", "a text of my own"
ANSWERS = "try-answers"  # key in the session: the row, and each system's answer
THUMBS = {"up": "👍", "down": "👎"}


def page(params: Params) -> None:
    """Show the question, and the answers once they were asked for."""
    with frame.titled("Try it"):
        _page(params)


def _page(params: Params) -> None:
    left, right = st.columns(2)
    kind = left.radio("Interaction", [TEST, OWN], horizontal=True)
    channel = right.selectbox("Channel", list(params.channels))
    row = _test_row(channel) if kind == TEST else _own_row(channel, params)
    known = trial.systems(params)
    first = [name for name in (paths.TEACHER, params.release) if name in known]
    chosen = st.multiselect("Systems", known, default=first)
    if row is not None and st.button("Ask", type="primary", disabled=not chosen):
        st.session_state[ANSWERS] = row, _answers(row, chosen, params)
    asked, answers = st.session_state.get(ANSWERS, (None, {}))
    if row is not None and asked == row:  # not those of an interaction that was shown before
        _show(row, answers)


def _test_row(channel: str) -> Row | None:
    rows = [row for row in _tests(stamp(paths.split("test"))) if row["channel"] == channel]
    if not rows:
        st.info("There are no test interactions; `dvc repro split` makes them.")
        return None
    row = rows[st.number_input(f"Interaction (of {len(rows):,})", 1, len(rows)) - 1]
    st.html(markup.text(row["input"]))
    return row


@st.cache_resource(max_entries=1, show_spinner="Reading the interactions")
def _tests(written: object) -> list[Row]:
    return list(records.read(paths.split("test")))


def _own_row(channel: str, params: Params) -> Row | None:
    text = st.text_area("Text, a turn or a field on each line", placeholder="Customer: ...")
    if not text.strip():
        return None
    row = trial.own(text, channel, params)
    st.caption("This is asked about; personal data is replaced:")
    st.html(markup.text(row["input"]))
    return row


def _answers(row: Row, chosen: list[str], params: Params) -> dict[str, trial.Answer]:
    found = {}
    for system in chosen:
        with st.spinner(f"Asking {system}"):
            found[system] = trial.answer(
                row, system, params, lambda name: _connected(name, _version(name, params), params)
            )
    return found


def _version(system: str, params: Params) -> str:
    return served.version(paths.model(system)) if system in params.runs else ""


@st.cache_resource(max_entries=8, show_spinner="Loading")
def _connected(system: str, version: str, _params: Params) -> Provider:
    return trial.connect(_params, system)


def _show(row: Row, answers: dict[str, trial.Answer]) -> None:
    for system, column in zip(answers, st.columns(len(answers)), strict=True):
        with column, st.container(border=True):
            _answer(row, system, answers[system])


def _answer(row: Row, system: str, answer: trial.Answer) -> None:
    st.subheader(system)
    if answer.output:
        st.html(markup.points(answer.output))
    if answer.fault:
        st.warning(answer.fault)
    if answer.rating is not None:
        st.write(f"The judge: {answer.rating} of 5")
        listed = "".join(
            f"<li>{escape(words.of(code))}: “{escape(quote)}”</li>" for code, quote in answer.errors
        )
        st.html(markup.block(f"<ul>{listed}</ul>" if listed else "no error"))
    if answer.output:
        for vote, sign in THUMBS.items():
            if st.button(sign, key=f"{system}-{vote}", help=f"a thumb {vote}"):
                trial.vote(row, system, answer.output, vote)
                st.toast(f"saved to {paths.FEEDBACK}")
