"""Ask a provider about every row of a stage."""

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
    """Yield each row with the reply to its request, in order; None where it needs no request.

    A reply without an `error` carries the parsed answer as its `value`. `ledger` counts the tokens.
    """
    pairs, ahead = tee((row, request(row)) for row in rows)
    replies = provider.complete(asked for _, asked in ahead if asked is not None)
    for row, asked in pairs:
        if asked is None:
            yield row, None
            continue
        reply = settled(asked, next(replies))
        if ledger is not None:
            ledger.used(reply.model, reply.prompt_tokens, reply.completion_tokens, reply.dollars)
        yield row, reply
