"""How fast one endpoint is asked: what it can take is not known beforehand, and changes.

The number of requests in flight doubles for as long as replies then take hardly longer, and falls
to what the server took where it refuses many of them. A few refusals among many replies change
nothing, and only a server that takes nothing at all makes everything wait.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

START = 16  # requests in flight at first
SLOWER = 1.5  # times as long may replies take after a doubling
NOISE = 0.25  # share of refusals that says nothing about what the server can take
HOLD = 10  # rounds before a width that failed is tried again
WRONG = 20  # requests refused as wrong, with none taken, from which no other is sent
FIRST_WAIT, LONGEST_WAIT = 0.1, 60.0  # seconds


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures."""
    return float(min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT))


class Rate:
    """So many units a minute, evenly spread; None sets no limit."""

    def __init__(self, per_minute: float | None):
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until more may be taken."""
        return max(0.0, self._free_at - now)

    def take(self, now: float, units: float) -> None:
        """Take units; a negative number gives some back."""
        self._free_at = max(self._free_at, now) + units * self._seconds


class Pace:
    """Lets requests pass: the oldest first, `width` at once, no more a minute than is allowed.

    `limit` is the largest width, `requests` and `tokens` are what is allowed per minute. After
    `patience` seconds in which the server took nothing, `given_up` holds the reason: whoever waits
    passes and must not send.
    """

    def __init__(self, limit: int, requests: float | None, tokens: float | None, patience: float):
        self.limit, self.patience = limit, patience
        self.width = min(START, limit)
        self.given_up = ""
        self._in_flight = 0
        self._requests, self._tokens = Rate(requests), Rate(tokens)
        self._waiting: list[tuple[int, int, float, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._resumes_at = 0.0
        self._nothing_since: float | None = None
        self._wrong: int | None = 0  # None as soon as anything was taken
        self._hold = 0
        self._usual = FIRST_WAIT  # seconds of a reply
        self._before: float | None = None  # mean seconds of a reply before the last doubling
        self._new_round()

    @asynccontextmanager
    async def turn(self, age: int, tokens: float) -> AsyncIterator[None]:
        """Wait for a place among the requests in flight, and for `tokens`; a small `age` is old."""
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (age, next(self._order), tokens, place))
        self._admit()
        await place
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        self._in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and (self.given_up or self._in_flight < self.width):
            now = loop.time()
            wait = max(self._resumes_at - now, self._requests.wait(now), self._tokens.wait(now))
            if wait > 0 and not self.given_up:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = loop.call_later(wait, self._admit)
                return
            _, _, tokens, place = heapq.heappop(self._waiting)
            if place.cancelled():
                continue
            self._requests.take(now, 1)
            self._tokens.take(now, tokens)
            self._in_flight += 1
            self._full |= self._in_flight >= self.width
            place.set_result(None)

    def taken(self, seconds: float, tokens: float = 0.0) -> None:
        """Count a reply, and the tokens that it took beyond those waited for (or fewer)."""
        self._tokens.take(asyncio.get_running_loop().time(), tokens)
        self._nothing_since, self._wrong = None, None
        self._taken += 1
        self._seconds += seconds
        self._usual += (seconds - self._usual) / 16
        self._end_round()

    def wrong(self) -> None:
        """Count a request that the server will never take, whatever its load."""
        if self._wrong is not None:
            self._wrong += 1
            if self._wrong >= WRONG:
                self.given_up = "refused"

    def refused(self, reason: str, wait: float, asked: bool = False) -> float:
        """Count a refusal, a fault or a silence; return how long all others now wait.

        A `wait` that the server has asked for tries nobody's patience.

        Its place stays taken for as long as a reply takes: otherwise a server that refuses at once
        would be asked the more, the less it takes.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if reason != "timed_out":
            self._in_flight += 1
            loop.call_later(self._usual, self._release)
        if self._nothing_since is None:
            self._nothing_since = now
        if now - self._nothing_since > self.patience:
            self.given_up = reason
        self._refused += 1
        takes_nothing = self.width == 1 and not self._taken
        self._end_round()
        if takes_nothing:
            self._resumes_at = now + wait
            if asked:
                self._nothing_since = now + wait
            return wait
        return 0.0

    def _new_round(self) -> None:
        self._taken, self._refused, self._seconds, self._full = 0, 0, 0.0, False

    def _end_round(self) -> None:
        """After as many outcomes as are in flight at once, set the width anew."""
        count = self._taken + self._refused
        if count < self.width:
            return
        if self._refused > NOISE * count:
            self.width = max(1, self.width * self._taken // count)
            self._hold, self._before = HOLD, None
        elif self._hold:
            self._hold -= 1
        elif self._full:
            self._grow(self._seconds / self._taken)
        self._new_round()

    def _grow(self, mean: float) -> None:
        if self._before is not None and mean > SLOWER * self._before:
            self.width //= 2
            self._hold, self._before = HOLD, None
        elif self.width < self.limit:
            self.width = min(2 * self.width, self.limit)
            self._before = mean
        else:
            self._before = None
