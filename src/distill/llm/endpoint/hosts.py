"""Internal endpoints (loopback, `allow_hosts`), which need no egress check."""

from ipaddress import ip_address, ip_network

from yarl import URL

from distill.llm.settings import OpenAI


def host_of(config: OpenAI) -> str:
    """Return the host of `base_url` as the client resolves it: lower case, ASCII."""
    return URL(config.base_url).raw_host or ""


def is_inside(config: OpenAI) -> bool:
    """Whether the host is this machine (localhost, loopback) or one of `allow_hosts`.

    Names are compared and never resolved, so no DNS answer can open the gate.
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
