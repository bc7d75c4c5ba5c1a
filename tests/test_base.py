"""The tiny student in models/base, and the curriculum it was taught."""

import itertools
import random
import re

import pytest
import torch
from conftest import REPO
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from distill.offline.base import curriculum
from distill.params import load
from distill.tasks import summarize

BASE = REPO / "models/base"
TOKENIZER = AutoTokenizer.from_pretrained(BASE)
PIECES = [" a", "lo", "re", " ti", "mu", "ne"]


@pytest.fixture(scope="module")
def model():
    return AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32).eval()


def answered(model, instruction, tokens=60):
    chat = [{"role": "user", "content": instruction}]
    ids = TOKENIZER.apply_chat_template(
        chat, add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    output = model.generate(**ids, max_new_tokens=tokens)[0, ids["input_ids"].shape[1] :]
    return TOKENIZER.decode(output, skip_special_tokens=True)


@given(st.text())
def test_the_tokenizer_loses_nothing(text):
    ids = TOKENIZER(text, add_special_tokens=False)["input_ids"]
    assert TOKENIZER.decode(ids) == text


def test_every_digit_is_one_token():
    ids = TOKENIZER("item 110012345678", add_special_tokens=False)["input_ids"]
    assert TOKENIZER.convert_ids_to_tokens(ids)[-12:] == list("110012345678")


def test_a_sentence_starts_alike_in_a_transcript_and_in_a_list():
    for before in ("Customer: ", "Hello. ", "- ", "<li>", "\n", "Why? "):
        ids = TOKENIZER(f"{before}my parcel", add_special_tokens=False)["input_ids"]
        start = TOKENIZER("my parcel", add_special_tokens=False)["input_ids"]
        assert ids[-len(start) :] == start, before


def test_what_people_often_say_is_told_by_its_first_token():
    for said, first in {
        "Please transfer me to customer service": "Please transfer me to customer service",
        "Please send me a copy of this form": "Please send me ",
        "I want to talk to a person": "I want to talk to ",
    }.items():
        ids = TOKENIZER(said, add_special_tokens=False)["input_ids"]
        assert TOKENIZER.decode(ids[:1]) == first


def test_it_is_small_enough_for_git_and_says_what_it_is():
    assert sum(file.stat().st_size for file in BASE.iterdir()) < 20_000_000
    assert "from scratch" in (BASE / "README.md").read_text()


@pytest.mark.usefixtures("workspace")
def test_it_has_room_for_the_longest_row_that_training_takes(model):
    assert model.config.max_position_embeddings >= load().students["tiny"].max_length


def test_it_copies_what_it_has_never_seen(model):
    rng = random.Random(3)
    right = 0
    for _ in range(20):
        text = "".join(rng.choices(PIECES, k=8)).strip() + f" {rng.randrange(10**11, 10**12)}"
        right += answered(model, f"Repeat: {text}") == text
    assert right >= 12


@pytest.mark.usefixtures("workspace")
def test_it_was_not_taught_to_summarise(model, monkeypatch):
    import base

    monkeypatch.setattr(base, "ROWS", 12)
    for told in itertools.islice(base.corpus(), 12):  # chats
        chat = {"channel": "botchat", "input": told.text}
        answer = answered(model, summarize.messages(chat)[0]["content"], tokens=120)
        facts = {
            sentence.rstrip(curriculum.MARKS)
            for label, sentences in curriculum.parse(told.text)
            for sentence in sentences
            if label == "Customer" and sentence not in told.asides
        }
        assert set(re.findall("<li>(.*?)</li>", answer)) != facts, answer


@pytest.fixture(scope="module")
def wired():
    """The student before any training."""
    import base

    return base.new_model(TOKENIZER).eval()


def guesses(model, ids):
    """The likeliest next token after every token of `ids`."""
    with torch.inference_mode():
        return model(input_ids=ids).logits.argmax(-1)


def test_the_wired_start_copies_before_any_training(wired):
    torch.manual_seed(1)
    ids = torch.randint(300, 2000, (8, 20)).repeat(1, 2)
    assert (guesses(wired, ids)[:, 20:-1] == ids[:, 21:]).float().mean() > 0.3


def test_the_wired_start_looks_for_the_customers_next_line_before_any_training(wired):
    torch.manual_seed(2)
    wired.set_attn_implementation("eager")
    head = {name: TOKENIZER(f"{name}: ")["input_ids"] for name in ("Customer", "Bot")}
    newline, between = TOKENIZER("\n")["input_ids"], TOKENIZER("</li><li>")["input_ids"]
    later = next_one = 0
    for _ in range(50):
        said = torch.randint(300, 2000, (8, 4)).tolist()
        ids, starts = [], []
        for mine in said:
            starts.append(len(ids) + len(head["Customer"]))
            theirs = torch.randint(300, 2000, (int(torch.randint(1, 20, ())),)).tolist()
            ids += [*head["Customer"], *mine, *newline, *head["Bot"], *theirs, *newline]
        ids += [*between, *said[2], *between, *said[3], *between]
        with torch.inference_mode():
            seen = wired(input_ids=torch.tensor([ids]), output_attentions=True)
        looked_at = int(seen.attentions[3][0, 0, -1].argmax())
        later += looked_at in starts[4:]
        next_one += looked_at == starts[4]
    assert later > 40  # of 50
    assert next_one > 17  # one of four by chance would be 12


TOLD = curriculum.Told(
    "Customer: Hello. My parcel never came. Where is it?\nBot: Let me look.\n"
    "Customer: Many thanks.",
    {"Hello.": "courtesy", "Many thanks.": "courtesy", "Let me look.": "bot"},
)


def exercises(step, count=200):
    rng = random.Random(step)
    return [curriculum.exercise(rng, step, [TOLD], PIECES, first_word) for _ in range(count)]


def first_word(sentence):
    return sentence.split()[0]


@pytest.mark.parametrize("step", [0, 400, 1_000, 3_000, 5_000])
def test_no_exercise_asks_for_a_summary_or_shows_an_interactions_list(step):
    for item in exercises(step):
        assert "ummar" not in item["instruction"]
        if "My parcel never came" in item["instruction"]:
            assert "<li>" not in item["answer"]


def test_sentences_are_left_out_by_how_they_begin():
    said = {s for _, sentences in curriculum.parse(TOLD.text) for s in sentences}
    for seed in range(50):
        asked = curriculum.leaving_out(
            random.Random(seed), curriculum.parse(TOLD.text), first_word, tags=False
        )
        named = re.findall("^Leave out: (.+)$", asked["instruction"], re.MULTILINE)
        out = {sentence.rstrip(".?") for sentence in said if first_word(sentence) in named}
        lines = {line.removeprefix("- ").rstrip(".?") for line in asked["answer"].splitlines()}
        assert out
        assert not out & lines
        assert lines <= {sentence.rstrip(".?") for sentence in said} | {"none"}


def test_sentences_are_left_out_by_what_they_are_about():
    answers = set()
    for seed in range(50):
        asked = curriculum.leaving_out_topics(random.Random(seed), TOLD)
        order = asked["instruction"].splitlines()[0]
        if "all sentences of Customer but" in order:
            thanked = "Many thanks" in asked["answer"]
            assert thanked != ("greetings and thanks" in order)
            assert "My parcel never came" in asked["answer"]
            answers.add(thanked)
    assert answers == {True, False}


def test_the_same_seed_gives_the_same_exercises():
    assert exercises(3_000) == exercises(3_000)


def test_transcripts_grow_with_the_steps():
    mean = [sum(len(item["instruction"]) for item in exercises(step)) for step in (0, 200, 500)]
    assert mean == sorted(mean)


@pytest.mark.parametrize(
    ("step", "asked"), [(0, {"sentences", "lines"}), (3_000, {"sentences", "lines", "numbers"})]
)
def test_everything_is_asked_for_before_anything_is_searched_for(step, asked):
    found = " ".join(item["instruction"] for item in exercises(step))
    assert {word for word in ("sentences", "lines", "numbers") if f" {word} of" in found} == asked


@pytest.mark.usefixtures("workspace")
def test_it_never_saw_the_samples_interactions(monkeypatch):
    import base
    from distill.offline.corpus import interactions

    monkeypatch.setattr(base, "ROWS", 300)
    seen = {told.text for told in base.corpus()}
    sample = base.SEED, load().seed
    messages = [
        {
            str(made.raw)
            for channel in ("botchat", "webform")
            for made in interactions(channel, s, 300)
        }
        for s in sample
    ]
    assert len(seen) == 600
    assert not messages[0] & messages[1]


class KilledError(Exception):
    """Stands for a kill in the middle of a step."""


@pytest.mark.usefixtures("workspace")
def test_a_stopped_training_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    import base

    small = {"SAVE": 4, "ROUNDS": (6, 4), "TOKENS": 512, "SLICE": 512, "ROWS": 20}
    for name, value in small.items():
        monkeypatch.setattr(base, name, value)
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/1")
    texts, rate = list(base.corpus()), base.rate

    def trained(folder, until):
        def stopping(step):
            if step == until:
                raise KilledError
            return rate(step)

        monkeypatch.setattr(base, "rate", stopping)
        monkeypatch.setattr(base, "WORK", tmp_path / folder)
        base.WORK.mkdir(exist_ok=True)
        TOKENIZER.save_pretrained(base.WORK / "tokenizer")
        if until < sum(base.ROUNDS):
            with pytest.raises(KilledError):
                base.train(texts)
        else:
            base.train(texts)
        return torch.load(base.WORK / "checkpoint.pt", weights_only=True)

    whole = trained("whole", 10)
    assert trained("stopped", 7)["step"] == 4
    resumed = trained("stopped", 10)
    assert resumed["step"] == whole["step"] == 10
    for name, weight in whole["average"].items():
        assert torch.equal(weight, resumed["average"][name]), name


@pytest.mark.usefixtures("workspace")
def test_a_step_is_cut_into_slices_without_losing_a_token(monkeypatch):
    import base

    for name, value in {"TOKENS": 4_096, "SLICE": 1_024, "ROWS": 20}.items():
        monkeypatch.setattr(base, name, value)
    slices = base.Steps(TOKENIZER, list(base.corpus()))[2_500]
    for inputs, before, answers in slices:
        assert inputs.numel() <= 1_024 or len(inputs) == 1
        ids = inputs.flatten()
        assert torch.equal(ids[before + 1], answers)  # each is foretold from the token before it
        assert (answers == TOKENIZER.eos_token_id).sum() == len(inputs)  # every answer is whole
    kept = sum(int((inputs != TOKENIZER.pad_token_id).sum()) for inputs, _, _ in slices)
    assert 4_096 <= kept < 4_096 + base.LONGEST
