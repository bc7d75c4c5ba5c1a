"""Copies of raw data under other names: by hash, inside archives, and by runs of words.

A renamed file has the hash of the original, also as a member of an archive. A patch, a notebook or
a table that quotes raw text shares runs of eight words with it.
"""

import hashlib
import io
import json
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

LARGEST = 20_000_000  # bytes of a file that is searched
_WORDS = 8  # words of a run
_FEWEST = 3  # runs that no chance brings together
_WORD = re.compile(r"[^\W_]{2,}")
_ESCAPE = re.compile(r"\\+[nrt\"/]|\\u[\da-fA-F]{4}")


class Raw:
    """The contents of the raw files below some folders."""

    def __init__(self, folders: list[Path]) -> None:
        self.files = [
            path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()
        ]

    @cached_property
    def md5(self) -> dict[str, Path]:
        """MD5, as DVC has it, -> file."""
        return {hashlib.md5(path.read_bytes()).hexdigest(): path for path in self.files}

    @cached_property
    def runs(self) -> frozenset[int]:
        """The hashes of all runs of words."""
        return frozenset(run for path in self.files for run in _runs(path.read_bytes()))

    def copied_in(self, content: bytes, depth: int = 3) -> bool:
        """Whether a file's content, or that of a member of an archive, holds raw data."""
        if not self.files or len(content) > LARGEST:
            return False
        if hashlib.md5(content).hexdigest() in self.md5:
            return True
        if depth and any(self.copied_in(member, depth - 1) for member in _members(content)):
            return True
        return sum(run in self.runs for run in set(_runs(content))) >= _FEWEST


def _runs(content: bytes) -> Iterator[int]:
    words = _WORD.findall(_ESCAPE.sub(" ", content.decode("utf-8", "ignore")).casefold())
    return (hash(tuple(words[i : i + _WORDS])) for i in range(len(words) - _WORDS + 1))


def _members(content: bytes) -> Iterator[bytes]:
    """Yield the files of a zip or tar archive, or what a compressed file holds."""
    file = io.BytesIO(content)
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    yield archive.read(name)
        elif content[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7") or content[257:262] == b"ustar":
            yield from _of_tar(content)
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, RuntimeError):
        return


def _of_tar(content: bytes) -> Iterator[bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)):
                    yield file.read()
    except tarfile.ReadError:
        yield _unpacked(content)


def _unpacked(content: bytes) -> bytes:
    import bz2  # noqa: PLC0415 - rarely needed
    import gzip  # noqa: PLC0415
    import lzma  # noqa: PLC0415

    opened = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress}.get(content[:2], lzma.decompress)
    return opened(content)


class Blob(NamedTuple):
    """A file of git's: its object, a path it has or had, and its content."""

    object: str
    path: str
    content: bytes


def blobs() -> Iterator[Blob]:
    """Yield every file of every ref (branches, tags, notes, stashes, experiments) and the index."""
    listed = _git("rev-list", "--objects", "--all").splitlines()
    named = dict(line.partition(" ")[::2] for line in listed)
    for line in _git("ls-files", "-s").splitlines():
        about, _, path = line.partition("\t")
        named[about.split()[1]] = path
    asked = "\n".join(named) + "\n"
    checked = _git(
        "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", given=asked
    )
    for line in checked.splitlines():
        name, kind, size = (*line.split(), "", "")[:3]
        if kind == "blob" and int(size) <= LARGEST:
            done = subprocess.run(
                ["git", "cat-file", "blob", name], capture_output=True, check=True
            )
            yield Blob(name, named[name], done.stdout)


def messages() -> Iterator[tuple[str, bytes]]:
    """Yield each commit and annotated tag with its message."""
    for line in _git("log", "--all", "--format=%h%x09%B%x00").split("\0"):
        name, _, text = line.strip().partition("\t")
        yield f"commit {name}", text.encode()
    for line in _git("for-each-ref", "--format=%(refname)%09%(contents)%00", "refs/tags").split(
        "\0"
    ):
        name, _, text = line.strip().partition("\t")
        yield name, text.encode()


def _git(*arguments: str, given: str = "") -> str:
    done = subprocess.run(
        ["git", *arguments], input=given, capture_output=True, text=True, check=True
    )
    return done.stdout


def hashes(cache: Path, value: str) -> list[str]:
    """The MD5 of every file of a DVC output: its own, or those of a directory's files."""
    if not value.endswith(".dir"):
        return [value]
    listed = cache / "files/md5" / value[:2] / value[2:]
    return [entry["md5"] for entry in json.loads(listed.read_text())] if listed.is_file() else []


def content_of(cache: Path, value: str) -> bytes:
    """The content of a file in DVC's cache, empty where it is not there or too large."""
    file = cache / "files/md5" / value[:2] / value[2:]
    return file.read_bytes() if file.is_file() and file.stat().st_size <= LARGEST else b""
