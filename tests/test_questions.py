"""Questions with gold answers: the generator, its hidden truth, public data sets, the stage."""

import json
import lzma
import os
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml
from conftest import REPO

from distill import records
from distill.errors import InputError, RowError
from distill.ledger import Ledger
from distill.offline.questions import datasets, is_sound, phrasings, questions, truth
from distill.offline.questions.families import FAMILIES
from distill.offline.questions.settings import Questions
from distill.tasks import reason

DATA = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data"))
ROWS = 800


@cache
def made(split="train"):
    return tuple(questions(split, seed=7, count=ROWS))


def first(family, **facts):
    """The first training question of a family whose facts are these."""
    return next(
        one
        for one in made()
        if one.row["channel"] == family and facts.items() <= one.truth["facts"].items()
    )


# ------------------------------------------------------------------ the generator


def test_questions_are_rows_of_the_task_reason():
    row = made()[0].row
    assert list(row) == ["id", "channel", "split", "task", "input", "gold"]
    assert (row["task"], row["split"], row["channel"]) == ("reason", "train", "return-window")


def test_a_question_depends_on_its_seed_split_and_number_only():
    assert list(questions("train", 7, 20)) == list(made()[:20])
    assert list(questions("train", 8, 20)) != list(made()[:20])


def test_families_take_turns_and_cover_numbers_choices_and_booleans():
    assert Counter(one.row["channel"] for one in made()) == dict.fromkeys(FAMILIES, ROWS // 8)
    kinds = {one.row["channel"]: one.row["gold"]["kind"] for one in made()}
    assert len(kinds) >= 6
    assert Counter(kinds.values()) == {"number": 3, "boolean": 3, "choice": 2}


@pytest.mark.parametrize("split", ["train", "test"])
def test_questions_are_short(split):
    lengths = [len(one.row["input"].split()) for one in made(split)]
    assert sum(lengths) / len(lengths) < 50
    assert max(lengths) < 70


@pytest.mark.parametrize("split", ["train", "test"])
def test_no_answer_is_the_usual_one(split):
    for family in FAMILIES:
        answers = Counter(
            one.row["gold"]["answer"] for one in made(split) if one.row["channel"] == family
        )
        assert answers.most_common(1)[0][1] < 0.66 * sum(answers.values()), family


def test_hardly_a_question_is_asked_twice():
    inputs = [one.row["input"] for split in ("train", "dev", "test") for one in made(split)]
    assert len(set(inputs)) > 0.995 * len(inputs)


def test_a_test_question_has_no_line_of_a_training_question():
    for family, blocks in phrasings.read().items():
        if family == "item":
            continue
        lines = [block for block in blocks.values() if isinstance(block, str)]
        lines += [side for block in blocks.values() if isinstance(block, dict)
                  for side in block.values()]  # fmt: skip
        for block in lines:
            ordinary, held_out = block.split(f"\n{phrasings.DIVIDER}\n")
            assert not set(ordinary.split("\n")) & set(held_out.split("\n")), family
            assert ordinary.strip()
            assert held_out.strip()


def test_the_options_of_a_choice_are_part_of_the_question_and_hold_the_answer():
    for one in made():
        gold = one.row["gold"]
        if gold["kind"] == "choice":
            assert gold["answer"] in gold["options"]
            assert all(f"({letter}) {text}" in one.row["input"]
                       for letter, text in gold["options"].items())  # fmt: skip


def test_no_question_tells_its_answer_by_its_wording():
    texts = {re.sub(r"\d+", "#", one.row["input"]) for one in made()}
    assert not any("Answer" in text for text in texts)


# ------------------------------------------------------------------ the hidden truth

SOUND = {
    "return-window": "Returns are allowed within {window} days. {passed} days have passed.",
    "days-left": "The return window is {window} days. {passed} days have passed. "
    "{window} - {passed} = {left}, so {left} days remain.",
    "broken-units": "{broken} pieces were broken and cost {price} each. {broken} * {price} is "
    "{refund}, and the voucher is ${voucher}: {refund} plus {voucher} is {total}.",
    "free-shipping": "The goods are {count} times {price} = {basket}. With the coupon of {coupon} "
    "it is {basket} minus {coupon} = {total}.",
    "refund-fee": "The price is ${price} and the label costs ${label}.",
}


def numbers(one):
    return {**one.truth["given"], **one.truth["derived"]}


@pytest.mark.parametrize("family", SOUND)
def test_a_rationale_in_other_words_is_sound(family):
    for one in (one for one in made() if one.row["channel"] == family):
        text = SOUND[family].format(**numbers(one)) + f"\nAnswer: {one.truth['answer']}"
        assert truth.faults(one.truth, text) == []


@pytest.mark.parametrize("family", SOUND)
@pytest.mark.parametrize("name", ["window", "passed", "price", "voucher", "coupon", "broken"])
def test_a_rationale_with_one_wrong_number_is_not(family, name):
    if f"{{{name}}}" not in SOUND[family]:
        return
    for one in (one for one in made() if one.row["channel"] == family):
        values = numbers(one)
        text = SOUND[family].format(**{**values, name: values[name] + 2})
        assert not is_sound(one.truth, f"{text}\nAnswer: {one.truth['answer']}"), text


@pytest.mark.parametrize(
    ("family", "facts", "text", "fault"),
    [
        ("sale-return", {"sale": True}, "It was sold at full price.", "sale is true: 'full price'"),
        ("sale-return", {"sale": False}, "It was a sale item.", "sale is not true: 'was a sale"),
        ("sale-return", {"damaged": False}, "It arrived damaged.", "damaged is not true"),
        ("sale-return", {"damaged": True}, "It was not damaged.", "damaged is true"),
        ("refund-fee", {"faulty": True}, "It is not faulty.", "faulty is true"),
        ("refund-fee", {"faulty": False}, "It is faulty, so there is no fee.", "faulty is not"),
        ("remedy", {"misuse": True}, "It has a defect.", "misuse is true"),
        ("remedy", {"misuse": False}, "The customer dropped it.", "misuse is not true"),
        ("return-window", {"in_time": False}, "The customer is in time.", "in_time is not true"),
        ("return-window", {"in_time": True}, "It is too late.", "in_time is true"),
    ],
)
def test_a_wrong_premise_is_a_fault_though_the_verdict_is_right(family, facts, text, fault):
    one = first(family, **facts)
    found = truth.faults(one.truth, f"{text}\nAnswer: {one.truth['answer']}")
    assert len(found) == 1
    assert fault in found[0]


def test_truth_agrees_with_hand_written_rationales():
    """At first it judged 32 of these 36 as their author does, after corrections 35."""
    by_id = {one.truth["id"]: one.truth for one in made()}
    written = yaml.safe_load((REPO / "tests/handwritten/rationales.yaml").read_text())
    cases = [(by_id[row_id], case) for row_id, cases in written.items() for case in cases]
    agreed = sum(is_sound(row, case["text"]) is case["sound"] for row, case in cases)
    assert (agreed, len(cases)) >= (35, 36)


def test_a_right_premise_in_the_same_words_is_none():
    for family, facts, text in (
        ("sale-return", {"sale": True, "damaged": True}, "It was a sale item and arrived damaged."),
        ("sale-return", {"sale": False, "damaged": False}, "It was not on sale, nor damaged."),
        ("refund-fee", {"faulty": True}, "It is faulty, so no restocking fee is taken."),
        ("remedy", {"misuse": True}, "The customer damaged it, so it is not covered."),
    ):
        one = first(family, **facts)
        assert is_sound(one.truth, f"{text}\nAnswer: {one.truth['answer']}"), text


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("{passed} is more than {window}", False),
        ("{passed} is not more than {window}", True),
        ("{window} is at least {passed}", True),
        ("{window} is less than {passed}", False),
        ("{passed} days is within the {window} days", True),
        ("{passed} days is past the {window} days", False),
    ],
)
def test_comparisons_are_checked(claim, holds):
    one = next(one for one in made() if one.row["channel"] == "days-left")
    text = claim.format(**numbers(one)) + f".\nAnswer: {one.truth['answer']}"
    assert is_sound(one.truth, text) is holds


@pytest.mark.parametrize("wrong", ["1", "nothing", "", "no, yes"])
def test_a_wrong_or_missing_verdict_is_a_fault(wrong):
    for one in made()[:40]:
        sound = truth.faults(one.truth, f"In short: \nAnswer: {wrong}")
        assert sound
    assert truth.faults(made()[0].truth, "It is in time.") == ["no verdict is stated"]


def test_an_answer_without_a_reason_is_not_sound():
    one = made()[0]
    assert truth.faults(one.truth, f"Answer: {one.truth['answer']}") == [
        "nothing about the case is stated"
    ]


def test_feedback_may_speak_of_the_students_numbers():
    one = first("days-left")
    window, passed, left = (numbers(one)[name] for name in ("window", "passed", "left"))
    said = f"You answered 999, but the right answer is {left}."
    assert is_sound(one.truth, f"{said} The window is {window} days.", "feedback")
    assert not is_sound(one.truth, f"{said} The window is {passed + 1} days.", "feedback")
    assert not is_sound(one.truth, f"You forgot that the window is {window} days.", "feedback")


# ------------------------------------------------------------------ public data sets


def read(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Ledger("questions", "all", settings.max_quarantined) as ledger:
        rows = list(datasets.rows(settings, 7, ledger))
    return rows, json.loads(Path("data/ledger/questions-all.json").read_text())


def gsm8k(folder, train, test):
    folder.mkdir()
    with lzma.open(folder / "train.jsonl.xz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in train)
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in test))
    return str(folder)


def test_gsm8k_keeps_its_splits_and_yields_what_is_asked_for(tmp_path, monkeypatch):
    rows = [{"question": f"How much is {n}?", "answer": f"It is.\n#### 1,00{n}"} for n in range(9)]
    source = gsm8k(tmp_path / "raw", rows, rows[:3])
    settings = Questions(format="gsm8k", source=source, train=4, dev=2, test=9)
    found, ledger = read(settings, tmp_path, monkeypatch)
    assert Counter(row["split"] for row in found) == {"train": 4, "dev": 2, "test": 3}
    assert all(row["id"].startswith("gsm8k-test-") == (row["split"] == "test") for row in found)
    assert (ledger["in"], ledger["ok"], ledger["left_over"]) == (12, 9, 3)
    assert found[-1]["gold"] == {"kind": "number", "answer": "1,002"}
    assert len({row["id"] for row in found}) == 9


def test_records_without_question_or_answer_are_quarantined(tmp_path, monkeypatch):
    rows = [
        {"question": "How many?", "answer": "Two. #### 2"},
        {"question": "How many?", "answer": "Two."},
        {"question": " ", "answer": "#### 2"},
        {"answer": "#### 2"},
        "How many?",
        {"question": "How many?", "answer": "#### two"},
    ]
    source = gsm8k(tmp_path / "raw", rows, [])
    settings = Questions(format="gsm8k", source=source, train=9, dev=0, test=9)
    with pytest.raises(RowError, match="5 of 6 rows could not be used"):
        read(settings, tmp_path, monkeypatch)
    kept = settings.model_copy(update={"max_quarantined": 1.0})
    found, ledger = read(kept, tmp_path, monkeypatch)
    assert [row["id"] for row in found] == ["gsm8k-train-000000"]
    assert ledger["quarantined"] == {"no_gold_answer": 2, "no_question": 3}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "raw/train.jsonl:1: not JSON"),
        (b"\xff", "raw/train.jsonl cannot be read"),
        (None, "raw/train.jsonl does not exist; name the place in `questions.source`"),
    ],
)
def test_damaged_files_are_named(content, message, tmp_path, monkeypatch):
    (tmp_path / "raw").mkdir()
    if content is not None:
        (tmp_path / "raw/train.jsonl").write_bytes(content)
    settings = Questions(format="gsm8k", source="raw", train=9, dev=0, test=9)
    with pytest.raises(InputError, match=re.escape(message)):
        read(settings, tmp_path, monkeypatch)


def test_svamp_is_split_by_the_seed(tmp_path, monkeypatch):
    listed = [
        {"Body": f"There are {n} cups", "Question": "How many?", "Answer": n + 0.5 * (n % 2)}
        for n in range(10)
    ]
    (tmp_path / "svamp.json").write_text(json.dumps(listed))
    settings = Questions(format="svamp", source="svamp.json", train=5, dev=1, test=3)
    found, ledger = read(settings, tmp_path, monkeypatch)
    assert Counter(row["split"] for row in found) == {"train": 5, "dev": 1, "test": 3}
    assert ledger["left_over"] == 1
    by_id = {row["id"]: row for row in found}
    for row_id, row in by_id.items():
        n = int(row_id[-6:])
        assert row["input"] == f"There are {n} cups. How many?"
        assert row["gold"]["answer"] == (f"{n}.5" if n % 2 else str(n))


@pytest.mark.parametrize(
    ("kind", "source", "count"), [("gsm8k", "gsm8k", 8792), ("svamp", "svamp/SVAMP.json", 1000)]
)
def test_every_real_question_is_usable(kind, source, count, tmp_path, monkeypatch):
    path = (REPO / DATA / source).resolve()
    if not path.exists():
        pytest.skip(f"{path} is missing; name the folder of test data in DISTILL_TEST_DATA")
    settings = Questions(format=kind, source=str(path), train=9000, dev=10, test=1319)
    found, ledger = read(settings, tmp_path, monkeypatch)
    assert (len(found), ledger["quarantined"]) == (count, {})
    assert all(reason.score(row, f"Answer: {row['gold']['answer']}") == 1.0 for row in found[::20])


def test_a_source_must_fit_its_format():
    for values in ({"source": "raw"}, {"format": "gsm8k"}):
        with pytest.raises(ValueError, match="made questions have no `source`"):
            Questions(train=1, dev=1, test=1, **values)


# ------------------------------------------------------------------ the stage


def test_the_stage_writes_the_splits_and_their_truth(tmp_path, monkeypatch):
    import questions as stage

    params = yaml.safe_load((REPO / "fair/params.yaml").read_text())
    params["questions"] = {"train": 16, "dev": 8, "test": 8}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    (tmp_path / "prompts").symlink_to(REPO / "fair/prompts")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["questions.py"])
    stage.main()
    rows = [row for split in stage.SPLITS for row in records.read(Path("data/split") / split)]
    assert Counter(row["split"] for row in rows) == {"train": 16, "dev": 8, "test": 8}
    truths = truth.load(Path("data/questions/truth.jsonl"))
    assert list(truths) == [row["id"] for row in rows]
    assert all(truths[row["id"]]["answer"] == row["gold"]["answer"] for row in rows)
    ledger = json.loads(Path("data/ledger/questions-all.json").read_text())
    assert (ledger["in"], ledger["ok"]) == (32, 32)
