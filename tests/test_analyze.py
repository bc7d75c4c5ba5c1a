"""analyze, filter and revise join replies and checks, row by row, wherever checks are computed."""

import importlib
import json

import pytest
from analyzed import BY_EXPERT, LOST, SCRIPTS, UNREAD, dataset, project, replies, written

from distill import paths, records
from distill.engine import local
from distill.errors import InputError, RowError
from distill.params import load
from distill.tasks.summarize.findings import by_machines

FEW = {"kind": "local", "rows": 3}


def run(monkeypatch, script):
    monkeypatch.setattr("sys.argv", [f"{script}.py", SCRIPTS[script]])
    importlib.import_module(script).main()


@pytest.fixture
def expected(workspace, monkeypatch):
    """What the stages write in one process, of one shard."""
    project({"kind": "local"})
    for script in SCRIPTS:
        run(monkeypatch, script)
    return written()


def test_findings_are_those_of_each_row_alone(expected):
    by_id = {reply["id"]: reply for reply in replies()}
    codes = load().analyze.checks
    rows = list(records.read(paths.findings("org")))
    found = {
        (row["id"], code, *finding)
        for row in dataset()
        if row["id"] not in (LOST, BY_EXPERT)
        for code, finding in by_machines(row, by_id.get(row["id"]), codes).items()
    }
    found.add((BY_EXPERT, "content_order", "odd", "experts (1 of 1)"))
    assert {(one["id"], one["code"], one["evidence"], one["source"]) for one in rows} == found
    assert {one["source"] for one in rows} == {"gpt", "rules", "experts (1 of 1)"}
    assert [one["id"] for one in rows] == sorted(one["id"] for one in rows)


def test_rows_are_counted_once(expected):
    assert json.loads(expected["data/ledger/analyze-org.json"]) == {
        "stage": "analyze", "key": "org", "in": 40, "ok": 39, "quarantined": {"not_annotated": 1},
    }  # fmt: skip


def test_many_processes_write_the_same_bytes(expected, monkeypatch):
    monkeypatch.setattr(local, "FEW", 1)
    project(FEW)
    for script in SCRIPTS:
        run(monkeypatch, script)
    assert written() == expected
    assert not [file for file in (paths.workspace() / "parts").glob("*-*") if file.is_dir()]


@pytest.mark.parametrize("script", SCRIPTS)
def test_replies_in_another_order_are_no_missing_replies(workspace, monkeypatch, script):
    project({"kind": "local"})
    known = replies()
    for changed in ([*known[1:], known[0]], [*known, known[0] | {"id": "botchat-999999"}]):
        records.write_shards(paths.annotated("org"), changed)
        with pytest.raises(InputError, match=r"the reply to botchat-.* has no row .*dvc repro"):
            run(monkeypatch, script)
        assert not written()


def test_finished_checks_stay_where_too_many_rows_have_no_reply(workspace, monkeypatch):
    project(FEW, max_quarantined=0)
    with pytest.raises(RowError, match="not_annotated 1"):
        run(monkeypatch, "analyze")
    assert len(list(paths.parts("analyze", "org").glob("*.part"))) == 14
    assert not written()


def test_a_row_that_the_annotator_did_not_read_has_the_findings_of_the_checks(expected):
    assert UNREAD not in {reply["id"] for reply in replies()}
    kept = [one["id"] for one in records.read(paths.dataset("clean"))]
    assert UNREAD in kept  # its summary has no error that a check finds
