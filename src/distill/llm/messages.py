"""Requests to models and their replies."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from distill.records import Row


@dataclass(frozen=True)
class Request:
    """One question: a task's name, its variables and the rendered messages.

    `id` is the row's. Large models read `messages`; rules read `task` and `variables`. `row` is
    what it is asked about, as `ask` sets it: without one, nothing goes to a host elsewhere.
    `parse` raises ValueError for a text that is no answer, `schema` is the JSON schema of one that
    is. `samples` answers are wanted, and the `logprobs` likeliest tokens at each of their places.
    """

    id: str
    task: str
    variables: dict[str, str]
    messages: list[dict[str, str]]
    parse: Callable[[str], object] | None = None
    schema: dict[str, Any] | None = None
    samples: int = 1
    logprobs: int = 0
    row: Row = field(default_factory=dict)


Alternatives = dict[str, float]  # the likeliest tokens at one place, with their log probabilities


@dataclass(frozen=True)
class Reply:
    """The answer to one request or, where `error` holds a ledger's reason, the lack of one.

    Errors are refused, rate_limited, timed_out, server_error, truncated, empty, unparsable,
    over_budget, not_cleared and too_long; `detail` says more, never a message's words. `more` are
    the samples after the first. `logprobs` holds (token, alternatives) of the first. Tokens are as
    the model counts them, 0 where it does not; `dollars` are what was paid now, 0 for a kept reply.
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

    @property
    def texts(self) -> tuple[str, ...]:
        """Every sample."""
        return (self.text, *self.more)


class Provider(Protocol):
    """Anything that answers requests."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        ...


def settled(request: Request, reply: Reply) -> Reply:
    """The reply, with an error where it was cut short or is not what `parse` takes.

    Without a `parse` it is taken as it is.
    """
    if reply.error or request.parse is None:
        return reply
    if reply.truncated:
        return replace(reply, error="truncated")
    try:
        for text in reply.texts:
            request.parse(text)
    except ValueError:
        return replace(reply, error="unparsable")
    return reply
