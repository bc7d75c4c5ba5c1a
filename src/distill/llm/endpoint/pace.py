"""Adaptive concurrency (AIMD) and rate limits for one endpoint.

The congestion window is the number of requests in flight. It opens by slow start, doubling per
round trip for as long as replies take hardly longer, and falls by multiplicative decrease, to the
share that the server accepted, where it rejects many. After a decrease it is stable for some round
trips before the next probe, longer each time. A few failures among many replies change nothing:
unlike TCP's, this window does not halve at each loss, since an endpoint's 429 and 500 are often
random. Source of the terms: Jacobson, Congestion Avoidance and Control, SIGCOMM 1988.
"""

import asyncio
import heapq
import itertools
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

INITIAL_WINDOW = 32  # requests
MAX_SLOWDOWN = 1.5  # of the mean latency, by a doubling of the window
TOLERATED_FAILURES = 0.25  # share of failures that is not taken for congestion,
SIGNIFICANCE = 3.0  # unless exceeded by so many standard deviations
MAX_SAMPLES = 64  # outcomes that the share is estimated from; older ones lose weight
FIRST_COOLDOWN, LONGEST_COOLDOWN = 10, 160  # round trips without growth after a decrease
MAX_REJECTIONS = 20  # invalid requests, without a success, that trip the circuit breaker
MAX_RETRY_AFTERS = 3  # Retry-After periods that an outage may last beyond `patience`
SILENCE = 5.0  # seconds that a server that never replied may stay unreachable, or talk nonsense
FIRST_BACKOFF, LONGEST_BACKOFF = 0.05, 60.0  # seconds


def backoff(failures: int) -> float:
    """Return the seconds to wait after so many consecutive failures (exponential backoff)."""
    return float(min(FIRST_BACKOFF * 2 ** min(failures - 1, 20), LONGEST_BACKOFF))


class RateLimit:
    """A limit in units per minute, evenly spread (a token bucket without bursts)."""

    def __init__(self, per_minute: float | None):
        self._seconds_per_unit = 60 / per_minute if per_minute else 0.0
        self._available_at = 0.0

    def delay(self, now: float) -> float:
        """Return the seconds until units are available."""
        return max(0.0, self._available_at - now)

    def consume(self, now: float, units: float) -> None:
        """Consume units; a negative number refunds them."""
        self._available_at = max(self._available_at, now) + units * self._seconds_per_unit


class Pace:
    """Admits requests, oldest first, within the congestion window and the rate limits.

    `max_window` bounds the window; `requests` and `tokens` are limits per minute. `tripped` is the
    circuit breaker: after `patience` seconds without a success, or after many invalid requests, it
    holds the reason, and admitted requests must not be sent. Valid for one event loop.
    """

    def __init__(self, max_window: int, requests: RateLimit, tokens: RateLimit, patience: float):
        self.max_window, self.patience = max_window, patience
        self.window = min(INITIAL_WINDOW, max_window)
        self.tripped = ""
        self.replies = 0  # so far
        self._in_flight = 0
        self._requests, self._tokens = requests, tokens
        self._queue: list[tuple[int, int, float, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._paused_until = 0.0
        self._consecutive_pauses = 0
        self._failing_since: float | None = None
        self._rejections: int | None = 0  # None after the first success
        self._cooldown, self._next_cooldown = 0, FIRST_COOLDOWN  # round trips
        self._smoothed_latency = 2 * FIRST_BACKOFF  # seconds of a reply
        self._previous_latency: float | None = None  # seconds, mean before the last doubling
        self._epoch = 0  # counts the changes of the window
        self._successes, self._failures = 0.0, 0.0  # of this epoch, older ones with less weight
        self._start_round_trip()

    @asynccontextmanager
    async def slot(self, age: int, tokens: float) -> AsyncIterator[int]:
        """Wait for admission with an estimate of `tokens`; a smaller `age` is older.

        Yields the epoch in which the request is sent, since its outcome counts for that window.
        """
        admitted = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (age, next(self._order), tokens, admitted))
        self._admit()
        try:
            await admitted
            yield self._epoch
        finally:
            if not admitted.cancelled():
                self._release()

    def _release(self) -> None:
        self._in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue and (self.tripped or self._in_flight < self.window):
            now = loop.time()
            delay = self._delay(now)
            if delay > 0 and not self.tripped:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = loop.call_later(delay, self._admit)
                return
            _, _, tokens, admitted = heapq.heappop(self._queue)
            if admitted.cancelled():
                continue
            self._requests.consume(now, 1)
            self._tokens.consume(now, tokens)
            self._in_flight += 1
            self._was_full |= self._in_flight >= self.window
            admitted.set_result(None)

    def _delay(self, now: float) -> float:
        return max(self._paused_until - now, self._requests.delay(now), self._tokens.delay(now))

    def succeeded(self, epoch: int, latency: float, extra_tokens: float = 0.0) -> None:
        """Count a reply; `extra_tokens` were used beyond the estimate (negative if fewer)."""
        self._tokens.consume(asyncio.get_running_loop().time(), extra_tokens)
        self._failing_since, self._rejections = None, None
        self.replies += 1
        self._consecutive_pauses, self._paused_until = 0, 0.0
        self._count(epoch, successes=1, failures=0)
        self._round_successes += 1
        self._round_seconds += latency
        self._smoothed_latency += (latency - self._smoothed_latency) / 16
        self._end_round_trip()
        self._admit()

    def stop(self) -> None:
        """Admit no request to be sent any more; those in flight end."""
        self.tripped = "stopped"
        self._admit()

    def rejected(self) -> None:
        """Count a request that the server calls invalid, which no retry can change."""
        if self._rejections is not None:
            self._rejections += 1
            if self._rejections >= MAX_REJECTIONS:
                self.tripped = "refused"

    def failed(self, epoch: int, reason: str, wait: float, retry_after: bool = False) -> float:
        """Count a transient failure; return the seconds for which all requests now pause.

        With `retry_after`, `wait` is the server's own and patience lasts for some of them. Where
        failures are many, each stays in flight for the latency of a reply: otherwise a server that
        rejects at once would get the more requests, the fewer it accepts.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._count(epoch, successes=0, failures=1)
        outcomes = self._successes + self._failures
        if reason != "timed_out" and self._failures > TOLERATED_FAILURES * outcomes:
            self._in_flight += 1
            loop.call_later(self._smoothed_latency, self._release)
        if self._failing_since is None:
            self._failing_since = now
        allowed = max(self.patience, MAX_RETRY_AFTERS * wait if retry_after else 0)
        is_silent = reason in ("unreachable", "unparsable") and not self.replies
        if is_silent:
            allowed = min(allowed, SILENCE)
        if now - self._failing_since > allowed:
            self.tripped = reason
        self._round_failures += 1
        self._decrease()
        self._end_round_trip()
        if self.window > 1 or self._successes or now < self._paused_until:
            return 0.0
        self._consecutive_pauses += 1  # the server accepts nothing at all
        pause = wait if retry_after else backoff(self._consecutive_pauses)
        pause = min(pause, SILENCE / 4) if is_silent else pause
        self._paused_until = now + pause
        return pause

    def _start_epoch(self) -> None:
        self._epoch += 1
        self._successes, self._failures = 0.0, 0.0

    def _start_round_trip(self) -> None:
        self._round_successes, self._round_failures, self._round_seconds = 0, 0, 0.0
        self._was_full = False

    def _count(self, epoch: int, successes: int, failures: int) -> None:
        if epoch != self._epoch:
            return
        if self._successes + self._failures >= MAX_SAMPLES:
            self._successes, self._failures = self._successes / 2, self._failures / 2
        self._successes, self._failures = self._successes + successes, self._failures + failures

    def _decrease(self) -> None:
        """Multiply the window by the share of successes, if the failures are significant.

        Rejections arrive sooner than replies, so the test waits for twice a window of outcomes.
        """
        count = self._successes + self._failures
        deviation = math.sqrt(TOLERATED_FAILURES * (1 - TOLERATED_FAILURES) * count)
        tolerated = TOLERATED_FAILURES * count + SIGNIFICANCE * deviation
        if count >= min(2 * self.window, MAX_SAMPLES) and self._failures > tolerated:
            self.window = max(1, int(self.window * self._successes / count))
            self._start_epoch()
            self._start_round_trip()
            self._cool_down()

    def _cool_down(self) -> None:
        self._cooldown, self._previous_latency = self._next_cooldown, None
        self._next_cooldown = min(2 * self._next_cooldown, LONGEST_COOLDOWN)

    def _end_round_trip(self) -> None:
        """After a window of outcomes, decide whether the window grows."""
        count = self._round_successes + self._round_failures
        if count < self.window:
            return
        if self._cooldown:
            self._cooldown -= 1
        elif self._was_full and self._round_failures <= TOLERATED_FAILURES * count:
            self._increase(self._round_seconds / self._round_successes)
        self._start_round_trip()

    def _increase(self, latency: float) -> None:
        """Double the window, or undo the last doubling where it made replies slower."""
        if self._previous_latency is not None and latency > MAX_SLOWDOWN * self._previous_latency:
            self.window //= 2
            self._cool_down()
        elif self.window < self.max_window:
            self.window = min(2 * self.window, self.max_window)
            self._start_epoch()
            self._previous_latency = latency
        else:
            self._previous_latency = None
