"""Chats between people go from raw files to the tables by params alone."""

import csv
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from project import Project

CHATS = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data")) / "abcd/abcd_mini.jsonl"
CHANNEL = {
    "format": "turns",
    "id": "id",
    "turns": "turns",
    "role": "speaker",
    "text": "text",
    "roles": {"customer": "Customer", "agent": "Agent", "action": None},
}
SIZES = {"test": 8, "dev": 2, "audit": 8, "train": 12}
FIXES = ["sentiment_inferred_frustrated", "unn_content_requests_agent"]

pytestmark = pytest.mark.skipif(
    not CHATS.is_file(),
    reason=f"{CHATS} is missing; name the folder of test data in DISTILL_TEST_DATA",
)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory):
    """The folder of results, after a whole `dvc repro`."""
    project = Project(tmp_path_factory.mktemp("project"))
    raw = project.folder / "data/raw/agentchat"
    raw.mkdir(parents=True)
    shutil.copy(CHATS, raw)
    project.narrow("agentchat", CHANNEL, SIZES, FIXES)
    project.set_params(project.params() | {"source": "data/raw", "sample": {"rows": 1}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISTILL_SECRET", "long and random")
        project.dvc("repro")
    return project.folder / "metrics"


def read(path):
    return json.loads(path.read_text())


def rows(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_every_chat_is_accounted_for_from_stage_to_stage(metrics):
    ledgers = {path.stem: read(path) for path in (metrics.parent / "data/ledger").iterdir()}
    for ledger in ledgers.values():
        left_over = ledger.get("left_over", 0)
        assert ledger["in"] == ledger["ok"] + sum(ledger["quarantined"].values()) + left_over
    came = {stage: ledger["in"] for stage, ledger in ledgers.items()}
    went = {stage: ledger["ok"] for stage, ledger in ledgers.items()}
    assert came == {
        "anonymize-agentchat": len(CHATS.read_text().splitlines()),
        "split-all": went["anonymize-agentchat"],
        "label-org": went["split-all"] - SIZES["test"],
        "label-teacher": SIZES["test"],
        "annotate-org": went["label-org"],
        "analyze-org": went["label-org"],
        "revise-r1": went["label-org"],
        "annotate-r1": went["revise-r1"],
        "analyze-r1": went["revise-r1"],
        "judge-teacher": went["label-teacher"],
    }
    assert went["split-all"] == sum(SIZES.values())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_table_names_the_channel(metrics, number):
    assert "| agentchat" in (metrics / f"table{number}.md").read_text()


def test_a_table_without_a_run_to_show_says_so(metrics):
    assert "No run is trained in phases" in (metrics / "table4.md").read_text()


def test_the_teacher_is_rated_and_the_revision_counted(metrics):
    assert 1 <= read(metrics / "ratings/judge/teacher.json")["agentchat"] <= 5
    edited = [row for row in rows(metrics / "table3.csv") if row["channel"] == "agentchat"]
    assert [(row["version"], row["code"]) for row in edited] == [("r1", code) for code in FIXES]


def test_nothing_is_measured_by_a_truth_that_nobody_knows(metrics):
    assert not (metrics / "ratings/truth").exists()
    raters = read(metrics / "calibration_details.json")["agentchat"]
    assert raters.pop("by_system") == {}
    assert raters.keys() == {"people"}
    assert read(metrics / "privacy.json")["agentchat"].keys() == {"found", "quarantined"}
    made = [row for path in metrics.rglob("*.csv") for row in rows(path)]
    assert {row["measure"] for row in made if "measure" in row} == {"findings", "judge", "checks"}
    pages = "\n".join(path.read_text() for path in metrics.glob("*.md"))
    assert "truth" not in "".join(re.findall("^#.*", pages, re.MULTILINE))
