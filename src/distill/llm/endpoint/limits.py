"""Rate limits that all processes of a checkout share: two stages at once keep them together."""

import time

from distill.llm.endpoint.pace import RateLimit
from distill.llm.store import Store


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
        rows = self._store.query("SELECT free_at FROM limits WHERE name = ?", [self._name])
        return max(0.0, rows[0][0] - time.time()) if rows else 0.0

    def consume(self, now: float, units: float) -> None:
        """Consume units; a negative number refunds them."""
        if not self._seconds_per_unit:
            return
        clock, seconds = time.time(), units * self._seconds_per_unit  # the same in all processes
        self._store.execute(
            "INSERT INTO limits VALUES (?, ?) ON CONFLICT DO UPDATE"
            " SET free_at = max(free_at, ?) + ?",
            [self._name, clock + seconds, clock, seconds],
        )
