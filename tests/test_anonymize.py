"""The stage clears every planted value of the sample, and stops at what it cannot clear."""

import json
import lzma
import os
import socket
from collections import Counter
from pathlib import Path

import pytest

import anonymize as stage
from arf import channels, params
from arf.corpus import interactions
from arf.errors import ParamsError, RowError
from arf.ledger import Ledger
from arf.params import Turns
from arf.privacy.detect import TYPES
from arf.privacy.surrogates import SAMPLE_KEY

SETTINGS = params.load()
DATA = Path(os.environ.get("ARF_TEST_DATA", "../shared/data"))
ROWS = 250


def text_of(channel: str, raw: dict) -> str:
    spec = SETTINGS.channels[channel]
    if channel == "botchat":
        return channels._chat(json.dumps(raw), spec)[1]
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
            row = {"id": made.truth["id"], "channel": channel, "text": text_of(channel, made.raw)}
            done.append((made.truth, *stage.anonymize(row, SAMPLE_KEY)))
    return done


def test_every_planted_value_is_gone(cleared):
    planted, leaked = Counter(), Counter()
    for truth, row, _ in cleared:
        for pii in truth["pii"]:
            planted[pii["type"]] += 1
            leaked[pii["type"]] += (
                " ".join(pii["value"].split()).casefold() in row["text"].casefold()
            )
    assert set(planted) == set(TYPES)
    # Misspelled cues ("My nme is ...") may hide a name or a user name; no other kind may leak.
    assert sum(leaked.values()) <= 0.003 * sum(planted.values())
    assert {type for type, n in leaked.items() if n} <= {"PERSON", "USERNAME"}


def test_ids_prices_and_dates_stay(cleared):
    lost = [
        value
        for truth, row, _ in cleared
        for kind, values in truth["entities"].items()
        for value in values
        if kind not in ("username", "item_name") and value not in row["text"]
    ]
    assert len(lost) <= 0.002 * sum(len(v) for t, _, _ in cleared for v in t["entities"].values())


def test_the_second_look_clears_the_sample(cleared):
    assert [reason for _, _, reason in cleared if reason] == []


def test_a_leftover_is_quarantined_by_its_type_alone(monkeypatch):
    monkeypatch.setattr(stage, "replace", lambda text, secret, row_id: (text, []))
    row = {"id": "c-1", "channel": "c", "text": "Customer: it is ana@mail.example"}
    assert stage.anonymize(row, b"key")[1] == "personal_data_left:EMAIL"


def test_no_network_is_touched(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    row = {"id": "c-1", "channel": "c", "text": "Customer: ana@mail.co.uk, 81.2.69.142, Ana Ruiz"}
    assert "ana@" not in stage.anonymize(row, b"key")[0]["text"]


def test_real_data_needs_a_secret(monkeypatch):
    real = SETTINGS.model_copy(update={"source": "data/raw"})
    monkeypatch.delenv(SETTINGS.anonymize.secret_env, raising=False)
    with pytest.raises(ParamsError, match=f"{SETTINGS.anonymize.secret_env} is not set"):
        stage.key(real)
    monkeypatch.setenv(SETTINGS.anonymize.secret_env, "long and random")
    assert stage.key(real) == b"long and random"
    assert stage.key(SETTINGS) == SAMPLE_KEY


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
def test_real_chats_go_through_by_params_alone(tmp_path, path, roles, speaker, text):
    source = DATA / path
    if not source.is_file():
        pytest.skip(f"{source} is missing; name the folder of test data in ARF_TEST_DATA")
    (tmp_path / "chats").mkdir()
    opener = lzma.open if source.suffix == ".xz" else open
    with opener(source, "rt", encoding="utf-8") as lines:
        first = [line for _, line in zip(range(100), lines, strict=False)]
    (tmp_path / "chats" / "chats.jsonl").write_text("".join(first), encoding="utf-8")
    sizes = {"sizes": {"test": 1, "dev": 1, "audit": 1}, "train": 1}
    spec = Turns(
        format="turns", id="id", turns="turns", role=speaker, text=text, roles=roles, **sizes
    )
    ledger = Ledger("anonymize", "chats", 1.0)
    rows = list(channels.read(tmp_path, "chats", spec, ledger))
    assert len(rows) + len(ledger.quarantined) == len(first)
    reasons = [reason for row in rows if (reason := stage.anonymize(row, b"key")[1])]
    assert len(reasons) <= 0.02 * len(rows)


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], limit: float) -> None:
    """The stage's main over these lines as the botchat channel of data/raw, below `folder`."""
    raw = folder / "data/raw/botchat/chats.jsonl"
    raw.parent.mkdir(parents=True)
    raw.write_text("\n".join(lines), encoding="utf-8")
    own = SETTINGS.anonymize.model_copy(update={"max_quarantined": limit})
    changed = SETTINGS.model_copy(update={"source": "data/raw", "anonymize": own})
    monkeypatch.setattr(params, "load", lambda: changed)
    monkeypatch.setenv(SETTINGS.anonymize.secret_env, "long and random")
    monkeypatch.setattr("sys.argv", ["anonymize.py", "botchat"])
    monkeypatch.chdir(folder)
    stage.main()


def chat(number: int, text: str) -> str:
    return json.dumps({"id": f"{number:03}", "turns": [{"role": "customer", "text": text}]})


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


def test_too_many_faulty_rows_end_the_stage_with_one_line(tmp_path, monkeypatch):
    lines = [chat(1, "ana@mail.example"), "{broken", chat(2, " ")]
    with pytest.raises(
        RowError, match=r"2 of 3 rows .*broken_json 1.*max_quarantined 0.1"
    ) as error:
        run(tmp_path, monkeypatch, lines, limit=0.1)
    assert "\n" not in str(error.value)
    assert "ana" not in str(error.value)
