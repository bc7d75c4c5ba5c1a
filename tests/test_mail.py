"""E-mail is read by params alone; what is hostile, broken or huge costs its own row, no more."""

import gzip
import lzma
import tracemalloc
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arf import channels
from arf.channels import mail, markup, quotes
from arf.errors import InputError
from arf.ledger import Ledger
from arf.params import Email

EMAIL = Email(
    format="email",
    fields={"From": "from", "To": "to", "Subject": "subject"},
    sizes={"test": 1, "dev": 1, "audit": 1},
    train=10,
)
KEEP = EMAIL.model_copy(update={"quoted": "keep"})


def mail_id(message_id: str) -> str:
    return f"c-{blake2b(message_id.encode(), digest_size=8).hexdigest()}"


HEAD = "From: Eva Cole <eva@mail.example>\nTo: help@shop.example\nSubject: My parcel\n"
SHOWN = "From: Eva Cole <eva@mail.example>\nTo: help@shop.example\nSubject: My parcel\n"
START = "From eva@mail.example Tue Mar  3 10:11:00 2026\n"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger("anonymize", "c", 1.0)


def put(folder: Path, content: str | bytes, name: str = "a.eml") -> Path:
    path = folder / "c" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder


def read(folder: Path, ledger: Ledger, channel: Email = EMAIL) -> list[dict]:
    return list(channels.read(folder, "c", channel, ledger))


def reasons(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(row["id"], row["reason"], Path(row["where"]).name) for row in ledger.quarantined]


def body(content: str | bytes, head: str = "") -> str:
    """The lines after the header fields of one message."""
    content = content if isinstance(content, bytes) else content.encode("utf-8")
    text = mail.letter((HEAD + head + "\n").encode() + content, "a", KEEP)[1]
    return text.removeprefix(SHOWN)


def reason(content: bytes) -> str:
    with pytest.raises(channels.raw.UnusableRowError) as error:
        mail.letter(content, "a", EMAIL)
    return error.value.reason


class TestFiles:
    def test_a_message_is_its_fields_and_its_body_a_line_each(self, tmp_path, ledger):
        message = HEAD + "Message-ID: <7.a@mail.example>\n\nIt never\ncame.\n\nWhere is it?\n"
        assert read(put(tmp_path, message), ledger) == [
            {
                "id": mail_id("7.a@mail.example"),
                "channel": "c",
                "text": SHOWN + "Message: It never came. Where is it?",
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
        assert [row["text"].partition("Message: ")[2] for row in rows] == [
            "I write again. From the shop I heard nothing. From here on I wait. From me",
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
            ("a.msg", b"x", "a.msg: neither .eml nor .mbox; rename it or move it elsewhere"),
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


class TestBody:
    def test_of_two_alternatives_the_plain_one_is_read(self):
        message = EmailMessage()
        message.set_content("plain")
        message.add_alternative("<p>rich</p>", subtype="html")
        assert mail.letter(message.as_bytes(), "a", EMAIL)[1] == "Message: plain"

    def test_html_alone_becomes_text(self):
        html = """<html><head><title>no</title><style>p {}</style></head><body><!-- no -->
            <p>It <b>never</b>
            came &amp; I wait.</p><table><tr><td>Order</td><td>7</td></tr></table>
            <div>Bye<br>Eva</div><script>no()</script></body></html>"""
        assert body(html, "Content-Type: text/html\n") == (
            "Message: It never came & I wait. Order 7 Bye Eva"
        )

    def test_what_html_shows_to_one_program_only_is_read_as_others_show_it(self):
        html = "<!--[if mso]><p>no</p><![endif]--><!--[if !mso]><!--><p>yes</p><!--<![endif]-->"
        assert markup.text(f"{html}<![if !vml]>and<![endif]> 1 < 2<!-- no") == "yes\nand 1 < 2"

    def test_html_is_read_where_the_plain_part_is_blank(self):
        message = EmailMessage()
        message.set_content(" \n")
        message.add_alternative("<p>rich</p>", subtype="html")
        assert mail.letter(message.as_bytes(), "a", EMAIL)[1] == "Message: rich"

    def test_attachments_are_dropped_and_all_text_between_them_is_read(self):
        message = EmailMessage()
        message.set_content("Look:")
        message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
        message.add_attachment("secret", filename="notes.txt")
        message.add_attachment("<p>secret</p>", subtype="html", disposition="inline", filename="b")
        message.add_attachment("Broken.", disposition="inline")
        forwarded = EmailMessage()
        forwarded.set_content("secret")
        message.add_attachment(forwarded)
        assert mail.letter(message.as_bytes(), "a", EMAIL)[1] == "Message: Look: Broken."

    @pytest.mark.parametrize(
        ("charset", "encoding"),
        [
            ("iso-8859-1", "cp1252"),
            ("windows-1252", "cp1252"),
            ("utf-8", "utf-8"),
            ("utf-16", "utf-16"),
            ("x-unknown", "utf-8"),
            ("us-ascii", "utf-8"),
            ("punycode", "utf-8"),
            ("", "utf-8"),
        ],
    )
    def test_a_body_is_decoded_by_its_charset_or_as_utf8(self, charset, encoding):
        head = f"Content-Type: text/plain; charset={charset}\n" if charset else ""
        assert body("Ça coûte 5 €".encode(encoding), head) == "Message: Ça coûte 5 €"

    def test_header_fields_are_decoded_and_joined(self):
        head = "From: =?iso-8859-1?Q?Zo=EB?= Roy <zoe@mail.example>\nSubject: café\n reçu\n"
        message = head + "To: a@b.example\nTo: c@d.example\n\nhi"
        assert mail.letter(message.encode(), "a", EMAIL)[1].splitlines()[:3] == [
            "From: Zoë Roy <zoe@mail.example>",
            "To: a@b.example; c@d.example",
            "Subject: café reçu",
        ]


ATTRIBUTIONS = [
    "On Tue, Mar 3, 2026 at 10:11 AM Eva Cole <eva@mail.example> wrote:",
    "On Tue, Mar 3, 2026 at 10:11 AM Eva Cole\n<eva@mail.example>\nwrote:",
    "On 3/3/26 10:11, Eva Cole wrote:",
    "Am Di., 3. März 2026 um 10:11 Uhr schrieb Eva Cole <\neva@mail.example>:",
    "Am 03.03.26 um 10:11 schrieb Eva Cole:",
    "Eva Cole <eva@mail.example> schrieb am Di., 3. März 2026, 10:11:",
    "Le mar. 3 mars 2026 à 10:11, Eva Cole <eva@mail.example> a écrit :",
    "El mar, 3 mar 2026 a las 10:11, Eva Cole (<eva@mail.example>) escribió:",
    "Il giorno mar 3 mar 2026 alle ore 10:11 Eva Cole <eva@mail.example> ha scritto:",
    "Em ter., 3 de mar. de 2026 às 10:11, Eva Cole <eva@mail.example> escreveu:",
    "Op di 3 mrt 2026 om 10:11 schreef Eva Cole <eva@mail.example>:",
    "Den tis 3 mars 2026 kl 10:11 skrev Eva Cole <eva@mail.example>:",
    "wt., 3 mar 2026 o 10:11 Eva Cole <eva@mail.example> napisał(a):",
    "2026年3月3日(火) 10:11 Eva Cole <eva@mail.example>:",
]
OPENERS = [
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
    "________________\nFrom: Shop <help@shop.example>\nSent: Monday, 2 March 2026 09:00\n"
    "To: Eva Cole\nSubject: RE: parcel\n",
    "*From:* Shop\n*Sent:* Monday\n*To:* Eva Cole\n*Subject:* RE: parcel",
    "Von: Shop\nGesendet: Montag, 2. März 2026 09:00\nAn: Eva Cole\nBetreff: AW: Paket",
    "De : Shop\nEnvoyé : lundi 2 mars 2026 09:00\nÀ : Eva Cole\nObjet : RE: colis",
    "De: Shop\nEnviado el: lunes, 2 de marzo de 2026 9:00\nPara: Eva\nAsunto: RE: paquete",
    "Da: Shop\nInviato: lunedì 2 marzo 2026 09:00\nA: Eva Cole\nOggetto: R: pacco",
]


class TestHistory:
    @pytest.mark.parametrize("opener", ATTRIBUTIONS)
    def test_quoted_lines_are_history_and_the_answers_between_them_are_not(self, opener):
        text = f"I called at 10:30.\n{opener}\n\n> Did it come?\nNo.\n>> Really?\nReally."
        found = quotes.parts(text)
        assert found.message == "I called at 10:30. No. Really."
        assert found.quoted.endswith("Did it come? Really?")

    @pytest.mark.parametrize("opener", [*ATTRIBUTIONS, *OPENERS])
    def test_all_that_follows_a_programs_opening_is_history(self, opener):
        found = quotes.parts(f"It never came.\n\n{opener}\n\nDid it come?\n-- \nShop")
        assert found.message == "It never came."
        assert found.signature == ""
        assert found.quoted.endswith("Did it come? -- Shop")

    def test_a_blockquote_is_history(self):
        html = (
            "<div>No.</div><div>On 3/3/26 10:11, Shop wrote:<br></div>"
            "<blockquote><p>Did it come?<br>Eva?</p></blockquote><pre>Never\n&gt; ever\n</pre>"
        )
        assert body(html, "Content-Type: text/html\n") == (
            "Message: No. Never\nQuoted: On 3/3/26 10:11, Shop wrote: Did it come? Eva? ever"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "On 3 March 2026 your colleague wrote:\nnothing at all",
            "From: Madrid\nTo: Rome\nDate: 3 May",
            "On your site it says: 10:30",
            "I paid at 10:11:\nthen you wrote: no",
            "Sent from my bank yesterday, the money is with you",
            "--verbose",
        ],
    )
    def test_what_only_looks_like_it_is_the_message(self, text):
        assert quotes.parts(text) == (" ".join(text.split()), "", "")

    def test_params_say_what_is_kept(self):
        message = (HEAD + "\nNo.\n-- \nEva\n\n> Did it come?\n").encode()
        shown = {}
        for quoted in ("keep", "drop"):
            for signature in ("keep", "drop"):
                channel = EMAIL.model_copy(update={"quoted": quoted, "signature": signature})
                text = mail.letter(message, "a", channel)[1]
                shown[quoted, signature] = text.removeprefix(SHOWN).splitlines()
        assert shown == {
            ("keep", "keep"): ["Message: No.", "Signature: Eva", "Quoted: Did it come?"],
            ("keep", "drop"): ["Message: No.", "Quoted: Did it come?"],
            ("drop", "keep"): ["Message: No.", "Signature: Eva"],
            ("drop", "drop"): ["Message: No."],
        }

    def test_a_message_of_nothing_but_history_says_nothing_unless_it_is_kept(self):
        message = (HEAD + "\n---------- Forwarded message ---------\nDid it come?").encode()
        assert reason(message) == "empty_text"
        assert mail.letter(message, "a", KEEP)[1].endswith("- Did it come?")


class TestSignature:
    @pytest.mark.parametrize("mark", ["-- ", "--"])
    def test_it_follows_two_dashes_and_its_lines_are_joined_by_commas(self, mark):
        found = quotes.parts(f"It never came.\n{mark}\nEva Cole\n\n 1 High Street\n=====\n")
        assert found == ("It never came.", "Eva Cole, 1 High Street", "")

    @pytest.mark.parametrize(
        "line",
        [
            "Sent from my iPhone",
            "Sent from Mail for Windows",
            "Sent from Yahoo Mail on Android",
            "Get Outlook for iOS",
            "Von meinem iPhone gesendet",
            "Gesendet mit der GMX Mail App",
            "Envoyé de mon iPhone",
            "Enviado desde mi iPhone",
            "Inviato da iPhone",
            "Enviado do meu iPhone",
            "Verstuurd vanaf mijn iPhone",
            "Skickat från min iPhone",
        ],
    )
    def test_a_devices_line_is_one(self, line):
        assert quotes.parts(f"It never came.\n\n{line}\n") == ("It never came.", line, "")


class TestFaults:
    def test_a_faulty_message_is_quarantined_and_the_others_go_on(self, tmp_path, ledger):
        messages = [
            HEAD + "\nfirst",
            "no header at all",
            HEAD + "Message-ID: <2@b.example>\n",
            HEAD + "Message-ID: <3@b.example>\nSubject: a\udcff\n\nhi",
            HEAD + "Message-ID: <4@b.example>\n\na\udcff",
            HEAD + "Message-ID: <5@b.example>\n\n" + "x" * 2_000_000,
            HEAD + "Message-ID: <6@b.example>\nContent-Type: multipart/mixed\n\n--x\n\nhi",
            HEAD + "\nlast",
        ]
        mbox = "".join(f"{START}{message}\n\n" for message in messages)
        rows = read(put(tmp_path, mbox.encode("utf-8", "surrogateescape"), "a.mbox"), ledger)
        assert [row["id"] for row in rows] == ["c-a-1", "c-a-8"]
        assert reasons(ledger) == [
            ("", "broken_email", "a.mbox:message 2"),
            (mail_id("2@b.example"), "empty_text", "a.mbox:message 3"),
            (mail_id("3@b.example"), "broken_unicode", "a.mbox:message 4"),
            (mail_id("4@b.example"), "broken_unicode", "a.mbox:message 5"),
            (mail_id("5@b.example"), "too_large", "a.mbox:message 6"),
            (mail_id("6@b.example"), "broken_email", "a.mbox:message 7"),
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
    def test_a_header_that_the_standard_library_cannot_parse(self, header):
        assert reason(header + b"\n\nhi") == "broken_email"

    @pytest.mark.parametrize(
        "fault", ["<a ", "<!--", "<!", "<![", "</", "<a x='", "<a b=c ", "<", "&#", "<pre>a"]
    )
    def test_faulty_html_is_read_in_a_time_that_grows_with_its_length(self, fault):
        assert "end" in markup.text(fault * 100_000 + "--><p>end</p>")

    @given(st.binary(max_size=300), st.sampled_from(["", "Content-Type: text/html\n"]))
    def test_no_bytes_can_open_a_line_of_their_own_or_stop_the_stage(self, content, head):
        try:
            lines = body(b"a " + content, head).splitlines()
        except channels.raw.UnusableRowError as error:
            assert error.reason in ("broken_unicode", "broken_email", "empty_text")
        else:
            assert {line.partition(":")[0] for line in lines} <= {"Message", "Signature", "Quoted"}


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
