"""E-mail files are read by params alone; what is hostile, broken or huge costs its own row."""

import gzip
import lzma
import tracemalloc
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import blake2b
from pathlib import Path

import pytest
from mails import EMAIL, HEAD, reason

from distill import channels
from distill.channels import mail
from distill.errors import InputError
from distill.ledger import Ledger

START = "From eva@mail.example Tue Mar  3 10:11:00 2026\n"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger("anonymize", "c", 1.0)


def mail_id(message_id: str) -> str:
    return f"c-{blake2b(message_id.encode(), digest_size=8).hexdigest()}"


def put(folder: Path, content: str | bytes, name: str = "a.eml") -> Path:
    path = folder / "c" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder


def read(folder: Path, ledger: Ledger) -> list[dict]:
    return list(channels.read(folder, "c", EMAIL, ledger))


def reasons(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(row["id"], row["reason"], Path(row["where"]).name) for row in ledger.quarantined]


class TestFiles:
    def test_a_message_is_its_fields_and_its_body_a_line_each(self, tmp_path, ledger):
        message = HEAD + "Message-ID: <7.a@mail.example>\n\nIt never\ncame.\n\nWhere is it?\n"
        assert read(put(tmp_path, message), ledger) == [
            {
                "id": mail_id("7.a@mail.example"),
                "channel": "c",
                "input": HEAD + "Message: It never\n  came.\n  Where is it?",
            }
        ]

    def test_a_message_without_an_id_is_named_by_its_file(self, tmp_path, ledger):
        put(tmp_path, HEAD + "\nhi", "2026/may.1.eml")
        put(tmp_path, (START + HEAD + "\nhi\n\n") * 2, "old.mbox")
        assert [row["id"] for row in read(tmp_path, ledger)] == [
            "c-2026-may.1",
            "c-old-1",
            "c-old-2",
        ]

    def test_an_mbox_is_parted_at_the_lines_that_open_a_message(self, tmp_path, ledger):
        first = (
            "I write again.\n\n>From the shop I heard nothing.\n\nFrom here on I wait.\nFrom me\n"
        )
        mbox = f"{START}{HEAD}\n{first}\nFrom \n{HEAD}\nsecond\n\n{START}{HEAD}\nthird\n"
        rows = read(put(tmp_path, mbox.replace("\n", "\r\n"), "a.mbox"), ledger)
        assert [row["input"].partition("Message: ")[2] for row in rows] == [
            "I write again.\n  From the shop I heard nothing.\n  From here on I wait.\n  From me",
            "second",
            "third",
        ]

    @pytest.mark.parametrize(("suffix", "opener"), [(".gz", gzip.open), (".xz", lzma.open)])
    def test_compressed_files_are_read_too(self, tmp_path, ledger, suffix, opener):
        (tmp_path / "c").mkdir()
        for name in ("a.eml", "b.mbox"):
            with opener(tmp_path / "c" / f"{name}{suffix}", "wt", encoding="utf-8") as file:
                file.write((START if name == "b.mbox" else "") + HEAD + "\nhi\n")
        assert [row["id"] for row in read(tmp_path, ledger)] == ["c-a", "c-b-1"]

    def test_a_message_id_is_used_once(self, tmp_path, ledger):
        message = HEAD + "Message-ID: <7@mail.example>\n\nhi\n\n"
        put(tmp_path, message)
        put(tmp_path, START + message + START + message.replace("<7@", "<8@"), "b.mbox")
        rows = read(tmp_path, ledger)
        assert [row["id"] for row in rows] == [mail_id("7@mail.example"), mail_id("8@mail.example")]
        assert reasons(ledger) == [(mail_id("7@mail.example"), "duplicate_id", "b.mbox:message 1")]

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("a.msg", b"x", "a.msg: no e-mail; it is no message"),
            ("a.mbox", b"", 'a.mbox: does not begin with a "From " line'),
            ("a.mbox", HEAD.encode() + b"\nhi", "name it .eml if it is one message"),
            ("a.eml.gz", b"not gzip", "a.eml.gz: cannot be read .*compress it again"),
            (
                "a.mbox.gz",
                gzip.compress((START + HEAD).encode() * 99, mtime=0)[:-9],
                "a.mbox.gz: cannot be read",
            ),
        ],
    )
    def test_a_faulty_file_is_one_line_that_says_where(
        self, tmp_path, ledger, name, content, problem
    ):
        with pytest.raises(InputError, match=problem) as error:
            read(put(tmp_path, content, name), ledger)
        assert "\n" not in str(error.value)


class TestFaults:
    def test_a_faulty_message_is_quarantined_and_the_others_go_on(self, tmp_path, ledger):
        messages = [
            HEAD + "\nfirst",
            HEAD + "Message-ID: <2@b.example>\n",
            HEAD + "Message-ID: <3@b.example>\nSubject: =?utf-8?q?=C3=A9=FF?=\n\nhi",
            HEAD + "Message-ID: <4@b.example>\nContent-Type: text/plain; charset=utf-8\n\né\udcff",
            HEAD + "Message-ID: <5@b.example>\n\n" + "x" * 2_000_000,
            HEAD + "Message-ID: <6@b.example>\nContent-Type: multipart/mixed\n\n--x\n\nhi",
            HEAD + "\nlast",
        ]
        mbox = "".join(f"{START}{message}\n\n" for message in messages)
        rows = read(put(tmp_path, mbox.encode("utf-8", "surrogateescape"), "a.mbox"), ledger)
        assert [row["id"] for row in rows] == ["c-a-1", "c-a-7"]
        assert reasons(ledger) == [
            (mail_id("2@b.example"), "empty_text", "a.mbox:message 2"),
            (mail_id("3@b.example"), "broken_unicode", "a.mbox:message 3"),
            (mail_id("4@b.example"), "broken_unicode", "a.mbox:message 4"),
            (mail_id("5@b.example"), "too_large", "a.mbox:message 5"),
            (mail_id("6@b.example"), "broken_email", "a.mbox:message 6"),
        ]

    def test_an_empty_file_is_a_broken_message(self, tmp_path, ledger):
        assert read(put(tmp_path, b""), ledger) == []
        assert reasons(ledger) == [("", "broken_email", "a.eml")]

    def test_a_message_is_read_as_far_as_it_goes(self):
        message = EmailMessage(policy=SMTP)
        message["From"] = "eva@mail.example"
        message.set_content("It never came.\n" * 100, cte="base64")
        message.add_alternative("<p>It never came.</p>", subtype="html")
        whole = message.as_bytes()
        for size in range(0, len(whole), 97):
            try:
                text = mail.letter(whole[:size], "a", EMAIL)[1]
            except channels.raw.UnusableRowError as error:
                assert error.reason in ("broken_email", "empty_text", "broken_unicode")
            else:
                assert "It never came." in text

    def test_parts_nested_without_end(self):
        part = b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n'
        nested = b"".join(part % (number, number) for number in range(10_000))
        assert reason(b"From: a@b.example\n" + nested + b"\nhi") == "broken_email"
        assert reason(b"Content-Type: message/rfc822\n\n" * 10_000 + b"\nhi") == "broken_email"

    @pytest.mark.parametrize(
        "header",
        [
            b"Subject: " + b"a " * 2_500_000,
            b"To: " + b"a@b.example,\n " * 350_000,
            b"Content-Type: text/plain; " + b"a=b; " * 1_000_000,
            b"From: a@b.example\n\n--x\nContent-Type: " + b"a" * 5_000_000,
        ],
    )
    def test_a_header_of_five_megabytes(self, header):
        assert reason(b"Content-Type: multipart/mixed; boundary=x\n" + header + b"\n\nhi") == (
            "too_large"
        )

    @pytest.mark.parametrize("header", [b"From: " + b"(" * 50_000, b"From: <", b'To: "a" <b@[c'])
    def test_a_header_that_follows_no_grammar_is_read_as_it_is(self, header):
        text = mail.letter(header + b"\n\nhi", "a", EMAIL)[1]
        assert text == f"{header.decode()}\nMessage: hi"


class TestMemory:
    def test_a_long_mbox_is_read_message_by_message(self, tmp_path, ledger):
        message = f"{START}{HEAD}\n" + ("x" * 900 + "\n") * 100 + "\n"
        put(tmp_path, message * 560, "a.mbox")
        assert (tmp_path / "c/a.mbox").stat().st_size > 50_000_000
        assert self.peak(tmp_path, ledger) < 5_000_000
        assert len(ledger.quarantined) == 0

    def test_a_message_beyond_the_limit_is_passed_over_unheld(self, tmp_path, ledger, monkeypatch):
        monkeypatch.setattr(channels.raw, "MAX_RAW_BYTES", 100_000)
        small = f"{START}{HEAD}\nhi\n\n"
        put(tmp_path, small + f"{START}{HEAD}\n" + "a" * 50_000_000 + f"\n\n{small}", "a.mbox")
        put(tmp_path, HEAD + "\n" + "a" * 50_000_000, "b.eml")
        assert self.peak(tmp_path, ledger) < 3_000_000
        assert reasons(ledger) == [
            ("", "too_large", "a.mbox:message 2"),
            ("", "too_large", "b.eml"),
        ]

    def peak(self, folder: Path, ledger: Ledger) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in channels.read(folder, "c", EMAIL, ledger)) > 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
