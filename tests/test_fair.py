"""FAIR as a user runs it: `dvc repro fair/dvc.yaml`, its experiments and its profiles."""

import copy
import json

import models
import pytest
import yaml
from conftest import REPO
from markupsafe import escape
from project import Project

from distill.params import fair

TINY = {**copy.deepcopy(models.STUDENT), "base": "../models/base/tiny", "prompts": "zeroshot"}
PROFILES = sorted((REPO / "fair/profiles").glob("*.yaml"))
ROUND_2 = {"student": "tiny", "model": "models/tiny-fair"}
GATES = {"none", "match", "peers", "both"}
EFFECT = ["measure", "system", "against", "delta", "low", "high", "p", "n", "seeds"]


def small(values):
    """FAIR's own params with few questions and a student of two layers."""
    return {
        **values,
        "questions": {"train": 24, "dev": 4, "test": 8},
        "students": {"tiny": TINY},
        "rounds": {"r1": {"student": "tiny", "model": "../models/base"}},
        "runs": {"tiny-fair": {"student": "tiny", "version": "fair", "alpha": 0.5}},
        "systems": ["tiny", "tiny-fair"],
        "report": {"version": "fair", "bootstrap": 100, "against": ["tiny"]},
    }


class Fair(Project):
    """The project with FAIR's parameters in the place of the root's."""

    def params(self):
        return yaml.safe_load((self.folder / "fair/params.yaml").read_text())

    def set_params(self, values):
        (self.folder / "fair/params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))

    def repro(self, target=""):
        """The stages of fair/dvc.yaml that ran."""
        target = f"fair/dvc.yaml:{target}" if target else "fair/dvc.yaml"
        return {name.partition(":")[2] for name in self.ran(self.dvc("repro", target))}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Fair(tmp_path_factory.mktemp("project"))
    models.save(project.folder / "models/base/tiny")
    project.forget_results("fair")
    project.set_params(small(project.params()))
    project.whole = project.repro()
    return project


def metrics(project, name):
    return json.loads((project.folder / "fair/metrics" / name).read_text())


def test_the_pipeline_runs_and_then_rests(project):
    assert {"questions", "attempt@r1", "gate@r1", "accept@fair", "report"} <= project.whole
    assert sum(name.startswith(("explain", "review")) for name in project.whole) == 6
    assert project.repro() == set()


def test_the_metrics_have_the_form_that_others_read(project):
    gates = metrics(project, "gates.json")
    assert gates.keys() == GATES
    assert all({"precision", "low", "high", "n", "calls"} == gate.keys() for gate in gates.values())
    assert gates["none"]["n"] == 3 * 28
    assert gates["both"]["calls"] < gates["peers"]["calls"]
    effects = metrics(project, "effects.json")
    assert all(list(effect) == EFFECT for effect in effects)
    assert {effect["measure"] for effect in effects} == {"precision", "accuracy"}
    compared = {(effect["system"], effect["against"]) for effect in effects}
    assert {("both", "match"), ("both", "peers"), ("tiny-fair", "tiny")} <= compared


def test_the_report_opens_with_the_verdict(project):
    verdict = metrics(project, "verdict.json")
    assert [one["name"] for one in verdict] == ["students", "committee", "cost", "next"]
    assert "tiny-fair" in verdict[0]["answer"]
    page = (project.folder / "fair/metrics/report.html").read_text()
    assert 0 < page.index(escape(verdict[0]["question"])) < page.index("All questions")


def test_a_second_round_asks_about_the_trained_student(project):
    values = project.params()
    values["rounds"]["r2"] = ROUND_2
    values["extended"] = {"fair-2": {"round": "r2", "parent": "fair"}}
    project.set_params(values)
    ran = project.repro("extend@fair-2")
    assert {"attempt@r2", "gate@r2", "extend@fair-2"} <= ran
    assert len(ran) == 3 + 2 * len(values["teachers"])
    part = project.folder / "fair/data/dataset/fair-2/part-00000.jsonl"
    rows = [json.loads(line) for line in part.read_text().splitlines()]
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["of"].endswith("-r2") for row in rows} == {True, False}


def test_a_threshold_pays_for_nothing_and_a_teacher_for_itself_and_its_reviews(project):
    values = project.params()
    values["extended"] = {}
    del values["rounds"]["r2"]
    values["versions"]["fair"]["threshold"] = 4
    project.set_params(values)
    assert project.repro("accept@fair") == {"accept@fair"}
    values["llms"]["plain"] = {"provider": "rules"}
    values["teachers"].append("plain")
    project.set_params(values)
    reviews = {f"review@r1-{name}" for name in values["teachers"]}
    assert project.repro("accept@fair") == {"explain@r1-plain", "gate@r1", *reviews, "accept@fair"}


def test_wrong_settings_stop_before_anything_runs(project):
    values = project.params()
    values["versions"]["single"]["gate"] = "both"
    project.set_params(values)
    lines = project.refused("repro", "fair/dvc.yaml:accept@single")
    values["versions"]["single"]["gate"] = "none"
    project.set_params(values)
    assert any("versions.single.gate: needs reviews" in line for line in lines)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.stem)
def test_a_profile_is_valid_and_has_a_graph(profile, project, monkeypatch):
    monkeypatch.chdir(REPO / "fair")
    settings = fair.load(profile)
    kept = project.params()
    project.set_params(yaml.safe_load(profile.read_text()))
    listed = project.dvc("stage", "list", "fair/dvc.yaml")
    project.set_params(kept)
    for name in (*settings.rounds, *settings.all_versions, *settings.runs, *settings.systems):
        assert f"@{name} " in listed
    for teacher in settings.teachers:
        assert f"@{next(iter(settings.rounds))}-{teacher} " in listed
