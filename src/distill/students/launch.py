"""The processes of a training: one for each GPU of this machine, or CPU core (data parallelism).

On a CPU two processes of one thread train faster than one of two, whose threads wait for each other
at the end of every small operation. A student with `launch.config` is started by accelerate, which
shards the model over the processes (FSDP2).
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from distill.students import device
from distill.students.device import Device  # first: it prepares torch
from distill.students.settings import Student

# isort: split
from accelerate.commands.launch import (  # type: ignore[import-untyped]
    launch_command,
    launch_command_parser,
)
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.multiprocessing import get_context
from torch.multiprocessing.spawn import ProcessExitedException, spawn

from distill import disk
from distill.errors import DistillError, ParamsError, TrainingError

HOST = "127.0.0.1"


def place(student: Student, unit: int = 1) -> tuple[Device, int]:
    """Take the devices of a training; return how they compute, and the number of processes.

    There are as many processes as devices with an equal share of a step's rows, of which `unit`
    stay together, such as a pair. In a process that a launcher started the number is 1, as the
    launcher has started the others. Raises ParamsError for more devices than the machine has.
    """
    if device.is_launched():
        return device.choose(), 1
    how, _ = device.found()
    wanted = student.launch.devices
    if how.name == "cuda":
        processes = count(student, _checked(wanted, device.visible_gpus(), "GPU"), unit)
        return device.choose(processes), processes
    how = device.choose()
    if wanted:
        device.use_cores(_checked(wanted, device.visible_cores(), "CPU core"))
        how = replace(how, threads=wanted)
        device.use(how)
    return how, count(student, how.threads, unit)


def count(student: Student, devices: int, unit: int) -> int:
    """Return the largest number of processes that share a step's rows equally."""
    rows = student.train.batch * student.train.accumulate
    return max(n for n in range(1, devices + 1) if rows % (n * unit) == 0 or n == 1)


def _checked(wanted: int | None, names: list[str], kind: str) -> int:
    if wanted and wanted > len(names):
        raise ParamsError(
            f"params.yaml: students: launch.devices is {wanted}, and this machine has"
            f" {len(names)} {kind}(s) to use; lower it, or set it to null"
        )
    return wanted or len(names)


def by_accelerate(student: Student, unit: int = 1) -> None:
    """Run this very command in processes of `accelerate launch`, on the devices that it takes.

    Raises ParamsError without the configuration file, and TrainingError where a process fails.
    """
    config = str(student.launch.config)
    if not Path(config).is_file():
        raise ParamsError(f"params.yaml: students: launch.config: {config} does not exist")
    _, processes = place(student, unit)
    options = ["--config_file", config, "--num_processes", str(processes)]
    options += ["--main_process_port", str(_free_port()), *sys.argv]
    try:
        launch_command(launch_command_parser().parse_args(options))
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        raise TrainingError(
            f"process {rank} of {processes} ended with status {failure.exitcode}; what it said is"
            " above"
        ) from error


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
    one of the processes as if it had been raised here, and TrainingError where one was killed; any
    failure ends all of them.
    """
    if processes == 1:
        function(*args)
        return
    failed = get_context("spawn").SimpleQueue()
    job = Job(function, args, how, processes, _free_port(), failed)
    try:
        spawn(_process, (job,), nprocs=processes)  # type: ignore[no-untyped-call]
    except ProcessExitedException as error:
        raise (_ended(error, processes) if failed.empty() else failed.get()) from None


def _ended(error: ProcessExitedException, processes: int) -> TrainingError:
    which = f"process {error.error_index} of {processes}"
    if not error.signal_name:
        return TrainingError(f"{which} ended with status {error.exit_code}; what it said is above")
    return TrainingError(
        f"{which} was ended by {error.signal_name}, probably because memory ran out; free memory,"
        " or lower train.batch or launch.devices of the student in params.yaml, and run again"
    )


def end_with_parent() -> None:
    """End this process as soon as the one that started it is gone."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _process(rank: int, job: Job) -> None:
    """Run one of the processes, in an environment as torchrun's."""
    end_with_parent()
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "MASTER_PORT": job.port}
    numbers |= dict.fromkeys(("WORLD_SIZE", "LOCAL_WORLD_SIZE"), job.processes)
    os.environ |= {name: str(value) for name, value in numbers.items()}
    os.environ["MASTER_ADDR"] = HOST
    device.use(job.how)
    try:
        job.function(*job.args)
    except Exception as error:
        told = error if isinstance(error, DistillError) else disk.explained(error)
        if told is None:
            raise
        job.failed.put(told)
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
