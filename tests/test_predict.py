"""predict: a summary for every test row, as generated."""

import multiprocessing
import subprocess
import sys
import time
from threading import Thread

import pytest
from conftest import REPO

from arf import paths, records
from arf.errors import ModelError
from arf.ledger import Ledger
from arf.llm import Reply
from arf.llm.transformers import Transformers
from arf.params import load
from predict import predict, request

ROWS = [
    {"id": f"botchat-{i:06d}", "channel": "botchat", "split": "test", "text": f"Customer: hi {i}."}
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
def test_the_summary_is_the_text_as_generated_be_it_a_list_or_not():
    student = Says(Reply("<ul><li>hi"), Reply("hm"), Reply("<ul><li>hi</li></ul>", truncated=True))
    with Ledger("predict", "test") as ledger:
        found = list(predict(ROWS, student, ledger))
    assert [row["summary"] for row in found] == ["<ul><li>hi", "hm", "<ul><li>hi</li></ul>"]
    assert found[0] == {"id": "botchat-000000", "channel": "botchat", "summary": "<ul><li>hi"}


@pytest.mark.usefixtures("workspace")
def test_a_row_that_does_not_fit_is_quarantined():
    student = Says(Reply("a"), Reply(error="too_long"), Reply("c"))
    with Ledger("predict", "test", max_quarantined=0.5) as ledger:
        found = list(predict(ROWS, student, ledger))
    assert [row["id"] for row in found] == ["botchat-000000", "botchat-000002"]
    assert [row["reason"] for row in ledger.quarantined] == ["too_long"]


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(REPO / "src/predict.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def spread(workspace, monkeypatch):
    """A student on a CPU of so many cores; two rows are a batch, and summaries are short."""
    (workspace / "models").symlink_to(REPO / "models")
    tiny = load().students["tiny"]
    few = tiny.predict.model_copy(update={"batch": 2, "max_new_tokens": 24})

    def student(cores):
        monkeypatch.setenv("ARF_DEVICE", f"cpu/float32/{cores}")
        return Transformers(tiny.model_copy(update={"predict": few}))

    return student


TALKS = [request({**ROWS[0], "text": "Customer: where is my parcel?\n" * i}) for i in range(1, 8)]


def test_the_number_of_cores_changes_no_byte_and_no_count(spread):
    alone, together = spread(1), spread(2)
    assert list(together.complete(TALKS)) == list(alone.complete(TALKS))
    assert together.generated == alone.generated > 0


def test_a_process_that_dies_is_an_error_and_no_hang(spread):
    def kill_one():
        while not (started := multiprocessing.active_children()):
            time.sleep(0.01)
        started[0].kill()

    killer = Thread(target=kill_one, daemon=True)
    killer.start()
    with pytest.raises(ModelError, match="process that generated summaries died"):
        list(spread(2).complete(TALKS))
    killer.join()


def test_a_student_out_of_the_box_answers_every_row(workspace):
    (workspace / "models").symlink_to(REPO / "models")
    records.write_shards(paths.split("test"), ROWS)
    done = run("--student", "tiny")
    assert done.returncode == 0, done.stderr
    assert "tokens/s" in done.stdout
    assert [row["id"] for row in records.read(paths.predictions("tiny"))] == [
        row["id"] for row in ROWS
    ]


@pytest.mark.usefixtures("workspace")
def test_an_unknown_run_is_one_clear_line():
    done = run("tiny-r9")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: 'tiny-r9' is not in params.yaml; known:")
