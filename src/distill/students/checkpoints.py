"""Checkpoints of a training: their folder, and the last complete one."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from distill import paths
from distill.students.device import processes
from distill.students.settings import Student


def folder(name: str, student: Student, parts: Iterable[Any]) -> Path:
    """Return the folder of a run's checkpoints, named after all that decides its result.

    `parts` are JSON values: seed, examples, device, number of processes. The student's settings and
    the files of a base that lies in a folder are added to them. Another value gives another folder,
    so a training never resumes from the checkpoint of a different one.
    """
    elsewhere: Any = {"predict": True, "prompts": True, "launch": {"devices"}, "speed": {"workers"}}
    digest = hashlib.sha256(student.model_dump_json(exclude=elsewhere).encode())
    for part in parts:
        digest.update(json.dumps(part).encode())
    base = Path(student.base)
    for file in sorted(base.iterdir()) if base.is_dir() else []:
        if file.is_file():
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return paths.workspace() / "checkpoints" / f"{name}-{digest.hexdigest()[:16]}"


def last(folder: Path) -> Path | None:
    """Return the last complete checkpoint, None where there is none.

    A checkpoint whose writing was interrupted lacks its final file, or the state of the random
    numbers of one of the processes.
    """
    states = folder.glob("checkpoint-*/trainer_state.json")
    found = [path.parent for path in states if _is_complete(path)]
    return max(found, key=lambda path: int(path.name.split("-")[1]), default=None)


def _is_complete(state: Path) -> bool:
    if len(list(state.parent.glob("rng_state*.pth"))) < processes():
        return False
    try:
        return bool(json.loads(state.read_text(encoding="utf-8")))
    except ValueError:
        return False
