"""Stages over the batch API, killed and restarted: the same bytes, and no request paid twice."""

import json
import os
import re
import signal
import subprocess
import sys

import stages
from batches import CREATE, LOOK, UPLOAD, serve_batches
from conftest import REPO
from endpoint import completion, wait_until
from stages import GOOD, PRICES, estimate, new, rows, stage, summarized, three_unusable

from distill import paths, records
from distill.llm.store import Store


def configure(url, **changes):
    """Put all models behind `url`, by batches."""
    stages.configure(url, **{"endpoints__remote__batch": True, **changes})


def org():
    return (paths.dataset("org") / "part-00000.jsonl").read_bytes()


def kill_at(server, call):
    """Start label and kill -9 it when the server has another such call."""
    before = server.count(call)
    process = subprocess.Popen(
        [sys.executable, str(REPO / "src/label.py")],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    if call == CREATE:  # the server has made the batch, the stage does not know
        server.started = lambda: os.killpg(process.pid, signal.SIGKILL)
    wait_until(lambda: server.count(call) > before)
    if call != CREATE:
        os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    server.started = lambda: None


def test_label_ends_in_the_same_bytes_with_and_without_batches(split, workspace):
    with serve_batches(summarized) as server:
        configure(server.url)
        done = stage("label")
        assert done.returncode == 0, done.stderr
        with_batches = org(), paths.ledger("label", "org").read_bytes()
        assert len(server.batches) == 2  # of org and of the teacher's predictions
        assert sum(server.prompts().values()) == 64
        (workspace / ".distill/replies.sqlite").unlink()
        configure(server.url, endpoints__remote__batch=False)
        assert stage("label").returncode == 0
        assert (org(), paths.ledger("label", "org").read_bytes()) == with_batches
        assert len(server.batches) == 2


def test_a_stage_that_is_killed_while_it_waits_goes_on_waiting(split):
    with serve_batches(summarized) as server:
        configure(server.url)
        server.held = True
        kill_at(server, LOOK)
        kill_at(server, LOOK)
        assert len(server.uploads) == len(server.batches) == 1
        server.held = False
        done = stage("label")
        assert done.returncode == 0, done.stderr
    assert len(server.uploads) == len(server.batches) == 2  # of org and of the teacher's
    assert sum(server.prompts().values()) == 64
    assert set(server.prompts().values()) == {1}
    assert [row["target"] for row in records.read(paths.dataset("org"))] == [
        GOOD.format(n=n) for n in range(62)
    ]


def test_what_a_batch_will_bring_is_not_estimated_anew(split):
    with serve_batches(summarized) as server:
        server.held = True
        configure(server.url, costs={"prices": PRICES})
        kill_at(server, LOOK)
        lines, notes = estimate()
    assert new(lines["label org"]) == 0
    assert new(lines["label teacher"]) == 2
    assert re.search(r"Pending batches may cost \$\d+\.\d\d; their calls count as cached", notes)


def test_a_kill_between_the_making_of_a_batch_and_its_note_makes_no_second(split):
    with serve_batches(summarized) as server:
        configure(server.url)
        kill_at(server, CREATE)
        assert len(server.batches) == 1
        assert stage("label").returncode == 0
    assert len(server.uploads) == len(server.batches) == 2
    assert set(server.prompts().values()) == {1}


def test_a_made_batch_is_found_among_many(split):
    with serve_batches(summarized) as server:
        configure(server.url)
        kill_at(server, CREATE)
        others = {f"other-{n}": {"id": f"other-{n}", "input_file_id": "theirs"} for n in range(5)}
        ours = dict(server.batches)
        server.batches.update(others)
        assert stage("label").returncode == 0
        for id_ in others:
            del server.batches[id_]
    assert ours.keys() < server.batches.keys()
    assert len(server.batches) == 2
    assert server.count("GET /batches") > 3


def test_a_kill_while_replies_come_in_pays_once(split):
    with serve_batches(summarized) as server:
        configure(server.url)
        kill_at(server, r"GET /files/.+")
        done = stage("label")
        assert done.returncode == 0, done.stderr
    assert set(server.prompts().values()) == {1}
    assert [spent.calls for spent in Store().spent()] == [64]


def test_rows_that_changed_while_a_batch_was_waited_for_are_asked_beside_it(split):
    with serve_batches(summarized) as server:
        configure(server.url)
        server.held = True
        kill_at(server, LOOK)
        server.held = False
        changed = rows("train", range(60))
        changed[7]["input"] += " Please hurry."
        records.write_shards(paths.split("train"), changed)
        assert stage("label").returncode == 0
    assert sum(server.prompts().values()) == 65
    assert set(server.prompts().values()) == {1}


def test_partial_failures_end_in_a_full_ledger(split):
    with serve_batches(three_unusable) as server:
        server.drop = "45678 "
        configure(server.url, label__max_quarantined=0.1)
        done = stage("label")
        assert done.returncode == 0, done.stderr
    counts = json.loads(paths.ledger("label", "org").read_text())
    assert (counts["in"], counts["ok"]) == (62, 59)
    assert counts["quarantined"] == {"refused": 1, "truncated": 1, "unparsable": 1}


def test_a_cascade_of_fixes_goes_through_batches(workspace):
    def edited(body):
        return completion("<ul><li>Where is it?</li></ul>")

    records.write_shards(
        paths.dataset("org"),
        (
            {**row, "target": GOOD.format(n=n), "edits": []}
            for n, row in enumerate(rows("train", range(30)))
        ),
    )
    records.write_shards(paths.annotated("org"), [])
    with serve_batches(edited) as server:
        configure(server.url)
        done = stage("revise", "r1")
        assert done.returncode == 0, done.stderr
    revised = list(records.read(paths.dataset("r1")))
    assert [len(row["edits"]) for row in revised] == [2] * 30
    assert set(server.prompts().values()) == {1}


def test_an_error_is_one_line(split):
    with serve_batches(summarized) as server:
        configure(server.url)
        server.faults[UPLOAD] = [(403, {}, "no")]
        failed = stage("label")
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: label: the upload of a batch's file at 127.0.0.1: ")
    assert failed.stderr.count("\n") == 1
