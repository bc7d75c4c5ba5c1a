"""A copy of the project in a folder of its own, with its own git and DVC, for tests that run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from conftest import REPO

SMALL = {
    "sample": {"rows": 110},
    "sizes": {"test": 12, "dev": 4, "audit": 12},
    "train": 48,
    "runs": {
        "tiny-org": {"student": "tiny", "version": "org"},
        "tiny-r1": {"student": "tiny", "version": "r1"},
    },
}


class Project:
    """A project's folder and the commands that a user would type there."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in _run(["git", "ls-files", "-co", "--exclude-standard"], REPO).splitlines():
            if (REPO / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPO / name, folder / name)
        self.git("init", "-q", "-b", "main")
        self.commit("start")

    def git(self, *arguments: str) -> str:
        return _run(["git", *arguments], self.folder)

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def dvc(self, *arguments: str) -> str:
        return _run([sys.executable, "-m", "dvc", *arguments], self.folder)

    def refused(self, *arguments: str) -> list[str]:
        """What a `dvc` that fails says: the lines of its errors."""
        done = _done([sys.executable, "-m", "dvc", *arguments], self.folder)
        assert done.returncode != 0, done.stdout
        return done.stderr.splitlines()

    def params(self) -> dict:
        return yaml.safe_load((self.folder / "params.yaml").read_text())

    def set_params(self, values: dict) -> None:
        (self.folder / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))

    def shrink(self) -> None:
        """Few rows, few steps, two runs: every stage still does all of its work."""
        values = self.params()
        values["sample"] = SMALL["sample"]
        for channel in values["channels"].values():
            channel |= {"sizes": SMALL["sizes"], "train": SMALL["train"]}
        values["runs"] = SMALL["runs"]
        values["systems"] = ["teacher", "tiny", *SMALL["runs"]]
        values["report"]["bootstrap"] = 200
        self.set_params(values)
        self.commit("a small project")

    def ran(self, output: str) -> set[str]:
        """The stages that a `dvc repro` ran, from what it printed."""
        lines = (line for line in output.splitlines() if line.startswith("Running stage"))
        return {line.split("'")[1] for line in lines}


def _done(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def _run(command: list[str], folder: Path) -> str:
    done = _done(command, folder)
    said = f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    assert done.returncode == 0, f"{' '.join(command)}\n{said}"
    return done.stdout
