"""The egress gate: an external host is sent nothing but what anonymize cleared.

It stands before the cache of replies, so that whether a stage may ask never depends on what was
asked before, and the cache holds nothing that could not be asked again.
"""

from collections.abc import Callable

from distill.llm.endpoint.hosts import host_of
from distill.llm.endpoint.pool import Answerer
from distill.llm.messages import Reply, Request
from distill.llm.settings import OpenAI
from distill.records import Row


class Gate:
    """Refuses every request about a row that is not cleared, and every request about none."""

    def __init__(
        self, inner: Answerer, config: OpenAI, stage: str, is_cleared: Callable[[Row], bool]
    ):
        self.inner, self.host, self.stage = inner, host_of(config), stage
        self.is_cleared = is_cleared

    def clears(self, request: Request) -> bool:
        """Whether it may leave: it is about one row or more, each of them cleared."""
        return bool(request.rows) and all(map(self.is_cleared, request.rows))

    async def answer(self, request: Request) -> Reply:
        """The reply, or not_cleared."""
        if self.clears(request):
            return await self.inner.answer(request)
        return Reply(
            error="not_cleared",
            detail=f"{self.stage}: {request.id} was not sent to {self.host}: anonymize has not"
            " cleared this text under the present settings and secret; run `dvc repro -sf"
            f" anonymize` and then `dvc repro`, or add {self.host} to allow_hosts of its entry"
            " in llms (params.yaml) if it is inside your own network",
        )
