"""A disk that takes no more ends a stage with one line that names the file and the remedy."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from stages import stage

from distill import disk, records

FULL = Path("/dev/full")  # every write to it fails as on a full disk


def out_of_room(number: int, name: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), name)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (out_of_room(errno.ENOSPC, "data/a.jsonl"), "data/a.jsonl: no space left; free some"),
        (out_of_room(errno.EDQUOT, "data/a.jsonl"), "data/a.jsonl: the disk quota is used up"),
        (out_of_room(errno.EROFS, "data/a.jsonl"), "data/a.jsonl: the file system is read-only"),
        (sqlite3.OperationalError("database or disk is full"), ": no space left"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), ": no space left"),
    ],
)
def test_each_kind_is_told_with_its_remedy(tmp_path, monkeypatch, error, words):
    monkeypatch.chdir(tmp_path)
    told = str(disk.explained(error))
    assert words in told
    assert "run again: what is done is kept" in told
    if not words.startswith("data"):
        assert told.startswith(str(tmp_path))


def test_what_it_was_raised_from_counts():
    try:
        try:
            raise out_of_room(errno.ENOSPC, "a.bin")
        except OSError as cause:
            raise RuntimeError("the file could not be saved") from cause
    except RuntimeError as error:
        assert str(disk.explained(error)).startswith("a.bin: no space left")


@pytest.mark.parametrize("error", [out_of_room(errno.EACCES, "a"), ValueError("full"), OSError()])
def test_another_error_is_not_taken_for_it(error):
    assert disk.explained(error) is None


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_write_names_its_file_and_leaves_the_old_one(tmp_path):
    path = tmp_path / "rows.jsonl"
    records.write(path, [{"id": 1}])
    (tmp_path / f".rows.jsonl.{os.getpid()}.tmp").symlink_to(FULL)
    with pytest.raises(OSError) as error:
        records.write(path, [{"id": 2}])
    assert str(disk.explained(error.value)).startswith(f"{path}: no space left")
    assert list(records.read(path)) == [{"id": 1}]
    assert list(tmp_path.iterdir()) == [path]


def test_a_stage_ends_with_one_line(workspace, monkeypatch):
    def full(*_):
        raise out_of_room(errno.ENOSPC)

    monkeypatch.setattr(os, "fsync", full)
    ended = stage("plan")
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: data/plan/")
    assert ": no space left; " in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not list(workspace.rglob("*.tmp"))
