"""The egress gate: a host elsewhere is sent nothing but what anonymize cleared.

It stands before the cache of replies, so that whether a stage may ask never depends on what was
asked before, and the cache holds nothing that could not be asked again.
"""

from distill.llm.endpoint.hosts import host_of
from distill.llm.endpoint.pool import Answerer
from distill.llm.messages import Reply, Request
from distill.llm.settings import OpenAI
from distill.privacy.seal import is_cleared
from distill.privacy.settings import Anonymize


class Gate:
    """Refuses every request whose row does not carry a seal that holds."""

    def __init__(
        self, inner: Answerer, config: OpenAI, stage: str, policy: Anonymize, secret: bytes
    ):
        self.inner, self.host, self.stage = inner, host_of(config), stage
        self.policy, self.secret = policy, secret

    def clears(self, request: Request) -> bool:
        """Whether it may leave: its id and text must be what the row's seal covers."""
        text = request.variables.get("text", request.row.get("text"))
        claimed = {**request.row, "id": request.id, "text": text}
        return is_cleared(claimed, self.policy, self.secret)

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
