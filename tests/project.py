"""A copy of the project in a folder of its own, with its own git and DVC, for tests that run it."""

import copy
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import models
import warm
import yaml
from conftest import REPO

METHODS = (".", "fair", "evokd")
SMALL = {
    "sample": {"rows": 60},
    "sizes": {"test": 8, "dev": 2, "audit": 4, "train": 12},
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
        shutil.copy(REPO / "tests/params.yaml", folder)
        self.git("init", "-q", "-b", "main")
        self.commit("start")

    @classmethod
    def clone(cls, other: "Project", folder: Path) -> "Project":
        """A git clone of another project, without its data."""
        _run(["git", "clone", "-q", str(other.folder), str(folder)], other.folder)
        made = cls.__new__(cls)
        made.folder = folder
        return made

    def git(self, *arguments: str) -> str:
        return _run(["git", *arguments], self.folder)

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def dvc(self, *arguments: str) -> str:
        return _run(_dvc(arguments), self.folder, warm.python())

    def dvc_in(self, folder: str, *arguments: str) -> str:
        """Run `dvc` in a folder of the project, as for a method's experiments."""
        return _run(_dvc(arguments), self.folder / folder, warm.python())

    def refused(self, *arguments: str) -> list[str]:
        """What a `dvc` that fails says: the lines of its errors."""
        done = _done(_dvc(arguments), self.folder, warm.python())
        assert done.returncode != 0, done.stdout
        return done.stderr.splitlines()

    def kill(self, ready: Callable[[], object], *arguments: str) -> None:
        """Start a `dvc` and kill -9 it, and all that it started, once `ready`."""
        process = subprocess.Popen(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=self.folder,
            env=_environment(sys.executable),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 180
        try:
            while not ready():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.005)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            killed = process.wait()
        assert killed == -signal.SIGKILL

    def params(self) -> dict:
        return yaml.safe_load((self.folder / "params.yaml").read_text())

    def set_params(self, values: dict) -> None:
        (self.folder / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))

    def shrink(self) -> None:
        """Few rows, few steps, two runs of a model of two layers: all stages do all their work."""
        values = self.params()
        values["base"] = []
        values["sample"] = SMALL["sample"]
        values["split"]["sizes"] = dict.fromkeys(values["channels"], SMALL["sizes"])
        values |= {"asked": {}, "edited": {}, "filtered": {}}
        values["versions"] = ["org", *values["revisions"]]
        values["students"], values["runs"] = self.students(), SMALL["runs"]
        values["systems"] = ["teacher", "tiny", *SMALL["runs"]]
        values["release"] = "tiny-r1"
        values["report"]["bootstrap"] = 200
        self.set_params(values)
        self.forget_results()
        self.commit("a small project")

    def students(self) -> dict:
        """Save a student of two layers, in git, so that experiments and clones have it too."""
        models.save(self.folder / models.STUDENT["base"])
        self.git("add", "--force", models.STUDENT["base"])
        return {"tiny": copy.deepcopy(models.STUDENT)}

    def forget_results(self, method: str = ".") -> None:
        """Empty the method's dvc.lock, and leave out the pipelines of the other methods.

        DVC parses and writes all of the lock after each stage, and reads all pipelines with each
        command.
        """
        for folder in METHODS:
            (self.folder / folder / "dvc.lock").unlink(missing_ok=True)
            if folder != method:
                (self.folder / folder / "dvc.yaml").unlink(missing_ok=True)

    def narrow(self, name: str, channel: dict, sizes: dict, fixes: list[str]) -> None:
        """The fewest stages: one channel, one revision by these fixes, and no student."""
        values = self.params()
        values["split"]["sizes"] = {name: sizes}
        revision = values["revisions"]["r1"] | {"fixes": {name: fixes}}
        values |= {
            "channels": {name: channel},
            "versions": ["org", "r1"],
            "revisions": {"r1": revision},
            "filtered": {},
            "base": [],
            "students": {},
            "runs": {},
            "asked": {},
            "edited": {},
            "systems": ["teacher"],
            "release": None,
            "report": {"bootstrap": 200},
        }
        self.set_params(values)
        self.forget_results()

    def ran(self, output: str) -> set[str]:
        """The stages that a `dvc repro` ran, from what it printed."""
        lines = (line for line in output.splitlines() if line.startswith("Running stage"))
        return {line.split("'")[1] for line in lines}


def _dvc(arguments: tuple[str, ...]) -> list[str]:
    return ["python", "-m", "dvc", *arguments]


def _environment(python: str) -> dict[str, str]:
    """The environment of commands whose `python` is this one."""
    folders = [str(Path(python).parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {**os.environ, "PATH": os.pathsep.join(folders)}


def _done(command: list[str], folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=_environment(python),
        capture_output=True,
        text=True,
        check=False,
    )


def _run(command: list[str], folder: Path, python: str = sys.executable) -> str:
    done = _done(command, folder, python)
    said = f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    assert done.returncode == 0, f"{' '.join(command)}\n{said}"
    return done.stdout
