"""A mistake in the configuration is met as one line, however the pipeline is started."""

import os
import subprocess

import pytest
from conftest import REPO
from project import Project
from stages import stage


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"))
    project.dvc("repro", "check")
    project.commit("checked")
    return project


@pytest.fixture
def undone(project):
    """Whatever a test edits is put back."""
    yield
    project.git("checkout", "-q", ".")


@pytest.mark.usefixtures("undone")
def test_dvc_repro_says_what_is_wrong_before_it_runs_anything_else(project):
    values = project.params()
    project.set_params(values | {"sead": 7})
    told, failed = project.refused("repro")
    assert told == "error: params.yaml: sead: unknown key; remove it or correct its spelling"
    assert "failed to reproduce 'check'" in failed
    values["revisions"]["r1"]["parent"] = "r0"
    project.set_params(values)
    told, _ = project.refused("repro")
    assert told.startswith("error: params.yaml: revisions.r1.parent: 'r0' does not exist; known:")
    assert not (project.folder / "data/sample").exists()


@pytest.mark.usefixtures("undone")
def test_so_does_an_experiment(project):
    told = project.refused("exp", "run", "--temp", "-S", "revisions.r1.parent=r0")
    assert told[0].startswith("error: params.yaml: revisions.r1.parent: 'r0' does not exist")


def test_the_check_looks_at_the_taxonomy_too(workspace):
    path = workspace / "taxonomy.yaml"
    path.write_text(path.read_text().replace("channels:", "chanels:", 1))
    assert "chanels: unknown key; remove it" in stage("check").stderr


def test_a_code_of_a_channel_that_nobody_knows_is_no_code_of_any(workspace):
    path = workspace / "taxonomy.yaml"
    path.write_text(path.read_text().replace("[botchat, agentchat]", "[botchat, agentchatt]", 1))
    told = stage("check").stderr
    assert told.startswith("error: taxonomy.yaml: unnecessary_information.")
    assert "'agentchatt' is under no channels" in told


def test_a_folder_that_no_channel_reads_is_told(workspace):
    (workspace / "data/sample/fax").mkdir(parents=True)
    (workspace / "data/sample/webform").mkdir()
    done = stage("check")
    assert done.returncode == 0
    assert done.stderr == "data/sample/fax is under no channels in params.yaml: it is not read\n"


def test_where_dvc_itself_stumbles_the_check_comes_first_in_make_repro(workspace):
    (workspace / "params.yaml").write_text("a: [")
    done = stage("check")
    assert done.returncode == 1
    assert done.stderr.startswith("error: params.yaml: while parsing")
    assert done.stderr.count("\n") == 1
    # not as a part of the `make test` that runs this: it would also tell of its folders
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(
        ["make", "-n", "repro"], cwd=REPO, env=env, capture_output=True, text=True, check=True
    ).stdout
    assert shown.splitlines()[-2:] == ["python src/check.py", "dvc repro"]


def test_nothing_runs_again_for_the_check(project):
    edges = [line for line in project.dvc("dag", "--dot").splitlines() if "->" in line]
    assert edges
    assert not any('"check"' in edge for edge in edges)
    assert "Stage 'check' didn't change, skipping" in project.dvc("repro", "check")
