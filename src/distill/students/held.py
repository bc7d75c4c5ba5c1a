"""Devices of this machine that this process uses alone: a lock each, until the process ends.

    .distill/devices/gpu-GPU-5ff6.lock     locked by the process that uses this GPU
    .distill/devices/gpu-GPU-5ff6.json     {"process": 4711, "command": "finetune.py smollm2-r1"}
    .distill/devices/<host>-core-3.lock    by the process that runs on core 3

All processes of a repository share the locks, also those of experiments in temporary folders. The
operating system unlocks what a killed process held.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from distill import paths, records

PAUSE = 1.0  # seconds between two looks for free devices
_held: dict[tuple[str, str], FileLock] = {}


def take(kind: str, names: Sequence[str], count: int) -> list[str]:
    """Return `count` devices of `names` that no other process uses, once there are as many.

    All of them are taken at once, so two processes never wait for each other. Those that this
    process has already come first. A line on stderr says which processes are waited for.
    """
    is_said = False
    while len(found := _free(kind, names, count)) < count:
        if not is_said:
            print(_waiting(kind, names, count), file=sys.stderr, flush=True)
            is_said = True
        time.sleep(PAUSE)
    for name in found:
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
        records.write_json(_file(kind, name), {"process": os.getpid(), "command": command})
    return found


def _free(kind: str, names: Sequence[str], count: int) -> list[str]:
    """Lock and return `count` devices, or as many as are free, and then lock none of them."""
    locks = {name: lock for name in names if (lock := _held.get((kind, name)))}
    for name in names:
        if name not in locks and len(locks) < count:
            lock = FileLock(_file(kind, name).with_suffix(".lock"), timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue
            locks[name] = lock
    if len(locks) >= count:
        _held.update({(kind, name): lock for name, lock in locks.items()})
    else:
        for name in locks.keys() - {held for of, held in _held if of == kind}:
            locks[name].release()
    return list(locks)[:count]


def _waiting(kind: str, names: Sequence[str], count: int) -> str:
    users = []
    for name in names:
        try:
            user = json.loads(_file(kind, name).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # its user has only just locked it
            continue
        if (kind, name) not in _held:
            users.append(f"{name} by {user['command']} (process {user['process']})")
    wanted = f"{count} of {len(names)} {kind}s" if len(names) > 1 else f"the {kind}"
    return f"waiting for {wanted}; last used: {', '.join(users) or 'unknown'}"


def _file(kind: str, name: str) -> Path:
    folder = paths.workspace() / "devices"
    folder.mkdir(parents=True, exist_ok=True)
    safe = "".join(letter if letter.isalnum() else "-" for letter in name)
    if name.startswith(("GPU-", "MIG-")):  # unique: containers of one host have names of their own
        return folder / f"{kind}-{safe}.json"
    return folder / f"{platform.node()}-{kind}-{safe}.json"
