"""The form of one row: its rating by the rubric, the buttons, a note and the error codes."""

from collections.abc import Iterable
from functools import partial
from html import escape

import streamlit as st

from distill.people.queues import Item, Queue
from distill.report.arf import words
from distill.tasks.summarize import taxonomy
from distill.workbench.annotate.desk import LETTERS, Desk, Draft, Sheet, choices, earlier, listed
from distill.workbench.annotate.steps import OTHERS, act

RUBRIC = {  # the scale of the paper, section 4
    1: "many errors, or one that misleads",
    2: "one or two errors",
    3: "a single minor error",
    4: "no distinct error, but could be tighter",
    5: "no error at all",
}


def form(sheet: Sheet) -> None:
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
            press = partial(act, sheet)
            for name, label, disabled in (
                ("next", "Save, next `n` `⏎`", item is None),
                ("back", "Back `p`", not earlier(queue, item)),
                ("skip", "Skip `s`", item is None),
                ("undo", "Undo `u`", not desk.steps),
            ):
                st.form_submit_button(
                    label,
                    key=f"step-{name}",
                    type="primary" if name == "next" else "secondary",
                    disabled=disabled,
                    on_click=press,
                    args=(name,),
                )
        if item:
            with st.container(key="note"):
                st.text_input("Note `/`", value=draft["note"], key=f"{desk.turn}-note")
            _codes(desk, item, draft)


def _codes(desk: Desk, item: Item, draft: Draft) -> None:
    """Show the most frequent errors with a letter each, and a search for the others."""
    shown = listed(desk, item)
    with st.container(key="codes"):
        for letter, code in zip(LETTERS, shown, strict=False):
            st.checkbox(
                f"`{letter}` {words.of(code.code)}",
                value=code.code in draft["codes"],
                key=f"{desk.turn}-{code.code}",
                help=f"{code.definition} *{code.severity}*: {code.example}",
            )
    others = [code.code for code in choices(item) if code not in shown]
    with st.container(key="others"):
        st.multiselect(
            "Other errors `.`",
            others,
            default=[code for code in draft["codes"] if code in others],
            format_func=words.of,
            placeholder="Search",
            key=f"{desk.turn}-{OTHERS}",
        )


def meanings(codes: Iterable[taxonomy.Code]) -> str:
    """Return HTML with the definition, severity and example of each code."""
    parts = (
        f"<dt>{escape(words.of(code.code))} <small>{code.severity}</small></dt>"
        f"<dd>{escape(code.definition)} <i>{escape(code.example)}</i></dd>"
        for code in codes
    )
    return f'<dl class="distill-codes">{"".join(parts)}</dl>'


def _draft(desk: Desk, queue: Queue, item: Item) -> Draft:
    """Return the row's unsaved input, else what was saved, else nothing."""
    saved = desk.drafts.get(item.id) or queue.own.get(item.id) or {}
    return {
        "rating": saved.get("rating"),
        "codes": saved.get("codes", []),
        "note": saved.get("note", ""),
    }
