"""Rows of a file in the order of their ids, read one at a time."""

import pytest

from distill import records
from distill.errors import InputError
from distill.row_file import RowFile


def test_rows_come_in_the_order_of_their_ids(tmp_path):
    ids = ["c-10", "c-2", "é", "z", "c-1", "\U0001f600"]
    records.write(tmp_path / "rows.jsonl", [{"id": row_id, "text": "ü\n"} for row_id in ids])
    with RowFile(tmp_path / "rows.jsonl") as rows:
        assert [row["id"] for row in rows] == sorted(ids)
        assert len(rows) == 6
        assert rows[2] == {"id": "c-2", "text": "ü\n"}
        assert [row["id"] for row in rows[1:3]] == ["c-10", "c-2"]


def test_an_empty_file_has_no_rows(tmp_path):
    (tmp_path / "rows.jsonl").write_text("")
    with RowFile(tmp_path / "rows.jsonl") as rows:
        assert list(rows) == []


def test_a_missing_file_and_a_damaged_line_are_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.jsonl does not exist; `dvc repro` makes it"):
        RowFile(tmp_path / "none.jsonl")
    (tmp_path / "rows.jsonl").write_text('{"id": "a"}\n{"id": \n')
    with pytest.raises(InputError, match=r"rows\.jsonl:2: not a line of JSON"):
        RowFile(tmp_path / "rows.jsonl")
