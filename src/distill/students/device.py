"""The device of a student: a GPU in bfloat16, or the fastest dtype and thread count of this CPU.

This module must be imported before torch: OpenMP reads its settings once.
"""

import json
import os
import platform
import re
import time
from dataclasses import asdict, dataclass

from filelock import FileLock

# Threads that sleep at once wake late for the next small product, those that spin starve on shared
# cores. A thousand turns cost neither: where two cores shared every product of a LoRA step, it took
# 0.10 s instead of 0.15, and with one core busy 0.20 instead of 0.16; turning for longer, a second.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import torch

from distill import paths
from distill.errors import ParamsError
from distill.students import held, uuids

DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}
SHAPE = (512, 576, 1536)  # rows, inner and columns of the matrix product that is timed


@dataclass(frozen=True)
class Device:
    """`name` is cpu or cuda; `threads` counts the CPU threads of all processes of this machine."""

    name: str
    dtype: str
    threads: int

    @property
    def torch_dtype(self) -> torch.dtype:
        """The dtype as torch names it."""
        return DTYPES[self.dtype]


def processes() -> int:
    """Return the number of processes that a launcher started, on all machines; 1 without one."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Return the number of this process among them, from 0."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """Return the number of this process, and of its GPU, among those of this machine."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_main_process() -> bool:
    """Return whether this process writes and prints: the first of a launcher's, or the only one."""
    return rank() == 0


def is_launched() -> bool:
    """Return whether a launcher started this process, and chose its device."""
    return "WORLD_SIZE" in os.environ


def choose(gpus: int = 1) -> Device:
    """Choose the device, take as many GPUs as named, where it is one, and print the choice.

    A CPU is measured once per checkout. The choice is cached in .distill/device-<host>.json, so
    that later runs compute in the same way and give the same bytes; delete that file to measure
    again. DISTILL_DEVICE, for example "cpu/float32/1", overrides it; raises ParamsError for a value
    that names no device of this machine.
    """
    device, how = found()
    if device.name == "cuda" and not is_launched():
        names = held.take("gpu", visible_gpus(), gpus)
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(names)
        how = f"GPU {', '.join(name.removeprefix('GPU-') for name in names)}"
    use(device)
    if is_main_process():
        line = f"device: {device.name}, {device.dtype}, {device.threads} thread(s) ({how})"
        print(line, flush=True)
    return device


def found() -> tuple[Device, str]:
    """Return the device and why it is that one, without using it."""
    pinned = os.environ.get("DISTILL_DEVICE")
    if pinned:
        return _pinned(pinned), "set by DISTILL_DEVICE"
    if visible_gpus():
        return Device("cuda", "bfloat16", torch.get_num_threads()), "a GPU is there"
    return _cached()


def visible_gpus() -> list[str]:
    """Return the names of the GPUs for CUDA_VISIBLE_DEVICES, without initializing CUDA.

    CUDA reads that variable once, so it has to be set before. The names are UUIDs where the driver
    tells them: two processes that count the GPUs differently lock the same one.
    """
    count = torch.cuda.device_count()  # asks the driver's library, NVML
    listed = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = map(str, range(count)) if listed is None else map(str.strip, listed.split(","))
    return uuids.named(list(names)[:count])


def visible_cores() -> list[str]:
    """Return the numbers of the CPU cores on which this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return [str(core) for core in sorted(os.sched_getaffinity(0))]
    return [str(core) for core in range(os.cpu_count() or 1)]


def use_cores(count: int) -> None:
    """Take as many CPU cores, and run on them alone."""
    names = held.take("core", visible_cores(), count)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(name) for name in names})


def use(device: Device) -> None:
    """Give this process its share of the device's threads."""
    torch.set_num_threads(max(1, device.threads // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))


def _pinned(text: str) -> Device:
    match = re.fullmatch(rf"(cpu|cuda)/({'|'.join(DTYPES)})/([1-9]\d*)", text)
    if not match:
        raise ParamsError(
            f"DISTILL_DEVICE is {text!r}; it must be cpu or cuda, then {' or '.join(DTYPES)}, then"
            ' the number of threads: "cpu/float32/1"'
        )
    name, dtype, threads = match.groups()
    if name == "cuda" and not visible_gpus():
        raise ParamsError(f"DISTILL_DEVICE is {text!r}, but torch finds no GPU here")
    return Device(name, dtype, int(threads))


def _cached() -> tuple[Device, str]:
    path = paths.workspace() / f"device-{platform.node()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):  # of several processes one measures
        if path.is_file():
            return Device(**json.loads(path.read_text(encoding="utf-8"))), f"as in {path.name}"
        seconds = measure()
        device = min(seconds, key=lambda one: seconds[one])
        path.write_text(json.dumps(asdict(device)) + "\n", encoding="utf-8")
    listed = ", ".join(
        f"{one.dtype} x{one.threads} {1000 * spent:.1f} ms" for one, spent in seconds.items()
    )
    return device, f"measured: {listed}"


def measure(budget: float = 0.25) -> dict[Device, float]:
    """Return the mean seconds of a training step's typical matrix product, by dtype and threads.

    Each combination is timed for `budget` seconds.
    """
    cores = len(visible_cores())
    rows, inner, columns = SHAPE
    seconds = {}
    for threads in sorted({1, max(1, cores // 2), cores}):
        torch.set_num_threads(threads)
        for name, dtype in DTYPES.items():
            left = torch.randn(rows, inner, dtype=dtype)
            right = torch.randn(inner, columns, dtype=dtype)
            left @ right  # the first call prepares the kernel
            began, rounds = time.perf_counter(), 0
            while time.perf_counter() - began < budget:
                torch.nn.functional.silu(left @ right)
                rounds += 1
            seconds[Device("cpu", name, threads)] = (time.perf_counter() - began) / rounds
    return seconds
