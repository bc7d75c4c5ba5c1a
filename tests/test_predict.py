"""predict: an output for every row of a folder, as generated."""

import json
import subprocess
import sys
from pathlib import Path

import models
import pytest
import yaml
from conftest import REPO
from endpoint import completion, serve
from stages import stage

from distill import paths, records
from distill.errors import BudgetError, EgressError, ParamsError
from distill.ledger import Ledger
from distill.llm.messages import Reply
from predict import output_name, predict

SRC = str(REPO / "src")

ROWS = [
    {
        "id": f"botchat-{i:06d}",
        "channel": "botchat",
        "split": "test",
        "task": "summarize",
        "input": f"Customer: hi {i}.",
    }
    for i in range(3)
]


class Says:
    """A student that gives these replies."""

    def __init__(self, *replies):
        self.replies = replies

    def complete(self, requests):
        for _, reply in zip(requests, self.replies, strict=False):
            yield reply


@pytest.mark.usefixtures("workspace")
def test_an_output_is_the_text_as_generated_parsable_or_not():
    student = Says(Reply("<ul><li>hi"), Reply("hm"), Reply("<ul><li>hi</li></ul>", truncated=True))
    with Ledger("predict", "test") as ledger:
        found = list(predict(ROWS, student, ledger))
    assert [row["output"] for row in found] == ["<ul><li>hi", "hm", "<ul><li>hi</li></ul>"]
    assert found[0] == {"id": "botchat-000000", "channel": "botchat", "output": "<ul><li>hi"}


@pytest.mark.usefixtures("workspace")
def test_a_row_that_does_not_fit_is_quarantined():
    student = Says(Reply("a"), Reply(error="too_long"), Reply("c"))
    with Ledger("predict", "test", max_quarantined=0.5) as ledger:
        found = list(predict(ROWS, student, ledger))
    assert [row["id"] for row in found] == ["botchat-000000", "botchat-000002"]
    assert [row["reason"] for row in ledger.quarantined] == ["too_long"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(error="over_budget", detail="$5.00"), BudgetError),
        (Reply(error="not_cleared", detail="predict: $5.00 was not sent"), EgressError),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_a_row_that_was_not_sent_ends_the_stage_with_the_reason(reply, error):
    with pytest.raises(error, match=r"\$5\.00"), Ledger("predict", "test") as ledger:
        list(predict(ROWS, Says(*[reply] * 3), ledger))


@pytest.fixture
def base(workspace):
    """A project with a student of two layers and three rows of test."""
    models.save(workspace / models.STUDENT["base"])
    values = yaml.safe_load(Path("params.yaml").read_text())
    values |= {"students": {"tiny": models.STUDENT}, "runs": {}, "release": None}
    values["systems"] = ["teacher", "tiny"]
    Path("params.yaml").write_text(yaml.safe_dump(values))
    records.write_shards(paths.split("test"), ROWS)
    return workspace


def ids(folder):
    return [row["id"] for row in records.read(folder)]


def test_a_student_without_an_adapter_answers_every_row(base):
    done = stage("predict", "tiny")
    assert done.returncode == 0, done.stderr
    assert ids(paths.predictions("tiny")) == [row["id"] for row in ROWS]
    assert "tokens/s" in done.stdout
    speed = json.loads((base / ".distill/speed/tiny.json").read_text())
    assert speed.keys() == {"rows", "prompt_tokens", "completion_tokens", "seconds"}
    assert speed["rows"] == 3


@pytest.mark.usefixtures("base")
def test_nothing_that_predict_writes_below_data_depends_on_the_clock(monkeypatch):
    def written():
        assert stage("predict", "tiny").returncode == 0
        files = Path("data").rglob("*")
        return {str(path): path.read_bytes() for path in files if path.is_file()}

    assert written() == written()
    assert not Path("data/speed").exists()


@pytest.mark.usefixtures("base")
def test_rows_of_any_folder_can_be_answered_under_a_name_of_their_own():
    others = [{**row, "id": f"botchat-1{i}", "split": "train"} for i, row in enumerate(ROWS)]
    records.write_shards(Path("data/hard"), others)
    done = stage("predict", "tiny", "--rows", "data/hard", "--out", "tiny-hard")
    assert done.returncode == 0, done.stderr
    assert ids(paths.predictions("tiny-hard")) == ["botchat-10", "botchat-11", "botchat-12"]
    assert json.loads(paths.ledger("predict", "tiny-hard").read_text())["in"] == 3
    assert not paths.predictions("tiny").exists()


def test_other_rows_do_not_overwrite_the_predictions_of_the_test_rows():
    with pytest.raises(ParamsError, match="--rows data/hard: name the predictions with --out"):
        output_name("tiny", Path("data/hard"), None)
    assert output_name("tiny", paths.split("test"), None) == "tiny"
    with pytest.raises(ParamsError, match=r"--out \.\./x: must be made of"):
        output_name("tiny", Path("data/hard"), "../x")


def answered(body):
    return completion("<ul><li>hi</li></ul>")


@pytest.mark.usefixtures("base")
def test_a_served_student_needs_no_torch():
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["students"]["tiny"]["predict"]["endpoint"] = "vllm"
    with serve(answered) as (url, received):
        values["endpoints"]["vllm"] = {"base_url": url}
        Path("params.yaml").write_text(yaml.safe_dump(values))
        script = str(REPO / "src/predict.py")
        code = (
            f"import runpy, sys; sys.argv = ['predict.py', 'tiny']; sys.path.insert(0, {SRC!r});"
            f"runpy.run_path({script!r}, run_name='__main__'); print('torch' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
    assert done.stdout == "False\n", done.stderr
    assert {body["model"] for body in received} == {"models/base/tiny"}
    assert len(ids(paths.predictions("tiny"))) == 3
    assert not paths.speed("tiny").exists()  # its seconds may be those of the cache


@pytest.mark.usefixtures("workspace")
def test_an_unknown_system_is_one_clear_line():
    done = stage("predict", "no-such-run")
    assert done.returncode == 1
    assert done.stderr.startswith("error: unknown system 'no-such-run'; known: ")
