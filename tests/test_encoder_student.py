"""Encoders as students: tags of subwords, training and answers."""

import json

import encoders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill import paths
from distill.errors import InputError, ParamsError, RowError
from distill.ledger import Ledger
from distill.llm.messages import Request
from distill.students import encoder, encoder_answers, encoder_examples, encoder_training, spans
from distill.students.settings import Student
from distill.tasks import entities

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries
LABELS = ["place", "person"]
TOKENIZER = encoders.tokenizer(["where", "is", "anna", "from", "new", "york", "s"])


def offsets(text):
    return TOKENIZER(text, return_offsets_mapping=True)["offset_mapping"]


def span(text, words, kind):
    start = text.index(words)
    return {"start": start, "end": start + len(words), "type": kind}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Anna is from New York.", [("Anna", "person"), ("New York", "place")]),
        ("Where is Anna's shop?", [("Anna", "person")]),
        ("(Paris/Lyon)", [("Paris", "place"), ("Lyon", "place")]),
        ("Zoë from São Paulo, Zürich", [("São Paulo", "place"), ("Zürich", "place")]),
        ("  Anna  ", [("Anna", "person")]),
        ("nothing at all", []),
    ],
)
def test_spans_survive_their_tags(text, found):
    gold = [span(text, words, kind) for words, kind in found]
    assert spans.spans(spans.tags(gold, offsets(text)), offsets(text), text) == gold


WORDS = st.sampled_from(["Anna", "from", "New-York,", "x", "Lyon's", "(Rome)", "7th"])


@given(st.lists(WORDS, min_size=1, max_size=8), st.data())
def test_spans_of_whole_words_survive_their_tags(words, data):
    text = " ".join(words)
    gold, at = [], 0
    for word in words:
        kind = data.draw(st.sampled_from(["", *LABELS]))
        if kind:
            gold.append({"start": at, "end": at + len(word), "type": kind})
        at += len(word) + 1
    again = spans.spans(spans.tags(gold, offsets(text)), offsets(text), text)
    assert again == gold


def test_two_entities_of_one_type_side_by_side_stay_two():
    text = "Anna Zoe"
    gold = [span(text, "Anna", "person"), span(text, "Zoe", "person")]
    assert spans.spans(spans.tags(gold, offsets(text)), offsets(text), text) == gold


def test_an_entity_does_not_begin_inside_a_word():
    text = "Lyonnais"  # pieces: one for each letter
    tags = ["B-place"] * 3 + ["I-place"] * 5
    found = spans.spans(["O", *tags, "O"], offsets(text), text)
    assert found == [{"start": 0, "end": 8, "type": "place"}]


def test_entities_that_overlap_are_refused():
    with pytest.raises(RowError, match="overlap"):
        spans.tags(
            [{"start": 0, "end": 4, "type": "a"}, {"start": 3, "end": 6, "type": "b"}], [(0, 6)]
        )


def row(number, split, task):
    text = f"Anna is from {'New York' if number % 2 else 'Lyon'}"
    place = text.rpartition("from ")[2]
    gold = {"classify": "far" if number % 2 else "near", "entities": [span(text, place, "place")]}
    return {
        "id": f"row-{number}",
        "split": split,
        "task": task,
        "labels": ["near", "far"] if task == "classify" else LABELS,
        "input": text,
        "target": gold[task] if task == "classify" else entities.reply(text, gold[task]),
    }


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/1")
    encoders.save(tmp_path / "models/base/tiny", ["Anna is from New York Lyon"])
    return Student.model_validate(
        encoders.STUDENT | {"train": encoders.STUDENT["train"] | {"epochs": 30}}
    )


def trained(student, task, name="run", start=None):
    made = [row(n, "dev" if n > 15 else "train", task) for n in range(18)]
    with Ledger("finetune", name) as ledger:
        found = encoder_examples.examples(
            made, encoder.load_tokenizer(student), student, ledger, start
        )
    encoder_training.train(name, found, student, 7, start)
    return paths.model(name)


LORA = {"r": 4, "alpha": 8, "dropout": 0.0, "target": "all-linear"}


@pytest.mark.parametrize("lora", [None, LORA], ids=["full", "lora"])
@pytest.mark.parametrize("task", ["classify", "entities"])
def test_a_trained_encoder_answers_as_its_task_does(tiny, task, lora):
    tiny = Student.model_validate(tiny.model_dump() | {"lora": lora})
    student = encoder_answers.EncoderStudent(tiny, trained(tiny, task))
    asked = [row(n, "test", task) for n in (20, 21)]
    found = list(student.complete(Request(one["id"], task, [], rows=(one,)) for one in asked))
    if lora is None:  # which learns this with so few steps
        assert [reply.text for reply in found] == [one["target"] for one in asked]
    for reply in found:
        assert all(value <= 0 for _, all_ in reply.logprobs for value in all_.values())
        assert len(reply.logprobs) == (1 if task == "classify" else reply.prompt_tokens - 2)


def test_the_same_training_gives_the_same_bytes(tiny):
    first = [file.read_bytes() for file in encoder.weights(trained(tiny, "classify", "one"))]
    second = [file.read_bytes() for file in encoder.weights(trained(tiny, "classify", "two"))]
    assert first == second


def test_a_killed_training_resumes_and_ends_with_the_same_bytes(tiny, monkeypatch, capsys):
    train = tiny.train.model_copy(update={"save_steps": 7})
    tiny = tiny.model_copy(update={"train": train})
    whole = [file.read_bytes() for file in encoder.weights(trained(tiny, "classify", "run"))]

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(encoder_training.Curves, "on_save", killed)
        with pytest.raises(KeyboardInterrupt):
            trained(tiny, "classify", "run")
    again = [file.read_bytes() for file in encoder.weights(trained(tiny, "classify", "run"))]
    assert "resuming from checkpoint-7" in capsys.readouterr().out
    assert again == whole


def test_a_training_goes_on_from_another_run(tiny):
    start = trained(tiny, "classify", "one")
    folder = trained(tiny, "classify", "two", start)
    assert json.loads((folder / "labels.json").read_text())["labels"] == ["far", "near"]


def test_a_label_that_the_start_does_not_know_is_quarantined(tiny):
    start = trained(tiny, "classify", "one")
    made = [row(n, "dev" if n > 15 else "train", "classify") for n in range(18)]
    made[0] |= {"target": "elsewhere", "labels": ["near", "far", "elsewhere"]}
    ledger = Ledger("finetune", "two", 1.0)
    encoder_examples.examples(made, encoder.load_tokenizer(tiny), tiny, ledger, start)
    assert [one["reason"] for one in ledger.quarantined] == ["unlearnt_label"]


def test_a_long_text_is_quarantined_in_training_and_refused_in_prediction(tiny):
    short = tiny.model_copy(update={"max_length": 8})
    made = [row(n, "dev" if n > 15 else "train", "classify") for n in range(18)]
    made[0] |= {"input": "Anna " * 20}
    ledger = Ledger("finetune", "run", 1.0)
    encoder_examples.examples(made, encoder.load_tokenizer(short), short, ledger, None)
    assert [one["reason"] for one in ledger.quarantined] == ["too_long"]
    student = encoder_answers.EncoderStudent(short, trained(tiny, "classify"))
    [reply] = student.complete([Request("x", "classify", [], rows=(made[0],))])
    assert reply.error == "too_long"


def test_rows_of_two_tasks_are_no_training_of_an_encoder(tiny):
    made = [row(0, "train", "classify"), row(1, "train", "entities")]
    with pytest.raises(InputError, match="an encoder answers one task, classify or entities"):
        encoder_examples.examples(made, encoder.load_tokenizer(tiny), tiny, Ledger("x", "y"), None)


def test_an_encoder_without_training_is_one_clear_line(tiny):
    with pytest.raises(ParamsError, match="answers once trained"):
        encoder_answers.EncoderStudent(tiny, None)
