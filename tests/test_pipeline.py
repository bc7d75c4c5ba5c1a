"""The whole pipeline under real DVC, on a small project."""

import copy
import csv
import json
import re
import shutil
from hashlib import sha256

import pytest
from project import SMALL, Project

RUNS = set(SMALL["runs"])
SYSTEMS = {"teacher", "tiny", *RUNS}
TITLES = ("Learning curves", "Ratings by system", "Errors by version")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"))
    project.shrink()
    project.dvc("repro")
    project.commit("results")
    return project


@pytest.fixture
def undone(project):
    """Whatever a test edits is put back."""
    yield
    project.git("checkout", "-q", ".")


@pytest.fixture
def rerun(project):
    """What stages of a test made is put back, too."""
    yield
    project.git("checkout", "-q", ".")
    project.dvc("checkout", "--force", "--quiet", "dvc.yaml")


def test_from_raw_interactions_to_the_tables(project):
    tables = {path.name for path in (project.folder / "metrics").rglob("table*.md")}
    assert {"table1.md", "table2.md", "table3.md", "table4.md"} <= tables
    effects = json.loads((project.folder / "metrics/effects.json").read_text())
    assert {effect["system"] for effect in effects} == RUNS | {"tiny"}
    assert {effect["measure"] for effect in effects} == {"judge", "truth"}


def test_every_row_is_accounted_for_in_every_stage(project):
    ledgers = [json.loads(p.read_text()) for p in (project.folder / "data/ledger").iterdir()]
    assert {ledger["stage"] for ledger in ledgers} == {
        "anonymize", "split", "label", "annotate", "analyze", "revise", "finetune", "predict",
        "judge",
    }  # fmt: skip
    for ledger in ledgers:
        assert ledger["in"] > 0
        assert ledger["in"] == ledger["ok"] + sum(ledger["quarantined"].values()) + ledger.get(
            "left_over", 0
        )


def test_the_adapter_loads_and_names_its_origin(project):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(project.folder / "models/base/tiny")
    model = PeftModel.from_pretrained(base, str(project.folder / "models/tiny-r1"))
    assert model.peft_config["default"].r == 8
    card = (project.folder / "models/tiny-r1/README.md").read_text()
    assert "models/base/tiny" in card
    shard = (project.folder / "data/dataset/r1/part-00000.jsonl").read_bytes()
    assert f"`data/dataset/r1`, sha256 of its shards `{sha256(shard).hexdigest()}`" in card
    means = json.loads((project.folder / "metrics/ratings/judge/tiny-r1.json").read_text())
    for channel, mean in means.items():
        assert f"| judge | {channel} | {mean:.2f}" in card
        assert f"| truth | {channel} | " in card


def test_repro_again_runs_nothing(project):
    output = project.dvc("repro")
    assert project.ran(output) == set()
    assert "Data and pipelines are up to date." in output


def edit(project, name):
    path = project.folder / name
    path.write_text(path.read_text().replace("\n", "\n\n", 1))


def changes(project):
    """The stages that DVC itself finds changed."""
    listed = json.loads(project.dvc("status", "--json", "dvc.yaml"))
    return {name.split(":")[-1] for name in listed if name}


def edges(project):
    """Every pair of a stage and one that depends on it."""
    return re.findall(r'"([^"]+)" -> "([^"]+)"', project.dvc("dag", "--dot"))


@pytest.fixture(scope="module")
def graph(project):
    return edges(project)


def reachable(changed, graph):
    """The changed stages and all that depend on them."""
    # The plan runs whenever params or prompts change; what it writes seldom does.
    reached, ahead = set(changed), [stage for stage in changed if stage != "plan"]
    while ahead:
        stage = ahead.pop()
        following = {after for before, after in graph if before == stage} - reached
        reached |= following
        ahead += following
    return reached


CARDS = {f"card@{run}" for run in RUNS}
AFTER_TRAINING = {
    *CARDS,
    *(f"predict@{run}" for run in RUNS),
    *(f"judge@{run}" for run in RUNS),
    "calibrate",
    "report",
}


def looked_at(*versions):
    return {f"{stage}@{version}" for stage in ("annotate", "analyze") for version in versions}


@pytest.mark.usefixtures("rerun")
def test_a_fixs_prompt_concerns_the_versions_that_use_it_and_what_follows(project, graph):
    edit(project, "prompts/r2/unn_content_redundant.txt")
    changed = changes(project)
    assert changed == {"plan", "revise@r2", "revise@r2-guarded", "report"}
    assert reachable(changed, graph) == changed | looked_at("r2", "r2-guarded") | CARDS
    # The rules do not read prompts: the edits stay the same, so nothing after them runs.
    assert project.ran(project.dvc("repro")) == changed


@pytest.mark.usefixtures("undone")
def test_a_first_fixs_prompt_concerns_all_later_versions(project, graph):
    edit(project, "prompts/r1/unn_content_requests_agent.txt")
    changed = changes(project)
    assert changed == {"plan", "revise@r1", "report"}
    versions = {"r1", "r2", "r2-guarded"}
    assert reachable(changed, graph) == {
        "plan",
        *(f"revise@{version}" for version in versions),
        *looked_at(*versions),
        "finetune@tiny-r1",
        "predict@tiny-r1",
        "judge@tiny-r1",
        "calibrate",
        "report",
        *CARDS,
    }


@pytest.mark.usefixtures("undone")
def test_a_students_rank_concerns_its_trainings_and_what_follows(project, graph):
    values = project.params()
    values["students"]["tiny"]["lora"]["r"] = 4
    project.set_params(values)
    changed = changes(project)
    # The report and the cards tell the rank.
    assert changed == {"plan", "report", *CARDS, *(f"finetune@{run}" for run in RUNS)}
    assert reachable(changed, graph) == changed | AFTER_TRAINING


@pytest.mark.usefixtures("undone")
def test_another_students_settings_concern_none_of_the_trainings_of_the_first(project):
    values = project.params()
    values["students"]["other"] = copy.deepcopy(values["students"]["tiny"])
    values["students"]["other"]["lora"]["r"] = 4
    values["systems"].append("other")
    project.set_params(values)
    changed = changes(project)
    # The report and what reads all systems tell of every student.
    assert changed == {"plan", "predict-base@other", "judge@other", "calibrate", "report"}
    assert reachable(changed, edges(project)) == changed | CARDS


@pytest.mark.usefixtures("undone")
def test_the_judges_prompt_concerns_the_ratings_and_what_follows(project, graph):
    edit(project, "prompts/judge/botchat.txt")
    changed = changes(project)
    # The report reads the prompts of fixes, and its dependency is the folder of all prompts.
    assert changed == {"plan", "report", *(f"judge@{system}" for system in SYSTEMS)}
    assert reachable(changed, graph) == changed | {"calibrate"} | CARDS


@pytest.mark.usefixtures("undone")
def test_an_annotation_concerns_the_findings_and_what_reads_people(project):
    (project.folder / "data/annotations/ana.jsonl").write_text(
        '{"id": "botchat-000000", "of": "org", "rating": 3, "codes": [], "note": ""}\n'
    )
    changed = changes(project)
    (project.folder / "data/annotations/ana.jsonl").unlink()
    assert changed == {
        *(f"analyze@{version}" for version in ("org", "r1", "r2", "r2-guarded")),
        "calibrate",
        "report",
    }


@pytest.mark.usefixtures("rerun")
def test_an_ablation_runs_apart_on_the_code_of_its_own_snapshot(project):
    change = ("-S", "students.tiny.lora.r=4")
    project.dvc("exp", "run", "--queue", "--name", "rank-4", *change, "finetune@tiny-r1")
    script = project.folder / "src/finetune.py"
    script.write_text("raise SystemExit('the workspace has moved on')\n")
    project.dvc("exp", "run", "--run-all")
    shown = project.dvc("exp", "show", "--csv")
    assert "rank-4" in shown
    project.git("checkout", "-q", ".")
    params = project.dvc("params", "diff", "HEAD", "rank-4")
    assert "students.tiny.lora.r" in params


def plots(project, *arguments):
    """The page of `dvc plots`."""
    project.dvc("plots", *arguments, "--out", "plots")
    page = (project.folder / "plots/index.html").read_text()
    shutil.rmtree(project.folder / "plots")
    return page


def revs(page):
    return set(re.findall(r'"rev": "([^"]+)"', page))


@pytest.mark.usefixtures("rerun")
def test_an_experiment_in_a_temporary_folder_leaves_the_workspace_alone(project):
    before = project.git("status", "--porcelain")
    project.dvc("exp", "run", "--temp", "--name", "seeded", "-S", "report.bootstrap=300")
    assert project.git("status", "--porcelain") == before
    assert "report.bootstrap" in project.dvc("params", "diff", "HEAD", "seeded")
    compared = json.loads(project.dvc("metrics", "diff", "HEAD", "seeded", "--json"))
    assert compared == {}  # intervals are no metrics
    page = plots(project, "diff", "HEAD", "seeded")
    assert all(title in page for title in TITLES)
    assert revs(page) == {"HEAD", "seeded"}


def test_a_grid_is_queued_shown_by_what_it_changes_and_taken_out_of_the_queue(project):
    grid = ("-S", "students.tiny.lora.r=4,16", "-S", "students.tiny.train.epochs=1,2")
    project.dvc("exp", "run", "--queue", *grid)
    assert project.dvc("queue", "status").count("Queued") == 4
    shown = csv.DictReader(project.dvc("exp", "show", "--only-changed", "--csv").splitlines())
    queued = [row for row in shown if row["State"] == "Queued"]
    cells = {(row["students.tiny.lora.r"], row["students.tiny.train.epochs"]) for row in queued}
    assert cells == {("4", "1"), ("4", "2"), ("16", "1"), ("16", "2")}
    assert "students.tiny.max_length" not in queued[0]
    project.dvc("queue", "remove", "--all")
    assert "Queued" not in project.dvc("queue", "status")


@pytest.fixture
def methods(project):
    """The pipelines of the other methods, which the small project leaves out."""
    start = project.git("rev-list", "--max-parents=0", "HEAD").strip()
    files = [f"{method}/dvc.yaml" for method in ("fair", "evokd")]
    project.git("checkout", "-q", start, "--", *files)
    yield
    project.git("rm", "-q", "-f", *files)


@pytest.mark.usefixtures("methods")
def test_the_metrics_fit_a_terminal_of_120_columns(project):
    shown = project.dvc("metrics", "show").splitlines()  # those of all three pipelines
    assert max(map(len, shown)) <= 120
    assert {"Path", "botchat", "webform"} <= set(shown[0].split())
    files = {line.split()[0] for line in shown[1:]}
    named = {name.removeprefix("metrics/") for name in files if name.startswith("metrics/")}
    rated = {f"ratings/{m}/{system}.json" for m in ("judge", "truth") for system in SYSTEMS}
    assert named == {*rated, "calibration.json"}
    assert {name.split("/")[0] for name in files} == {"metrics", "fair", "evokd"}


def test_the_plots_of_the_workspace_are_one_page(project):
    page = plots(project, "show")
    assert all(title in page for title in TITLES)
    assert revs(page) == {"workspace"}
