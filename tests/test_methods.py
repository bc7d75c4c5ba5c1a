"""A task is one file with its prompts, a method one folder: nothing else is edited."""

import json

import pytest
import yaml
from project import Project

TASK = '''"""Whether a number is odd: {"task": "parity", "input": "7", "gold": "odd"}."""

from distill.prompts import render


def messages(row, prompts=None):
    return [{"role": "user", "content": render("parity/ask", number=row["input"])}]


def parse(text):
    if text.strip() not in ("odd", "even"):
        raise ValueError("neither odd nor even")
    return text.strip()


def score(row, output):
    return float(output == row["gold"])


def rule(row, prompts=None):
    return "odd" if int(row["input"]) % 2 else "even"
'''

PIPELINE = {
    "vars": ["params.yaml"],
    "stages": {
        "finetune": {
            "foreach": "${runs}",
            "do": {
                "cmd": "python ../src/finetune.py ${key}",
                "deps": ["../src/distill/tasks/parity.py", "prompts", "data/dataset/parity"],
                "params": ["seed", "runs.${key}", "students"],
                "outs": [
                    "models/${key}",
                    "data/curves/${key}",
                    "data/ledger/finetune-${key}.json",
                ],
            },
        },
        "predict": {
            "foreach": "${runs}",
            "do": {
                "cmd": "python ../src/predict.py ${key}",
                "deps": ["data/split/test", "models/${key}"],
                "params": ["students"],
                "outs": ["data/predictions/${key}", "data/ledger/predict-${key}.json"],
            },
        },
        "score": {
            "foreach": "${runs}",
            "do": {
                "cmd": "python ../src/score.py ${key}",
                "deps": ["data/split/test", "data/predictions/${key}"],
                "outs": ["data/ratings/${key}", "data/ledger/score-${key}.json"],
            },
        },
    },
}


def rows(split, numbers):
    return [
        {
            "id": f"numbers-{n:04}",
            "channel": "numbers",
            "split": split,
            "task": "parity",
            "input": str(n),
            "target": "odd" if n % 2 else "even",
            "gold": "odd" if n % 2 else "even",
        }
        for n in numbers
    ]


def write(path, found):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in found))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project with one task and one method more, after its `dvc repro`."""
    project = Project(tmp_path_factory.mktemp("project"))
    folder = project.folder
    before = project.dvc("status", "--json", "dvc.yaml")
    (folder / "src/distill/tasks/parity.py").write_text(TASK)
    assert (
        project.dvc("status", "--json", "dvc.yaml") == before
    )  # a new task runs no stage of the others
    (folder / "parity/prompts/parity").mkdir(parents=True)
    (folder / "parity/prompts/parity/ask.txt").write_text("Is $number odd or even?")
    student = project.students()["tiny"] | {"base": "../models/base/tiny"}
    params = {
        "seed": 7,
        "llms": {"rules": {"provider": "rules"}},
        "students": {"small": student},
        "runs": {"small-parity": {"student": "small", "version": "parity"}},
        "rounds": 3,  # a section that only this method knows
    }
    (folder / "parity/params.yaml").write_text(yaml.safe_dump(params))
    (folder / "parity/dvc.yaml").write_text(yaml.safe_dump(PIPELINE, sort_keys=False))
    write(folder / "parity/data/dataset/parity/part-00000.jsonl",
          [*rows("train", range(16)), *rows("dev", range(16, 20))])  # fmt: skip
    write(folder / "parity/data/split/test/part-00000.jsonl", rows("test", range(20, 26)))
    project.dvc("repro", "parity/dvc.yaml")
    assert project.dvc("status", "--json", "dvc.yaml") == before
    return project


def test_a_made_up_method_runs_the_shared_stages(project):
    ratings = (project.folder / "parity/data/ratings/small-parity/part-00000.jsonl").read_text()
    found = [json.loads(line) for line in ratings.splitlines()]
    assert [row["id"] for row in found] == [f"numbers-{n:04}" for n in range(20, 26)]
    assert {row["rating"] for row in found} <= {0.0, 1.0}
    assert project.ran(project.dvc("repro", "parity/dvc.yaml")) == set()


def test_the_student_was_asked_and_trained_in_the_words_of_the_task(project):
    ledger = json.loads(
        (project.folder / "parity/data/ledger/finetune-small-parity.json").read_text()
    )
    assert (ledger["in"], ledger["ok"]) == (20, 20)
    predicted = json.loads(
        (project.folder / "parity/data/ledger/predict-small-parity.json").read_text()
    )
    [usage] = predicted["models"].values()
    assert usage["calls"] == 6
    assert usage["prompt_tokens"] < 6 * 40  # the question alone


def test_the_root_pipeline_does_not_know_of_it(project):
    assert "small-parity" not in project.dvc("stage", "list", "dvc.yaml")


def test_an_unknown_task_is_named(project):
    path = project.folder / "parity/data/split/test/part-00000.jsonl"
    text = path.read_text()
    path.write_text(text.replace('"parity"', '"parrot"'))
    lines = project.refused("repro", "parity/dvc.yaml")
    path.write_text(text)
    assert "error: unknown task 'parrot'; the tasks are the modules of src/distill/tasks" in lines
