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


def is_main_process() -> bool:
    """Return whether this process writes and prints: the first of a launcher's, or the only one."""
    return rank() == 0


def choose() -> Device:
    """Choose the device, use it, and print the choice.

    A CPU is measured once per checkout. The choice is cached in .distill/device-<host>.json, so
    that later runs compute in the same way and give the same bytes; delete that file to measure
    again. DISTILL_DEVICE, for example "cpu/float32/1", overrides it; raises ParamsError for a value
    that names no device of this machine.
    """
    pinned = os.environ.get("DISTILL_DEVICE")
    if pinned:
        device, how = _pinned(pinned), "set by DISTILL_DEVICE"
    elif torch.cuda.is_available():
        device, how = Device("cuda", "bfloat16", torch.get_num_threads()), "a GPU is there"
    else:
        device, how = _cached()
    use(device)
    if is_main_process():
        line = f"device: {device.name}, {device.dtype}, {device.threads} thread(s) ({how})"
        print(line, flush=True)
    return device


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
    if name == "cuda" and not torch.cuda.is_available():
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
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
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
