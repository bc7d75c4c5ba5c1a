"""Stages' scripts on a few rows, with models behind a server that wants money, for tests."""

import gc
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from conftest import REPO
from endpoint import completion

import distill.stage
from distill import paths, prompts
from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.rules.teacher import summarize

TEXT = "Customer: hi, I'm order 07-11223-4567{n} man. Where is it?\nBot: I can help."
GOOD = "<ul><li>Where is order 07-11223-4567{n}?</li><li>The customer is frustrated</li></ul>"
LEARNED = 62  # rows of train, dev and audit
PRICES = {"remote": {"prompt": 1000.0, "completion": 2000.0}}  # dollars per million tokens
CALL = 10 * 0.001 + 5 * 0.002  # dollars of one call: the server counts 10 and 5 tokens


def rows(split, numbers):
    return [
        {
            "id": f"botchat-{n:06d}",
            "channel": "botchat",
            "input": TEXT.format(n=n),
            "split": split,
            "task": "summarize",
        }
        for n in numbers
    ]


class Done(NamedTuple):
    """A stage that has ended: its exit status and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def stage(script, *arguments):
    """Run a stage's script, or a tool, from the project's root.

    It runs in this process, since a new one would import for a second. What a stage does as a
    process of its own is tested by those that are killed, and wherever DVC runs.
    """
    prompts._template.cache_clear()  # as a new process, it reads the files as they are
    taxonomy.load.cache_clear()
    out, err, status = StringIO(), StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [f"{script}.py", *arguments])
        try:
            distill.stage.main(import_module(script).main)
        except SystemExit as ended:
            status = int(ended.code or 0)
    gc.collect()  # closes what an error left open
    return Done(status, out.getvalue(), err.getvalue())


def process(script, *arguments):
    """Run a stage's script as DVC does, or a tool as make does: in a process of its own."""
    path, environment = REPO / "src" / f"{script}.py", dict(os.environ)
    if not path.exists():
        path = REPO / "tools" / f"{script}.py"
        environment["PYTHONPATH"] = str(REPO / "src")
    return subprocess.run(
        [sys.executable, str(path), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def configure(url, **changes):
    """Put all models behind `url`; changes are dotted keys."""
    values = yaml.safe_load((REPO / "tests/params.yaml").read_text())
    values["llms"] = {"remote": {"provider": "openai", "model": "m"}}
    values["endpoints"] = {"remote": {"base_url": url, "retries": 1, "concurrency": 4}}
    for section in ("label", "annotate", "judge"):
        values[section]["llm"] = "remote"
    for section in ("revisions", "asked", "edited"):
        for entry in values[section].values():
            entry["llm"] = "remote"
    for keys, value in changes.items():
        section = values
        *parents, last = keys.split("__")
        for key in parents:
            section = section[key]
        section[last] = value
    Path("params.yaml").write_text(yaml.safe_dump(values))


def summarized(body):
    """What a teacher would say: one summary a row, told apart by the order number."""
    number = re.search(r"07-11223-4567(\d+)", body["messages"][0]["content"]).group(1)
    return completion(GOOD.format(n=number))


def three_unusable(body):
    """Good summaries, but of three rows a refusal, a cut one and an error."""
    text = body["messages"][0]["content"]
    if "45675 " in text:
        return completion("I cannot help with that.")
    if "45676 " in text:
        return completion(GOOD.format(n=6)[:-12], finish="length")
    return (400, {}, "no") if "45677 " in text else summarized(body)


def edited(body):
    """What an editor would say: the summary without its second point."""
    content = body["messages"][0]["content"]
    quoted = re.search(r"<summary>\n(.*)\n</summary>", content, flags=re.DOTALL).group(1)
    return completion(quoted.replace("<li>The customer is frustrated</li>", ""))


def played(body):
    """What each stage can use; of an interaction, what the sample's teacher would answer."""
    prompt = body["messages"][0]["content"]
    if '"concise"' in prompt:
        return completion('{"errors": [], "concise": false}')
    if '"errors"' in prompt:
        return completion('{"errors": []}')
    if found := re.search(r"<interaction>\n(.*)\n</interaction>", prompt, re.DOTALL):
        return completion(summarize(found[1], "botchat"))
    return completion(re.findall(r"<summary>\n(.*)\n</summary>", prompt, re.DOTALL)[-1])


def keeps():
    """How many replies are kept."""
    with sqlite3.connect(paths.replies()) as db:
        return db.execute("SELECT count(*) FROM replies").fetchone()[0]


def estimate():
    """The lines of `make estimate` by stage: calls, kept, prompt, completion, dollars, most."""
    done = stage("estimate")
    assert done.returncode == 0, done.stderr
    table, _, notes = done.stdout.partition("\n\n")
    _, *lines = (re.split(r" {2,}", line) for line in table.splitlines())
    return {name: cells[-6:] for name, *cells in lines}, notes


def new(cells):
    """The calls of a line that are not kept."""
    return int(cells[0]) - int(cells[1])
