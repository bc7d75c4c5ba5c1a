"""What a button of the page does: save, skip, go back, undo."""

import streamlit as st

from distill.errors import DistillError
from distill.people import annotations
from distill.people.queues import Item
from distill.records import Row
from distill.workbench.annotate.desk import Desk, Draft, Sheet, Step, choices, earlier, listed

OTHERS = "others"  # key of the search among the codes without a letter


def act(sheet: Sheet, name: str) -> None:
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
            desk.open = earlier(sheet.queue, item)
        elif name == "undo" and desk.steps:
            _undo(sheet)
    except (DistillError, OSError) as error:
        desk.problem = str(error)
    desk.turn += 1


def _input(desk: Desk, item: Item) -> Draft:
    state = st.session_state
    found = {*state[f"{desk.turn}-{OTHERS}"]}
    found |= {code.code for code in listed(desk, item) if state[f"{desk.turn}-{code.code}"]}
    return {
        "rating": state[f"{desk.turn}-rating"],
        "codes": [code.code for code in choices(item) if code.code in found],
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
