"""Files of chats as exports write them: arrays, documents, tables, nested fields, other formats."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from distill import channels
from distill.channels import json_rows
from distill.channels.settings import Channel, Turns
from distill.errors import InputError
from distill.ledger import Ledger

CHAT = """
format: turns
id: null
turns: messages
role: role
text: content
roles: {user: Customer, assistant: Agent}
"""
ROW = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes?"}]}
SAID = "Customer: hi\nAgent: yes?"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger("anonymize", "c", 1.0)


def channel(**changes) -> Turns:
    return TypeAdapter(Channel).validate_python(yaml.safe_load(CHAT) | changes)


def put(folder: Path, content: str | bytes, name: str) -> None:
    path = folder / "c" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))


def read(folder: Path, ledger: Ledger, **changes) -> list[tuple[str, str]]:
    found = channels.read(folder, "c", channel(**changes), ledger)
    return [(row["id"].removeprefix("c-"), row["input"]) for row in found]


def refused(folder: Path, ledger: Ledger, **changes) -> str:
    with pytest.raises(InputError) as error:
        read(folder, ledger, **changes)
    assert "\n" not in str(error.value)
    return str(error.value)


def quarantined(ledger: Ledger) -> list[tuple[str, str]]:
    return [(row["reason"], Path(row["where"]).name) for row in ledger.quarantined]


class TestDocuments:
    @pytest.mark.parametrize("indent", [None, 2])
    @pytest.mark.parametrize("mark", ["", "\ufeff", "\n \n"])
    def test_the_entries_of_an_array_are_rows(self, tmp_path, ledger, indent, mark):
        put(tmp_path, mark + json.dumps([ROW] * 3, indent=indent), "a.json")
        assert read(tmp_path, ledger) == [(f"a-{number}", SAID) for number in (1, 2, 3)]
        assert ledger.quarantined == []

    def test_an_array_may_hold_one_row_a_line(self, tmp_path, ledger):
        put(tmp_path, "[\n" + ",\n".join([json.dumps(ROW)] * 3) + "\n]\n", "a.json")
        assert len(read(tmp_path, ledger)) == 3

    def test_an_array_of_bare_lists_of_turns(self, tmp_path, ledger):
        put(tmp_path, json.dumps([ROW["messages"]] * 2, indent=1), "a.json")
        assert len(read(tmp_path, ledger, turns=None)) == 2

    def test_one_chat_a_file_with_line_ends_in_it(self, tmp_path, ledger):
        put(tmp_path, json.dumps(ROW, indent=2), "a.json")
        put(tmp_path, json.dumps(ROW, indent=2) + "\n" + json.dumps(ROW, indent=2), "b.json")
        assert [raw_id for raw_id, _ in read(tmp_path, ledger)] == ["a-1", "b-1", "b-2"]

    def test_one_bare_list_a_file_with_line_ends_in_it(self, tmp_path, ledger):
        put(tmp_path, json.dumps(ROW["messages"], indent=2), "a.json")
        assert read(tmp_path, ledger, turns=None) == [("a-1", SAID)]

    def test_rows_within_a_document_are_named_by_their_path(self, tmp_path, ledger):
        page = {"type": "list", "data": {"chats": [ROW, ROW]}, "next": None}
        put(tmp_path, json.dumps(page, indent=2), "a.json")
        put(tmp_path, json.dumps(page) + "\n" + json.dumps(page), "b.jsonl")
        found = read(tmp_path, ledger, records="data.chats")
        assert [raw_id for raw_id, _ in found] == ["a-1", "a-2", "b-1", "b-2", "b-3", "b-4"]

    def test_a_document_without_them_is_one_line(self, tmp_path, ledger):
        put(tmp_path, '{"tickets": []}', "a.json")
        assert "missing_field:chats, read as a document with records at 'chats'" in refused(
            tmp_path, ledger, records="chats"
        )

    def test_a_faulty_entry_of_an_array_costs_its_own_row(self, tmp_path, ledger):
        put(tmp_path, f'[{json.dumps(ROW)}, {{"a" 1}}, "x", 7, {json.dumps(ROW)}]', "a.json")
        assert [raw_id for raw_id, _ in read(tmp_path, ledger)] == ["a-1", "a-4"]
        assert quarantined(ledger) == [
            ("broken_json", "a.json:record 2"),
            ("broken_json", "a.json:record 3"),
        ]

    def test_a_file_that_is_cut_off_says_so(self, tmp_path, ledger):
        put(tmp_path, json.dumps([ROW] * 3)[:-9], "a.json")
        assert "ends within a record, so it is cut off" in refused(tmp_path, ledger)

    def test_entries_are_found_wherever_the_chunks_of_the_file_end(self, tmp_path, monkeypatch):
        text = [{"messages": [{"role": "user", "content": 'a "quoted\\" [part] } \u00e9' * 9}]}] * 5
        put(tmp_path, json.dumps(text, ensure_ascii=False), "a.json")
        for size in range(1, 40):
            monkeypatch.setattr(json_rows, "_CHUNK", size)
            assert len(read(tmp_path, Ledger("anonymize", "c"))) == 5

    @pytest.mark.parametrize(
        ("before", "between", "after"),
        [
            ("", "", ""),
            ("", ",\n", ",\n"),
            ("\x1e", "\n\x1e", "\n"),
            ("", "\r", "\r"),
            ("", "\n", "\n" + "\0" * 64),
            ("\ufeff", "\n\ufeff", "\n"),
        ],
    )
    def test_what_stands_between_rows_is_none(self, tmp_path, ledger, before, between, after):
        put(tmp_path, before + between.join([json.dumps(ROW)] * 3) + after, "a.jsonl")
        assert len(read(tmp_path, ledger)) == 3
        assert ledger.quarantined == []

    def test_what_systems_and_editors_leave_is_not_read(self, tmp_path, ledger):
        put(tmp_path, json.dumps(ROW), "a.jsonl")
        for name in ("._a.jsonl", ".DS_Store", "__MACOSX/._a.jsonl", "Thumbs.db", "desktop.ini"):
            put(tmp_path, "x", name)
        put(tmp_path, "x", "~$a.csv")
        assert len(read(tmp_path, ledger)) == 1

    def test_a_torn_first_line_of_many_costs_one_row(self, tmp_path, ledger):
        put(tmp_path, json.dumps(ROW)[:-5] + "\n" + (json.dumps(ROW) + "\n") * 3, "a.jsonl")
        assert len(read(tmp_path, ledger)) == 3

    @pytest.mark.parametrize("where", ["messages", "role"])
    def test_a_repeated_key_is_quarantined(self, tmp_path, ledger, where):
        line = json.dumps(ROW).replace(f'"{where}"', f'"{where}": "x", "{where}"', 1)
        put(tmp_path, line + "\n" + json.dumps(ROW), "a.jsonl")
        put(tmp_path, f"[{line}, {json.dumps(ROW)}]", "b.json")
        assert len(read(tmp_path, ledger)) == 2
        assert [reason for reason, _ in quarantined(ledger)] == ["repeated_key"] * 2


class TestPaths:
    def test_a_help_desks_ticket_with_the_customer_by_person(self, tmp_path, ledger):
        ticket = {
            "ticket": {"id": 7, "requester": {"id": 55}},
            "comments": [
                {"author": {"id": 55}, "html_body": "<p>My lamp<br>is late</p>"},
                {"author": {"id": 9}, "html_body": "<p>On its way</p>"},
                {"author": {"id": 8}, "html_body": "<p>Indeed</p>"},
            ],
        }
        put(tmp_path, json.dumps(ticket), "a.jsonl")
        found = read(
            tmp_path,
            ledger,
            **{"id": "ticket.id", "turns": "comments", "role": "author.id", "text": "html_body"},
            customer="ticket.requester.id",
            roles={"*": "Agent"},
        )
        said = "Customer: My lamp\n  is late\nAgent: On its way\nAgent: Indeed"
        assert found == [("7", said)]

    def test_a_messengers_conversation_with_its_first_message_apart(self, tmp_path, ledger):
        conversation = {
            "id": "41",
            "source": {"author": {"type": "user"}, "body": "<p>Hi</p>"},
            "conversation_parts": {
                "conversation_parts": [
                    {"author": {"type": "bot"}, "body": None},
                    {"author": {"type": "admin"}, "body": "<p>Yes?</p>"},
                    {"author": {"type": "user"}, "body": "<p>A &amp; B</p>"},
                ]
            },
        }
        put(tmp_path, json.dumps(conversation), "a.jsonl")
        found = read(
            tmp_path,
            ledger,
            **{"id": "id", "role": "author.type", "text": "body"},
            turns=["source", "conversation_parts.conversation_parts"],
            roles={"user": "Customer", "admin": "Agent", "bot": None},
        )
        assert found == [("41", "Customer: Hi\nAgent: Yes?\nCustomer: A & B")]

    def test_a_contact_centres_phrases_lie_in_lists_of_lists(self, tmp_path, ledger):
        def phrase(who, text):
            return {"participantPurpose": who, "text": text}

        call = {
            "conversationId": "x",
            "transcripts": [
                {"phrases": [phrase("external", "hello"), phrase("internal", "hi")]},
                {"phrases": []},
                {"phrases": [phrase("external", "bye")]},
            ],
        }
        put(tmp_path, json.dumps([call]), "a.json")
        found = read(
            tmp_path,
            ledger,
            **{"id": "conversationId", "turns": "transcripts.phrases", "text": "text"},
            role="participantPurpose",
            roles={"external": "Customer", "internal": "Agent"},
        )
        assert found == [("x", "Customer: hello\nAgent: hi\nCustomer: bye")]

    def test_a_phones_messages_by_name_with_parts_of_text(self, tmp_path, ledger):
        messages = [
            {"type": "service", "action": "joined"},
            {"from": "Eva", "text": ["see ", {"type": "link", "text": "https://a.example"}]},
            {"from": "Lamp Shop", "text": "Thanks"},
        ]
        put(tmp_path, json.dumps({"chats": {"list": [{"id": 1, "messages": messages}]}}), "a.json")
        found = read(
            tmp_path,
            ledger,
            **{"id": "id", "records": "chats.list", "role": "from", "text": "text"},
            roles={"Lamp Shop": "Agent", None: None, "*": "Customer"},
        )
        assert found == [("1", "Customer: see https://a.example\nAgent: Thanks")]

    @pytest.mark.parametrize(
        ("roles", "theirs", "ours"),
        [
            ({True: "Customer", False: "Agent"}, True, False),
            ({"true": "Customer", "false": "Agent"}, True, False),
            ({1: "Customer", 2: "Agent"}, 1, 2),
            ({1: "Customer", 2: "Agent"}, 1.0, 2.0),
            ({True: "Customer", False: "Agent"}, "TRUE", "False"),
            ({None: "Customer", "*": "Agent"}, None, 17),
        ],
    )
    def test_a_role_may_be_a_flag_a_number_or_nobody(self, tmp_path, ledger, roles, theirs, ours):
        said = [{"role": theirs, "content": "hi"}, {"role": ours, "content": "yes?"}]
        put(tmp_path, json.dumps({"messages": said}), "a.jsonl")
        assert read(tmp_path, ledger, roles=roles) == [("a-1", SAID)]

    def test_a_number_leads_to_one_entry_of_a_list(self, tmp_path, ledger):
        row = {"ids": ["7", "8"], "sides": [ROW, {"messages": []}]}
        put(tmp_path, json.dumps(row), "a.jsonl")
        assert read(tmp_path, ledger, id="ids.0", turns="sides.0.messages") == [("7", SAID)]

    def test_turns_may_be_the_json_text_of_a_column(self, tmp_path, ledger):
        put(tmp_path, json.dumps({"messages": json.dumps(ROW["messages"])}), "a.jsonl")
        put(tmp_path, '{"messages": "[{"}', "b.jsonl")
        assert read(tmp_path, ledger) == [("a-1", SAID)]
        assert quarantined(ledger) == [("broken_json", "b.jsonl:1")]

    def test_a_key_may_hold_dots_itself(self, tmp_path, ledger):
        put(tmp_path, json.dumps({"meta.id": "7", **ROW}), "a.jsonl")
        assert read(tmp_path, ledger, id="meta.id") == [("7", SAID)]

    def test_gemini_and_assistant_threads(self, tmp_path, ledger):
        rows = [
            {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
            {
                "contents": [
                    {"role": "user", "parts": [{"type": "text", "text": "hi"}]},
                    {"role": "user", "parts": [{"type": "reasoning_text", "text": "no"}]},
                ]
            },
        ]
        put(tmp_path, "\n".join(map(json.dumps, rows)), "a.jsonl")
        found = read(tmp_path, ledger, turns="contents", text="parts")
        assert [text for _, text in found] == ["Customer: hi"] * 2
        (tmp_path / "c/a.jsonl").unlink()
        thread = {
            "data": [{"role": "user", "content": [{"type": "text", "text": {"value": "hi"}}]}]
        }
        put(tmp_path, json.dumps(thread), "b.jsonl")
        found = read(tmp_path, ledger, turns="data", text="content.text.value")
        assert found == [("b-1", "Customer: hi")]

    def test_where_no_row_has_a_field_its_fields_are_named(self, tmp_path, ledger):
        put(tmp_path, (json.dumps({"meta": 1, "thread": []}) + "\n") * 9, "a.jsonl")
        assert refused(tmp_path, ledger).endswith(
            "the field messages; all have meta, thread; correct channels.c in params.yaml"
        )

    def test_the_quarantine_names_the_unknown_role(self, tmp_path, ledger):
        put(tmp_path, json.dumps({"messages": [{"role": "SYS", "content": "hi"}]}), "a.jsonl")
        assert read(tmp_path, ledger) == []
        assert quarantined(ledger) == [("unknown_role", "a.jsonl:1 (role 'SYS')")]


TABLE = {"id": "chat", "turns": None, "role": "who", "text": "said"}


class TestTables:
    @pytest.mark.parametrize(
        ("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.csv.gz", ",")]
    )
    def test_each_row_is_a_turn_and_rows_with_one_id_are_a_chat(
        self, tmp_path, ledger, name, delimiter
    ):
        lines = ["chat,who,said", '7,user,"a ""b"",', '  c"', "8,user,x", "7,assistant,yes"]
        content = "\ufeff" + "\r\n".join(lines).replace(",", delimiter)
        packed = gzip.compress(content.encode()) if name.endswith("gz") else content
        put(tmp_path, packed, name)
        found = dict(read(tmp_path, ledger, **TABLE))
        assert found["7"].split("\n") == [
            f'Customer: a "b"{delimiter.strip()}',
            "  c",
            "Agent: yes",
        ]
        assert found["8"] == "Customer: x"

    @pytest.mark.parametrize(
        "content",
        [
            "sep=;\nchat;who;said\n7;user;hi\n",
            "\n\nchat,who,said\n7,user,hi\n",
            'chat, who , said\n7, user, "hi"\n',
            "chat,who,said,,\n7,user,hi,,\n",
        ],
    )
    def test_a_table_as_spreadsheets_write_it(self, tmp_path, ledger, content):
        put(tmp_path, content, "A.CSV")
        assert read(tmp_path, ledger, **TABLE) == [("7", "Customer: hi")]

    def test_json_lines_of_one_turn_each_are_gathered_too(self, tmp_path, ledger):
        turns = [{"chat": {"id": n % 2}, "who": "user", "said": f"t{n}"} for n in range(4)]
        put(tmp_path, "\n".join(map(json.dumps, turns)), "a.jsonl")
        found = read(tmp_path, ledger, **{**TABLE, "id": "chat.id"})
        assert found == [("0", "Customer: t0\n  t2".replace("\n  ", "\nCustomer: ")),
                         ("1", "Customer: t1\nCustomer: t3")]  # fmt: skip

    def test_faulty_rows_are_quarantined_by_their_line(self, tmp_path, ledger):
        put(tmp_path, "chat,who,said\n7,user,hi\n,user,hi\n7,user,hi,more\n8,user,\n", "a.csv")
        assert read(tmp_path, ledger, **TABLE) == [("7", "Customer: hi")]
        assert quarantined(ledger) == [
            ("missing_field:chat", "a.csv:3"),
            ("wrong_columns", "a.csv:4"),
            ("empty_text", "a.csv:5"),
        ]

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"chat,who,said\n7,user,\xe9\n", "not UTF-8; convert it"),
            (b'chat,who,said\n7,user,"never ends\n', "a.csv:2: no table"),
            (b"chat,who,said\n", "no rows in the file"),
            (b"chat,who,said,who\n7,user,x,y\n", "a.csv:1: two columns are named 'who'"),
            (b"chat,who,words\n7,user,x\n", "no row has the field said; all have chat, who, words"),
        ],
    )
    def test_a_faulty_table_is_one_line(self, tmp_path, ledger, content, problem):
        put(tmp_path, content, "a.csv")
        assert problem in refused(tmp_path, ledger, **TABLE)


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.jsonl", json.dumps(ROW))
    return archive.getvalue()


class TestOtherFormats:
    def test_bzip2_is_read(self, tmp_path, ledger):
        put(tmp_path, bz2.compress(json.dumps(ROW).encode()), "a.jsonl.bz2")
        assert read(tmp_path, ledger) == [("a-1", SAID)]

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (zipped(), "a zip archive or an Office document; unpack it"),
            (gzip.compress(b"{}", mtime=0), "compressed by gzip; let its name end in .gz"),
            (bz2.compress(b"{}"), "compressed by bzip2; let its name end in .bz2"),
            (lzma.compress(b"{}"), "compressed by xz; let its name end in .xz"),
            (json.dumps(ROW).encode("utf-16"), "in UTF-16; convert it with `iconv -f UTF-16 -t"),
            (json.dumps(ROW).encode("utf-16-le"), "in UTF-16LE; convert it"),
            (json.dumps(ROW).encode("utf-16-be"), "in UTF-16BE; convert it"),
            (json.dumps(ROW).encode("utf-32"), "in UTF-32; convert it"),
            (b"%PDF-1.7\n%", "a PDF document; export text"),
            (b"PAR1\x15\x04", "a Parquet file; write it as JSON lines"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document or an Outlook message"),
            (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
            (b"role,content\nuser,hi\n", "a table, not JSON; let its name end in .csv"),
            (b"<chats><chat/></chats>", "XML or HTML, not JSON; set the channel's format to xml"),
            (b"From a@b.example Mon\nSubject: x\n\nhi", "e-mail, not JSON"),
            (b"[01.02.24, 10:11:12] Eva: Hallo\n", "a chat as WhatsApp exports it"),
            (
                "\u200e[2/1/24, 10:11:12\u202fPM] Eva: Hallo\n".encode(),
                "a chat as WhatsApp exports",
            ),
            (b"01/02/2024, 10:11 - Eva: Hallo\n", "a chat as WhatsApp exports it"),
            (b"window.YTD.messages.part0 = [ {} ]", "JavaScript, not JSON"),
            (b"{\\rtf1 hi}", "a document in RTF"),
            (b"-- MySQL dump\nCREATE TABLE x;\n", "not JSON: no line begins with { or ["),
            (b"\x89HDF\r\n", "an HDF5 file"),
            (b"ID3\x03", "a recording"),
            ("\u6211{".encode("utf-16-le") + b"{\0", "not JSON"),
            (json.dumps(ROW).encode("utf-32-le"), "in UTF-32LE"),
        ],
    )
    def test_another_format_is_named_by_its_first_bytes(self, tmp_path, ledger, content, problem):
        put(tmp_path, content, "a.jsonl")
        assert f"a.jsonl: {problem}" in refused(tmp_path, ledger)

    @pytest.mark.parametrize(
        ("form", "name", "content", "problem"),
        [
            ("xml", "a.xml", b'[{"id": 1}]', "JSON, not XML; set the channel's format to turns"),
            ("xml", "a.xml", zipped(), "a zip archive"),
            ("email", "a.eml", b'{"id": 1}', "JSON, not e-mail"),
            ("email", "a.eml", b"<html></html>", "XML or HTML, not e-mail"),
            ("email", "a.mbox", zipped(), "a zip archive"),
            ("email", "a.eml", b"\xd0\xcf\x11\xe0", "an Outlook message; save it as .eml"),
            ("email", "a.mbox", "From ".encode("utf-16"), "in UTF-16"),
        ],
    )
    def test_so_it_is_for_forms_and_mail(self, tmp_path, form, name, content, problem):
        put(tmp_path, content, name)
        fields = {"Topic": "topic"}
        known = {
            "xml": {"record": "form", "id": "@id", "fields": fields},
            "email": {"fields": fields},
        }
        other = TypeAdapter(Channel).validate_python({"format": form, **known[form]})
        with pytest.raises(InputError) as error:
            list(channels.read(tmp_path, "c", other, Ledger("anonymize", "c")))
        assert problem in str(error.value)
