"""score: predictions are rated by their rows' own task."""

import json
import sys

import pytest

import score
from distill import paths, records, tasks
from distill.errors import InputError
from distill.ledger import Ledger

TOY = '''"""Sums: "2 + 2" is answered by "4"."""


def messages(row, prompts=None):
    return [{"role": "user", "content": row["input"]}]


def parse(text):
    return str(int(text))


def score(row, output):
    return 1.0 if output == row["gold"] else 0.0


def rule(row, prompts=None):
    return str(sum(map(int, row["input"].split(" + "))))
'''


def row(number, **changes):
    made = {"id": f"sums-{number}", "channel": "sums", "split": "test", "task": "toy"}
    return {**made, "input": f"{number} + 1", "gold": str(number + 1), **changes}


def prediction(number, output):
    return {"id": f"sums-{number}", "channel": "sums", "output": output}


@pytest.fixture
def toy(workspace, monkeypatch):
    """A task in a file of its own."""
    folder = workspace / "tasks"
    folder.mkdir()
    (folder / "toy.py").write_text(TOY)
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(folder)])
    yield
    sys.modules.pop("distill.tasks.toy", None)


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the script; returns what it printed."""

    def ran(*arguments):
        monkeypatch.setattr(sys, "argv", ["score.py", *arguments])
        score.main()
        return capsys.readouterr().out

    return ran


OUTPUTS = ["1", "2", " 3 ", "about five"]  # right, right, right with spaces, unparsable


@pytest.mark.usefixtures("toy")
def test_a_rating_is_the_score_of_the_task_and_an_unparsable_output_gets_0(run):
    records.write_shards(paths.split("test"), map(row, range(5)))
    outputs = [prediction(i, output) for i, output in enumerate([*OUTPUTS, "7"])]
    records.write_shards(paths.predictions("small"), outputs)
    assert run("small") == "small: mean 0.6000 of 5 rows; 1 unparsable, rated 0\n"
    found = list(records.read(paths.ratings("small")))
    assert [rating["rating"] for rating in found] == [1, 1, 1, 0, 0]
    assert found[0] == {"id": "sums-0", "channel": "sums", "system": "small", "rating": 1.0}
    ledger = json.loads(paths.ledger("score", "small").read_text())
    assert ledger["in"] == ledger["ok"] == 5
    assert ledger["found"] == {"unparsable": 1}


@pytest.mark.usefixtures("toy")
def test_predictions_of_other_rows_are_scored_against_those(run):
    records.write_shards(paths.dataset("hard"), map(row, range(10, 12)))
    records.write_shards(paths.predictions("small-hard"), [prediction(11, "12")])
    printed = run("small-hard", "--rows", "data/dataset/hard")
    assert printed.startswith("small-hard: mean 1.0000 of 1 rows; 0 unparsable")


@pytest.mark.usefixtures("toy")
def test_a_prediction_of_no_row_is_one_clear_line():
    with pytest.raises(InputError, match=r"small: sums-9 is none of the rows; .* --rows"):
        list(score.score([row(1)], [prediction(9, "10")], "small", Ledger("score", "small")))


@pytest.mark.usefixtures("workspace")
def test_a_task_without_a_score_is_left_to_a_judge():
    rows = [row(1, task="summarize", channel="botchat")]
    found = [prediction(1, "<ul><li>where is my order</li></ul>")]
    with pytest.raises(InputError, match="the task summarize has no score, a judge rates it"):
        list(score.score(rows, found, "small", Ledger("score", "small")))
