"""anonymize removes every planted value of the sample and quarantines what it cannot clear."""

import json
import lzma
import os
import re
import socket
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
import spacy
import torch
from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

import anonymize as stage
from distill import channels, params, privacy
from distill.channels.settings import Turns
from distill.errors import ParamsError, RowError
from distill.ledger import Ledger
from distill.offline.corpus import interactions
from distill.offline.truth import rows
from distill.privacy.find.detect import Span
from distill.privacy.ids import without_person
from distill.privacy.kinds import TYPES, DetectionError
from distill.privacy.rows import anonymize
from distill.privacy.seal import SAMPLE_KEY, derived, key
from distill.privacy.seen import Seen
from distill.privacy.settings import Added
from distill.privacy.survey import Survey, look

SETTINGS = params.load()
DATA = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data"))
ROWS = 250
NOTHING_KNOWN = Survey(Seen(), None)


def anonymized(row: dict, key: bytes, **settings) -> tuple[dict, str | None]:
    """(anonymized row, reason) of a row by itself."""
    policy = SETTINGS.anonymize.model_copy(update=settings)
    made, reason, *_ = anonymize(look(row, policy.added), policy, NOTHING_KNOWN, key)
    return made, reason


def text_of(channel: str, raw: dict) -> str:
    spec = SETTINGS.channels[channel]
    if channel == "botchat":
        return channels.turns.chat(json.dumps(raw), spec)[1]
    values = {label: str(raw.get(path) or "") for label, path in spec.fields.items()}
    return "\n".join(
        f"{label}: {' '.join(value.split())}" for label, value in values.items() if value
    )


@pytest.fixture(scope="module")
def cleared() -> list[tuple[dict, dict, str | None]]:
    """(truth, anonymized row, reason) of a part of the sample, from a seed of its own."""
    done = []
    for channel in ("botchat", "webform"):
        for made in interactions(channel, seed=101, rows=ROWS):
            row = {"id": made.truth["id"], "channel": channel, "input": text_of(channel, made.raw)}
            done.append((made.truth, *anonymized(row, derived(SAMPLE_KEY, "values"))))
    return done


def test_every_planted_value_is_gone(cleared):
    planted, leaked = Counter(), Counter()
    for truth, row, _ in cleared:
        for pii in truth["pii"]:
            planted[pii["type"]] += 1
            leaked[pii["type"]] += (
                " ".join(pii["value"].split()).casefold() in row["input"].casefold()
            )
    assert set(planted) <= set(TYPES)
    assert len(planted) == 10
    assert sum(leaked.values()) == 0


def test_prices_and_dates_stay(cleared):
    lost = [
        value
        for truth, row, _ in cleared
        for kind in ("price", "date")
        for value in truth["entities"][kind]
        if value not in row["input"]
    ]
    assert lost == []


def test_numbers_of_things_are_replaced_by_others_of_their_format(cleared):
    numbers = [
        (value, row["input"])
        for truth, row, _ in cleared
        for kind in ("item_number", "order_number", "return_number", "case_number")
        for value in truth["entities"][kind]
    ]
    assert len(numbers) > 200
    assert not [value for value, text in numbers if value in text]


def test_the_truth_has_the_same_surrogates_as_the_text(cleared):
    found = [
        value in row["input"]
        for truth, row, _ in cleared
        for value in rows.anonymized(truth)["entities"]["order_number"]
    ]
    assert len(found) > 100
    assert all(found)


def test_the_second_look_clears_the_sample(cleared):
    assert [reason for _, _, reason in cleared if reason] == []


def test_a_leftover_is_quarantined_and_only_its_type_is_named(monkeypatch):
    nothing = lambda text, spans, *_: (text, ["" for _ in spans])  # noqa: E731
    monkeypatch.setattr(privacy.rows, "replace", nothing)
    row = {"id": "c-1", "channel": "c", "input": "Customer: it is ana@mail.example"}
    assert anonymized(row, b"key")[1] == "personal_data_left:EMAIL"


def test_no_network_is_touched(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    row = {"id": "c-1", "channel": "c", "input": "Customer: ana@mail.co.uk, 81.2.69.142, Ana Ruiz"}
    assert "ana@" not in anonymized(row, b"key")[0]["input"]


def test_real_data_needs_a_secret(monkeypatch):
    policy = SETTINGS.anonymize
    monkeypatch.delenv(policy.secret_env, raising=False)
    with pytest.raises(ParamsError, match=f"{policy.secret_env} is not set"):
        key(policy, on_sample=False)
    monkeypatch.setenv(policy.secret_env, "long and random")
    assert key(policy, on_sample=False) == b"long and random"
    assert key(policy, on_sample=True) == SAMPLE_KEY


@pytest.mark.parametrize(
    ("path", "roles", "speaker", "text"),
    [
        (
            "cucom/ecommerce_v0_1.first3000.jsonl.xz",
            {"user": "Customer", "agent": "Agent"},
            "role",
            "content",
        ),
        (
            "abcd/abcd_mini.jsonl",
            {"customer": "Customer", "agent": "Agent", "action": None},
            "speaker",
            "text",
        ),
    ],
)
def test_real_chats_need_no_code_but_params(tmp_path, path, roles, speaker, text):
    source = DATA / path
    if not source.is_file():
        pytest.skip(f"{source} is missing; name the folder of test data in DISTILL_TEST_DATA")
    (tmp_path / "chats").mkdir()
    opener = lzma.open if source.suffix == ".xz" else open
    with opener(source, "rt", encoding="utf-8") as lines:
        first = [line for _, line in zip(range(100), lines, strict=False)]
    (tmp_path / "chats" / "chats.jsonl").write_text("".join(first), encoding="utf-8")
    spec = Turns(format="turns", id="id", turns="turns", role=speaker, text=text, roles=roles)
    ledger = Ledger("anonymize", "chats", 1.0)
    chats = list(channels.read(tmp_path, "chats", spec, ledger))
    assert len(chats) + len(ledger.quarantined) == len(first)
    reasons = [reason for row in chats if (reason := anonymized(row, b"key")[1])]
    assert len(reasons) <= 0.02 * len(chats)


def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], limit: float, **settings
) -> None:
    """The stage's main over these lines as the botchat channel of data/raw, below `folder`."""
    raw = folder / "data/raw/botchat/chats.jsonl"
    raw.parent.mkdir(parents=True, exist_ok=True)
    raw.write_text("\n".join(lines), encoding="utf-8")
    own = SETTINGS.anonymize.model_copy(update={"max_quarantined": limit, **settings})
    changed = SETTINGS.model_copy(update={"source": "data/raw", "anonymize": own})
    monkeypatch.setattr(params, "load", lambda path: changed)
    monkeypatch.setenv(SETTINGS.anonymize.secret_env, "long and random")
    monkeypatch.setattr("sys.argv", ["anonymize.py", "botchat"])
    monkeypatch.chdir(folder)
    stage.main()


def chat(number: int, text: str) -> str:
    return json.dumps({"id": f"{number:03}", "turns": [{"role": "customer", "text": text}]})


def test_a_field_that_no_form_has_is_named(tmp_path, monkeypatch, capsys):
    raw = tmp_path / "data/raw/webform/forms.xml"
    raw.parent.mkdir(parents=True)
    raw.write_text(
        "<f><submission id='1'><topic>Late</topic><message>Hi</message></submission></f>"
    )
    fields = {"Topic": "/topic", "Message": "mesage"}
    forms = SETTINGS.channels["webform"].model_copy(update={"fields": fields})
    changed = SETTINGS.model_copy(update={"source": "data/raw", "channels": {"webform": forms}})
    monkeypatch.setattr(params, "load", lambda path: changed)
    monkeypatch.setenv(SETTINGS.anonymize.secret_env, "long and random")
    monkeypatch.setattr("sys.argv", ["anonymize.py", "webform"])
    monkeypatch.chdir(tmp_path)
    stage.main()
    assert "Topic: Late" in (tmp_path / "data/anonymized/webform.jsonl").read_text()
    assert capsys.readouterr().err == (
        "anonymize webform: no interaction has the field Message; correct"
        " channels.webform.fields.Message in params.yaml if it should be there\n"
    )


def test_faulty_rows_are_counted_and_the_rest_is_written_in_id_order(tmp_path, monkeypatch):
    lines = [chat(2, "I am Ana Ruiz"), "{broken", chat(1, "ana@mail.example")]
    run(tmp_path, monkeypatch, lines, limit=0.5)
    written = (tmp_path / "data/anonymized/botchat.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["id"] for line in written.splitlines()] == [
        "botchat-001",
        "botchat-002",
    ]
    counts = json.loads((tmp_path / "data/ledger/anonymize-botchat.json").read_text())
    assert (counts["in"], counts["ok"], counts["quarantined"]) == (3, 2, {"broken_json": 1})
    assert "Ana" not in written
    assert "ana@" not in written


@pytest.mark.parametrize(
    "raw_id",
    [
        "ana.ruiz@mail.example",
        "maria-lopez-3",
        "Joseph_Banter.2",
        "+49 30 901820",
        "4111-1111-1111-1111",
        "919876543210",
        "whatsapp_4155550132",
        "078051120",
        "priya",
        "ptoledo",
    ],
)
def test_an_id_that_is_personal_becomes_a_keyed_digest(raw_id):
    made = without_person(raw_id, b"key")
    assert re.fullmatch("[0-9a-f]{16}", made)
    assert made == without_person(raw_id, b"key")
    assert made != without_person(raw_id, b"another key")


@pytest.mark.parametrize(
    "raw_id",
    [
        "000123",
        "order 334891",
        "chat_0001",
        "heldout-000042",
        "2024-08-17",
        "5f1c1f6e-8d0a-4c3b-9d1e-0a1b2c3d4e5f",
    ],
)
def test_an_impersonal_id_stays(raw_id):
    assert without_person(raw_id, b"key") == raw_id


def test_no_personal_id_leaves_the_stage(tmp_path, monkeypatch):
    said = {"role": "customer", "text": "where is it"}
    ids = ["ana.ruiz@mail.example", "eva.cole@mail.example", "eva.cole@mail.example"]
    lines = [json.dumps({"id": raw_id, "turns": [said]}) for raw_id in ids]
    run(tmp_path, monkeypatch, [*lines, chat(7, "and mine")], limit=1)
    files = [*tmp_path.glob("data/anonymized/*"), *tmp_path.glob("data/ledger/*")]
    files += [*tmp_path.glob("data/quarantine/*")]
    written = "".join(file.read_text(encoding="utf-8") for file in files)
    assert len(files) == 3
    assert "mail.example" not in written
    assert written.count('"botchat-') == 4  # two digests, that of a duplicate, and 007
    assert "botchat-007" in written


def test_too_many_faulty_rows_end_the_stage_with_one_line(tmp_path, monkeypatch):
    lines = [chat(1, "ana@mail.example"), "{broken", chat(2, " ")]
    with pytest.raises(
        RowError, match=r"2 of 3 rows .*broken_json 1.*max_quarantined 0.1"
    ) as error:
        run(tmp_path, monkeypatch, lines, limit=0.1)
    assert "\n" not in str(error.value)
    assert "ana" not in str(error.value)


def test_each_type_is_treated_as_its_policy_says():
    row = {
        "id": "c-1",
        "channel": "c",
        "input": "Customer: ana@mail.example, (555) 234-9876, Eva Roy",
    }
    policy = {"EMAIL": "mask", "PHONE": "keep", "PERSON": "drop"}
    made, reason = anonymized(row, b"key", policy=policy)
    assert (made["input"], reason) == ("Customer: [EMAIL], (555) 234-9876, ", None)


def test_strict_replaces_every_word_of_the_customer_that_is_not_ordinary(tmp_path, monkeypatch):
    lines = [
        json.dumps(
            {
                "id": f"{number:03}",
                "turns": [
                    {"role": "customer", "text": f"my grommelwick broke {said}"},
                    {"role": "bot", "text": "ask at blorptown"},
                ],
            }
        )
        for number, said in enumerate(["yesterday", "near flurbsville", "again", "twice", "badly"])
    ]
    run(tmp_path, monkeypatch, lines, limit=0, mode="strict", min_documents=5)
    written = (tmp_path / "data/anonymized/botchat.jsonl").read_text(encoding="utf-8")
    assert written.count("grommelwick") == 5  # in every interaction: ordinary here
    assert "flurbsville" not in written
    assert written.count("blorptown") == 5  # not the customer's own word
    assert "near " in written


def test_a_text_that_takes_too_long_is_quarantined(monkeypatch):
    monkeypatch.setattr("distill.privacy.find.detect._TIMEOUT", 1e-9)
    row = {"id": "c-1", "channel": "c", "input": "Customer: my name is Ana " * 2_000}
    assert anonymized(row, b"key") == (row, "detection_timed_out")


def test_a_second_look_that_takes_too_long_quarantines_its_row_alone(tmp_path, monkeypatch):
    def slow(text: str, added: Added) -> list[Span]:
        if "parcel" in text:
            raise DetectionError("detection_timed_out")
        return []

    monkeypatch.setattr("distill.privacy.replace.find", slow)
    lines = [chat(1, "I am Ana Ruiz"), chat(2, "my parcel is lost"), chat(3, "and mine")]
    run(tmp_path, monkeypatch, lines, limit=0.5)
    counts = json.loads((tmp_path / "data/ledger/anonymize-botchat.json").read_text())
    assert (counts["ok"], counts["quarantined"]) == (2, {"detection_timed_out": 1})
    assert "parcel" not in (tmp_path / "data/anonymized/botchat.jsonl").read_text()


def test_a_failing_recognizer_of_the_users_quarantines_its_row_alone(tmp_path, monkeypatch):
    def fail(text: str) -> None:
        if "parcel" in text:
            raise KeyError(text)
        return []

    monkeypatch.setattr("distill.privacy.find.detect.presidio.load", lambda _: fail)
    lines = [chat(1, "I am Ana Ruiz"), chat(2, "my parcel is lost")]
    run(tmp_path, monkeypatch, lines, limit=0.5, recognizers=[{"name": "failing"}])
    counts = json.loads((tmp_path / "data/ledger/anonymize-botchat.json").read_text())
    assert (counts["ok"], counts["quarantined"]) == (1, {"detection_failed:KeyError": 1})
    assert "parcel" not in (tmp_path / "data/quarantine/anonymize-botchat.jsonl").read_text()


def test_a_detection_that_failed_is_tried_again_by_the_next_run(tmp_path, monkeypatch):
    lines = [chat(number, "my parcel is lost") for number in range(4)]
    for part in ("distill.privacy.survey.find_all", "distill.privacy.rows.second_look"):
        folder = tmp_path / part
        with monkeypatch.context() as patch, pytest.raises(RowError, match="detection_timed_out 4"):
            patch.setattr(part, busy)
            run(folder, patch, lines, limit=0)
        run(folder, monkeypatch, lines, limit=0)
        assert len((folder / "data/anonymized/botchat.jsonl").read_text().splitlines()) == 4


def busy(*_: object) -> None:
    raise DetectionError("detection_timed_out")


def test_a_recognizer_of_the_users_joins_in():
    loyalty = {
        "name": "Loyalty card",
        "supported_entity": "ACCOUNT_ID",
        "patterns": [{"name": "loyalty", "regex": r"\bL\d{3}\b", "score": 0.9}],
    }
    row = {"id": "c-1", "channel": "c", "input": "Customer: my card is L123"}
    assert anonymized(row, b"key")[0] == row
    made, reason = anonymized(row, b"key", recognizers=[loyalty])
    assert reason is None
    assert re.fullmatch(r"Customer: my card is [A-Z]\d{3}", made["input"])
    assert "L123" not in made["input"]


def test_no_surrogate_is_a_value_of_another_interaction(tmp_path, monkeypatch):
    people = ["Maria Lopez", "Joseph Banter", "Karen Smith", "Adam Cole", "Laura Hines"] * 40
    lines = [chat(n, f"My name is {name}, order {n:010}.") for n, name in enumerate(people)]
    run(tmp_path, monkeypatch, lines, limit=0)
    written = (tmp_path / "data/anonymized/botchat.jsonl").read_text(encoding="utf-8")
    real = {word for name in people for word in name.split()}
    assert [name for name in real if re.search(rf"\b{name}\b", written)] == []


def test_a_spacy_model_joins_in(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "the boss"}])
    nlp.to_disk(tmp_path / "model")
    row = {"id": "c-1", "channel": "c", "input": "Customer: then the boss wrote"}
    assert anonymized(row, b"key")[0] == row
    assert "the boss" not in anonymized(row, b"key", ner=f"spacy/{tmp_path / 'model'}")[0]["input"]


@pytest.fixture(scope="module")
def tagger(tmp_path_factory) -> str:
    """A transformers model of no layers, by name, that takes the word "boss" for a person."""
    folder = tmp_path_factory.mktemp("tagger")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ":", "the", "then", "wrote", "boss"]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=32).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=0,
        num_attention_heads=1,
        max_position_embeddings=32,
        id2label={0: "O", 1: "B-PER"},
    )
    model = BertForTokenClassification(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.fill_(1.0 if name.endswith("LayerNorm.weight") else 0.0)
        model.bert.embeddings.word_embeddings.weight[words.index("boss"), 0] = 1.0
        model.classifier.weight[1, 0] = 1.0
        model.classifier.bias[0] = 1.0
    model.save_pretrained(folder)
    return f"transformers/{folder}"


def test_a_transformers_model_joins_in(tagger):
    row = {"id": "c-1", "channel": "c", "input": "Customer: then the boss wrote"}
    assert anonymized(row, b"key")[0] == row
    assert look(row, Added(tagger))[1] == [Span(19, 23, "PERSON")]


def test_a_transformers_model_reads_to_the_end_of_a_long_text(tagger):
    text = "Customer: " + "then the wrote " * 200 + "boss"
    row = {"id": "c-1", "channel": "c", "input": text}
    assert look(row, Added(tagger))[1] == [Span(len(text) - 4, len(text), "PERSON")]


@pytest.mark.skipif(find_spec("gliner") is not None, reason="gliner is installed")
def test_a_model_without_its_library_is_one_clear_line():
    row = {"id": "c-1", "channel": "c", "input": "Customer: hello"}
    with pytest.raises(ParamsError, match=r"gliner/any/model cannot be loaded .*; install it or"):
        anonymized(row, b"key", ner="gliner/any/model")


def test_an_ner_model_that_is_not_there_is_one_clear_line():
    row = {"id": "c-1", "channel": "c", "input": "Customer: hello"}
    with pytest.raises(ParamsError, match=r"anonymize.ner: spacy/nowhere cannot be loaded"):
        anonymized(row, b"key", ner="spacy/nowhere")
