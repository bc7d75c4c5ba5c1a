"""What a stage prints, counts and quarantines never holds a word of a message.

The quarantine, which stays on the machine, holds the unusable replies of models.
"""

import importlib
import json
from pathlib import Path

import pytest
import yaml
from endpoint import completion, serve

import distill.stage
from distill import paths, records

WORD = "marigold"  # stands in every message, and nowhere else
PLACES = ("data/ledger", "data/quarantine", "metrics", "data/curves")


@pytest.fixture
def stage(monkeypatch, capfd):
    """Runs a stage; yields its exit status after a look at all that it said and wrote."""

    def run(script, *arguments):
        monkeypatch.setattr("sys.argv", [f"{script}.py", *arguments])
        status = 0
        try:
            distill.stage.main(importlib.import_module(script).main)
        except SystemExit as end:
            status = end.code
        printed = capfd.readouterr()
        files = [file for place in PLACES for file in Path(place).rglob("*") if file.is_file()]
        written = [without_replies(file) for file in files]
        for said in (printed.out, printed.err, *written):
            assert WORD not in said.casefold()
        if status:
            assert printed.err.startswith("error: ")
            assert printed.err.count("\n") == 1
        return status

    return run


def without_replies(file):
    """The text of a file; that of the quarantine without models' replies."""
    if paths.QUARANTINE not in file.parents:
        return file.read_text(encoding="utf-8")
    rows = [row | {"reply": ""} for row in records.read(file)]
    return "\n".join(map(json.dumps, rows))


def set_params(**sections):
    values = yaml.safe_load(Path("params.yaml").read_text())
    for name, change in sections.items():
        if isinstance(change, dict):
            values[name] |= change
        else:
            values[name] = change
    Path("params.yaml").write_text(yaml.safe_dump(values))


def reasons(key):
    return set(json.loads(paths.ledger(*key).read_text())["quarantined"])


@pytest.fixture
def own_data(workspace, monkeypatch):
    monkeypatch.setenv("DISTILL_SECRET", "long and random")
    set_params(source="data/raw")
    return workspace


def raw(channel, name, content):
    file = paths.RAW / channel / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def chat(number, text, role="customer", **changes):
    return json.dumps(
        {"id": f"{number:03}", "turns": [{"role": role, "text": text}], **changes}
    )  # fmt: skip


FAULTY = [
    f'{{"id": "1", "turns": "{WORD}',
    f'"{WORD}"',
    f'["{WORD}"]',
    chat(1, WORD, id={WORD: WORD}),
    chat(2, WORD, turns=WORD),
    chat(3, WORD, turns=[WORD]),
    chat(4, [WORD]),
    chat(5, {WORD: WORD}),
    chat(6, WORD, role="stranger"),  # the quarantine names the role
    chat(7, WORD, role="bot"),
    chat(8, f"{WORD} \ud800"),
    chat(9, f"{WORD} " * 200_000),
    chat(10, f"a {WORD}, please"),
    chat(10, f"again a {WORD}"),
    json.dumps({WORD: WORD}),
]


def test_faulty_chats(own_data, stage):
    raw("botchat", "chats.jsonl", "\n".join(FAULTY))
    set_params(anonymize={"max_quarantined": 1.0})
    assert stage("anonymize", "botchat") == 0
    assert reasons(("anonymize", "botchat")) == {
        "broken_json", "wrong_type", "wrong_type:id", "wrong_type:turns", "wrong_type:text",
        "missing_field:id", "unknown_role", "no_customer_turn", "broken_unicode", "too_large",
        "duplicate_id",
    }  # fmt: skip
    set_params(anonymize={"max_quarantined": 0.0})
    assert stage("anonymize", "botchat") == 1


@pytest.mark.parametrize(
    "content",
    [
        f"{chat(1, WORD)}\n".encode() + WORD.encode() + b"\xff\n",
        b"",
        f"<{WORD}>".encode(),
    ],
)
def test_a_damaged_file_of_chats(own_data, stage, content):
    raw("botchat", "chats.jsonl", content)
    assert stage("anonymize", "botchat") == 1


FORM = "<submissions><submission id='1'><message>{}</message></submission></submissions>"


@pytest.mark.parametrize(
    "content",
    [
        FORM.format(f"<{WORD}>"),
        FORM.format(f"&{WORD};"),
        FORM.format(f"{WORD} \x01"),
        FORM.format(WORD).encode() + WORD.encode(),
        FORM.format(WORD).encode().replace(b"id='1'", b"id='\xff'"),
        f"<!DOCTYPE s [<!ENTITY {WORD} '{WORD}'>]>{FORM.format(WORD)}",
        f"<{WORD}>{WORD}</{WORD}>",
    ],
)
def test_a_damaged_file_of_forms(own_data, stage, content):
    raw("webform", "forms.xml", content)
    assert stage("anonymize", "webform") == 1


ROW = {
    "id": "botchat-000001",
    "channel": "botchat",
    "input": f"Customer: {WORD}",
    "split": "test",
    "task": "summarize",
}


def asks(url):
    set_params(
        llms={"large": {"provider": "openai", "model": "m"}},
        endpoints={"large": {"base_url": url, "retries": 0, "patience": 0.5}},
        label={"llm": "large", "max_quarantined": 1.0},
        judge={"llm": "large", "max_quarantined": 1.0},
    )


@pytest.mark.parametrize(
    "answer",
    [
        completion(f"I cannot: {WORD}"),
        completion(f"<ul><li>{WORD}</li></ul>", finish="length"),
        completion(f'{{"errors": ["{WORD}"], "concise": "{WORD}"}}'),
        (400, {}, f"content filter: {WORD}"),
        (307, {"Location": f"/{WORD}"}, ""),
        (200, {}, WORD),
    ],
)
def test_a_model_that_repeats_the_message_in_an_unusable_reply(workspace, stage, answer):
    for split in ("train", "dev", "audit", "test"):
        records.write_shards(paths.split(split), [ROW])
    records.write_shards(paths.predictions("tiny"), [ROW | {"output": WORD}])
    with serve(lambda body: answer) as (url, _):
        asks(url)
        assert stage("label") == 0
        assert stage("judge", "tiny") == 0
        set_params(label={"max_quarantined": 0.0})
        assert stage("label") == 1


@pytest.mark.parametrize("line", [f'"{WORD}"', f'["{WORD}"]', f'{{"text": "{WORD}', f"{WORD}\xff"])
def test_a_damaged_row_between_two_stages(workspace, stage, line):
    paths.split("test").mkdir(parents=True)
    (paths.split("test") / "part-00000.jsonl").write_bytes(line.encode("latin-1"))
    records.write_shards(paths.predictions("tiny"), [ROW])
    assert stage("judge", "tiny") == 1
