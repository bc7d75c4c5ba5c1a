"""docs/first-day.md, command by command: a stranger's clone, data in two formats, a model's reply.

The large model is a loopback server that always adds a mood; the student has two layers. Nothing
else of the page is changed.
"""

import csv
import json
import mailbox
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from email.message import EmailMessage
from itertools import product
from pathlib import Path

import models as two_layers
import pytest
import runs
import yaml
from conftest import REPO
from endpoint import completion, said, serve
from project import Project
from test_docs import BLOCK

from distill import paths, records
from distill.exports import loopback, parity
from distill.params import load
from distill.production import chat
from distill.students.generate import LocalStudent

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries
PAGE = REPO / "docs/first-day.md"
SIZES = {"test": 5, "dev": 2, "audit": 5, "train": 12}
OPENINGS = ["Hi there,", "Three weeks ago", "According to your shop,"]
THINGS = ["order 07-11223-45#", "the brass lamp", "my camera bag #", "item 1100#99"]
EVENTS = ["was lost by the carrier.", "arrived broken at my door.", "was charged twice to me."]
WISHES = ["Send it again, please!", "I want $# back."]
MOOD = "The customer is frustrated"
RUN = "smollm2-r1"
# What `make setup` leaves, where this environment has the packages.
INSTALLED = "mkdir -p .venv/bin && touch .venv/bin/activate .venv/installed"


def large(body):
    """Answer as a large model does: summarize with a mood, find it, take it out, judge."""
    asked = said(body)
    summary = re.search(r"<summary>\n(.*?)\n</summary>", asked, re.DOTALL)
    if summary is None:
        interaction = re.search(r"<interaction>\n(.*)\n</interaction>", asked, re.DOTALL)[1]
        point = re.search(r"(?:Customer|Message): ([^.!?]*)", interaction)[1]
        return completion(f"<ul><li>{MOOD}</li><li>{point}</li></ul>")
    if "JSON object" not in asked:
        return completion(summary[1].replace(f"<li>{MOOD}</li>", ""))
    errors = [{"code": "sentiment_inferred_frustrated", "quote": MOOD}]
    errors = errors if MOOD in summary[1] else []
    verdict = {"concise": True} if '"concise"' in asked else {}
    return completion(json.dumps({"errors": errors} | verdict))


def told():
    """Texts of customers, joined from parts so short that none is found again in this file."""
    texts = [" ".join(parts) for parts in product(OPENINGS, THINGS, EVENTS, WISHES)]
    return [text.replace("#", f"{n:03d}") for n, text in enumerate(texts)]


def export_chats(file):
    with file.open("w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["chat", "who", "said"])
        for number, text in enumerate(told()[::2]):
            table.writerow([number, "guest", text])
            table.writerow([number, "staff", "Let me look."])


def export_mails(file):
    box = mailbox.mbox(file)
    for number, text in enumerate(told()[1::2]):
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "Eva Cole <eva@mail.example>", f"Question {number}"
        mail["Message-ID"] = f"<{number}@mail.example>"
        mail.set_content(text)
        box.add(mail)
    box.close()


class Shell:
    """The shell of a reader of the page: what was exported or entered stays."""

    def __init__(self, home):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.home, self.folder = home, home
        self.settings = {**os.environ, "PATH": path, "HOME": str(home)}

    def type(self, block):
        """Run a block of the page; return what it printed."""
        after = self.home / ".environment"
        kept = f"set -e\n{block}\nenv -0 > {after}"
        done = subprocess.run(
            ["bash", "-c", kept], cwd=self.folder, env=self.settings,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        pairs = after.read_text().rstrip("\0").split("\0")
        self.settings = dict(pair.split("=", 1) for pair in pairs)
        self.folder = Path(self.settings["PWD"])
        return done.stdout


def settings(example, url):
    """The page's settings, for the rows, server and student of this test."""
    values = yaml.safe_load((REPO / "profiles/laptop.yaml").read_text()) | yaml.safe_load(example)
    values["split"]["sizes"] = dict.fromkeys(values["channels"], SIZES)
    values["base"] = []
    student = {"base": two_layers.STUDENT["base"], "max_length": 2048}
    values["students"]["smollm2"] |= student
    values["endpoints"]["large"]["base_url"] = url
    values["report"]["bootstrap"] = 200
    return yaml.safe_dump(values, sort_keys=False)


@contextmanager
def serving(shell, command, port):
    """The page's server, for as long as it is asked."""
    options = f'RUN={RUN} ARGS="--port {port} --server transformers"'
    log = shell.home / "server.txt"
    with log.open("w") as written:
        server = subprocess.Popen(
            ["bash", "-c", command.replace(f"RUN={RUN}", options)],
            cwd=shell.folder,
            env=shell.settings,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        for _ in range(240):
            assert server.poll() is None, log.read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1)
                break
            except OSError:
                time.sleep(0.5)
        yield
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def steps():
    """The blocks of the page by the number of their section: kind and text."""
    parts = PAGE.read_text().split("\n## ")[1:]
    return {part[0]: BLOCK.findall(part) for part in parts}


def follow(shell, url, original):
    """Follow the page up to the tables; return what each section printed."""
    printed = {}
    for step, blocks in steps().items():
        for kind, text in blocks if step in "1234" else ():
            if kind == "bash":
                typed = text.replace("<url of this repository>", str(original))
                typed = typed.replace("make setup", INSTALLED)
                printed[step] = printed.get(step, "") + shell.type(typed)
            elif kind == "yaml":
                base = shell.folder / two_layers.STUDENT["base"]
                two_layers.save(base)
                runs.louder(base)  # so that its answers differ
                (shell.folder / "params.yaml").write_text(settings(text, url))
    return printed


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """The project's folder after the day, and what each section of the page printed."""
    home = tmp_path_factory.mktemp("home")
    (home / "exports").mkdir()
    export_chats(home / "exports/chats.csv")
    export_mails(home / "exports/support.mbox")
    original = Project(tmp_path_factory.mktemp("original"))
    shell, port = Shell(home), loopback.free_port()
    with serve(large) as (url, _):
        printed = follow(shell, url, original.folder)
    (_, command), (_, client), (_, asking) = steps()["5"]
    with serving(shell, command, port):
        (shell.folder / "reply.py").write_text(client.replace(":8000", f":{port}"))
        printed["5"] = shell.type(asking)
    return shell.folder, printed


def test_both_formats_reach_the_tables(day):
    folder, _ = day
    tables = (folder / "metrics/table1.md").read_text()
    assert "agentchat" in tables
    assert "email" in tables
    ledgers = [json.loads(path.read_text()) for path in (folder / "data/ledger").iterdir()]
    came = {ledger["key"]: ledger["in"] for ledger in ledgers if ledger["stage"] == "anonymize"}
    assert came == {"agentchat": 36, "email": 36}
    for ledger in ledgers:
        left_over = ledger.get("left_over", 0)
        assert ledger["in"] == ledger["ok"] + sum(ledger["quarantined"].values()) + left_over


def test_the_revision_removed_what_the_large_model_always_says(day):
    folder, _ = day
    org, revised = (
        [row["target"] for row in records.read(folder / paths.dataset(version))]
        for version in ("org", "r1")
    )
    assert len(org) == len(revised) > 0
    assert all(MOOD in target for target in org)
    assert not any(MOOD in target for target in revised)


def test_the_verdict_says_that_nobody_checked_the_judge(day):
    _, printed = day
    assert "The judge was not compared with people yet" in printed["4"]


def git(folder, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_everything_is_committed_and_raw_data_is_not(day):
    folder, _ = day
    assert git(folder, "status", "--porcelain").splitlines() == ["?? reply.py"]
    known = git(folder, "ls-files")
    assert "data/raw.dvc" in known
    assert not re.search("^data/raw/", known, re.MULTILINE)


def test_the_model_replies_over_http_as_in_the_pipeline(day, monkeypatch):
    folder, printed = day
    monkeypatch.chdir(folder)
    text = re.search(r'^text = (".*")$', steps()["5"][1][1], re.MULTILINE)[1]
    asked = chat.messages(f"models/{RUN}", "email", json.loads(text))
    student = LocalStudent(load().students["smollm2"], paths.model(RUN))
    [own] = parity.local(student, {"row": asked}).values()
    assert len(own) > 20
    assert printed["5"].strip().splitlines() == own.splitlines()  # a shell's \r is a new line
