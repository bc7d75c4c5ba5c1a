"""Shards on the nodes of a Ray cluster. Ray is an optional package: pip install '.[ray]'.

A node needs the same code and packages; neither the data nor the parts have to be where it can
read them, since shards and parts travel through Ray. What a function keeps secret does not: it
reads that from the node's environment.
"""

import logging
import os
import socket
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from distill.engine.parts import Each, Named, Shard, Work, code
from distill.errors import EngineError

try:
    import ray
    from ray.exceptions import RayError, RayTaskError
except ImportError as missing:
    raise EngineError(
        f"engine.kind: ray needs the package ray ({missing}); install it with pip install"
        " -c constraints.txt '.[ray]', or set engine.kind: local in params.yaml"
    ) from missing

RETRIES = 10  # times that a shard is given to another node, where its node or process has died
_PATIENCE = 10.0  # seconds for a connection to the cluster
_AHEAD = 2  # shards a core that are read before they are needed


def connected(address: str | None) -> Each:
    """Return the engine of the cluster at an address, or of one of this machine alone.

    Raises EngineError where no cluster answers. A connection that is there is used.
    """
    return partial(_each, address)


def _each(address: str | None, work: Work, shards: Iterable[Named]) -> Iterator[tuple[str, bytes]]:
    """Yield the part of each shard, as soon as a node has made it.

    An exception of the function is raised as it is. Raises EngineError where Ray fails.
    """
    _connect(address)
    try:
        yield from _windowed(ray.put(work), shards)
    except RayTaskError as error:
        raise error.cause if isinstance(error.cause, Exception) else error from error
    except ImportError as error:
        raise EngineError(
            f"the Ray cluster lacks the project's code ({error}); set PYTHONPATH to the folder src"
            " of its checkout before `ray start`"
        ) from error
    except RayError as error:
        raise EngineError(
            f"Ray: {type(error).__name__}: {str(error).splitlines()[0]}; finished parts are kept:"
            " see the logs of the node (/tmp/ray/session_latest/logs), and run again"
        ) from error


def _connect(address: str | None) -> None:
    if ray.is_initialized():
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    options: dict[str, Any] = {} if address else {"include_dashboard": False}
    try:
        _check_port(address or "")
        ray.init(address or "local", log_to_driver=False, logging_level=logging.WARNING, **options)
    except (ImportError, OSError, RuntimeError, ValueError, RayError) as error:
        raise EngineError(
            f"engine.address: no Ray cluster at {address} ({' '.join(str(error).split())[:300]});"
            " start one with `ray start --head`, or correct the address in params.yaml"
        ) from error


def _check_port(address: str) -> None:
    """Raise OSError where nothing listens at host:port, which Ray tries for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()


def _windowed(work: Any, shards: Iterable[Named]) -> Iterator[tuple[str, bytes]]:
    """Keep two shards a core of the cluster in flight; nodes may come and go meanwhile."""
    pending: list[Any] = []
    for name, shard in shards:
        # In a list, the function is not unpickled before the node's code has been compared.
        pending.append(_do.remote(code(), [work], name, shard))
        if len(pending) >= _AHEAD * max(1, int(_resources().get("CPU", 1))):
            done, pending = ray.wait(pending, num_returns=1)
            yield from ray.get(done)
    while pending:
        done, pending = ray.wait(pending, num_returns=1)
        yield from ray.get(done)


def _resources() -> dict[str, float]:
    """Return what the nodes have that are there now."""
    found: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return found


@ray.remote(num_cpus=1, max_retries=RETRIES)
def _do(expected: str, work: list[Any], name: str, shard: Shard) -> tuple[str, bytes]:
    if code() != expected:
        raise EngineError(
            f"the Ray node {socket.gethostname()} has other source code or versions of packages"
            f" than this one; give it the same checkout ({sys.path[0]} there) and the packages of"
            " its constraints.txt, and run again"
        )
    return name, ray.get(work[0])(shard)
