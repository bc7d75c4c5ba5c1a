"""The plan stage: errors of the configuration in one line, removal of stale outputs."""

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
def restored(project):
    """Undo a test's edits of the project."""
    yield
    project.git("checkout", "-q", ".")


@pytest.mark.usefixtures("restored")
def test_dvc_repro_reports_errors_before_it_runs_other_stages(project):
    values = project.params()
    project.set_params(values | {"sead": 7})
    message, failure = project.refused("repro")
    assert message == "error: params.yaml: sead: unknown key; remove it or correct its spelling"
    assert "failed to reproduce 'plan'" in failure
    values["revisions"]["r1"]["parent"] = "r0"
    project.set_params(values)
    message, _ = project.refused("repro")
    assert message.startswith(
        "error: params.yaml: revisions.r1.parent: 'r0' does not exist; known:"
    )
    assert not (project.folder / "data/sample").exists()


@pytest.mark.usefixtures("restored")
def test_dvc_exp_run_reports_errors_before_it_runs_other_stages(project):
    lines = project.refused("exp", "run", "--temp", "-S", "revisions.r1.parent=r0")
    errors = [line for line in lines if line.startswith("error: ")]
    assert errors[0].startswith("error: params.yaml: revisions.r1.parent: 'r0' does not exist")


def test_errors_of_the_taxonomy_are_reported(workspace):
    path = workspace / "taxonomy.yaml"
    path.write_text(path.read_text().replace("channels:", "chanels:", 1))
    assert "chanels: unknown key; remove it" in stage("plan").stderr


def test_an_unknown_channel_of_an_error_code_is_reported(workspace):
    path = workspace / "taxonomy.yaml"
    path.write_text(path.read_text().replace("[botchat, agentchat]", "[botchat, agentchatt]", 1))
    message = stage("plan").stderr
    assert message.startswith("error: taxonomy.yaml: unnecessary_information.")
    assert "'agentchatt' is no channel" in message


def test_a_folder_that_no_channel_reads_is_reported(workspace):
    (workspace / "data/sample/fax").mkdir(parents=True)
    (workspace / "data/sample/webform").mkdir()
    done = stage("plan")
    assert done.returncode == 0
    assert done.stderr == "plan: data/sample/fax is not read: params.yaml has no such channel\n"


def test_invalid_yaml_is_reported_in_one_line(workspace):
    (workspace / "params.yaml").write_text("a: [")
    done = stage("plan")
    assert done.returncode == 1
    assert done.stderr.startswith("error: params.yaml: while parsing")
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("restored")
def test_the_plan_lists_the_stages_of_dvc_yaml(project):
    export = {"run": "tiny-r1", "format": "merged"}
    project.set_params(project.params() | {"exports": {"tiny-merged": export}})
    project.dvc("repro", "plan")
    planned = json.loads((project.folder / "data/plan/stages.json").read_text())
    assert planned == sorted(project.dvc("stage", "list", "--name-only").split())


def test_the_plan_holds_channels_and_prices(workspace):
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


def test_the_outputs_of_a_removed_revision_are_deleted_and_nothing_else(workspace):
    outs = [{"path": "data/dataset/r9"}, {"path": "data/ledger/revise-r9.json"}]
    lock = {"schema": "2.0", "stages": {"revise@r9": {"cmd": "x", "outs": outs}}}
    (workspace / "dvc.lock").write_text(yaml.safe_dump(lock))
    for path in ("data/dataset/r9/part-00000.jsonl", "data/ledger/revise-r9.json",
                 "data/dataset/own/part-00000.jsonl"):  # fmt: skip
        (workspace / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace / path).write_text("")
    done = stage("plan")
    assert done.returncode == 0
    assert "plan: deletes data/dataset/r9, the output of a removed stage" in done.stderr
    assert not (workspace / "data/dataset/r9").exists()
    assert not (workspace / "data/ledger/revise-r9.json").exists()
    assert (workspace / "data/dataset/own/part-00000.jsonl").exists()


@pytest.mark.parametrize(
    ("name", "outs"),
    [
        ("ask@told", ["data/predictions/told", "data/ledger/ask-told.json"]),
        ("edit@better", ["data/predictions/better", "data/ledger/edit-better.json"]),
        ("filter@clean", ["data/dataset/clean", "data/ledger/filter-clean.json"]),
    ],
)
def test_a_removed_baseline_leaves_no_output(workspace, name, outs):
    kept = workspace / "data/predictions/teacher/part-00000.jsonl"
    for path in (kept, *(workspace / out for out in outs)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    stages = {name: {"cmd": "x", "outs": [{"path": out} for out in outs]}}
    lock = {"schema": "2.0", "stages": stages}
    (workspace / "dvc.lock").write_text(yaml.safe_dump(lock))
    assert stage("plan").returncode == 0
    assert not any((workspace / out).exists() for out in outs)
    assert kept.exists()


def test_a_damaged_lock_is_reported(workspace):
    (workspace / "dvc.lock").write_text("stages: [")
    assert stage("plan").stderr.startswith("error: dvc.lock: ")
