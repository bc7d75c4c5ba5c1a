"""Entities of a text: spans of the types that the row names.

in   {"id": "mentions-train-000123", "channel": "mentions", "task": "entities",
      "labels": ["order", "product"], "input": "Where is my kettle?",
      "gold": [{"start": 12, "end": 18, "type": "product"}]}
out  '[{"start": 12, "end": 18, "type": "product"}]', made of a reply such as
     '[{"text": "kettle", "type": "product"}]'
"""

import json
from collections.abc import Callable, Iterable
from functools import partial

from distill.llm.messages import Messages
from distill.prompts import render
from distill.records import Row
from distill.stats.spans import counts, f1, total
from distill.tasks.entities import rules
from distill.tasks.entities.offsets import Span, checked, items, quotations, resolved

PROMPTS = "entities"


def messages(row: Row, prompts: str | None = None) -> Messages:
    """Return the chat that asks for the row's entities; `prompts` is a folder with other words."""
    listed = "\n".join(row["labels"])
    prompt = render(f"{prompts or PROMPTS}/ask", labels=listed, text=row["input"])
    return [{"role": "user", "content": prompt}]


def parse(text: str) -> str:
    """Return a reply as canonical JSON; raises ValueError where it is no list of entities."""
    return json.dumps(items(text), ensure_ascii=False)


def parser(row: Row) -> Callable[[str], str]:
    """Return the parser of a reply about the row: canonical JSON of spans in the row's text.

    It raises ValueError as `resolved` does.
    """
    return partial(_answer, row["input"], tuple(row["labels"]))


def score(row: Row, output: str) -> float | None:
    """Return the F1 of the spans by strict matching; 1 where neither side has any."""
    found = spans(output)
    if not found and not row["gold"]:
        return 1.0
    return f1(total(counts(row["gold"], found)))


def rule(row: Row, prompts: str | None = None) -> str:
    """Return the answer of the offline tagger, which errs at declared rates; see `rules`."""
    return reply(row["input"], rules.tag(row["input"], row["labels"]))


def spans(answer: str) -> list[Span]:
    """Return the spans of an answer that `parser` or `value` made."""
    found: list[Span] = json.loads(answer)
    return found


def value(found: Iterable[Span]) -> str:
    """Return spans as an answer, canonical JSON; raises ValueError where they overlap."""
    return json.dumps(checked(found), ensure_ascii=False)


def reply(text: str, found: Iterable[Span]) -> str:
    """Return spans of a text as a model replies: quotations, which `parser` turns back."""
    return json.dumps(quotations(text, found), ensure_ascii=False)


def _answer(text: str, labels: tuple[str, ...], answered: str) -> str:
    return value(resolved(items(answered), text, labels))
