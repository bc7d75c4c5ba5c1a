"""Splits are stable, have their sizes, and no duplicate straddles them."""

from collections import Counter

import numpy as np
import pytest

import split as stage
from distill import duplicate_groups, records
from distill.engine import local
from distill.engine.parts import Parts
from distill.errors import InputError
from distill.params.arf import Split
from distill.row_file import RowFile


def settings(train: int = 1_000, test_ids: str | None = None) -> Split:
    sizes = {"test": 10, "dev": 5, "audit": 5, "train": train}
    return Split(near_duplicate=0.8, sizes={"c": sizes}, test_ids=test_ids)


def row(number: int, text: str | None = None) -> dict:
    words = " ".join(f"w{number}x{i}" for i in range(20))
    return {"id": f"c-{number:04}", "channel": "c", "input": text or words}


@pytest.fixture
def split(tmp_path):
    """(id -> split, ids of the rows that are left over) of rows in a file, by shards of 7 rows."""

    def split(rows: list[dict], settings: Split) -> tuple[dict[str, str], set[str]]:
        with sorted_rows(tmp_path, rows) as held:
            firsts = groups(tmp_path, held)
            places = stage.split(held, firsts, "c", settings)
            given = {held[at]["id"]: part for part in places for at in places[part].tolist()}
            return given, {row["id"] for row in held} - given.keys()

    return split


@pytest.fixture
def assigned(split):
    return lambda rows, train=1_000: split(rows, settings(train))[0]


def sorted_rows(folder, rows: list[dict]) -> RowFile:
    records.write(folder / "rows.jsonl", rows)
    return RowFile(folder / "rows.jsonl")


def groups(folder, rows: RowFile) -> np.ndarray:
    return duplicate_groups.groups(rows, 0.8, Parts(folder / "parts", local.each), 7)


ROWS = [row(i) for i in range(100)]


def test_every_split_has_its_size(assigned):
    counts = Counter(assigned(ROWS).values())
    assert counts == {"test": 10, "dev": 5, "audit": 5, "train": 80}


def test_rows_beyond_train_are_left_over(split):
    done, beyond = split(ROWS, settings(train=30))
    assert len(done) == 50
    assert len(beyond) == 50


def test_the_rows_order_of_arrival_does_not_matter(assigned):
    assert assigned(ROWS) == assigned(ROWS[::-1])


def test_a_new_row_moves_few_others(assigned):
    before, after = assigned(ROWS), assigned([*ROWS, row(500)])
    assert sum(before[row_id] != after[row_id] for row_id in before) <= 3


def test_near_and_exact_duplicates_share_a_split(assigned):
    twins = []
    for i in range(30):
        words = [f"w{i}x{j}" for j in range(40)]
        same, near = " ".join(words), " ".join([*words[:-1], "changed"])
        twins += [row(1_000 + i, same), row(2_000 + i, near), row(3_000 + i, same)]
    where = assigned([*ROWS, *twins])
    for i in range(30):
        assert len({where[f"c-{thousand + i}"] for thousand in (1_000, 2_000, 3_000)}) == 1


def test_rows_just_above_the_similarity_share_a_split_as_those_far_above_it_do(tmp_path):
    twins = []
    for i in range(300):
        words = [f"w{i}x{j}" for j in range(100)]
        near = [*words[:20], "one", *words[21:50], "two", *words[51:80], "three", *words[81:]]
        twins += [row(i, " ".join(words)), row(1_000 + i, " ".join(near))]
    first, other = (duplicate_groups._shingles(twin["input"]) for twin in twins[:2])
    assert 0.81 < duplicate_groups._jaccard(first, other) < 0.87
    with sorted_rows(tmp_path, twins) as rows:
        assert sum(np.bincount(groups(tmp_path, rows)) == 2) >= 297


def test_rows_that_share_little_are_not_tied(tmp_path):
    alike = [
        row(i, f"Customer: item {i} came broken {'abc' * i} and I want it back") for i in range(40)
    ]
    with sorted_rows(tmp_path, alike) as rows:
        assert len(set(groups(tmp_path, rows))) == 40


def test_rows_that_a_third_one_is_near_to_are_one_group(tmp_path):
    words = [f"w{i}" for i in range(60)]
    steps = [" ".join([*words[:n], *(f"x{i}" for i in range(n, 60))]) for n in range(0, 61, 2)]
    given = [row(i, text) for i, text in enumerate([*steps[::2], *steps[1::2]])]
    with sorted_rows(tmp_path, given) as rows:
        assert set(groups(tmp_path, rows).tolist()) == {0}


def test_too_few_rows_say_how_many_there_are_and_what_to_lower(split):
    with pytest.raises(InputError, match=r"c: 20 rows, .* ask for 20 .*lower split.sizes.c"):
        split(ROWS[:20], settings())


def test_a_cluster_too_large_for_train_leaves_no_training_without_rows(split):
    same = [row(i, "the very same text in every row") for i in range(50)]
    with pytest.raises(InputError, match=r"no row is left for train.*raise split.sizes.c.train"):
        split([*ROWS[:20], *same], settings(train=30))


def test_one_great_cluster_of_duplicates_is_a_clear_error(split):
    same = [row(i, "the very same text in every row") for i in range(50)]
    with pytest.raises(InputError, match="near duplicates stay together"):
        split(same, settings())


def test_the_test_rows_can_be_a_set_that_was_collected_apart(split):
    apart = [row(i) | {"id": f"c-new-{i:04}"} for i in range(200, 212)]
    done, left_over = split([*ROWS, *apart], settings(test_ids="c-new-*"))
    tested = {row_id for row_id, part in done.items() if part == "test"}
    assert len(tested) == 10
    assert tested < {row["id"] for row in apart}
    assert left_over == {row["id"] for row in apart} - tested


def test_a_duplicate_of_a_reserved_test_row_is_in_no_split(split):
    apart = [row(i) | {"id": f"c-new-{i:04}"} for i in range(200, 211)]
    copied = {**ROWS[0], "input": apart[0]["input"]}
    _, left_over = split([copied, *ROWS[1:], *apart], settings(test_ids="c-new-*"))
    assert {copied["id"], apart[0]["id"]} <= left_over


def test_too_few_reserved_test_rows_are_a_clear_error(split):
    with pytest.raises(InputError, match=r"c: 10 rows short in test.*test_ids is 'other-\*'"):
        split(ROWS, settings(test_ids="other-*"))
