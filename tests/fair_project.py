"""FAIR's stages on a few questions, with teachers behind a server, for tests."""

import json
import re
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from conftest import REPO
from endpoint import completion, said

from distill import paths, prompts, records

TEACHERS = ("strict", "hasty", "glib")
QUESTION = "A lamp cost ${price}. The fee is $4. How much is refunded?"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """FAIR's folder with its prompts, and no data."""
    shutil.copytree(REPO / "fair/prompts", tmp_path / "prompts")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    prompts._template.cache_clear()
    yield tmp_path
    prompts._template.cache_clear()


def configure(url=None, **changes):
    """Write params.yaml: three teachers behind `url`, or the rules; changes are dotted keys."""
    values = yaml.safe_load((REPO / "fair/params.yaml").read_text())
    if url:
        values["llms"] = {
            name: {"provider": "openai", "model": name, "temperature": 0.8} for name in TEACHERS
        }
        values["endpoints"] = {
            name: {"base_url": url, "retries": 1, "concurrency": 4, "patience": 3}
            for name in TEACHERS
        }
    for keys, value in changes.items():
        section = values
        *parents, last = keys.split("__")
        for key in parents:
            section = section[key]
        section[last] = value
    Path("params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))


def question(number, split="train"):
    return {
        "id": f"refund-{split}-{number:06d}",
        "channel": "refund",
        "split": split,
        "task": "reason",
        "input": QUESTION.format(price=10 + number),
        "gold": {"kind": "number", "answer": str(6 + number)},
    }


def mistakes(count):
    """Write the attempts of round r1: a student that adds the fee."""
    found = [
        {**question(n), "attempt": f"{10 + n} + 4 = {14 + n}\nAnswer: {14 + n}"}
        for n in range(count)
    ]
    records.write_shards(paths.attempted("r1"), found)
    return found


def asked_for(body):
    """What a request asks for: feedback, rationale or review."""
    prompt = said(body)
    if '"score"' in prompt:
        return "review"
    return "feedback" if "<attempt>" in prompt else "rationale"


def price(body):
    return int(re.search(r"cost \$(\d+)", said(body))[1])


WORDS = {"strict": "So", "hasty": "Well", "glib": "Now", "plain": "Then"}


def played(body):
    """A teacher that is right, but for hasty, who forgets the fee where the price is even.

    Each has its own words. As a reviewer everyone approves everything.
    """
    kind, paid, word = asked_for(body), price(body), WORDS[body["model"]]
    if kind == "review":
        return completion(json.dumps({"reason": "every step is right", "score": 5}))
    if kind == "feedback":
        return completion(f"{word} the fee is deducted: {paid} - 4 = {paid - 4}.")
    if body["model"] == "hasty" and paid % 2 == 0:
        return completion(f"{word} nothing is deducted.\nAnswer: {paid}")
    return completion(f"{word} it is {paid} - 4 = {paid - 4}\nAnswer: ${paid - 4}.00")


def stage(script, *arguments):
    """Run a stage's script in this process, in the present folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [script, *arguments])
        import_module(script).main()


def committee(*more):
    """Run explain, gate and review for all teachers."""
    for teacher in (*TEACHERS, *more):
        stage("explain", "r1", teacher)
    stage("gate", "r1")
    for teacher in (*TEACHERS, *more):
        stage("review", "r1", teacher)


def ledger(name):
    return json.loads((paths.ledger(*name.split("-", 1))).read_text())
