"""How fast one endpoint is asked: what it can take is not known beforehand, and changes.

The number of requests in flight doubles for as long as replies then take hardly longer, and falls
to what the server took where it refuses many of them. A few refusals among many replies change
nothing, and only a server that takes nothing at all makes everything wait.
"""

import asyncio
import heapq
import itertools
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

START = 32  # requests in flight at first
SLOWER = 1.5  # times as long may replies take after a doubling
NOISE = 0.25  # share of refusals that says nothing about what the server can take,
SURE = 3.0  # unless it is exceeded by so many standard deviations,
EVIDENCE = 64  # as far as about that many last outcomes tell
HOLD, LONGEST_HOLD = 10, 160  # rounds before a larger width is tried again, the longer each time
WRONG = 20  # requests refused as wrong, with none taken, from which no other is sent
ASKED_TIMES = 3  # times that a server's own wait is waited for
FIRST_WAIT, LONGEST_WAIT = 0.05, 60.0  # seconds


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures."""
    return float(min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT))


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
    passes and must not send. It is good for one event loop.
    """

    def __init__(self, limit: int, requests: Rate, tokens: Rate, patience: float):
        self.limit, self.patience = limit, patience
        self.width = min(START, limit)
        self.given_up = ""
        self.replies = 0  # so far
        self._in_flight = 0
        self._requests, self._tokens = requests, tokens
        self._waiting: list[tuple[int, int, float, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._resumes_at = 0.0
        self._nothing_since: float | None = None
        self._wrong: int | None = 0  # None as soon as anything was taken
        self._hold, self._next_hold = 0, HOLD
        self._usual = 2 * FIRST_WAIT  # seconds of a reply
        self._pauses = 0  # in a row
        self._era = 0  # of widths
        self._good, self._bad = 0.0, 0.0  # the last outcomes of this era
        self._before: float | None = None  # mean seconds of a reply before the last doubling
        self._new_round()

    @asynccontextmanager
    async def turn(self, age: int, tokens: float) -> AsyncIterator[int]:
        """Wait for a place among the requests in flight, and for `tokens`; a small `age` is old.

        Yields the era in which the request is sent: its outcome tells of that width alone.
        """
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (age, next(self._order), tokens, place))
        self._admit()
        await place
        try:
            yield self._era
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

    def taken(self, era: int, seconds: float, tokens: float = 0.0) -> None:
        """Count a reply, and the tokens that it took beyond those waited for (or fewer)."""
        self._tokens.take(asyncio.get_running_loop().time(), tokens)
        self._nothing_since, self._wrong = None, None
        self.replies += 1
        self._pauses, self._resumes_at = 0, 0.0
        self._count(era, good=1, bad=0)
        self._taken += 1
        self._seconds += seconds
        self._usual += (seconds - self._usual) / 16
        self._end_round()
        self._admit()

    def wrong(self) -> None:
        """Count a request that the server will never take, whatever its load."""
        if self._wrong is not None:
            self._wrong += 1
            if self._wrong >= WRONG:
                self.given_up = "refused"

    def refused(self, era: int, reason: str, wait: float, asked: bool = False) -> float:
        """Count a refusal, a fault or a silence; return how long all others now wait.

        Where the server has asked for the `wait`, patience lasts for three of them. Where refusals
        are many, each keeps its place for as long as a reply takes: otherwise a server that refuses
        at once would be asked the more, the less it takes.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._count(era, good=0, bad=1)
        if reason != "timed_out" and self._bad > NOISE * (self._good + self._bad):
            self._in_flight += 1
            loop.call_later(self._usual, self._release)
        if self._nothing_since is None:
            self._nothing_since = now
        if now - self._nothing_since > max(self.patience, ASKED_TIMES * wait if asked else 0):
            self.given_up = reason
        self._refused += 1
        self._narrow()
        self._end_round()
        if self.width > 1 or self._good or now < self._resumes_at:
            return 0.0
        self._pauses += 1
        pause = wait if asked else backoff(self._pauses)  # it takes nothing at all
        self._resumes_at = now + pause
        return pause

    def _new_era(self) -> None:
        self._era += 1
        self._good, self._bad = 0.0, 0.0

    def _new_round(self) -> None:
        self._taken, self._refused, self._seconds, self._full = 0, 0, 0.0, False

    def _count(self, era: int, good: int, bad: int) -> None:
        if era != self._era:
            return
        if self._good + self._bad >= EVIDENCE:
            self._good, self._bad = self._good / 2, self._bad / 2
        self._good, self._bad = self._good + good, self._bad + bad

    def _narrow(self) -> None:
        """Fall to what the server took, where it surely refused more than is noise.

        Refusals come sooner than replies, so twice as many outcomes as are in flight are awaited.
        """
        count = self._good + self._bad
        if count >= min(2 * self.width, EVIDENCE) and self._bad > NOISE * count + SURE * math.sqrt(
            NOISE * (1 - NOISE) * count
        ):
            self.width = max(1, int(self.width * self._good / count))
            self._new_era()
            self._new_round()
            self._rest()

    def _rest(self) -> None:
        self._hold, self._before = self._next_hold, None
        self._next_hold = min(2 * self._next_hold, LONGEST_HOLD)

    def _end_round(self) -> None:
        """After as many outcomes as are in flight at once, see whether more may be."""
        count = self._taken + self._refused
        if count < self.width:
            return
        if self._hold:
            self._hold -= 1
        elif self._full and self._refused <= NOISE * count:
            self._grow(self._seconds / self._taken)
        self._new_round()

    def _grow(self, mean: float) -> None:
        if self._before is not None and mean > SLOWER * self._before:
            self.width //= 2
            self._rest()
        elif self.width < self.limit:
            self.width = min(2 * self.width, self.limit)
            self._new_era()
            self._before = mean
        else:
            self._before = None
