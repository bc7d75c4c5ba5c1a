from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill import records
from distill.errors import InputError

ROWS = [{"id": "a", "text": "Grüße 👋\u2028"}, {"id": "b", "text": 'a "b"\n'}]


def test_what_is_written_is_read_again(tmp_path):
    assert records.write(tmp_path / "rows.jsonl", ROWS) == 2
    assert list(records.read(tmp_path / "rows.jsonl")) == ROWS


@given(rows=st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none())))
def test_any_row_survives(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    records.write(path, rows)
    assert list(records.read(path)) == rows


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "rows.jsonl"
    records.write(path, ROWS)

    def failing():
        yield {"id": "c"}
        raise RuntimeError("the source dried up")

    with pytest.raises(RuntimeError, match="dried up"):
        records.write(path, failing())
    assert list(records.read(path)) == ROWS
    assert [file.name for file in tmp_path.iterdir()] == ["rows.jsonl"]


def test_shards_hold_the_rows_in_order_and_drop_stale_parts(tmp_path):
    rows = [{"id": str(number)} for number in range(5)]
    assert records.write_shards(tmp_path, rows, rows_per_shard=2) == 5
    assert [file.name for file in sorted(tmp_path.iterdir())] == [
        "part-00000.jsonl",
        "part-00001.jsonl",
        "part-00002.jsonl",
    ]
    assert list(records.read(tmp_path)) == rows
    records.write_shards(tmp_path, rows[:1], rows_per_shard=2)
    assert list(records.read(tmp_path)) == rows[:1]


def test_stored_rows_are_read_anew_by_each_loop(tmp_path):
    stored = records.Stored(tmp_path / "version")
    with pytest.raises(InputError, match="does not exist"):
        list(stored)
    records.write_shards(tmp_path / "version", [{"id": 1}, {"id": 2}], 1)
    assert list(stored) == list(stored) == [{"id": 1}, {"id": 2}]


def test_no_rows_make_one_empty_shard(tmp_path):
    assert records.write_shards(tmp_path, []) == 0
    assert list(records.read(tmp_path)) == []
    assert [file.name for file in tmp_path.iterdir()] == ["part-00000.jsonl"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"id": "a"}\n{"id": ', "rows.jsonl:2: not a line of JSON"),
        (b'{"id": "a"}\n\xff\n', "rows.jsonl:2: not a line of JSON"),
        (b"[1]\n", "rows.jsonl:1: expected a JSON object"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path, content, problem):
    (tmp_path / "rows.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=problem):
        list(records.read(tmp_path / "rows.jsonl"))


def test_a_missing_file_says_what_makes_it(tmp_path):
    with pytest.raises(InputError, match=r"gone\.jsonl does not exist; `dvc repro` makes it"):
        list(records.read(tmp_path / "gone.jsonl"))


def test_a_folder_without_parts_is_damaged(tmp_path):
    (tmp_path / "org").mkdir()
    (tmp_path / "org/notes.txt").write_text("part-00000.jsonl")
    with pytest.raises(InputError, match=r"org holds no part-\*\.jsonl; .+ run `dvc repro`"):
        list(records.read(tmp_path / "org"))


def _put_many(path, name):
    for number in range(30):
        records.put(path, {"id": number, "by": name}, ("id", "by"))


def test_rows_that_processes_put_at_the_same_time_are_all_there(tmp_path):
    path = tmp_path / "rows.jsonl"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_put_many, [path] * 2, ["ana", "ben"]))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_put_many, [path] * 2, ["ana", "cem"]))
    assert sorted((row["by"], row["id"]) for row in records.read(path)) == [
        (name, number) for name in ("ana", "ben", "cem") for number in range(30)
    ]


def test_the_shards_of_a_version_load_with_datasets(tmp_path):
    import datasets

    records.write_shards(tmp_path / "data", [{"id": str(n)} for n in range(3)], rows_per_shard=2)
    loaded = datasets.load_dataset(
        "json", data_dir=str(tmp_path / "data"), cache_dir=str(tmp_path / "cache")
    )
    assert loaded["train"]["id"][:] == ["0", "1", "2"]


def test_a_row_is_taken_out_and_the_others_stay(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [{"id": one, "of": of} for one in "ab" for of in ("org", "r1")]
    records.write(path, rows)
    records.drop(path, {"id": "a", "of": "r1"})
    assert list(records.read(path)) == [rows[0], *rows[2:]]
    records.drop(path, {"id": "c", "of": "r1"})
    records.drop(tmp_path / "none.jsonl", {"id": "a"})
    assert list(records.read(path)) == [rows[0], *rows[2:]]
