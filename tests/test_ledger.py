import json

import pytest

from distill import paths, records
from distill.errors import RowError
from distill.ledger import Ledger


def test_every_row_in_is_ok_or_quarantined_with_a_reason(workspace, capsys):
    with Ledger("label", "org", max_quarantined=0.5) as ledger:
        ledger.ok(2)
        ledger.quarantine("b", "empty", "chats.jsonl:2")
    assert json.loads(paths.ledger("label", "org").read_text()) == {
        "stage": "label",
        "key": "org",
        "in": 3,
        "ok": 2,
        "quarantined": {"empty": 1},
    }
    assert list(records.read(paths.quarantine("label", "org"))) == [
        {"id": "b", "where": "chats.jsonl:2", "reason": "empty"}
    ]
    told = "label org: 1 of 3 rows are left out (empty 1); see data/quarantine/label-org.jsonl\n"
    assert capsys.readouterr().err == told


def test_where_every_row_could_be_used_nothing_is_said(workspace, capsys):
    with Ledger("label", "org") as ledger:
        ledger.ok(2)
    assert capsys.readouterr().err == ""


def test_past_the_limit_the_stage_fails_and_the_counts_are_kept(workspace):
    with (
        pytest.raises(RowError, match=r"1 of 2 rows could not be used \(empty 1\).*label-org"),
        Ledger("label", "org", max_quarantined=0.4) as ledger,
    ):
        ledger.ok()
        ledger.quarantine("b", "empty")
    assert json.loads(paths.ledger("label", "org").read_text())["in"] == 2


def test_a_stage_that_breaks_writes_no_counts(workspace):
    with pytest.raises(ZeroDivisionError), Ledger("label", "org"):
        raise ZeroDivisionError
    assert not paths.ledger("label", "org").exists()
