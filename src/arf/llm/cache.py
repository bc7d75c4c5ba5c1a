"""Replies that were paid for once are kept, so an interrupted stage pays only for what is new."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import tee

from arf import paths
from arf.llm import Provider, Reply, Request
from arf.params import OpenAI


class Cached:
    """A provider whose good replies are kept in .arf/replies.sqlite, by what was asked of whom.

    The key holds model, endpoint, messages and sampling parameters. It leaves out max_tokens: a
    reply that ended by itself is valid under any cap, a truncated one under the same cap only.
    """

    def __init__(self, provider: Provider, config: OpenAI):
        self.provider, self.config = provider, config
        path = paths.workspace() / "replies.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.store = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.store.execute("PRAGMA journal_mode=WAL")
        self.store.execute(
            "CREATE TABLE IF NOT EXISTS replies"
            " (key TEXT PRIMARY KEY, reply TEXT NOT NULL, max_tokens INTEGER NOT NULL)"
        )

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield kept replies where there are any, and the provider's for the rest, in order."""
        known, missing = tee((request, self._kept(request)) for request in requests)
        fresh = self.provider.complete(request for request, kept in missing if kept is None)
        for request, kept in known:
            yield kept or self._keep(request, next(fresh))

    def _key(self, request: Request) -> str:
        asked = [
            self.config.model,
            self.config.base_url,
            self.config.temperature,
            request.messages,
        ]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    def _kept(self, request: Request) -> Reply | None:
        found = self.store.execute(
            "SELECT reply, max_tokens FROM replies WHERE key = ?", [self._key(request)]
        ).fetchone()
        if found is None:
            return None
        reply = Reply(**json.loads(found[0]))
        return None if reply.truncated and found[1] != self.config.max_tokens else reply

    def _keep(self, request: Request, reply: Reply) -> Reply:
        if not reply.error:
            self.store.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?, ?)",
                [self._key(request), json.dumps(asdict(reply)), self.config.max_tokens],
            )
        return reply
