"""The egress gate: a host elsewhere is sent nothing but what anonymize cleared.

It stands before the cache of replies, so that whether a stage may ask never depends on what was
asked before, and the cache holds nothing that could not be asked again.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

import httpx

from arf.errors import EgressError
from arf.llm import Provider, Reply, Request
from arf.params import Anonymize, OpenAI
from arf.privacy.cleared import is_cleared


def host_of(config: OpenAI) -> str:
    """The host as the client asks for it: small letters, ASCII."""
    return httpx.URL(config.base_url).raw_host.decode("ascii")


def is_inside(config: OpenAI) -> bool:
    """Whether the endpoint is on this machine (localhost, loopback) or among its `allow_hosts`.

    Names are compared and never looked up: no name server can open the gate.
    """
    host = host_of(config)
    if host in ("localhost", *config.allow_hosts):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or any(
        address in ip_network(entry) for entry in config.allow_hosts if "/" in entry
    )


class Gate:
    """A provider that refuses every request whose row does not carry a seal that holds."""

    def __init__(
        self, provider: Provider, config: OpenAI, stage: str, policy: Anonymize, secret: bytes
    ):
        self.provider, self.host, self.stage = provider, host_of(config), stage
        self.policy, self.secret = policy, secret

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield the provider's replies; raises EgressError at the first request it refuses."""
        return self.provider.complete(self._checked(request) for request in requests)

    def _checked(self, request: Request) -> Request:
        """The request, where its id, and its text if it has one, are what the seal covers."""
        text = request.variables.get("text", request.row.get("text"))
        claimed = {**request.row, "id": request.id, "text": text}
        if not is_cleared(claimed, self.policy, self.secret):
            raise EgressError(
                f"{self.stage}: {request.id} was not sent to {self.host}: anonymize has not cleared"
                " this text under the present settings and secret; run `dvc repro --force"
                f" anonymize` and then `dvc repro`, or add {self.host} to allow_hosts of its entry"
                " in llms (params.yaml) if it is inside your own network"
            )
        return request
