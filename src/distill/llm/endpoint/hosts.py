"""Which endpoints are inside: what is sent there leaves nobody's hands."""

from ipaddress import ip_address, ip_network

from yarl import URL

from distill.llm.settings import OpenAI


def host_of(config: OpenAI) -> str:
    """The host as the client asks for it: small letters, ASCII."""
    return URL(config.base_url).raw_host or ""


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
