"""What calls cost: counted, limited by a budget, shown while they run."""

import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections import Counter
from pathlib import Path

import pytest
from conftest import REPO
from endpoint import completion, echo, replies, serve
from project import Project
from stages import (
    CALL,
    LEARNED,
    PRICES,
    configure,
    edited,
    estimate,
    keeps,
    new,
    stage,
    summarized,
)  # fmt: skip

from distill import paths, records
from distill.llm.settings import Costs, Price
from distill.llm.store import Store

PRICE = {"large": Price(**PRICES["remote"])}


def test_what_was_paid_is_counted_by_stage_and_model(workspace):
    with serve(echo) as (url, _):
        replies(url, 5, costs=Costs(prices=PRICE))
        again = replies(url, 5, costs=Costs(prices=PRICE))
    [spent] = Store().spent()
    assert (spent.stage, spent.model, spent.calls) == ("label", "m", 5)
    assert (spent.prompt_tokens, spent.completion_tokens) == (50, 25)
    assert spent.dollars == pytest.approx(0.1)
    assert sum(reply.dollars for reply in again) == 0


# --- the budget


def test_a_budget_is_kept_but_for_what_is_in_flight(workspace):
    with serve(echo) as (url, received):
        found = replies(url, 100, concurrency=2, costs=Costs(prices=PRICE, budget=0.5))
        assert 25 <= len(received) <= 27
        assert Counter(reply.error for reply in found)["over_budget"] == 100 - len(received)
        more = replies(url, 100, concurrency=2, costs=Costs(prices=PRICE, budget=9))
    assert not [reply for reply in more if reply.error]
    assert len(received) == 100


def test_a_spent_budget_stops_the_stage_and_a_raised_one_pays_the_rest_only(split):
    with serve(summarized, latency=0.01) as (url, received):
        configure(url, costs={"prices": PRICES, "budget": 20 * CALL})
        stopped = stage("label")
        paid = len(received)
        assert 20 <= paid <= 20 + 4  # what was in flight ends
        assert keeps() == paid
        unsent = list(records.read(paths.quarantine("label", "org")))
        assert {row["reason"] for row in unsent} == {"over_budget"}
        assert len(unsent) == LEARNED - paid
        assert not paths.ledger("label", "org").exists()
        assert stopped.returncode == 1
        assert stopped.stderr == (
            f"error: label org: {LEARNED - paid} of 62 rows were not sent because the budget of"
            " $0.40 is spent; raise costs.budget in params.yaml and run `dvc repro` again, which"
            " pays for these rows only (`make cache` shows the spending)\n"
        )
        lines, notes = estimate()
        assert new(lines["label org"]) == LEARNED - paid
        assert "of a budget of $0.40, which the estimate exceeds" in notes
        configure(url, costs={"prices": PRICES, "budget": 100})
        assert stage("label").returncode == 0
        assert len(received) == LEARNED + 2
    assert records.count(paths.dataset("org")) == LEARNED


def test_a_cascade_that_a_budget_stops_counts_every_row_once(org):
    with serve(edited, latency=0.01) as (url, received):
        configure(url, costs={"prices": PRICES, "budget": 50 * CALL})
        stopped = stage("revise", "r1")
        assert stopped.returncode == 1
        assert re.search(r"[1-9]\d? of 60 rows were not sent because the budget", stopped.stderr)
        assert len(received) <= 50 + 4
        configure(url, costs={"prices": PRICES})
        assert stage("revise", "r1").returncode == 0
        assert len(received) == 120
    assert json.loads(paths.ledger("revise", "r1").read_text())["ok"] == 60


def dvc(project, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=project.folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def listed(body):
    return completion("<ul><li>The customer wrote</li></ul>")


def test_dvc_goes_on_when_the_budget_is_raised(tmp_path):
    project = Project(tmp_path)
    project.shrink()
    values = project.params()
    with serve(listed, latency=0.01) as (url, received):
        values["llms"]["remote"] = {"provider": "openai", "model": "m"}
        values["endpoints"] = {"remote": {"base_url": url, "concurrency": 4}}
        values["label"]["llm"] = "remote"
        values["costs"] = {"prices": PRICES, "budget": 10 * CALL}
        project.set_params(values)
        stopped = dvc(project, "repro", "label")
        assert stopped.returncode != 0
        assert "raise costs.budget in params.yaml and run `dvc repro` again" in stopped.stderr
        paid = len(received)
        assert 10 <= paid <= 14
        values["costs"]["budget"] = 1000
        project.set_params(values)
        output = project.dvc("repro", "label")
    assert project.ran(output) == {"plan", "label"}
    counts = [json.loads((project.folder / paths.ledger("label", key)).read_text())
              for key in ("org", "teacher")]  # fmt: skip
    assert len(received) == sum(count["ok"] for count in counts)
    values["costs"]["budget"] = 2000
    project.set_params(values)
    assert project.ran(project.dvc("repro", "label")) == {"plan"}


# --- the progress


def on_a_terminal(script, *arguments):
    """What a stage prints to a terminal of 120 columns."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (40, 120))
    process = subprocess.Popen(
        [sys.executable, str(REPO / "src" / f"{script}.py"), *arguments], stderr=its
    )
    os.close(its)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # the terminal's other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    return said.decode()


def test_rows_failures_dollars_and_time_left_are_shown(split):
    def sometimes(body):
        refused = "45675 " in body["messages"][0]["content"]
        return (400, {}, "no") if refused else summarized(body)

    with serve(sometimes, latency=0.05) as (url, _):
        configure(url, label__max_quarantined=0.1, costs={"prices": PRICES})
        said = on_a_terminal("label")
    assert re.search(r"label org: .*\d+/62 \[\d\d:\d\d<\d\d:\d\d, .*failed, \$0\.\d\d\]", said)
    assert f"62/62 [00:0{re.search('62/62 .00:0(.)', said)[1]}<00:00" in said
    assert f"1 failed, ${61 * CALL:.2f}]" in said
    assert re.search(r"label teacher: .*2/2 .*0 failed, \$0.04\]", said)


def test_the_rows_of_a_cascade_are_counted_while_they_come(org):
    with serve(edited, latency=0.05) as (url, _):
        configure(url)
        said = on_a_terminal("revise", "r1")
    counts = [int(count) for count in re.findall(r"(\d+)/60 ", said)]
    assert counts[-1] == 60
    assert len({count for count in counts if 0 < count < 60}) > 3


def test_what_is_kept_already_is_shown_as_free(split):
    with serve(summarized) as (url, _):
        configure(url, costs={"prices": PRICES})
        assert stage("label").returncode == 0
        assert re.search(r"62/62 .*0 failed, -\]", on_a_terminal("label"))


def test_without_a_terminal_nothing_is_shown(split):
    with serve(summarized) as (url, _):
        configure(url)
        assert stage("label").stderr == ""
