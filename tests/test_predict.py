"""predict: a summary for every test row, as generated."""

import subprocess
import sys

import pytest
from conftest import REPO

from distill import paths, records
from distill.errors import BudgetError, EgressError
from distill.ledger import Ledger
from distill.llm.messages import Reply
from predict import predict

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
def test_the_summary_is_the_text_as_generated_be_it_a_list_or_not():
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
def test_why_a_row_was_not_asked_about_is_told(reply, error):
    with pytest.raises(error, match=r"\$5\.00"), Ledger("predict", "test") as ledger:
        list(predict(ROWS, Says(*[reply] * 3), ledger))


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(REPO / "src/predict.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


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
    assert done.stderr.startswith("error: usage: predict.py <run>; runs: tiny-org")
