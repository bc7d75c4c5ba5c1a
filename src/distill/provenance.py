"""What the stage `sample` wrote, and what somebody else put beside it or in its place.

The synthetic corpus is public: it needs no secret, is pushed, and is shown in metrics. A file of
digests in each of its folders tells its files from others:

data/sample/botchat/.made.json    {"chats.jsonl": "9f86d081884c7d65..."}
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from distill import records
from distill.errors import InputError

FILE = ".made.json"


def write(path: Path, lines: Iterable[str]) -> None:
    """Write the one file of a folder, and its digest first, so that a kill leaves none without."""
    text = "".join(lines)
    path.unlink(missing_ok=True)
    made = {path.name: hashlib.sha256(text.encode("utf-8")).hexdigest()}
    records.write_json(path.parent / FILE, made)
    records.write_text(path, text)


def foreign(folder: Path, *others: Path) -> list[Path]:
    """Return the files below a folder with other content than `write` gave them.

    `others` are not looked at, nor are files whose names begin with a dot: no channel reads them.
    """
    files = {path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}
    return sorted(path for path in files - {*others} if _made(path) != records.digest_of(path))


def _made(path: Path) -> str | None:
    """Return the digest of the file as it was written."""
    try:
        made = json.loads((path.parent / FILE).read_text(encoding="utf-8"))
        return str(made[path.name])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check(folder: Path, *others: Path) -> None:
    """Raise InputError where a folder of the synthetic corpus holds anything else."""
    if files := foreign(folder, *others):
        more = f" (and {len(files) - 1} more)" if files[1:] else ""
        raise InputError(
            f"{files[0]}{more}: not what the stage `sample` wrote, which is public and has no"
            " secret; move interactions of your own to data/raw and set source: data/raw in"
            " params.yaml (docs/engineer.md), delete what is left there, and run `dvc repro`"
        )
