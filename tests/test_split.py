"""Splits are stable, have their sizes, and no duplicate straddles them."""

from collections import Counter

import pytest

import split as stage
from distill.errors import InputError
from distill.params.arf import Split


def settings(train: int = 1_000, test_ids: str | None = None) -> Split:
    sizes = {"test": 10, "dev": 5, "audit": 5, "train": train}
    return Split(near_duplicate=0.8, sizes={"c": sizes}, test_ids=test_ids)


def row(number: int, text: str | None = None) -> dict:
    words = " ".join(f"w{number}x{i}" for i in range(20))
    return {"id": f"c-{number:04}", "channel": "c", "input": text or words}


def assigned(rows: list[dict], train: int = 1_000) -> dict[str, str]:
    done, _ = stage.split(rows, "c", settings(train))
    return {row["id"]: row["split"] for row in done}


ROWS = [row(i) for i in range(100)]


def test_every_split_has_its_size():
    counts = Counter(assigned(ROWS).values())
    assert counts == {"test": 10, "dev": 5, "audit": 5, "train": 80}


def test_rows_beyond_train_are_left_over():
    done, beyond = stage.split(ROWS, "c", settings(train=30))
    assert len(done) == 50
    assert len(beyond) == 50


def test_rows_come_in_id_order_and_their_order_of_arrival_does_not_matter():
    done, _ = stage.split(ROWS, "c", settings())
    assert [row["id"] for row in done] == [row["id"] for row in ROWS]
    assert assigned(ROWS) == assigned(ROWS[::-1])


def test_a_new_row_moves_few_others():
    before, after = assigned(ROWS), assigned([*ROWS, row(500)])
    assert sum(before[row_id] != after[row_id] for row_id in before) <= 3


def test_near_and_exact_duplicates_share_a_split():
    twins = []
    for i in range(30):
        words = [f"w{i}x{j}" for j in range(40)]
        same, near = " ".join(words), " ".join([*words[:-1], "changed"])
        twins += [row(1_000 + i, same), row(2_000 + i, near), row(3_000 + i, same)]
    where = assigned([*ROWS, *twins])
    for i in range(30):
        assert len({where[f"c-{thousand + i}"] for thousand in (1_000, 2_000, 3_000)}) == 1


def test_rows_just_above_the_similarity_share_a_split_as_those_far_above_it_do():
    twins = []
    for i in range(300):
        words = [f"w{i}x{j}" for j in range(100)]
        near = [*words[:20], "one", *words[21:50], "two", *words[51:80], "three", *words[81:]]
        twins += [row(i, " ".join(words)), row(1_000 + i, " ".join(near))]
    first, other = (stage._shingles(twin["input"]) for twin in twins[:2])
    assert 0.81 < stage._jaccard(first, other) < 0.87
    assert sum(len(group) == 2 for group in stage._groups(twins, 0.8)) >= 297


def test_rows_that_share_little_are_not_tied():
    alike = [
        row(i, f"Customer: item {i} came broken {'abc' * i} and I want it back") for i in range(40)
    ]
    assert len(stage._groups(alike, 0.8)) == 40


def test_too_few_rows_say_how_many_there_are_and_what_to_lower():
    with pytest.raises(InputError, match=r"c: 20 rows, .* ask for 20 .*lower split.sizes.c"):
        stage.split(ROWS[:20], "c", settings())


def test_a_cluster_too_large_for_train_leaves_no_training_without_rows():
    same = [row(i, "the very same text in every row") for i in range(50)]
    with pytest.raises(InputError, match=r"no row is left for train.*raise split.sizes.c.train"):
        stage.split([*ROWS[:20], *same], "c", settings(train=30))


def test_one_great_cluster_of_duplicates_is_a_clear_error():
    same = [row(i, "the very same text in every row") for i in range(50)]
    with pytest.raises(InputError, match="near duplicates stay together"):
        stage.split(same, "c", settings())


def test_the_test_rows_can_be_a_set_that_was_collected_apart():
    apart = [row(i) | {"id": f"c-new-{i:04}"} for i in range(200, 212)]
    done, left_over = stage.split([*ROWS, *apart], "c", settings(test_ids="c-new-*"))
    tested = {row["id"] for row in done if row["split"] == "test"}
    assert len(tested) == 10
    assert tested < {row["id"] for row in apart}
    assert {row["id"] for row in left_over} == {row["id"] for row in apart} - tested


def test_a_duplicate_of_a_reserved_test_row_is_in_no_split():
    apart = [row(i) | {"id": f"c-new-{i:04}"} for i in range(200, 211)]
    copied = {**ROWS[0], "input": apart[0]["input"]}
    _, left_over = stage.split([copied, *ROWS[1:], *apart], "c", settings(test_ids="c-new-*"))
    assert {copied["id"], apart[0]["id"]} <= {row["id"] for row in left_over}


def test_too_few_reserved_test_rows_are_a_clear_error():
    with pytest.raises(InputError, match=r"c: 10 rows short in test.*test_ids is 'other-\*'"):
        stage.split(ROWS, "c", settings(test_ids="other-*"))
