"""A mistake in the configuration is met as one line, however the pipeline is started."""

import json

import pytest
import yaml
from project import Project
from stages import stage


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"))
    project.dvc("repro", "plan")
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
    assert "failed to reproduce 'plan'" in failed
    values["revisions"]["r1"]["parent"] = "r0"
    project.set_params(values)
    told, _ = project.refused("repro")
    assert told.startswith("error: params.yaml: revisions.r1.parent: 'r0' does not exist; known:")
    assert not (project.folder / "data/sample").exists()


@pytest.mark.usefixtures("undone")
def test_so_does_an_experiment(project):
    lines = project.refused("exp", "run", "--temp", "-S", "revisions.r1.parent=r0")
    told = [line for line in lines if line.startswith("error: ")]
    assert told[0].startswith("error: params.yaml: revisions.r1.parent: 'r0' does not exist")


def test_the_check_looks_at_the_taxonomy_too(workspace):
    path = workspace / "taxonomy.yaml"
    path.write_text(path.read_text().replace("channels:", "chanels:", 1))
    assert "chanels: unknown key; remove it" in stage("plan").stderr


def test_a_code_of_a_channel_that_nobody_knows_is_no_code_of_any(workspace):
    path = workspace / "taxonomy.yaml"
    path.write_text(path.read_text().replace("[botchat, agentchat]", "[botchat, agentchatt]", 1))
    told = stage("plan").stderr
    assert told.startswith("error: taxonomy.yaml: unnecessary_information.")
    assert "'agentchatt' is no channel" in told


def test_a_folder_that_no_channel_reads_is_told(workspace):
    (workspace / "data/sample/fax").mkdir(parents=True)
    (workspace / "data/sample/webform").mkdir()
    done = stage("plan")
    assert done.returncode == 0
    assert done.stderr == "data/sample/fax is under no channels in params.yaml: it is not read\n"


def test_a_file_that_is_no_yaml_is_one_line(workspace):
    (workspace / "params.yaml").write_text("a: [")
    done = stage("plan")
    assert done.returncode == 1
    assert done.stderr.startswith("error: params.yaml: while parsing")
    assert done.stderr.count("\n") == 1


def test_the_stages_of_the_plan_are_those_of_dvc_yaml(project):
    project.dvc("repro", "plan")
    planned = json.loads((project.folder / "data/plan/stages.json").read_text())
    assert planned == sorted(project.dvc("stage", "list", "--name-only").split())


def test_a_price_and_a_channel_are_planned_for_the_stages_that_need_them(workspace):
    values = yaml.safe_load((workspace / "params.yaml").read_text())
    values["llms"]["gpt"] = {"provider": "openai", "model": "m"}
    values["endpoints"] = {"gpt": {"base_url": "http://localhost", "batch": True}}
    values["costs"]["prices"] = {"gpt": {"prompt": 1.0, "completion": 2.0}}
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    assert stage("plan").returncode == 0
    prices = json.loads((workspace / "data/plan/prices.json").read_text())
    assert prices == {"gpt": {"prompt": 0.5, "completion": 1.0}}
    channels = json.loads((workspace / "data/plan/channels.json").read_text())
    assert channels == ["botchat", "webform"]


def test_what_a_removed_revision_left_behind_goes_and_nothing_else(workspace):
    outs = [{"path": "data/dataset/r9"}, {"path": "data/ledger/revise-r9.json"}]
    lock = {"schema": "2.0", "stages": {"revise@r9": {"cmd": "x", "outs": outs}}}
    (workspace / "dvc.lock").write_text(yaml.safe_dump(lock))
    for path in ("data/dataset/r9/part-00000.jsonl", "data/ledger/revise-r9.json",
                 "data/dataset/own/part-00000.jsonl"):  # fmt: skip
        (workspace / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace / path).write_text("")
    done = stage("plan")
    assert done.returncode == 0
    assert "plan: removes data/dataset/r9, which no stage makes any more" in done.stderr
    assert not (workspace / "data/dataset/r9").exists()
    assert not (workspace / "data/ledger/revise-r9.json").exists()
    assert (workspace / "data/dataset/own/part-00000.jsonl").exists()


def test_a_damaged_lock_is_named(workspace):
    (workspace / "dvc.lock").write_text("stages: [")
    assert stage("plan").stderr.startswith("error: dvc.lock: ")
