"""Sends a stage's requests to a provider, row by row."""

from collections.abc import Callable, Iterable, Iterator
from itertools import tee

from distill.ledger import Ledger
from distill.llm.messages import Provider, Reply, Request, settled
from distill.records import Row


def ask(
    provider: Provider,
    rows: Iterable[Row],
    request: Callable[[Row], Request | None],
    ledger: Ledger | None = None,
) -> Iterator[tuple[Row, Reply | None]]:
    """Yield each row with the reply to its request, in order; None for a row without a request.

    A reply without an `error` carries the parsed answer as its `value`. `ledger` counts the tokens.
    """
    pairs, pairs_ahead = tee((row, request(row)) for row in rows)
    replies = provider.complete(question for _, question in pairs_ahead if question is not None)
    for row, question in pairs:
        if question is None:
            yield row, None
            continue
        reply = settled(question, next(replies))
        if ledger is not None:
            ledger.used(reply.model, reply.prompt_tokens, reply.completion_tokens, reply.dollars)
        yield row, reply
