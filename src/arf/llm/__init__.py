"""The models that a stage may call: a provider turns requests into replies.

Which provider answers is configuration (params.yaml, `llms`); stages call `ask` and know no more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Request:
    """One question: a task's name, its variables and the rendered messages.

    `id` is the row's. Large models read `messages`; rules read `variables`.
    """

    id: str
    task: str
    variables: dict[str, str]
    messages: list[dict[str, str]]


@dataclass(frozen=True)
class Reply:
    """The answer to one request, or, where `error` is a ledger reason, the lack of one."""

    id: str
    text: str = ""
    error: str = ""
    tokens: dict[str, int] = field(default_factory=dict)


class Provider(Protocol):
    """Anything that answers requests."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        ...
