"""EvoKD's pipeline: rounds that are added, run alone, and compared."""

import json

import evokd
import pytest
from project import Project

from distill.near_duplicates import Known

ROUNDS = {
    "e1": {"arm": "errors", "parent": "shots"},
    "r1": {"arm": "random", "parent": "shots"},
}
ROUND = ("probe", "write", "tag", "finetune", "predict", "score")


def rows(project, *parts):
    folder = evokd.data(project, *parts)
    return [
        json.loads(line)
        for part in sorted(folder.glob("part-*.jsonl"))
        for line in part.read_text().splitlines()
    ]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project after `dvc repro evokd/dvc.yaml`, and one more round by an experiment."""
    project = Project(tmp_path_factory.mktemp("project"))
    evokd.shrink(project, ROUNDS)
    project.dvc("repro", "evokd/dvc.yaml")
    project.unchanged = project.ran(project.dvc("repro", "evokd/dvc.yaml"))
    project.effects = json.loads((project.folder / "evokd/metrics/effects.json").read_text())
    project.commit("results")
    entry = "{arm: random, parent: e1, channel: intents, student: tiny}"
    added = project.dvc_in("evokd", "exp", "run", "-S", f"+rounds.e2={entry}", "dvc.yaml")
    project.added = project.ran(added)
    return project


def test_an_unchanged_pipeline_runs_nothing(project):
    assert project.unchanged == set()


def test_a_round_that_is_added_runs_alone(project):
    names = {name.rpartition(":")[2] for name in project.added}
    assert names == {*(f"{stage}@e2" for stage in ROUND), "report"}


def test_a_version_has_its_parents_rows_and_new_ones_with_labels(project):
    shots, first, second = (rows(project, "dataset", name) for name in ("shots", "e1", "e2"))
    assert len(shots) < len(first) < len(second)
    assert second[: len(first)] == first
    labels = set(evokd.params(project)["channels"]["intents"]["labels"])
    assert {row["target"] for row in second} <= labels
    assert {row["made"]["kind"] for row in second} == {"shot", "hard", "easy"}


def test_no_row_of_any_version_is_near_to_one_of_test(project):
    tests = Known((row["input"] for row in rows(project, "utterances/intents/test")), 0.8)
    for version in ("shots", "e1", "e2", "r1"):
        near = [row for row in rows(project, "dataset", version) if tests.has(row["input"])]
        assert near == []


def test_every_text_is_learnt_or_refused_for_a_reason(project):
    for name in ("e1", "e2", "r1"):
        counts = json.loads(evokd.data(project, "ledger", f"tag-{name}.json").read_text())
        new = [row for row in rows(project, "dataset", name) if row["made"]["round"] == name]
        assert counts["in"] == len(rows(project, "written", name))
        assert counts["in"] == len(new) + sum(counts["quarantined"].values())


def test_tokens_add_up_over_the_rounds(project):
    shots, first, second = (
        json.loads(evokd.data(project, "spent", f"{name}.json").read_text())
        for name in ("shots", "e1", "e2")
    )
    assert shots == {"texts": 0, "tokens": 0}
    assert 0 < first["tokens"] < second["tokens"]
    assert 0 < first["texts"] < second["texts"]


def test_the_report_opens_with_the_verdict(project):
    metrics = project.folder / "evokd/metrics"
    verdict = json.loads((metrics / "verdict.json").read_text())
    assert [one["name"] for one in verdict] == ["rounds", "choice", "cost", "next"]
    assert "the labelled rows alone on intents" in verdict[0]["answer"]
    page = (metrics / "report.html").read_text()
    assert 0 < page.index(verdict[0]["question"]) < page.index("Macro F1 by round")


def test_effects_compare_each_round_with_shots_and_random(project):
    told = {(row["system"], row["against"], row["round"]) for row in project.effects}
    assert told == {("errors", "shots", 1), ("errors", "random", 1), ("random", "shots", 1),
                    ("random", "errors", 1)}  # fmt: skip
    assert {tuple(row) for row in project.effects} == {
        ("task", "system", "against", "round", "delta", "low", "high", "p", "n", "seeds")
    }
    assert {(row["task"], row["n"], row["seeds"]) for row in project.effects} == {
        ("intents", 40, 1)
    }
