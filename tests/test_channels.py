"""Raw formats are read by params alone; a faulty file stops the stage, a faulty row does not."""

import gzip
import json
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill import channels
from distill.channels.settings import Turns, Xml
from distill.errors import InputError
from distill.ledger import Ledger

TURNS = Turns(
    format="turns",
    id="id",
    turns="turns",
    role="speaker",
    text="text",
    roles={"customer": "Customer", "bot": "Bot", "action": None},
)
XML = Xml(
    format="xml",
    record="submission",
    id="@id",
    fields={
        "Topic": "topic",
        "Role": "customer/role",
        "Source": "customer/@from",
        "Message": "message",
    },
)
MESSAGES = Turns(
    format="turns",
    id=None,
    turns="messages",
    role="role",
    text="content",
    roles={"user": "Customer", "assistant": "Agent", "system": None, "tool": None},
)
CHAT = {"id": "7", "turns": [{"speaker": "customer", "text": "hello"}]}


@pytest.fixture
def ledger() -> Ledger:
    return Ledger("anonymize", "c", 1.0)


def read(folder: Path, channel: Turns | Xml, ledger: Ledger) -> list[dict]:
    return list(channels.read(folder, "c", channel, ledger))


def chats(folder: Path, *lines: object, name: str = "chats.jsonl") -> Path:
    path = folder / "c" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return folder


def forms(folder: Path, xml: str | bytes) -> Path:
    path = folder / "c" / "forms.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(xml if isinstance(xml, bytes) else xml.encode("utf-8"))
    return folder


def reasons(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [
        (row["id"], row["reason"], Path(row["where"].partition(" (")[0]).name)
        for row in ledger.quarantined
    ]


def said(speaker: str, text: object) -> dict:
    return {"speaker": speaker, "text": text}


def message(role: str, content: object) -> dict:
    return {"role": role, "content": content}


class TestTurns:
    def test_a_chat_is_one_labelled_line_per_turn(self, tmp_path, ledger):
        turns = [said("customer", " hi\n\tthere "), said("action", "opened"), said("bot", "Yes?")]
        rows = read(chats(tmp_path, {"id": 12, "turns": turns}), TURNS, ledger)
        assert rows == [{"id": "c-12", "channel": "c", "input": "Customer: hi\n  there\nBot: Yes?"}]
        assert ledger.quarantined == []

    @pytest.mark.parametrize(("suffix", "opener"), [(".gz", gzip.open), (".xz", lzma.open)])
    def test_compressed_files_are_read_too(self, tmp_path, ledger, suffix, opener):
        (tmp_path / "c").mkdir()
        with opener(tmp_path / "c" / f"chats.jsonl{suffix}", "wt", encoding="utf-8") as lines:
            lines.write(json.dumps(CHAT))
        assert read(tmp_path, TURNS, ledger)[0]["input"] == "Customer: hello"

    def test_files_are_read_in_the_order_of_their_names(self, tmp_path, ledger):
        chats(tmp_path, CHAT | {"id": "b"}, name="2.jsonl")
        chats(tmp_path, CHAT | {"id": "a"}, name="1.jsonl")
        assert [row["id"] for row in read(tmp_path, TURNS, ledger)] == ["c-a", "c-b"]

    @pytest.mark.parametrize(
        ("line", "row_id", "reason"),
        [
            ('{"id": "1", "turns": [', "", "broken_json"),
            ("[" * 100_000, "", "broken_json"),
            ([CHAT], "", "wrong_type"),
            ({"turns": CHAT["turns"]}, "", "missing_field:id"),
            ({"id": True, "turns": []}, "", "wrong_type:id"),
            ({"id": "1"}, "c-1", "missing_field:turns"),
            ({"id": "1", "turns": "hello"}, "c-1", "wrong_type:turns"),
            ({"id": "1", "turns": ["hello"]}, "c-1", "wrong_type"),
            ({"id": "1", "turns": [{"speaker": "customer"}]}, "c-1", "missing_field:text"),
            ({"id": "1", "turns": [said("customer", None)]}, "c-1", "empty_text"),
            ({"id": "1", "turns": [said("customer", 5)]}, "c-1", "wrong_type:text"),
            ({"id": "1", "turns": [said("stranger", "hello")]}, "c-1", "unknown_role"),
            ({"id": "1", "turns": [said("bot", "hello")]}, "c-1", "no_customer_turn"),
            ({"id": "1", "turns": [said("customer", " \n ")]}, "c-1", "empty_text"),
            ({"id": "1", "turns": [said("customer", "x" * 5_000_000)]}, "c-1", "too_large"),
            ({"id": "x" * 5_000_000, "turns": [said("customer", "hi")]}, "", "id_too_long"),
            ({"id": "1", "turns": [said("customer", "\ud83d")]}, "c-1", "broken_unicode"),
            (CHAT, "c-7", "duplicate_id"),
        ],
    )
    def test_a_faulty_row_is_quarantined_and_the_others_go_on(
        self, tmp_path, ledger, line, row_id, reason
    ):
        rows = read(chats(tmp_path, CHAT, line, CHAT | {"id": "8"}), TURNS, ledger)
        assert [row["id"] for row in rows] == ["c-7", "c-8"]
        assert reasons(ledger) == [(row_id, reason, "chats.jsonl:2")]

    @given(text=st.text())
    def test_no_text_can_open_a_line_of_its_own(self, text):
        line = json.dumps({"id": "1", "turns": [said("customer", "a" + text)]})
        try:
            found = channels.turns.chat(line, TURNS).text
        except channels.raw.UnusableRowError as error:
            assert error.reason == "broken_unicode"
        else:
            assert all(line.startswith("  ") for line in found.splitlines()[1:])

    def test_a_line_that_is_too_long_is_passed_over_unread(self, tmp_path, ledger, monkeypatch):
        monkeypatch.setattr(channels.raw, "MAX_RAW_BYTES", 100)
        long = CHAT | {"id": "1", "more": "x" * 1_000}
        rows = read(chats(tmp_path, CHAT, long, CHAT | {"id": "8"}), TURNS, ledger)
        assert [row["id"] for row in rows] == ["c-7", "c-8"]
        assert reasons(ledger) == [("", "too_large", "chats.jsonl:2")]

    def test_an_agents_chat_is_read_by_its_own_field_names_and_roles(self, tmp_path, ledger):
        agentchat = TURNS.model_copy(
            update={"id": "chat", "turns": "log", "role": "from", "text": "body"}
            | {"roles": {"visitor": "Customer", "agent": "Agent", "system": None}}
        )
        log = [
            {"from": "system", "body": "Agent joined"},
            {"from": "visitor", "body": "Where is my refund?"},
            {"from": "agent", "body": "On its way."},
        ]
        rows = read(chats(tmp_path, {"chat": "A-1", "log": log}), agentchat, ledger)
        assert rows[0]["id"] == "c-A-1"
        assert rows[0]["input"] == "Customer: Where is my refund?\nAgent: On its way."


class TestOpenAIMessages:
    def test_messages_are_turns_and_a_row_without_an_id_is_named_by_its_line(
        self, tmp_path, ledger
    ):
        messages = [
            message("system", "You are a helpful agent."),
            message("user", "Where is my order?"),
            {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1"}]},
            message("tool", "{}"),
            {"role": "assistant", "refusal": "no"},
            message("assistant", "It left today."),
        ]
        line = {"messages": messages}
        rows = read(chats(tmp_path, line, "", line), MESSAGES, ledger)
        assert [row["id"] for row in rows] == ["c-chats-1", "c-chats-3"]
        assert rows[0]["input"] == "Customer: Where is my order?\nAgent: It left today."

    def test_a_line_may_be_the_bare_list_of_messages(self, tmp_path, ledger):
        bare = MESSAGES.model_copy(update={"turns": None})
        rows = read(chats(tmp_path, [message("user", "hi")], {"messages": []}), bare, ledger)
        assert [row["input"] for row in rows] == ["Customer: hi"]
        assert reasons(ledger) == [("c-chats-2", "wrong_type", "chats.jsonl:2")]

    def test_files_in_folders_give_ids_of_their_own(self, tmp_path, ledger):
        line = {"messages": [message("user", "hi")]}
        (tmp_path / "c/2026").mkdir(parents=True)
        chats(tmp_path, line, name="may.jsonl")
        chats(tmp_path, line, name="2026/may.jsonl")
        found = [row["id"] for row in read(tmp_path, MESSAGES, ledger)]
        assert found == ["c-2026-may-1", "c-may-1"]

    def test_text_parts_are_joined_and_other_parts_dropped(self, tmp_path, ledger):
        parts = [
            {"type": "text", "text": "It came"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "text", "text": "broken."},
        ]
        rows = read(chats(tmp_path, {"messages": [message("user", parts)]}), MESSAGES, ledger)
        assert rows[0]["input"] == "Customer: It came broken."

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ('{"messages": [{"role": "user", "content": "hel', "broken_json"),
            ('{"messages": ' + "[" * 100_000, "broken_json"),
            ('{"messages": [{"role": "user", "content": ' + "[" * 100_000, "broken_json"),
            ({"messages": []}, "empty_text"),
            ({"messages": "hi"}, "wrong_type:messages"),
            ({"messages": [{"role": "user", "content": None}]}, "empty_text"),
            ({"messages": [{"role": "user", "content": [7]}]}, "wrong_type:content"),
            ({"messages": [{"role": "user", "content": [{"words": "hi"}]}]}, "wrong_type:content"),
            (
                {"messages": [{"role": "user", "content": [{"type": "text", "text": ["hi"]}]}]},
                "wrong_type:content",
            ),
            ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "empty_text"),
            ({"messages": [{"role": "assistant", "content": "hi"}]}, "no_customer_turn"),
            ({"messages": [{"role": "developer", "content": "hi"}]}, "unknown_role"),
            ({"messages": [{"role": "user", "content": "x" * 2_000_000}]}, "too_large"),
        ],
    )
    def test_a_faulty_row_is_quarantined_under_its_line(self, tmp_path, ledger, line, reason):
        assert read(chats(tmp_path, line), MESSAGES, ledger) == []
        assert reasons(ledger) == [("c-chats-1", reason, "chats.jsonl:1")]


class TestXml:
    def test_a_form_is_one_line_per_field_that_is_filled(self, tmp_path, ledger):
        xml = """<?xml version="1.0"?><submissions><submission id="1"><topic>Late
            parcel</topic><customer from="app"><role/></customer><browser>x</browser>
            <message>Where <b>is</b> it &amp; when?</message></submission></submissions>"""
        rows = read(forms(tmp_path, xml), XML, ledger)
        assert rows[0]["id"] == "c-1"
        assert rows[0]["input"] == "Topic: Late parcel\nSource: app\nMessage: Where is it & when?"

    def test_namespaces_and_repeated_elements_are_read(self, tmp_path, ledger):
        xml = (
            '<f xmlns="urn:x"><submission id="1"><topic>a</topic><topic>b</topic></submission></f>'
        )
        assert read(forms(tmp_path, xml), XML, ledger)[0]["input"] == "Topic: a; b"

    def test_faulty_forms_are_quarantined_by_their_number(self, tmp_path, ledger):
        one = "<submission id='{}'><message>{}</message></submission>"
        xml = (
            one.format("1", "hi")
            + one.format("", "hi")
            + one.format("1", "hi")
            + one.format("2", "")
        )
        read(forms(tmp_path, f"<f>{xml}{one.format('3', 'x' * 5_000_000)}</f>"), XML, ledger)
        assert reasons(ledger) == [
            ("", "missing_field:@id", "forms.xml:record 2"),
            ("c-1", "duplicate_id", "forms.xml:record 3"),
            ("c-2", "empty_text", "forms.xml:record 4"),
            ("c-3", "too_large", "forms.xml:record 5"),
        ]

    @pytest.mark.parametrize(
        ("xml", "message"),
        [
            ("<f><submission></f>", r"forms.xml:1: malformed XML at column .*correct it there"),
            ("<f><submission id='1'>", r"forms.xml:1: malformed XML .*no element found"),
            (b"<f>\n\xe9</f>", r"forms.xml:2: not UTF-8 \(byte 4 of the file\); convert it"),
            ("<f/>", r"no <submission> element; correct the channel's `record`"),
            (
                '<!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><f>&b;</f>',
                r"declares a document type or entities.*remove the <!DOCTYPE",
            ),
            (
                '<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><f>&x;</f>',
                r"declares a document type or entities",
            ),
            ('<!DOCTYPE f SYSTEM "http://localhost/f.dtd"><f/>', r"declares a document type"),
            ('<?xml version="1.0" encoding="klingon"?><f/>', r"forms.xml:1: .*encoding.*UTF-8"),
        ],
    )
    def test_a_faulty_file_is_one_line_that_says_where(self, tmp_path, ledger, xml, message):
        with pytest.raises(InputError, match=message):
            read(forms(tmp_path, xml), XML, ledger)

    def test_elements_nested_without_end_are_read(self, tmp_path, ledger):
        deep = "<b>" * 100_000 + "hi" + "</b>" * 100_000
        submission = f"<f><submission id='1'><message>{deep}</message></submission></f>"
        assert read(forms(tmp_path, submission), XML, ledger)[0]["input"] == "Message: hi"

    def test_memory_stays_flat(self, tmp_path, ledger):
        xml = "<f>" + "<submission id='{}'><message>hi</message></submission>" * 2_000 + "</f>"
        path = forms(tmp_path, xml.format(*range(2_000))) / "c" / "forms.xml"
        for record in channels.xml.records(path, XML):
            assert record.get("id")
            kept = record
        assert len(list(kept.iter())) == 2


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.jsonl", b"", "a.jsonl: empty file; remove it or fill it"),
            ("a.jsonl", b"\n \n", "a.jsonl: no rows in the file"),
            ("a.jsonl", b'{"id": "1"}\nab\xff', r"a.jsonl:2: not UTF-8 \(byte 14 of the file\)"),
            ("a.jsonl.gz", b"not gzip", "a.jsonl.gz: cannot be read .*compress it again"),
            ("a.jsonl.xz", b"not xz", "a.jsonl.xz: cannot be read .*compress it again"),
            ("a.jsonl.gz", gzip.compress(b"{}" * 99, mtime=0)[:-9], "a.jsonl.gz: cannot be read"),
        ],
    )
    def test_a_faulty_file_is_one_line_that_says_where(
        self, tmp_path, ledger, name, content, message
    ):
        (tmp_path / "c").mkdir()
        (tmp_path / "c" / name).write_bytes(content)
        with pytest.raises(InputError, match=message) as error:
            read(tmp_path, TURNS, ledger)
        assert "\n" not in str(error.value)

    def test_no_files(self, tmp_path, ledger):
        with pytest.raises(InputError, match="no files; put the raw interactions there"):
            read(tmp_path, TURNS, ledger)

    def test_a_byte_order_mark_is_no_text(self, tmp_path, ledger):
        (tmp_path / "c").mkdir()
        (tmp_path / "c" / "a.jsonl").write_text(json.dumps(CHAT), encoding="utf-8-sig")
        assert len(read(tmp_path, TURNS, ledger)) == 1
