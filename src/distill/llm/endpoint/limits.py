"""Rate limits that all processes of a checkout share: two stages at once keep them together."""

import time

from distill.llm.endpoint.pace import RateLimit
from distill.llm.store import BUSY_TIMEOUT, Store

SET_BACK = 2 * BUSY_TIMEOUT  # seconds; by less, one process may write later than it read the clock


class SharedRateLimit(RateLimit):
    """A limit in units per minute, in the store under `name`.

    Processes that find it free at the same moment each send one request; the next ones wait for as
    much longer.
    """

    def __init__(self, per_minute: float | None, store: Store, name: str):
        super().__init__(per_minute)
        self._store, self._name = store, name

    def delay(self, now: float) -> float:
        """Return the seconds until units are available."""
        if not self._seconds_per_unit:
            return 0.0
        sql, clock = "SELECT free_at, at FROM rate_limits WHERE name = ?", time.time()
        for free_at, at in self._store.query(sql, [self._name]):
            return 0.0 if _is_set_back(clock, at) else max(0.0, free_at - clock)
        return 0.0

    def consume(self, now: float, units: float) -> None:
        """Consume units; a negative number refunds them."""
        if not self._seconds_per_unit:
            return
        clock, seconds = time.time(), units * self._seconds_per_unit  # the same in all processes
        self._store.execute(
            "INSERT INTO rate_limits VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = ?, free_at ="
            " CASE WHEN at > ? THEN ? ELSE max(free_at, ?) END + ?",
            [self._name, clock + seconds, clock, clock, clock + SET_BACK, clock, clock, seconds],
        )


def _is_set_back(clock: float, at: float) -> bool:
    """Return whether the clock was put back since `at`: the limit then begins anew.

    It would else be kept until the old time has come again.
    """
    return at > clock + SET_BACK
