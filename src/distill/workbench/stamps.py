"""What tells that a folder's files are others than those that were read."""

from pathlib import Path


def stamp(*folders: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of the folders' files: the key of what is kept of them."""
    files = sorted(file for folder in folders for file in folder.glob("*.jsonl"))
    return tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
