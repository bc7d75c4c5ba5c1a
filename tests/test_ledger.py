import json

import pytest

from distill import paths, records
from distill.errors import RowError
from distill.ledger import Ledger


def test_rows_are_counted_as_ok_or_quarantined_with_a_reason(workspace, capsys):
    with Ledger("label", "org", max_quarantined=0.5) as ledger:
        assert len(list(ledger.entered([{"id": "a"}, {"id": "b"}, {"id": "c"}]))) == 3
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
    note = "label org: 1 of 3 rows are quarantined (empty 1); see data/quarantine/label-org.jsonl\n"
    assert capsys.readouterr().err == note


def test_nothing_is_printed_where_all_rows_are_ok(workspace, capsys):
    with Ledger("label", "org") as ledger:
        ledger.enter()
        ledger.ok()
    assert capsys.readouterr().err == ""


def test_beyond_the_limit_the_stage_fails_and_writes_no_counts(workspace):
    with (
        pytest.raises(RowError, match=r"1 of 2 rows could not be used \(empty 1\).*label-org"),
        Ledger("label", "org", max_quarantined=0.4) as ledger,
    ):
        list(ledger.entered([{"id": "a"}, {"id": "b"}]))
        ledger.ok()
        ledger.quarantine("b", "empty")
    assert not paths.ledger("label", "org").exists()
    assert paths.quarantine("label", "org").exists()


def test_a_stage_that_crashes_writes_no_counts(workspace):
    with pytest.raises(ZeroDivisionError), Ledger("label", "org"):
        raise ZeroDivisionError
    assert not paths.ledger("label", "org").exists()


@pytest.mark.parametrize("ok", [0, 2])
def test_a_stage_that_loses_or_duplicates_a_row_fails(workspace, ok):
    with (
        pytest.raises(RowError, match=rf"label org: 1 rows entered, {ok} are accounted for"),
        Ledger("label", "org", max_quarantined=1.0) as ledger,
    ):
        list(ledger.entered([{"id": "a"}]))
        ledger.ok(ok)


def test_left_over_rows_are_counted_and_not_quarantined(workspace, capsys):
    with Ledger("split", "all") as ledger:
        list(ledger.entered([{"id": "a"}, {"id": "b"}]))
        ledger.ok()
        ledger.left_over()
    counts = json.loads(paths.ledger("split", "all").read_text())
    assert (counts["in"], counts["ok"], counts["left_over"]) == (2, 1, 1)
    assert capsys.readouterr().err == ""
