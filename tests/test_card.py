"""Model cards: origin and ratings of an adapter."""

import json
from hashlib import sha256

import pytest
import yaml
from huggingface_hub import ModelCard

from distill import paths
from distill.errors import ParamsError
from distill.params import load
from distill.report.ratings import PLOT_FIELDS
from distill.stats import tables

import card  # isort: skip

JUDGED = "The judge was not compared with people yet."


def mean(system, measure, value):
    spread = {"low": value - 0.1, "high": value + 0.1, "n": 200, "seeds": 1}
    return {"system": system, "channel": "botchat", "measure": measure, "mean": value, **spread}


def effect(against, measure, delta):
    head = {"channel": "botchat", "measure": measure, "system": "tiny-r1", "against": against}
    spread = {"delta": delta, "low": delta - 0.2, "high": delta + 0.2, "n": 199, "seeds": 1}
    return {**head, **spread, "p": 0.001, "p_holm": 0.01}


@pytest.fixture
def trained(workspace, monkeypatch):
    """The outputs of the other stages for tiny-r1."""
    for folder in (paths.dataset("r1"), paths.curves("tiny-r1"), paths.model("tiny-r1")):
        folder.mkdir(parents=True)
    (paths.dataset("r1") / "part-00000.jsonl").write_bytes(b"{}\n")
    (paths.dataset("r1") / "part-00001.jsonl").write_bytes(b"{}\n")
    curves = {"step": 800, "dev": {"loss": 0.05}, "train": {"loss": 0.04}}
    (paths.curves("tiny-r1") / "metrics.json").write_text(json.dumps(curves))
    counts = paths.ledger("finetune", "tiny-r1")
    counts.parent.mkdir(parents=True)
    counts.write_text(json.dumps({"in": 1680, "ok": 1677, "quarantined": {"too_long": 3}}))
    means = [mean("teacher", "judge", 3.5), mean("tiny-r1", "judge", 4.0)]
    means.append(mean("tiny-r1", "truth", 3.75))
    tables.write_csv(paths.METRICS / "plots/ratings.csv", PLOT_FIELDS, means)
    effects = [effect("org", "judge", 0.9), effect("teacher", "judge", 0.5)]
    (paths.METRICS / "effects.json").write_text(json.dumps(effects))
    judged = {"name": "judge", "question": "?", "answer": JUDGED}
    (paths.METRICS / "verdict.json").write_text(json.dumps([judged]))
    monkeypatch.setattr("sys.argv", ["card.py", "tiny-r1"])


@pytest.mark.usefixtures("trained")
def test_a_card_names_base_version_hash_settings_and_the_excluded_rows():
    card.main()
    text = (paths.model("tiny-r1") / "README.md").read_text()
    assert text.startswith("---\nbase_model: models/base/tiny\n")
    digest = sha256(b"{}\n{}\n").hexdigest()
    assert f"`data/dataset/r1`, sha256 of its shards `{digest}`" in text
    assert '"r": 8, "alpha": 16, "dropout": 0.1' in text
    assert "| 1677; 3 longer ones excluded |" in text
    assert "| steps | 800 |\n| dev loss at the end, on botchat + webform | 0.0500 |" in text


@pytest.mark.usefixtures("trained")
def test_a_card_has_the_runs_own_ratings_and_their_difference_to_the_teacher():
    card.main()
    text = (paths.model("tiny-r1") / "README.md").read_text()
    ours = "4.00 [3.90, 4.10], n=200 | +0.50 [+0.30, +0.70], p=0.01"
    assert f"| judge | botchat | {ours} |" in text
    assert "| truth | botchat | 3.75 [3.65, 3.85], n=200 | - |" in text  # no difference is known
    assert "3.50" not in text  # the teacher's own
    assert f"## Ratings\n\n{JUDGED}\n\n| Measure |" in text


def head_of(text):
    return yaml.safe_load(text.split("---\n")[1])


@pytest.mark.usefixtures("trained")
def test_a_hub_reads_base_licence_language_and_ratings(workspace):
    base = workspace / "models/base/tiny"
    base.mkdir(parents=True)
    (base / "README.md").write_text("---\nlicense: llama3.2\nbase_model: meta/x\n---\n\n# x\n")
    card.main()
    text = (paths.model("tiny-r1") / "README.md").read_text()
    head = head_of(text)
    assert (head["base_model"], head["license"], head["language"]) == ("meta/x", "llama3.2", ["en"])
    [index] = head["model-index"]
    assert [one["metrics"][0]["value"] for one in index["results"]] == [4.0, 3.75]
    assert "95% interval: 3.90 to 4.10, n=200" in index["results"][0]["metrics"][0]["name"]
    assert "The base, meta/x, is under llama3.2. Read what it asks" in text
    assert "rated by `deterministic rules`" in text
    assert ModelCard(text).data.license == "llama3.2"


@pytest.mark.usefixtures("trained")
def test_a_base_without_a_card_is_named_by_its_place_and_no_licence_is_made_up():
    card.main()
    text = (paths.model("tiny-r1") / "README.md").read_text()
    assert "license" not in head_of(text)
    assert "models/base/tiny, names no licence here; look it up" in text


@pytest.mark.usefixtures("trained")
def test_a_run_that_is_not_judged_has_a_card_without_ratings():
    (paths.METRICS / "effects.json").write_text("[]")
    tables.write_csv(paths.METRICS / "plots/ratings.csv", PLOT_FIELDS, [])
    card.main()
    assert "| - | - | - | - |" in (paths.model("tiny-r1") / "README.md").read_text()


@pytest.mark.parametrize(
    ("run", "channels"),
    [
        ("tiny-r1", "botchat + webform"),
        ("tiny-r1-botchat", "botchat"),
        ("tiny-r1-webform-botchat", "webform, then botchat"),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_a_card_has_the_order_of_training(run, channels):
    done = {"steps": 1, "dev_loss": 0.5, "rows": 2, "left_out": 0}
    assert f"| channels | {channels} |" in card.card(run, load(), "", done, "")


@pytest.mark.usefixtures("workspace")
def test_an_unknown_run_is_named_with_those_that_exist(monkeypatch):
    monkeypatch.setattr("sys.argv", ["card.py", "nobody"])
    with pytest.raises(ParamsError, match=r"unknown run .nobody.; known: tiny-org, tiny-r1, "):
        card.main()
