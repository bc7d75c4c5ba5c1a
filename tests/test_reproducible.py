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


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(copied):
    """The project as in git, with its own parameters in the place of the tests'."""
    shutil.copy(REPO / "params.yaml", copied.folder)
    yield copied
    copied.git("clean", "-qfdx")
    copied.git("checkout", "-q", ".")


@pytest.mark.parametrize("profile", ["chats", "laptop", "paper", "quick", "thorough"])
def test_a_profile_builds_its_plan(project, profile):
    shutil.copy(REPO / f"profiles/{profile}.yaml", project.folder / "params.yaml")
    for channel in project.params()["channels"]:
        raw = project.folder / "data/raw" / channel
        raw.mkdir(parents=True)
        (raw / "placeholder").write_text("")
    output = project.dvc("repro", "--dry", "--force")
    ran = project.ran(output)
    assert {f"finetune@{run}" for run in project.params()["runs"]} <= ran
    assert {"label", "calibrate", "report"} <= ran


@in_git
def test_the_lock_in_git_is_of_the_code_and_the_params_in_git(project):
    found = json.loads(project.dvc("status", "--json", "dvc.yaml"))
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


DATA = ("sample", "anonymize", "split", "label", "annotate", "analyze", "revise")


def data_stages(lock):
    """What the data stages wrote: stage -> [(path, hash)]."""
    return {
        stage: [(out["path"], out["md5"]) for out in entry["outs"]]
        for stage, entry in yaml.safe_load(lock.read_text())["stages"].items()
        if stage.split("@")[0] in DATA
    }


@in_git
def test_a_clone_elsewhere_makes_the_bytes_that_the_lock_in_git_names(project):
    if not load(REPO / "params.yaml").on_sample:
        pytest.skip("params.yaml is of your own data, which no clone has")
    project.forget_results()
    project.dvc("repro", "revise@r1")  # the other versions take minutes
    made = data_stages(project.folder / "dvc.lock")
    assert {stage.split("@")[0] for stage in made} == set(DATA) - {"analyze"}
    assert made.items() <= data_stages(LOCK).items()
