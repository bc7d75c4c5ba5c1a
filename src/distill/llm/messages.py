"""Requests to models and their replies.

The transport knows no task: a request carries its messages, the parser of its answer, and the rule
that answers it offline.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic import ValidationError

from distill.llm.wrappers import unwrapped, without_reasoning
from distill.records import Row

Message = dict[str, str]  # {"role": "user", "content": "..."}
Messages = list[Message]


@dataclass(frozen=True)
class Request:
    """One request to a model: a conversation of one message or more.

    `id` is the row's, `task` names the question and the form of its answer. `parse` converts a text
    to the answer and raises ValueError for a malformed one; `schema` is the answer's JSON schema.
    `samples` is the number of answers, `logprobs` the number of alternatives at each token. `rule`
    returns the text of a deterministic answer, for the offline default, `more_rules` those of the
    samples after the first. `rows` are the rows whose texts the messages contain: without any, the
    request goes to no external host.
    """

    id: str
    task: str
    messages: Messages
    parse: Callable[[str], Any] | None = None
    schema: dict[str, Any] | None = None
    samples: int = 1
    logprobs: int = 0
    rule: Callable[[], str] | None = None
    more_rules: tuple[Callable[[], str], ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def characters(self) -> int:
        """The length of all messages."""
        return sum(len(message["content"]) for message in self.messages)


Alternatives = dict[str, float]  # the likeliest tokens at one position: token -> log probability


@dataclass(frozen=True)
class Reply:
    """The answer to one request or, if `error` holds a ledger's reason, a failure.

    Errors are refused, rate_limited, timed_out, server_error, unreachable, truncated, empty,
    unparsable, over_budget, not_cleared, untraced and too_long; `detail` says more, without quoting
    a message. `text` is as the model wrote it, reasoning included; `more` are the samples after the
    first; `logprobs` holds (token, alternatives) of the first. Tokens are as the server counts
    them, or else follow from the length. `calls` counts the calls that were paid for, second asks
    included; `dollars` is their cost, 0 for a cache hit. `values` are the parsed answers, one per
    sample, once the reply is `settled`.
    """

    text: str = ""
    error: str = ""
    detail: str = ""
    truncated: bool = False
    more: tuple[str, ...] = ()
    logprobs: tuple[tuple[str, Alternatives], ...] = ()
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float = 0.0
    values: tuple[Any, ...] = ()
    calls: int = 1

    @property
    def texts(self) -> tuple[str, ...]:
        """Every sample."""
        return (self.text, *self.more)

    @property
    def value(self) -> Any:
        """The parsed answer of the first sample."""
        return self.values[0]


class Provider(Protocol):
    """Anything that answers requests."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        ...


class Answerer(Protocol):
    """Anything that answers one request."""

    async def answer(self, request: Request) -> Reply:
        """Return the reply; a failure is a reply with an `error`."""
        ...


_FIELD = re.compile(r"[A-Za-z0-9_.-]{1,60}")


def settled(request: Request, reply: Reply) -> Reply:
    """Return the reply with its `values`, or with the error `truncated` or `unparsable`.

    Reasoning in front of an answer, and a code fence around it, are taken off first. A text is
    parsed once: a reply with values is returned unchanged. Without a `parse` the values are the
    texts without the reasoning, truncated or not.
    """
    if reply.error or reply.values:
        return reply
    if request.parse is None:
        return replace(reply, values=tuple(map(without_reasoning, reply.texts)))
    if reply.truncated:
        return replace(reply, error="truncated")
    try:
        return replace(reply, values=tuple(unwrapped(text, request.parse) for text in reply.texts))
    except ValueError as error:
        return replace(reply, error="unparsable", detail=_fault(error))


def _fault(error: ValueError) -> str:
    """Say what is wrong with an answer by its fields, without a word of it."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        return f"{field}: {first['type']}" if _FIELD.fullmatch(field) else str(first["type"])
    return "not JSON" if isinstance(error, json.JSONDecodeError) else ""
