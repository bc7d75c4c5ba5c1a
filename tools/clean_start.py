"""A clean start: `make clean-start` removes the demo's results before a project of one's own.

in   dvc.lock                      the demo's stages and outputs, also in fair/ and evokd/
out  dvc.lock, metrics/            deleted, with every output that the lock names
     data/quarantine/              deleted
     data/annotations/ana.jsonl    kept, as are settings, prompts, raw data and replies

Nothing is deleted once a lock knows results of other data than the demo's. What was committed stays
in git's history, and the data in DVC's cache until `dvc gc --workspace`.
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from distill import paths, provenance, stage
from distill.errors import InputError

METHODS = (Path(), Path("fair"), Path("evokd"))
MADE_UP = ("data/sample", "data/utterances")  # sources that a stage generates
BY_HAND = (paths.ANNOTATIONS, paths.EDIT_VERDICTS, paths.FEEDBACK)
Stages = dict[str, dict[str, Any]]


def locked(folder: Path) -> Stages:
    """Return the stages of a method's dvc.lock; raises InputError where it cannot be read."""
    lock = folder / "dvc.lock"
    if not lock.exists():
        return {}
    try:
        return dict(yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"] or {})
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise InputError(f"{lock}: {error}; restore it: `git checkout {lock}`") from error


def own(folder: Path, stages: Stages) -> Iterator[str]:
    """Yield the data of one's own that the stages of a method's lock have read."""
    for entry in stages.values():
        for values in entry.get("params", {}).values():
            if values.get("source", MADE_UP[0]) not in MADE_UP:
                yield str(folder / values["source"])
        for dependency in entry.get("deps", []):
            if dependency["path"] == str(paths.RAW) and dependency.get("nfiles", 1) > 1:
                yield str(folder / paths.RAW)  # more than its .gitkeep


def results(folder: Path, stages: Stages) -> Iterator[Path]:
    """Yield what a method's demo left, its lock at the end, so that a kill leaves it readable."""
    outs = [folder / out["path"] for entry in stages.values() for out in entry.get("outs", [])]
    for path in (*outs, folder / paths.METRICS, folder / paths.QUARANTINE, folder / "dvc.lock"):
        if path.exists() or path.is_symlink():
            yield path


def remove(path: Path) -> None:
    """Delete a file, a folder or a link, but not what the link leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def main() -> None:
    """Remove the results of all methods, and say what is left to do."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    found = {folder: locked(folder) for folder in METHODS}
    for folder, stages in found.items():
        for source in own(folder, stages):
            raise InputError(
                f"{folder / 'dvc.lock'}: has results of {source}, data of your own; a clean start"
                " removes the demo's only. To forget them all the same, delete that file first"
            )
    provenance.check(paths.SAMPLE, paths.TRUTH)
    for folder, stages in found.items():
        gone = list(results(folder, stages))
        for path in gone:
            remove(path)
        if gone:
            print(f"{folder / 'dvc.yaml'}: {len(gone)} outputs, tables and the lock deleted")
    for file in sorted(file for kept in BY_HAND for file in kept.glob("*.jsonl")):
        print(f"{file}: kept; it is of the demo's rows, delete it unless you need it")
    print("Next: params.yaml and data/raw (README, Use your own data); git add -A; git commit")


if __name__ == "__main__":
    stage.main(main)
