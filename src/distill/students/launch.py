"""Data parallelism without a launcher: one process for each GPU of this machine, or CPU core.

On a CPU two processes of one thread train faster than one of two, whose threads wait for each other
at the end of every small operation.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from distill.students import device
from distill.students.device import Device  # first: it prepares torch
from distill.students.settings import Train

# isort: split
import torch
from torch.multiprocessing import get_context
from torch.multiprocessing.spawn import ProcessExitedException, spawn

from distill.errors import DistillError

HOST = "127.0.0.1"


def count(train: Train, how: Device, unit: int = 1) -> int:
    """Return the number of processes: as many as there are devices and an equal share of rows for.

    `unit` rows stay together, such as a pair. The number is 1 in a process that a launcher started,
    as the launcher has started the others.
    """
    if "WORLD_SIZE" in os.environ:
        return 1
    devices = torch.cuda.device_count() if how.name == "cuda" else how.threads
    rows = train.batch * train.accumulate
    return max(n for n in range(1, max(1, devices) + 1) if rows % (n * unit) == 0 or n == 1)


class Job(NamedTuple):
    """What the processes do together."""

    function: Callable[..., None]
    args: tuple[Any, ...]
    how: Device
    processes: int
    port: int
    failed: Any  # a queue of DistillErrors


def run(function: Callable[..., None], processes: int, how: Device, *args: Any) -> None:
    """Call the function in as many new processes, which share the device and find each other.

    With one process it is called here. Its arguments must be picklable. Raises a DistillError of
    one of the processes as if it had been raised here; any failure ends all of them.
    """
    if processes == 1:
        function(*args)
        return
    failed = get_context("spawn").SimpleQueue()
    job = Job(function, args, how, processes, _free_port(), failed)
    try:
        spawn(_process, (job,), nprocs=processes)  # type: ignore[no-untyped-call]
    except ProcessExitedException:
        if failed.empty():
            raise
        raise failed.get() from None


def _process(rank: int, job: Job) -> None:
    """Run one of the processes, in an environment as torchrun's."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "MASTER_PORT": job.port}
    numbers |= dict.fromkeys(("WORLD_SIZE", "LOCAL_WORLD_SIZE"), job.processes)
    os.environ |= {name: str(value) for name, value in numbers.items()}
    os.environ["MASTER_ADDR"] = HOST
    device.use(job.how)
    try:
        job.function(*job.args)
    except DistillError as error:
        job.failed.put(error)
        raise SystemExit(1) from error


def _end_with(parent: int) -> None:
    """End this process once its parent is gone: killed, it cannot end the processes it started.

    torch asks for a SIGINT then, which whatever was started in the background ignores.
    """
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
