"""What a writer is shown, and baselines: pure functions of EvoKD's stages."""

import json
from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import probe
import shots
from distill.errors import InputError
from distill.near_duplicates import Known
from distill.offline.pool import Pool
from distill.params.evokd import Arm
from distill.rounds import choose, eda, replies
from distill.stats import classes, macro


def rows(wrong, right):
    made = [
        {"id": f"w{n}", "answer": f"a{n % 3}", "prediction": "b", "right": False, "loss": n / 100}
        for n in range(wrong)
    ]
    return made + [
        {"id": f"r{n}", "answer": "b", "prediction": "b", "right": True, "loss": 1 + n / 100}
        for n in range(right)
    ]


def shown(found, **arm):
    return choose.groups(found, Arm(**arm), 4, 6, "seed")


def test_errors_show_half_wrong_and_half_right_and_every_row_once():
    groups = shown(rows(40, 40))
    assert [len(group) for group in groups] == [6] * 4
    assert [sum(row["right"] for row in group) for group in groups] == [3] * 4
    ids = [row["id"] for group in groups for row in group]
    assert len(ids) == len(set(ids))


def test_like_mistakes_are_shown_together():
    groups = shown(rows(12, 0), correct=False)
    assert [len({row["answer"] for row in group}) for group in groups] == [1, 2, 2, 1]


def test_without_correct_only_mistakes_are_shown():
    assert all(not row["right"] for group in shown(rows(40, 40), correct=False) for row in group)


def test_where_nothing_is_wrong_the_least_certain_rows_are_shown():
    groups = shown(rows(0, 40))
    assert {row["id"] for group in groups for row in group} == {f"r{n}" for n in range(16, 40)}


def test_a_student_without_mistakes_has_rows_shown_in_every_arm_and_of_every_kind():
    assert shown(rows(0, 40), correct=False) == shown(rows(0, 40))
    unknown = [{**row, "loss": None} for row in rows(0, 3)]
    assert sum(map(len, shown(unknown))) == 3
    first = [row["id"] for row in shown([*unknown, *rows(30, 0)], select="loss")[0]]
    assert {"r0", "r1", "r2"} <= set(first)


def test_loss_shows_the_rows_of_the_highest_loss_right_or_wrong():
    groups = shown(rows(40, 10), select="loss")
    assert {f"r{n}" for n in range(10)} <= {row["id"] for group in groups for row in group}


@given(st.integers(0, 30), st.integers(0, 30), st.sampled_from(["errors", "loss", "random"]))
def test_no_row_is_shown_twice_and_no_conversation_is_empty(wrong, right, select):
    groups = shown(rows(wrong, right), select=select)
    ids = [row["id"] for group in groups for row in group]
    assert len(ids) == len(set(ids))
    assert all(0 < len(group) <= 6 for group in groups)
    assert bool(groups) == bool(wrong + right)


@pytest.mark.parametrize(
    "reply",
    [
        '{"answers": ["a"], "answers": ["b"]}',
        '{"answers": [{"label": "a", "label": "b"}]}',
        '{"answers": ["\\ud800"]}',
    ],
)
def test_a_reply_that_can_be_read_in_two_ways_or_not_written_is_refused(reply):
    with pytest.raises(ValueError, match=r"."):
        replies.answers(reply, 1)
    for parse, key in ((replies.patterns, "patterns"), (partial(replies.texts, most=4), "texts")):
        with pytest.raises(ValueError, match=r"."):
            parse(reply.replace("answers", key))


@given(st.lists(st.integers(), max_size=30), st.integers(2, 5))
def test_folds_divide_the_rows(numbers, count):
    parts = probe.folds([{"id": n} for n in numbers], count, "seed")
    assert sorted(row["id"] for part in parts for row in part) == sorted(numbers)
    assert max(map(len, parts), default=0) - min(map(len, parts), default=0) <= 1


def labelled(label, count):
    return [{"id": f"{label}-{n}", "gold": label, "input": f"{label} {n}"} for n in range(count)]


def test_shots_are_as_many_of_each_label_and_change_with_the_seed():
    pool = [*labelled("a", 9), *labelled("b", 9)]
    drawn = shots.shots(pool, 3, ["a", "b"], "7")
    assert [row["gold"] for row in drawn] == ["a"] * 3 + ["b"] * 3
    assert drawn == shots.shots(pool[::-1], 3, ["a", "b"], "7") != shots.shots(pool, 3, ["a"], "8")


def test_a_label_with_too_few_rows_is_named():
    with pytest.raises(InputError, match="2 of 3 rows for 'b'"):
        shots.shots([*labelled("a", 9), *labelled("b", 2)], 3, ["a", "b"], "7")


@given(st.text("ab .!", max_size=30), st.text("ab .!", max_size=30))
def test_a_text_is_near_to_itself_and_nearness_is_symmetric(left, right):
    assert Known([left], 1.0).has(left)
    assert Known([left], 0.5).has(right) == Known([right], 0.5).has(left)


TEST_ROW = "Where is the refund for my blue kettle?"


@pytest.mark.parametrize(
    "text",
    [
        TEST_ROW.replace("e", "e\u200b"),
        TEST_ROW.replace("r", "\u00adr"),
        TEST_ROW.replace("u", "\u00fa"),
        TEST_ROW.replace("u", "u\u0301"),
        "".join(chr(ord(sign) + 0xFEE0) if sign.isalpha() else sign for sign in TEST_ROW),
        "".join(chr(ord(sign) + 0x1D3B9) if sign.islower() else sign for sign in TEST_ROW),
        TEST_ROW.replace(" ", "_"),
    ],
)
def test_signs_that_nobody_sees_do_not_hide_a_near_duplicate(text):
    assert Known([TEST_ROW], 0.8).has(text)
    assert Known([text], 0.8).has(TEST_ROW)
    assert not Known([TEST_ROW], 0.8).has("My kettle is blue, where do I get a refund?")


def test_case_and_marks_do_not_hide_a_near_duplicate():
    known = Known(["Where is my blue kettle, please?"], 0.8)
    assert known.has("where is my blue kettle please")
    assert not known.has("where is my red kettle please")


TEXT = "Ask Anna Li in Lyon about the lamp"
SPANS = [{"start": 4, "end": 11, "type": "person"}, {"start": 15, "end": 19, "type": "place"}]


@given(st.integers(0, 10**6))
def test_eda_keeps_entities_whole_and_finds_them_again(seed):
    text, spans = eda.changed(TEXT, SPANS, ["the other lamp"], Random(seed))
    assert sorted((text[s["start"] : s["end"]], s["type"]) for s in spans) == [
        ("Anna Li", "person"),
        ("Lyon", "place"),
    ]


def test_a_pool_draws_each_free_text_once_and_errs_at_its_rate():
    pool = [{"input": f"text {n} of {n % 4}", "gold": f"l{n % 4}"} for n in range(400)]
    known = Pool(pool, 0.25, used=["text 0 of 0"])
    asked = {"seed": "s", "select": "errors", "hard": 200, "easy": 250,
             "shown": [{"input": "text 0 of 0", "right": False}]}  # fmt: skip
    texts = [one["text"] for one in json.loads(known.write(asked))["texts"]]
    assert len(texts) == len(set(texts)) == 399
    labels = ["l0", "l1", "l2", "l3"]
    answers = json.loads(known.tag({"texts": texts, "labels": labels}))["answers"]
    gold = {row["input"]: row["gold"] for row in pool}
    wrong = sum(gold[text] != answer for text, answer in zip(texts, answers, strict=True))
    assert 0.18 < wrong / 399 < 0.32


@given(st.binary(max_size=200).map(lambda data: data.decode("latin-1")), st.integers(0, 4))
def test_no_reply_raises_anything_but_a_value_error(reply, count):
    for parse in (replies.patterns, lambda text: replies.texts(text, 4),
                  lambda text: replies.answers(text, count)):  # fmt: skip
        try:
            parse(reply)
        except ValueError:
            continue


def table(gold, found):
    labels = ["a", "b", "c"]
    pairs = zip(gold, found, strict=True)
    return macro.table([classes.counts([g], [f], labels) for g, f in pairs], labels)


def test_macro_f1_is_that_of_scikit_learn_and_its_error_that_of_many_samples():
    from sklearn.metrics import f1_score

    rng = Random(1)

    def sample():
        gold = [rng.choice("abc") for _ in range(150)]
        return gold, [g if rng.random() < 0.7 else rng.choice("abc") for g in gold]

    scores = [f1_score(*sample(), average="macro") for _ in range(300)]
    told = [sample() for _ in range(20)]
    found = [macro.mean([table(*one)], 500, 0) for one in told]
    for one, estimate in zip(told, found, strict=True):
        assert estimate.value == pytest.approx(f1_score(*one, average="macro"))
    mean = sum(scores) / len(scores)
    spread = (sum((one - mean) ** 2 for one in scores) / len(scores)) ** 0.5
    error = sum((one.high - one.low) / 2 / 1.98 for one in found) / len(found)
    assert error == pytest.approx(spread, rel=0.15)


def test_a_difference_is_paired_and_the_seeds_widen_it():
    gold = list("abc") * 40
    better, worse = table(gold, gold), table(gold, ["a"] * 20 + gold[20:])
    one = macro.difference([(better, worse)], 500, 0)
    same = macro.difference([(better, better)] * 2, 500, 0)
    mixed = macro.difference([(better, worse), (better, better)], 500, 0)
    assert one.low > 0 and one.p < 0.05
    assert (same.value, same.p) == (0, 1)
    assert -0.05 < same.low < 0 < same.high < 0.05
    assert mixed.seeds == 2
    assert mixed.low < 0 < mixed.value < one.value


def test_where_every_resample_is_the_same_the_interval_is_no_point():
    counts = {label: classes.Counts(tp=1) for label in ("a", "b")}
    missed = {label: classes.Counts(fn=1) for label in ("a", "b")}
    right, wrong = (
        macro.table([{label: one[label]} for label in "ab" for _ in range(3)], ["a", "b"])
        for one in (counts, missed)
    )
    perfect, far, same = (
        macro.mean([right], 100, 0),
        macro.difference([(right, wrong)], 100, 0),
        macro.difference([(right, right)], 100, 0),
    )
    assert (perfect.value, perfect.high) == (1, 1)
    assert 0.5 < perfect.low < 0.7  # Wilson's for 6 of 6
    assert (far.value, far.p) == (1, 2 / 2**6)
    assert far.low < 1
    assert (same.value, same.p) == (0, 1)
    assert same.low < 0 < same.high
