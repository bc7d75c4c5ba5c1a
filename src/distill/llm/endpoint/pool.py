"""Many requests at once, replies in order: the bridge between a stage and the event loop.

A stage is plain Python that pulls one reply after the other. Behind it, one thread runs an event
loop with as many requests as are worth having in flight.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from threading import Condition, Thread
from typing import Any, Protocol, TypeVar

from distill.llm.messages import Reply, Request

AHEAD = 32 * 2**20  # bytes of rows that may wait for a slow one before them
ROW = 4_000  # bytes of a row beside its text
LOOK = 0.05  # seconds until it is seen that a request rests

T = TypeVar("T")


class Answerer(Protocol):
    """Anything that answers one request, however long it takes."""

    async def answer(self, request: Request) -> Reply:
        """Return the reply; a failure is a reply with an `error`."""
        ...


class Pool:
    """Answers requests side by side, `width` of them unanswered beside those at rest.

    `session` is entered for as long as requests run. A request that takes long, or that rests
    before it is tried again (`resting` counts them), holds up only the order: the rows behind it
    are asked for and answered meanwhile, up to AHEAD bytes of them, so memory does not grow with
    the number of rows.
    """

    def __init__(
        self,
        answerer: Answerer,
        width: int,
        resting: Callable[[], int],
        session: Callable[[], AbstractAsyncContextManager[object]],
    ):
        self.answerer, self.width, self.resting, self.session = answerer, width, resting, session
        self._users = 0

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        with self.running():
            line = _Line(self.width, self.resting)
            try:
                for request in requests:
                    asked = self.answerer.answer(request)
                    line.join(request, asyncio.run_coroutine_threadsafe(asked, self._loop))
                    while line.moves():
                        yield line.leave()
                while line:
                    yield line.leave()
            finally:
                line.cancel()

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns, done on the loop; only while it runs."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @contextmanager
    def running(self) -> Iterator[None]:
        """The loop runs while any `complete` does: a cascade of fixes has several at once."""
        if not self._users:
            self._start()
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._stop()

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._open = self.session()
        asyncio.run_coroutine_threadsafe(self._open.__aenter__(), self._loop).result()

    def _stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._open.__aexit__(None, None, None)


class _Line:
    """Replies to come, in order."""

    def __init__(self, width: int, resting: Callable[[], int]) -> None:
        self.width, self.resting = width, resting
        self._line: deque[tuple[int, Future[Reply]]] = deque()
        self._unanswered, self._held = 0, 0
        self._changed = Condition()

    def join(self, request: Request, reply: Future[Reply]) -> None:
        size = ROW + 3 * sum(len(message["content"]) for message in request.messages)
        self._line.append((size, reply))
        self._held += size
        with self._changed:
            self._unanswered += 1
        reply.add_done_callback(self._answered)

    def _answered(self, _: Future[Reply]) -> None:
        with self._changed:
            self._unanswered -= 1
            self._changed.notify()

    def moves(self) -> bool:
        """Whether the first reply is there; waits for it only while no other may join."""
        with self._changed:
            while not (self._is_first_here() or self._has_room()):
                self._changed.wait(LOOK)
        return self._is_first_here()

    def _is_first_here(self) -> bool:
        return bool(self._line) and self._line[0][1].done()

    def _has_room(self) -> bool:
        return self._unanswered - self.resting() < self.width and self._held < AHEAD

    def leave(self) -> Reply:
        """Wait for the first reply and return it."""
        size, reply = self._line.popleft()
        self._held -= size
        return reply.result()

    def __bool__(self) -> bool:
        return bool(self._line)

    def cancel(self) -> None:
        for _, reply in self._line:
            reply.cancel()
