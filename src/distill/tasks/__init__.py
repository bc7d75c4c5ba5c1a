"""Tasks: the prompt, the parser, the score and the offline rule of each.

A row names its task, and a task is the module of that name in this package, a file or a folder:

    {"id": "botchat-000123", "channel": "botchat", "split": "train", "task": "summarize",
     "input": "Customer: where is order 12? ...", "target": "<ul><li>...</li></ul>"}

To add a task, write `tasks/<name>.py` with the four functions of `Task`, and its prompts. Where an
answer is checked against the row, as a label against the row's labels, the module has a function
more, `parser(row)`, which returns the parser of replies about that row; see `parser` here.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from distill import paths
from distill.errors import InputError
from distill.llm.messages import Messages, Request
from distill.records import Row


class Task(Protocol):
    """The functions of a task's module."""

    def messages(self, row: Row, prompts: str | None = None) -> Messages:
        """Return the chat that asks for the row's answer; teacher and student get the same one.

        `prompts` is a folder below prompts/ with other prompts for the same question.
        """
        ...

    def parse(self, text: str) -> str:
        """Return the answer in a reply; raises ValueError where the reply holds no valid answer."""
        ...

    def score(self, row: Row, output: str) -> float | None:
        """Return an output's score against the row's `gold`, 0 to 1; None if a judge rates it."""
        ...

    def rule(self, row: Row, prompts: str | None = None) -> str:
        """Return the offline teacher's answer to the chat that `messages` returns."""
        ...


def load(name: str) -> Task:
    """Return the task of this name; raises InputError where no module defines it."""
    module = f"{__name__}.{name}"
    if not paths.NAME.fullmatch(name) or find_spec(module) is None:
        raise InputError(f"unknown task {name!r}; the tasks are the modules of src/distill/tasks")
    return cast(Task, import_module(module))


def parser(row: Row) -> Callable[[str], str]:
    """Return the parser of replies about a row: its task's `parser(row)`, or else its `parse`."""
    task = load(row["task"])
    bound: Callable[[Row], Callable[[str], str]] | None = getattr(task, "parser", None)
    return bound(row) if bound else task.parse


def request(row: Row, prompts: str | None = None) -> Request:
    """Return the request for a row's answer, with the prompt, parser and rule of its task.

    `prompts` names another folder of prompts than the task's own; see `Task.messages`.
    """
    task = load(row["task"])
    return Request(
        id=row["id"],
        task=row["task"],
        messages=task.messages(row, prompts),
        parse=parser(row),
        rule=partial(task.rule, row, prompts),
        rows=(row,),
    )
