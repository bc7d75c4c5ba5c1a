"""Replies and errors of servers as the field reported them, for tests."""

import json

from endpoint import replies, serve

from distill.llm.settings import Price
from distill.tasks.summarize import format

SUMMARY = "<ul><li>Where is the lamp?</li></ul>"
CENT = Price(prompt=1_000, completion=2_000)
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def message(text, usage=None, **fields):
    """A completion with further fields of its message."""
    choice = {"message": {"role": "assistant", "content": text, **fields}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 5} if usage is None else usage
    return 200, {}, json.dumps({"choices": [choice], "usage": usage})


def refused(status, **error):
    return status, {}, json.dumps({"error": error})


def summaries(answer, count=1, **changes):
    """The replies to requests for summaries, and the bodies that the server received."""
    with serve(answer) as (url, received):
        found = replies(url, count, asked={"parse": format.normalize}, **changes)
    return found, received
