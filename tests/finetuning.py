"""A project with a student of two layers and runs of a few steps, and its trainings."""

import copy
import os
import subprocess
import sys
from multiprocessing import spawn

import models
import warm
import yaml
from conftest import REPO

from distill import paths, records

import finetune  # isort: skip


def rows(channel, split, count):
    return [
        {
            "id": f"{channel}-{split}-{i:06d}",
            "channel": channel,
            "split": split,
            "task": "summarize",
            "input": f"Customer: my order {i:02d}-11223-45678 never came. Thanks!\nBot: Bye.",
            "target": f"<ul><li>my order {i:02d}-11223-45678 never came</li></ul>",
            "edits": [],
        }
        for i in range(count)
    ]


def make(folder, epochs=1, **settings):
    """Write the project into `folder`, the present one; `settings` are more of the student's."""
    models.save(folder / models.STUDENT["base"])
    params = yaml.safe_load((folder / "params.yaml").read_text())
    student = copy.deepcopy(models.STUDENT) | settings
    student["train"] |= {"epochs": epochs, "batch": 4, "save_steps": 2}
    params["students"] = {"tiny": student}
    params["runs"] = {
        "joint": {"student": "tiny", "version": "org"},
        "ordered": {"student": "tiny", "version": "org", "phases": [["webform"], ["botchat"]]},
        "same-seed": {"student": "tiny", "version": "org", "seed": 7},
        "other-seed": {"student": "tiny", "version": "org", "seed": 8},
    }
    params["systems"] = ["teacher", "tiny", *params["runs"]]
    params["release"] = "joint"
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    learned = [
        row
        for channel in ("botchat", "webform")
        for split, count in (("dev", 2), ("train", 12))
        for row in rows(channel, split, count)
    ]
    records.write_shards(paths.dataset("org"), learned)


def command(run, *launcher, script=REPO / "src/finetune.py", python=None):
    return [python or warm.python(), *launcher, str(script), run]


def train(run, *launcher, **options):
    arguments = command(run, *launcher, **options)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def in_process(monkeypatch, run):
    """Run the script in this process, which starts others for a training on two cores."""
    monkeypatch.setattr(spawn, "_python_exe", os.fsencode(warm.python()))
    monkeypatch.setattr(sys, "argv", ["finetune.py", run])
    finetune.main()


def written(run):
    folder = paths.model(run)
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def curves(run):
    return {str(f): f.read_bytes() for f in paths.curves(run).rglob("*") if f.is_file()}


def losses(run, split):
    """(step, loss) as the curves' table has them."""
    table = paths.curves(run) / f"plots/metrics/{split}/loss.tsv"
    head, *lines = table.read_text().splitlines()
    assert head == "step\tloss"
    return [(int(step), float(loss)) for step, loss in (line.split("\t") for line in lines)]
