"""The same plan from every profile, the same bytes in every clone."""

import json
import shutil

import pytest
import yaml
from conftest import REPO
from project import Project

from distill.params import load
from distill.params.stages import in_dvc

LOCK = REPO / "dvc.lock"
in_git = pytest.mark.skipif(
    not LOCK.exists(), reason="no dvc.lock, as after a clean start; `dvc repro` makes it"
)


def project_with(folder, params):
    """The project with a params file of the repository."""
    project = Project(folder)
    shutil.copy(REPO / params, project.folder / "params.yaml")
    return project


@pytest.mark.parametrize("profile", ["chats", "laptop", "paper", "quick", "thorough"])
def test_a_profile_builds_its_plan(tmp_path, profile):
    project = project_with(tmp_path, f"profiles/{profile}.yaml")
    for channel in project.params()["channels"]:
        raw = project.folder / "data/raw" / channel
        raw.mkdir(parents=True)
        (raw / "placeholder").write_text("")
    output = project.dvc("repro", "--dry", "--force")
    ran = project.ran(output)
    assert {f"finetune@{run}" for run in project.params()["runs"]} <= ran
    assert {"label", "calibrate", "report"} <= ran


@in_git
def test_the_lock_in_git_is_of_the_code_and_the_params_in_git(tmp_path):
    found = json.loads(project_with(tmp_path, "params.yaml").dvc("status", "--json", "dvc.yaml"))
    assert any(stage.startswith("judge@") for stage in found)  # their data is not there
    told = [(stage, problem) for stage, problems in found.items() for problem in problems]
    changed = {stage for stage, problem in told if problem == "changed command"}
    changed |= {
        (stage, path)
        for stage, problem in told
        if isinstance(problem, dict)
        for path, how in problem.get("changed deps", {}).items()
        if how != "deleted" and not path.startswith(("data/", "models/"))  # stages make those
    }
    assert changed == set(), "run `make repro` and commit dvc.lock with metrics/"


@in_git
def test_the_lock_in_git_knows_no_stage_that_is_gone():
    locked = yaml.safe_load(LOCK.read_text())["stages"]
    assert set(locked) <= in_dvc(load(REPO / "params.yaml"))


def data_stages(lock):
    """What the data stages wrote: stage -> [(path, hash)]."""
    names = ("sample", "anonymize", "split", "label", "annotate", "analyze", "revise")
    return {
        stage: [(out["path"], out["md5"]) for out in entry["outs"]]
        for stage, entry in yaml.safe_load(lock.read_text())["stages"].items()
        if stage.split("@")[0] in names
    }


@in_git
def test_a_clone_elsewhere_makes_the_bytes_that_the_lock_in_git_names(tmp_path):
    if not load(REPO / "params.yaml").on_sample:
        pytest.skip("params.yaml is of your own data, which no clone has")
    project = project_with(tmp_path, "params.yaml")
    project.dvc("repro", "--force", "revise@r1")  # the other versions take minutes
    assert data_stages(project.folder / "dvc.lock") == data_stages(LOCK)
