"""A project with one trained run of two layers, for tests, and its rows."""

import json
import shutil

import models as two_layers
import pytest
import torch
import yaml
from conftest import REPO
from transformers import AutoModelForCausalLM

from distill.ledger import Ledger
from distill.params import load

import finetune  # isort: skip

NAME = "tiny-r1-botchat"
RUN = f"models/{NAME}"


def rows(split, count):
    return [
        {
            "id": f"botchat-{split}-{n:06d}",
            "channel": "botchat",
            "split": split,
            "task": "summarize",
            "input": f"Customer: my order {n:02d}-11223-45678 never came. Thanks!\nBot: Bye.",
            "target": f"<ul><li>my order {n:02d}-11223-45678 never came</li></ul>",
            "edits": [],
        }
        for n in range(count)
    ]


def louder(base):
    """Make the random weights of the base larger, so that its answers are not all alike."""
    model = AutoModelForCausalLM.from_pretrained(base)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(8.0)
    model.save_pretrained(base)


def make(folder):
    """A project with the run tiny-r1-botchat, whose base has penalties and samples."""
    values = yaml.safe_load((REPO / "tests/params.yaml").read_text())
    values["students"] = {"tiny": two_layers.STUDENT}
    (folder / "params.yaml").write_text(yaml.safe_dump(values))
    shutil.copy(REPO / "taxonomy.yaml", folder)
    shutil.copytree(REPO / "prompts", folder / "prompts")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DISTILL_DEVICE", "cpu/float32/1")
        base = folder / two_layers.STUDENT["base"]
        two_layers.save(base)
        louder(base)
        settings = json.loads((base / "generation_config.json").read_text())
        settings |= {"do_sample": True, "temperature": 0.7, "top_k": 20, "repetition_penalty": 1.1}
        (base / "generation_config.json").write_text(json.dumps(settings))
        train()


def train():
    params = load()
    run = params.runs[NAME]
    training = finetune.Training(run, params.students["tiny"], 7)
    found = [*rows("train", 6), *rows("dev", 2)]
    finetune.fit(NAME, found, training, Ledger("finetune", NAME))
