"""Validate the configuration, delete the outputs of removed stages, write the plan.

in   params.yaml      revisions: {r1: {parent: r0, ...}}
     dvc.lock         the outputs of stages that are no longer in params.yaml
out  data/plan/channels.json   ["botchat", "webform"]
     data/plan/stages.json     ["analyze@org", "anonymize@botchat", ...]
     data/plan/prices.json     {"gpt": {"prompt": 0.5, "completion": 1.5}}    dollars, 1M tokens
     data/plan/valid.json      true
     or, on stderr    error: params.yaml: revisions.r1.parent: 'r0' does not exist; known: org, r1

DVC leaves the outputs of a removed version, run or channel on disk, where stages that read a whole
folder would find them, although a clone does not have them. This stage deletes them, and those
stages depend on its plan. `dvc checkout` of an older commit restores them.

DVC orders stages that do not depend on each other at random; through `valid.json` no row is read
before the configuration was validated.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from distill import params, paths, records, stage
from distill.errors import InputError
from distill.params.arf import Params
from distill.params.stages import in_dvc

LOCK = Path("dvc.lock")


def stale(locked: dict[str, Any], names: set[str]) -> Iterator[Path]:
    """Yield the outputs of locked stages that no stage in `names` has as an output."""
    outputs = {
        name: {Path(out["path"]) for out in stage.get("outs", [])} for name, stage in locked.items()
    }
    current = {path for name in names for path in outputs.get(name, ())}
    for name in locked.keys() - names:
        yield from outputs[name] - current


def remove(path: Path) -> None:
    """Delete an output of a stage, and its folder if that is then empty."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    if path.parent.is_dir() and path.parent.parent != Path() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def unread(settings: Params) -> Iterator[Path]:
    """Yield the folders of raw interactions that no channel reads."""
    for folder in sorted(Path(settings.source).glob("*/")):
        if folder.name not in settings.channels:
            yield folder


def _locked() -> dict[str, Any]:
    if not LOCK.exists():
        return {}
    try:
        return dict(yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise InputError(
            f"{LOCK}: {error}; restore it, for example by `git checkout {LOCK}`"
        ) from error


def main() -> None:
    """Write data/plan; raises ParamsError with all errors of the configuration."""
    args = stage.parser(__doc__).parse_args()
    settings = params.load(args.params)
    names = in_dvc(settings)
    for path in stale(_locked(), names):
        if path.exists():
            print(f"plan: deletes {path}, the output of a removed stage", file=sys.stderr)
            remove(path)
    for folder in unread(settings):
        print(f"plan: {folder} is not read: params.yaml has no such channel", file=sys.stderr)
    prices = {name: settings.price(name) for name in settings.endpoints}
    records.write_json(paths.PLAN / "valid.json", True)
    records.write_json(paths.PLAN / "channels.json", list(settings.channels))
    records.write_json(paths.PLAN / "stages.json", sorted(names))
    records.write_json(
        paths.PLAN / "prices.json",
        {name: price.model_dump(exclude={"batch"}) for name, price in prices.items() if price},
    )


if __name__ == "__main__":
    stage.main(main)
