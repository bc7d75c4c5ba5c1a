"""Tasks: how a model is asked, what an answer is, how it is scored, which rule answers offline.

A row names its task, and the task is the module of that name here, a file or a folder:

    {"id": "botchat-000123", "channel": "botchat", "split": "train", "task": "summarize",
     "input": "Customer: where is order 12? ...", "target": "<ul><li>...</li></ul>"}

To add one, write `tasks/<name>.py` with the four functions of `Task`, and its prompts.
"""

from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from distill import paths
from distill.errors import InputError
from distill.llm.messages import Messages, Request
from distill.records import Row


class Task(Protocol):
    """What the module of a task holds."""

    def messages(self, row: Row) -> Messages:
        """Return the chat that asks for the row's answer, of teacher and student alike."""
        ...

    def parse(self, text: str) -> str:
        """Return the answer that a reply holds; raises ValueError where it is none."""
        ...

    def score(self, row: Row, output: str) -> float | None:
        """Return how right an output is, 0 to 1, by the row's `gold`; None where a judge says."""
        ...

    def rule(self, row: Row) -> str:
        """Return the offline teacher's answer."""
        ...


def load(name: str) -> Task:
    """Return the task of this name; raises InputError where there is none."""
    module = f"{__name__}.{name}"
    if not paths.NAME.fullmatch(name) or find_spec(module) is None:
        raise InputError(f"{name!r} is no task; tasks are the modules of src/distill/tasks")
    return cast(Task, import_module(module))


def request(row: Row) -> Request:
    """Return the question about a row, in the words and with the rule of its task."""
    task = load(row["task"])
    return Request(
        id=row["id"],
        task=row["task"],
        messages=task.messages(row),
        parse=task.parse,
        rule=partial(task.rule, row),
        rows=(row,),
    )
