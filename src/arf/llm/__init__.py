"""The models that a stage may call: a provider turns requests into replies.

Which provider answers is configuration (params.yaml, `llms`); a stage connects to a nickname and
asks about its rows, whatever stands behind it. Around an endpoint each duty has one place:

    batch     where `batch` is set: most of it for half the price, before the rest is asked below
    pool      many requests at once, replies in order          (complete)
    gate      nothing leaves but what anonymize cleared        ┐
    cache     nothing is paid twice, nor asked twice at once   │ (answer)
    endpoint  retries, limits, deadlines, the budget           │
    openai    the words of the protocol                        ┘
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import tee
from typing import Any, Protocol

from arf.ledger import Ledger
from arf.params import OpenAI, Params
from arf.records import Row


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


def connect(params: Params, stage: str, llm: str, version: str = "", **changes: object) -> Provider:
    """Return the provider that `llms` calls `llm`, for the use of `stage`.

    `changes` replace values of an endpoint's entry; `version` tells apart models that bear the
    same name. Raises ParamsError where a key's or the secret's environment variable is not set.
    """
    config = params.llms[llm]
    if not isinstance(config, OpenAI):
        from arf.llm.rules import Rules  # noqa: PLC0415 - the rules need no HTTP client

        return Rules()
    from arf.llm.endpoint import remote  # noqa: PLC0415

    return remote(config.model_copy(update=changes), params, stage, llm, version)


def ask(
    provider: Provider,
    rows: Iterable[Row],
    request: Callable[[Row], Request | None],
    ledger: Ledger | None = None,
) -> Iterator[tuple[Row, Reply | None]]:
    """Yield each row with the reply to its request, in order; None where it needs no request.

    A reply without an `error` is one that the request's `parse` takes. `ledger` counts the tokens.
    """
    pairs, ahead = tee((row, _about(row, request(row))) for row in rows)
    replies = provider.complete(asked for _, asked in ahead if asked is not None)
    for row, asked in pairs:
        if asked is None:
            yield row, None
            continue
        reply = settled(asked, next(replies))
        if ledger is not None:
            ledger.used(reply.model, reply.prompt_tokens, reply.completion_tokens, reply.dollars)
        yield row, reply


def _about(row: Row, asked: Request | None) -> Request | None:
    return asked and replace(asked, row=row)


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
