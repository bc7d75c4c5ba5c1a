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
    Once it holds more failures than the stage allows, no further request is sent, and its error is
    raised when those in flight have their replies.
    """

    def questions() -> Iterator[tuple[Row, Request | None]]:
        for row in rows:
            if ledger is not None:
                ledger.check_failures()
            yield row, request(row)

    pairs, pairs_ahead = tee(questions())
    replies = provider.complete(question for _, question in pairs_ahead if question is not None)
    for row, question in pairs:
        if question is None:
            yield row, None
            continue
        reply = settled(question, next(replies))
        if ledger is not None:
            tokens = (reply.prompt_tokens, reply.completion_tokens)
            ledger.used(reply.model, *tokens, reply.dollars, reply.calls)
        yield row, reply
