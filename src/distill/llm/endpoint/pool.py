"""Runs asynchronous requests from synchronous code and yields their replies in order.

A stage is plain Python that pulls one reply after another. One thread behind it runs an event loop
with many requests in flight.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import AbstractAsyncContextManager, contextmanager
from threading import Condition, Thread
from typing import Any, TypeVar

from distill.errors import DistillError
from distill.llm.messages import Answerer, Reply, Request

MAX_BUFFER = 32 * 2**20  # bytes of rows behind a slow one
ROW_OVERHEAD = 4_000  # bytes of a buffered row besides its text
BYTES_PER_CHARACTER = 3  # of a prompt and its reply, together
LAST = 60.0  # seconds that requests in flight may take when the stage has given up
POLL = 0.05  # seconds between two looks at the number of idle requests

T = TypeVar("T")


class Pool:
    """Answers requests concurrently, with at most `width` of them active.

    `idle` counts the requests that wait for a retry or for another's call: they are not active. A
    slow request delays only the order: later rows are answered meanwhile and buffered, up to
    MAX_BUFFER bytes, so memory does not grow with the number of rows. `session` is entered while
    requests run. `stop` is called on the event loop where the stage wants no more replies.
    """

    def __init__(
        self,
        answerer: Answerer,
        width: int,
        idle: Callable[[], int],
        session: Callable[[], AbstractAsyncContextManager[object]],
        stop: Callable[[], None] = lambda: None,
    ):
        self.answerer, self.width, self.idle = answerer, width, idle
        self.session, self.stop = session, stop
        self._users = 0

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        with self.running():
            buffer = _Buffer(self.width, self.idle)
            try:
                for request in requests:
                    answer = self.answerer.answer(request)
                    buffer.add(request, asyncio.run_coroutine_threadsafe(answer, self._loop))
                    while buffer.is_first_ready():
                        yield buffer.pop()
                while buffer:
                    yield buffer.pop()
            except DistillError:  # of the stage, which asks no more: what is paid for is kept
                self._loop.call_soon_threadsafe(self.stop)
                buffer.wait()
                raise
            finally:
                buffer.cancel()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the event loop, while `running`, and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep the event loop running; nested, since a cascade of fixes runs several `complete`."""
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
        self._open_session = self.session()
        asyncio.run_coroutine_threadsafe(self._open_session.__aenter__(), self._loop).result()

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
        await self._open_session.__aexit__(None, None, None)


class _Buffer:
    """Pending and finished replies, in the order of their requests."""

    def __init__(self, width: int, idle: Callable[[], int]) -> None:
        self.width, self.idle = width, idle
        self._replies: deque[tuple[int, Future[Reply]]] = deque()  # (size in bytes, reply)
        self._pending, self._bytes = 0, 0
        self._changed = Condition()

    def add(self, request: Request, reply: Future[Reply]) -> None:
        size = ROW_OVERHEAD + BYTES_PER_CHARACTER * request.characters
        self._replies.append((size, reply))
        self._bytes += size
        with self._changed:
            self._pending += 1
        reply.add_done_callback(self._note_reply)

    def _note_reply(self, _: Future[Reply]) -> None:
        with self._changed:
            self._pending -= 1
            self._changed.notify()

    def is_first_ready(self) -> bool:
        """Whether the first reply can be popped; waits for it while the buffer is full."""
        with self._changed:
            while not (self._is_first_done() or self._has_room()):
                self._changed.wait(POLL)
        return self._is_first_done()

    def _is_first_done(self) -> bool:
        return bool(self._replies) and self._replies[0][1].done()

    def _has_room(self) -> bool:
        return self._pending - self.idle() < self.width and self._bytes < MAX_BUFFER

    def pop(self) -> Reply:
        """Wait for the first reply and remove it."""
        size, reply = self._replies.popleft()
        self._bytes -= size
        return reply.result()

    def __bool__(self) -> bool:
        return bool(self._replies)

    def wait(self) -> None:
        """Wait for the replies to the requests in flight; those that wait to be sent are not."""
        wait([reply for _, reply in self._replies], timeout=LAST)

    def cancel(self) -> None:
        for _, reply in self._replies:
            reply.cancel()
