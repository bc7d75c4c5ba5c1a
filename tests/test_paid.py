"""Nothing that was paid for is paid again, also by DVC: what runs again, and what it asks."""

import json
import shutil

import pytest
from endpoint import serve
from project import Project
from stages import played

SIZES = {"test": 6, "dev": 2, "audit": 6, "train": 12}
ASKED = {"llm": "large", "prompts": "told"}
EDITED = {"parent": "teacher", "revision": "r1", "llm": "large", "prompts": "r1"}
SYSTEMS = ["teacher", "informed", "teacher-r1"]
PAID = {
    "label", "annotate@org", "annotate@r1", "annotate@r2", "annotate@clean", "revise@r1",
    "revise@r2", "ask@informed", "edit@teacher-r1",
}  # fmt: skip


def settings(project: Project, url: str) -> dict:
    """Two channels, four versions, three systems, and every model behind the server."""
    values = project.params()
    values["sample"]["rows"] = 60
    values["split"]["sizes"] = dict.fromkeys(values["channels"], SIZES)
    values["llms"] = {"large": {"provider": "openai", "model": "m"}}
    values["endpoints"] = {"large": {"base_url": url}}
    for stage in ("label", "annotate", "judge"):
        values[stage]["llm"] = "large"
    values["versions"] = ["org", "r1", "r2", "clean"]
    values["filtered"] = {"clean": {"parent": "org"}}
    values["revisions"] = {
        name: values["revisions"][name] | {"llm": "large"} for name in ("r1", "r2")
    }
    values["asked"], values["edited"] = {"informed": ASKED}, {"teacher-r1": EDITED}
    values["runs"], values["students"], values["systems"] = {}, {}, SYSTEMS
    values["release"], values["report"] = None, {"bootstrap": 200}
    return values


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The project after a whole `dvc repro`, and the requests that its server received."""
    project = Project(tmp_path_factory.mktemp("paid"))
    told = shutil.copytree(project.folder / "prompts/summarize", project.folder / "prompts/told")
    for prompt in told.iterdir():
        prompt.write_text(f"Leave out moods.\n{prompt.read_text()}")
    with serve(played) as (url, received):
        project.set_params(settings(project, url))
        project.forget_results()
        project.dvc("repro")
        project.commit("ran")
        yield project, received


@pytest.fixture
def project(ran):
    """Whatever a test changes in files of git is put back."""
    project, _ = ran
    yield project
    project.git("checkout", "-q", ".")
    project.git("clean", "-qfd", "data/annotations")


@pytest.fixture
def rerun(project):
    """The project for a test that runs stages again: their data is put back, too."""
    yield project
    project.git("checkout", "-q", ".")
    project.dvc("checkout", "--force", "--quiet", "dvc.yaml")


def changed(project: Project) -> set[str]:
    """The stages that `dvc status` lists, but for the check of the configuration itself."""
    return set(json.loads(project.dvc("status", "--json", "dvc.yaml"))) - {"plan", "base"}


def test_all_is_up_to_date_after_the_run(project):
    assert changed(project) == set()


def test_no_question_is_asked_twice(ran):
    _, received = ran
    asked = [json.dumps(body, sort_keys=True) for body in received]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    ("prompts", "stages"),
    [
        ("told", {"ask@informed"}),
        ("r1", {"revise@r1", "edit@teacher-r1"}),
        ("r2", {"revise@r2"}),
        ("summarize", {"label"}),
    ],
)
def test_a_prompt_runs_the_stages_that_ask_by_it(project, prompts, stages):
    for prompt in (project.folder / "prompts" / prompts).iterdir():
        prompt.write_text(f"Please.\n{prompt.read_text()}")
    assert changed(project) == {*stages, "report"}


def test_another_revision_edits_no_system_again(project):
    values = project.params()
    values["revisions"]["r2"]["guard"] = True
    project.set_params(values)
    assert changed(project) == {"revise@r2", "report"}


def test_how_an_endpoint_is_reached_runs_no_stage(project):
    values = project.params()
    values["endpoints"]["large"] |= {
        "timeout": 5.0,
        "concurrency": 2,
        "retries": 1,
        "headers": {"X-Team": "distill"},
        "requests_per_minute": 1000,
        "base_url": "http://localhost:1/v1",
    }
    project.set_params(values)
    assert changed(project) == set()


def test_a_price_runs_the_report_alone(project):
    values = project.params()
    values["costs"]["prices"] = {"large": {"prompt": 1.0, "completion": 2.0}}
    project.set_params(values)
    assert changed(project) == {"report"}


def test_the_batch_api_changes_prices_alone(project):
    values = project.params()
    values["endpoints"]["large"]["batch"] = True
    project.set_params(values)
    assert changed(project) == set()


def test_a_split_size_anonymizes_nothing(project):
    values = project.params()
    values["split"]["sizes"]["webform"] = SIZES | {"train": 10}
    project.set_params(values)
    assert changed(project) == {"split"}


def test_what_shapes_answers_runs_the_stages_that_ask(project):
    values = project.params()
    values["llms"]["large"]["temperature"] = 0.5
    project.set_params(values)
    assert changed(project) == PAID | {f"judge@{system}" for system in SYSTEMS}


def test_an_experts_annotation_asks_no_model_even_without_cached_replies(rerun, ran):
    project, received = ran
    asked = len(received)
    shutil.rmtree(project.folder / ".distill")
    [shard] = (project.folder / "data/dataset/org").glob("part-*.jsonl")
    row = json.loads(shard.read_text().splitlines()[0])
    note = {"id": row["id"], "of": "org", "rating": 3, "codes": ["content_other"], "note": ""}
    (project.folder / "data/annotations/ana.jsonl").write_text(json.dumps(note) + "\n")
    ran_again = project.ran(project.dvc("repro"))
    assert {"analyze@org", "report"} <= ran_again
    assert not ran_again & PAID
    assert len(received) == asked
    findings = (project.folder / "data/findings/org/part-00000.jsonl").read_text().splitlines()
    assert [json.loads(line)["source"] for line in findings if row["id"] in line] == [
        "experts (1 of 1)"
    ]


def test_after_versions_systems_and_a_channel_are_removed_a_clone_is_clean(rerun, tmp_path):
    project = rerun
    values = project.params()
    values |= {"asked": {}, "edited": {}, "filtered": {}, "systems": ["teacher"]}
    values["versions"].remove("clean")
    values["versions"].remove("r2")
    del (
        values["revisions"]["r2"],
        values["channels"]["webform"],
        values["split"]["sizes"]["webform"],
    )
    for revision in values["revisions"].values():
        del revision["fixes"]["webform"]
    project.set_params(values)
    project.dvc("repro")
    for left in (
        "dataset/r2", "findings/r2", "annotated/r2", "anonymized/webform.jsonl", "dataset/clean",
        "predictions/informed", "predictions/teacher-r1", "ratings/informed", "ratings/teacher-r1",
        "ledger/ask-informed.json", "ledger/edit-teacher-r1.json", "ledger/filter-clean.json",
    ):  # fmt: skip
        assert not (project.folder / "data" / left).exists()
    assert {path.name for path in (project.folder / "data/dataset").iterdir()} == {"org", "r1"}
    head = project.git("rev-parse", "HEAD").strip()
    project.commit("without r2 and webform")
    project.dvc("remote", "add", "--local", "-d", "store", str(tmp_path / "store"))
    project.dvc("push", "-q")
    clone = Project.clone(project, tmp_path / "clone")
    clone.dvc("remote", "add", "--local", "-d", "store", str(tmp_path / "store"))
    clone.dvc("pull", "-q", "dvc.yaml")
    assert changed(clone) == set()
    assert clone.git("status", "--porcelain") == ""
    project.git("reset", "-q", "--hard", head)
