"""The models that a stage may call: a provider turns requests into replies.

Which provider answers is configuration (params.yaml, `llms`); a stage connects to a nickname and
asks about its rows, whatever stands behind it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import tee
from typing import Protocol

from arf.params import OpenAI, Params
from arf.records import Row


@dataclass(frozen=True)
class Request:
    """One question: a task's name, its variables and the rendered messages.

    `id` is the row's. Large models read `messages`; rules read `task` and `variables`. `row` is
    what it is asked about, as `ask` sets it: without one, nothing goes to a host elsewhere.
    """

    id: str
    task: str
    variables: dict[str, str]
    messages: list[dict[str, str]]
    row: Row = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """The answer to one request or, where `error` holds a ledger's reason, the lack of one.

    `prompt_tokens` and `completion_tokens` are as the model counts them, 0 where it does not.
    """

    text: str = ""
    error: str = ""
    truncated: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Provider(Protocol):
    """Anything that answers requests."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        ...


def connect(params: Params, stage: str, llm: str) -> Provider:
    """Return the provider that `llms` calls `llm`, with the cache of replies where calls cost.

    A host elsewhere gets only rows that anonymize cleared: others raise EgressError, which names
    `stage`. Raises ParamsError where a key's or the secret's environment variable is not set.
    """
    config = params.llms[llm]
    if not isinstance(config, OpenAI):
        from arf.llm.rules import Rules  # noqa: PLC0415 - the rules need no HTTP client

        return Rules()
    from arf.llm.cache import Cached  # noqa: PLC0415
    from arf.llm.gate import Gate, is_inside  # noqa: PLC0415
    from arf.llm.openai import Endpoint  # noqa: PLC0415
    from arf.privacy.cleared import key  # noqa: PLC0415

    provider = Cached(Endpoint(config), config)
    if is_inside(config):
        return provider
    return Gate(provider, config, stage, params.anonymize, key(params))


def ask(
    provider: Provider, rows: Iterable[Row], request: Callable[[Row], Request | None]
) -> Iterator[tuple[Row, Reply | None]]:
    """Yield each row with the reply to its request, in order; None where it needs no request."""
    pairs, ahead = tee((row, _about(row, request(row))) for row in rows)
    replies = provider.complete(asked for _, asked in ahead if asked is not None)
    for row, asked in pairs:
        yield row, None if asked is None else next(replies)


def _about(row: Row, asked: Request | None) -> Request | None:
    return asked and replace(asked, row=row)
