"""Cache key of a folder: name, modification time and size of its files."""

from pathlib import Path


def stamp(*folders: Path) -> tuple[tuple[str, int, int], ...]:
    """Return (name, nanoseconds, bytes) of each .jsonl file of the folders."""
    files = sorted(file for folder in folders for file in folder.glob("*.jsonl"))
    return tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
