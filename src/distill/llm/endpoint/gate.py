"""Egress gate: an external host receives only what anonymize has cleared.

The rows of a request must be sealed, and the whole rendered request must say nothing personal that
the sealed texts do not say.

The gate is in front of the reply cache, so that a decision never depends on earlier requests, and
the cache holds no reply whose request could not be sent again.
"""

from collections.abc import Callable

from distill.llm.endpoint.hosts import host_of
from distill.llm.messages import Answerer, Reply, Request
from distill.llm.settings import OpenAI
from distill.records import Row


class Gate:
    """Refuses a request unless it names its rows, all are cleared, and nothing else is personal."""

    def __init__(
        self,
        inner: Answerer,
        config: OpenAI,
        stage: str,
        is_cleared: Callable[[Row], bool],
        is_traced: Callable[[Request], bool],
    ):
        self.inner, self.host, self.stage = inner, host_of(config), stage
        self.is_cleared, self.is_traced = is_cleared, is_traced

    def allows(self, request: Request) -> bool:
        """Whether the request may be sent."""
        return self._is_cleared(request) and self.is_traced(request)

    def _is_cleared(self, request: Request) -> bool:
        return bool(request.rows) and all(map(self.is_cleared, request.rows))

    async def answer(self, request: Request) -> Reply:
        """Return the reply, or one with the error not_cleared or untraced."""
        if self._is_cleared(request):
            if self.is_traced(request):
                return await self.inner.answer(request)
            return self._untraced(request)
        return Reply(
            error="not_cleared",
            detail=f"{self.stage}: {request.id} was not sent to {self.host}: anonymize has not"
            " cleared this text under the present settings and secret; run `dvc repro -sf"
            f" anonymize` and then `dvc repro`, or add {self.host} to allow_hosts of its entry"
            " in endpoints (params.yaml) if it is inside your own network",
        )

    def _untraced(self, request: Request) -> Reply:
        return Reply(
            error="untraced",
            detail=f"{self.stage}: {request.id} was not sent to {self.host}: beside the cleared"
            " interaction the request holds something that looks personal, in the summary or in the"
            " prompt's file; remove it there",
        )
