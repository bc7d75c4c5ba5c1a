"""Dose curve and seeds: the commands of benchmarks/ on a project whose pipeline is one script."""

import subprocess
import sys

import pytest
import yaml
from conftest import REPO

sys.path.insert(0, str(REPO / "benchmarks"))

import dose
import experiments
import seeds

REPORT = """
import json, pathlib, yaml
params = yaml.safe_load(pathlib.Path("params.yaml").read_text())
count = sum(name.startswith("r1") for name in params["runs"])
row = {"channel": "chat", "measure": "truth", "system": "r1", "seeds": count, "against_seeds": 1}
gain = 0.1 * params["sample"].get("rates", 1.0)
spread = {"delta": gain, "low": gain - 0.1, "high": gain + 0.1, "n": 150}
rows = [{**row, **spread, "against": against} for against in ("teacher", "org", "r0")]
pathlib.Path("metrics").mkdir(exist_ok=True)
pathlib.Path("metrics/effects.json").write_text(json.dumps(rows))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with two runs; its one stage writes effects that follow from the rates."""
    folder = tmp_path / "project"
    folder.mkdir()
    values = {
        "sample": {"rows": 10},
        "runs": {"org": {"version": "org"}, "r1": {"version": "r1"}},
        "systems": ["teacher", "org", "r1"],
    }
    (folder / "params.yaml").write_text(yaml.safe_dump(values))
    stage = {
        "cmd": f"{sys.executable} report.py",
        "deps": ["report.py", "params.yaml"],
        "outs": [{"metrics/effects.json": {"cache": False}}],
    }
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"report": stage}}))
    (folder / "report.py").write_text(REPORT)
    dvc = [sys.executable, "-m", "dvc", "init", "-q"]
    for command in (
        ["git", "init", "-q"],
        dvc,
        ["git", "add", "-A"],
        ["git", "commit", "-qm", "x"],
    ):
        subprocess.run(command, cwd=folder, check=True)
    monkeypatch.setattr(experiments, "REPO", folder)
    return folder


def printed(module, capsys, monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", [module.__name__, *arguments])
    module.main()
    return capsys.readouterr().out.splitlines()


def test_the_gain_is_printed_for_each_rate_of_error(project, capsys, monkeypatch):
    lines = printed(dose, capsys, monkeypatch, "--run", "r1", "--rates", "1", "4")
    gains = "+0.10 [+0.00, +0.20], n=150 | +0.40 [+0.30, +0.50], n=150"
    assert lines == [
        "| Channel | Measure | Difference | Rates x 1 | Rates x 4 |",
        "| --- | --- | --- | --- | --- |",
        f"| chat | truth | r1 - teacher | {gains} |",
        f"| chat | truth | r1 - org | {gains} |",
    ]


def test_one_training_is_printed_beside_several(project, capsys, monkeypatch):
    lines = printed(seeds, capsys, monkeypatch, "--runs", "r1", "--seeds", "8", "9")
    assert len(lines) == 5
    assert lines[2] == (
        "| chat | truth | r1 - teacher | +0.10 [+0.00, +0.20], n=150 |"
        " +0.10 [+0.00, +0.20], n=150, 3 and 1 trainings |"
    )


def test_added_runs_differ_in_their_seed_alone():
    params = {"runs": {"r1": {"student": "s", "version": "r1"}}, "systems": ["teacher", "r1"]}
    seeds.add_seeds(params, ["r1"], [8])
    assert params["runs"]["r1-s8"] == {"student": "s", "version": "r1", "seed": 8}
    assert params["systems"] == ["teacher", "r1", "r1-s8"]


def test_a_profile_takes_the_place_of_the_parameters(project, tmp_path):
    profile = tmp_path / "profile.yaml"
    profile.write_text("sample: {rates: 2.0}\n")
    experiments.clone(tmp_path / "clone", profile)
    assert (tmp_path / "clone/params.yaml").read_text() == profile.read_text()


@pytest.mark.parametrize("script", ["dose", "seeds"])
def test_help_runs_nothing(script):
    command = [sys.executable, REPO / f"benchmarks/{script}.py", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "95% intervals" in done.stdout


def test_a_comparison_that_is_missing_is_a_dash():
    assert experiments.cell(None) == "-"
    assert experiments.cell({"delta": 1, "low": None, "n": 1}) == "+1.00, n=1"
