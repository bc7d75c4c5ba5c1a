"""Requests to models and their replies.

Nothing here knows a task: a request carries its words, how its answer is parsed, and the rule that
answers it where no model is asked.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from distill.records import Row

Message = dict[str, str]  # {"role": "user", "content": "..."}
Messages = list[Message]


@dataclass(frozen=True)
class Request:
    """One question to a model.

    `id` is the row's, `task` names the question and the form of its answer. `parse` turns a text
    into the answer and raises ValueError for one that is none; `schema` is the JSON schema of an
    answer. `samples` answers are wanted, and the `logprobs` likeliest tokens at each of their
    places. `rule` gives the text of a deterministic answer, for the offline default. `rows` are
    those whose texts the messages show: without any, nothing goes to an external host.
    """

    id: str
    task: str
    messages: Messages
    parse: Callable[[str], Any] | None = None
    schema: dict[str, Any] | None = None
    samples: int = 1
    logprobs: int = 0
    rule: Callable[[], str] | None = None
    rows: tuple[Row, ...] = ()


Alternatives = dict[str, float]  # the likeliest tokens at one place, with their log probabilities


@dataclass(frozen=True)
class Reply:
    """The answer to one request or, where `error` holds a ledger's reason, the lack of one.

    Errors are refused, rate_limited, timed_out, server_error, truncated, empty, unparsable,
    over_budget, not_cleared and too_long; `detail` says more, never a message's words. `more` are
    the samples after the first. `logprobs` holds (token, alternatives) of the first. Tokens are as
    the model counts them, 0 where it does not; `dollars` are what was paid now, 0 for a cache hit.
    `values` are what the request's `parse` made of the texts, one a sample, once the reply is
    `settled`.
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

    @property
    def texts(self) -> tuple[str, ...]:
        """Every sample."""
        return (self.text, *self.more)

    @property
    def value(self) -> Any:
        """The parsed answer; of several samples the first."""
        return self.values[0]


class Provider(Protocol):
    """Anything that answers requests."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        ...


def settled(request: Request, reply: Reply) -> Reply:
    """Return the reply with its `values`, or with an error where it is truncated or unparsable.

    A text is parsed once: a reply that has its values comes back as it is. Without a `parse` the
    values are the texts, truncated or not.
    """
    if reply.error or reply.values:
        return reply
    if request.parse is None:
        return replace(reply, values=reply.texts)
    if reply.truncated:
        return replace(reply, error="truncated")
    try:
        return replace(reply, values=tuple(request.parse(text) for text in reply.texts))
    except ValueError:
        return replace(reply, error="unparsable")
