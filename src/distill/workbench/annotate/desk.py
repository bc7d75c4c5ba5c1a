"""What one browser has open: the expert's desk, and the sheet that the page was drawn from."""

from dataclasses import dataclass, field
from typing import Any

from distill.people.queues import Item, Queue
from distill.records import Row
from distill.tasks.summarize import taxonomy
from distill.workbench.annotate.frequent import Counts, most

LETTERS = "abcdefgh"  # of the errors that the form lists; no command has one of them

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
    counts: Counts | None = None  # read once: letters must not move while somebody annotates
    problem: str = ""


@dataclass(frozen=True)
class Sheet:
    """The state that the page was drawn from: `item` is None at the end of the queue."""

    of: str
    desk: Desk
    queue: Queue
    item: Item | None
    turn: int


def listed(desk: Desk, item: Item) -> list[taxonomy.Code]:
    """Return the codes with a letter: the most frequent ones of the row's channel."""
    return most(choices(item), item.channel, desk.counts or {}, len(LETTERS))


def choices(item: Item) -> list[taxonomy.Code]:
    """Return the codes that an expert can tick in this row."""
    return [code for code in taxonomy.load().values() if code.applies_to(item.channel)]


def opened(desk: Desk, queue: Queue) -> Item | None:
    """Return the row to show: the open one, else the next one, else a skipped one."""
    if desk.open not in queue.items:
        waiting = [row_id for row_id in queue.open if row_id not in desk.skipped]
        again = [row_id for row_id in desk.skipped if row_id in queue.open]
        desk.open = next(iter([*waiting, *again]), None)
    return queue.items[desk.open] if desk.open else None


def earlier(queue: Queue, item: Item | None) -> str | None:
    """Return the row annotated before this one; of an open row, the last one annotated."""
    own = list(queue.own)
    if item and item.id in queue.own:
        own = own[: own.index(item.id)]
    return own[-1] if own else None
