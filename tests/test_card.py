"""Model cards: origin and ratings of an adapter."""

import json
from hashlib import sha256

import pytest
import yaml
from huggingface_hub import ModelCard

from distill import paths
from distill.errors import ParamsError
from distill.params import load
from distill.report.arf import hub
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
    assert "| base | `models/base/tiny` |" in text
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
    assert "The base, meta/x, is under llama3.2. Pass on the licence, its notice" in text
    assert "rated by `deterministic rules`" in text
    assert ModelCard(text).data.license == "llama3.2"


def carded(workspace, card_of_base):
    """The run's card, where the base's folder has such a card."""
    folder = workspace / "models/base/tiny"
    folder.mkdir(parents=True)
    (folder / "README.md").write_bytes(card_of_base.encode())
    card.main()
    return (paths.model("tiny-r1") / "README.md").read_text()


@pytest.mark.usefixtures("trained")
def test_a_base_without_a_card_has_no_name_on_a_hub_and_no_licence_is_made_up():
    card.main()
    text = (paths.model("tiny-r1") / "README.md").read_text()
    assert not {"base_model", "license"} & head_of(text).keys()  # a hub refuses a path
    assert "models/base/tiny, names no licence here; look it up" in text
    assert "before you push this model, write it into the head as base_model" in text


@pytest.mark.usefixtures("trained")
def test_the_model_that_a_base_was_trained_from_is_not_taken_for_the_base(workspace):
    told = (
        "---\nlicense: apache-2.0\nbase_model: Qwen/Qwen2.5-0.5B\n---\n\n# Qwen2.5-0.5B-Instruct\n"
    )
    head = head_of(carded(workspace, told))
    assert "base_model" not in head
    assert head["license"] == "apache-2.0"


@pytest.mark.parametrize(
    ("terms", "paragraph"),
    [
        (
            "license: other\nlicense_name: qwen-research\nlicense_link: https://x.example/LICENSE\n",
            "is under qwen-research (https://x.example/LICENSE). Read what it asks",
        ),
        ("license: [mit, apache-2.0]\n", "is under mit, apache-2.0. Pass on the licence"),
        ("license: llama3.2\n", "a name that begins with Llama"),
        ("license: {a: 1}\n", "names no licence here"),
        ("license: [\n", "names no licence here"),
    ],
)
@pytest.mark.usefixtures("trained")
def test_every_form_of_a_licence_reaches_the_card(workspace, terms, paragraph):
    text = carded(workspace, f"\ufeff---\r\n{terms}---\r\n# x\r\n")
    assert paragraph in text
    if "names no" not in paragraph:
        assert {key: head_of(text)[key] for key in yaml.safe_load(terms)} == yaml.safe_load(terms)


def test_a_base_of_the_hub_has_its_card_from_there(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("---\nlicense: gemma\nbase_model: google/other\n---\n")
    asked = []
    monkeypatch.setattr(
        hub, "hf_hub_download", lambda *names: asked.append(names) or tmp_path / "README.md"
    )
    found = hub.base("google/gemma-x")
    assert asked == [("google/gemma-x", "README.md")]
    assert (found.id, found.license) == ("google/gemma-x", "gemma")


def test_a_base_of_the_hub_that_is_not_reached_keeps_its_name():
    found = hub.base("google/gemma-x")  # tests are offline
    assert (found.id, found.license) == ("google/gemma-x", "")


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
