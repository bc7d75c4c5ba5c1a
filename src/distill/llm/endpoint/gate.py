"""Egress gate: an external host receives only texts that anonymize has cleared.

The gate is in front of the reply cache, so that a decision never depends on earlier requests, and
the cache holds no reply whose request could not be sent again.
"""

from collections.abc import Callable

from distill.llm.endpoint.hosts import host_of
from distill.llm.messages import Answerer, Reply, Request
from distill.llm.settings import OpenAI
from distill.records import Row


class Gate:
    """Refuses a request unless it names the rows that it is about and all of them are cleared."""

    def __init__(
        self, inner: Answerer, config: OpenAI, stage: str, is_cleared: Callable[[Row], bool]
    ):
        self.inner, self.host, self.stage = inner, host_of(config), stage
        self.is_cleared = is_cleared

    def allows(self, request: Request) -> bool:
        """Whether the request may be sent."""
        return bool(request.rows) and all(map(self.is_cleared, request.rows))

    async def answer(self, request: Request) -> Reply:
        """Return the reply, or one with the error not_cleared."""
        if self.allows(request):
            return await self.inner.answer(request)
        return Reply(
            error="not_cleared",
            detail=f"{self.stage}: {request.id} was not sent to {self.host}: anonymize has not"
            " cleared this text under the present settings and secret; run `dvc repro -sf"
            f" anonymize` and then `dvc repro`, or add {self.host} to allow_hosts of its entry"
            " in endpoints (params.yaml) if it is inside your own network",
        )
