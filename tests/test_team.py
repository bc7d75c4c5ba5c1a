"""What docs/team.md says, with real git and DVC: clones, raw data that stays, a shared cache."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import REPO

STAGE = {
    "cmd": "cp data/raw/chats.txt data/clean.txt && wc -c < data/clean.txt > metrics.yaml",
    "deps": ["data/raw"],
    "outs": ["data/clean.txt"],
    "metrics": [{"metrics.yaml": {"cache": False}}],
}
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def run(folder, *command, check=True):
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with raw data that is never pushed, run and pushed to a remote beside it."""
    folder = tmp_path_factory.mktemp("team") / "steward"
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/raw/chats.txt").write_text("Where is my lamp?\n")
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"clean": STAGE}}))
    for command in ("git init -q -b main", "dvc init -q", "dvc add -q data/raw"):
        run(folder, *command.split())
    with (folder / "data/raw.dvc").open("a") as tracked:
        tracked.write("  push: false\n")
    run(folder, "dvc", "remote", "add", "-q", "-d", "team", "../remote")
    run(folder, "dvc", "repro", "-q")
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", "first")
    run(folder, "dvc", "push", "-q")
    return folder


@pytest.fixture
def steward(made, tmp_path):
    """A copy of it and of its remote."""
    shutil.copytree(made.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path / made.name


def cloned(steward, name):
    run(steward.parent, "git", "clone", "-q", str(steward), name)
    return steward.parent / name


def test_a_colleague_works_without_the_raw_data(steward):
    clone = cloned(steward, "colleague")
    assert "data/raw" in run(clone, "dvc", "pull", check=False)  # which fails
    run(clone, "dvc", "pull", "-q", "--allow-missing")
    assert (clone / "data/clean.txt").read_text() == "Where is my lamp?\n"
    assert not (clone / "data/raw").exists()
    said = run(clone, "dvc", "repro", "--allow-missing")
    assert "Running stage" not in said
    assert "up to date" in said


def test_clones_share_a_cache_and_need_no_remote(steward):
    run(steward, "dvc", "cache", "dir", "--local", str(steward.parent / "shared"))
    run(steward, "dvc", "config", "--local", "cache.type", "symlink,copy")
    (steward / "data/raw/chats.txt").write_text("Where are my shoes?\n")
    run(steward, "dvc", "repro", "-q")
    clone = cloned(steward, "neighbour")
    (clone / "dvc.lock").write_bytes((steward / "dvc.lock").read_bytes())
    run(clone, "dvc", "cache", "dir", "--local", str(steward.parent / "shared"))
    run(clone, "dvc", "config", "--local", "cache.type", "symlink,copy")
    run(clone, "dvc", "checkout", "-q", "dvc.yaml")
    assert (clone / "data/clean.txt").is_symlink()
    assert (clone / "data/clean.txt").read_text() == "Where are my shoes?\n"


def test_a_pull_request_shows_changed_metrics_and_the_verdict(steward):
    (steward / ".ci").mkdir()
    (steward / ".ci/results").write_bytes((REPO / ".ci/results").read_bytes())
    assert "No metric changed." in run(steward, "bash", ".ci/results", "HEAD")
    (steward / "metrics.yaml").write_text("28\n")
    (steward / "metrics").mkdir()
    (steward / "metrics/verdict.md").write_text("# The verdict\n\nA student beats its teacher.\n")
    for method in ("fair", "evokd"):
        (steward / method / "metrics").mkdir(parents=True)
        (steward / method / "metrics/verdict.md").write_text("# Verdict\n\nNothing is shown.\n")
    run(steward, "git", "add", "-A", ":!evokd")
    run(steward, "git", "commit", "-qm", "better")
    comment = run(steward, "bash", ".ci/results", "HEAD~1")
    assert comment.startswith("# The verdict\n\nA student beats its teacher.\n")
    [line] = [line for line in comment.splitlines() if line.startswith("| metrics.yaml")]
    assert [cell.strip() for cell in line.split("|")[-4:-1]] == ["18", "28", "10"]
    assert "# Verdict of fair\n\nNothing is shown.\n" in comment
    assert "of evokd" not in comment  # no commit changed it


MODEL = {"cmd": "echo 1 > models/base/weights", "outs": ["models/base/weights"]}
TRAIN = {
    "cmd": "cat train.txt models/base/weights > adapter",
    "deps": ["train.txt", "models/base"],
    "outs": ["adapter"],
}


def test_a_lock_is_checked_against_the_commit_without_data_or_models(steward):
    (steward / ".ci").mkdir()
    (steward / ".ci/lock").write_bytes((REPO / ".ci/lock").read_bytes())
    (steward / "models/base").mkdir(parents=True)
    (steward / "models/base/.gitkeep").write_text("")
    (steward / "train.txt").write_text("slowly\n")
    stages = {"clean": STAGE, "base": MODEL, "train": TRAIN}
    (steward / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    run(steward, "dvc", "repro", "-q")
    run(steward, "git", "add", "-f", "models/base/.gitkeep")
    run(steward, "git", "add", "-A")
    run(steward, "git", "commit", "-qm", "trained")
    clone = cloned(steward, "ci")
    assert "Data and pipelines are up to date." in run(clone, "bash", ".ci/lock")
    run(clone, "git", "checkout", "-q", "--detach")  # as CI checks a pull request out
    assert "Data and pipelines are up to date." in run(clone, "bash", ".ci/lock")
    (clone / "train.txt").write_text("fast\n")
    run(clone, "git", "commit", "-qam", "faster")
    said = run(clone, "bash", "-c", "bash .ci/lock && echo the lock is current", check=False)
    assert "the lock is current" not in said
    assert "train" in said


def test_the_workflow_needs_no_secret_and_runs_what_is_there():
    text = (REPO / ".github/workflows/results.yaml").read_text()
    assert "secrets." not in text
    assert "pull_request_target" not in text  # would run a fork's code with a token that may write
    jobs = yaml.safe_load(text)["jobs"]
    commands = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    assert any(command.startswith(".ci/results ") for command in commands)
    assert ".ci/lock" in commands
    assert all(os.access(REPO / ".ci" / name, os.X_OK) for name in ("results", "lock"))
