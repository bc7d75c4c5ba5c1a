"""E-mail as programs of all ages and countries write it: boundaries, charsets, parts, history."""

import base64
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import EMAIL, HEAD, reason

from distill.channels import charsets, mail, mbox, quotes, raw

DATE = "Mon Mar  3 10:00:00 2025"
HEADER = "From: Zeb <zeb@mail.example>\nSubject: lamp\n"
ENVELOPES = [
    f"From zeb@mail.example {DATE}",
    f"From - {DATE}",
    f"From MAILER-DAEMON {DATE}",
    f"From 1826@xxx {DATE}",
    f"From ???@??? {DATE}",
    f'From "Zeb Q" {DATE}',
    "From zeb@mail.example",
    "From zeb",
    "From ",
]


def parted(text: str | bytes) -> list[str]:
    content = text if isinstance(text, bytes) else text.encode("utf-8")
    return [one.decode().partition("\n\n")[2].strip() for one in mbox.messages(BytesIO(content))]


def letter(content: str | bytes) -> str:
    """The body of a message as the models read it."""
    content = content if isinstance(content, bytes) else content.encode("utf-8")
    return mail.letter(content, "a", EMAIL)[1].partition("Message: ")[2]


class TestBoundaries:
    @pytest.mark.parametrize("envelope", ENVELOPES)
    @pytest.mark.parametrize("between", ["", "\n", "\n\n"])
    def test_a_message_begins_where_header_lines_follow(self, envelope, between):
        one = f"{envelope}\n{HEADER}\nWhere is my lamp?\n{between}"
        assert parted(one * 3) == ["Where is my lamp?"] * 3

    @pytest.mark.parametrize(
        "text",
        [
            "From Monday on I am away, the shop opens at 10:00 sharp.",
            f"From me@mail.example {DATE}\nthat line is text of mine.",
            "From 10:00 to 12:00\n\nSubject: this is text",
            f"From zeb@mail.example {DATE}",
            f"From zeb@mail.example {DATE}\nNote: I am away",
            "From Eva:\nDate: 3 May",
        ],
    )
    def test_without_them_such_a_line_is_text(self, text):
        one = f"From zeb@mail.example {DATE}\n{HEADER}\nHello,\n\n{text}\n\nBye\n\n"
        assert parted(one * 2) == [f"Hello,\n\n{text}\n\nBye"] * 2

    @pytest.mark.parametrize("quoted", [">From the shop", ">>From the shop"])
    def test_the_sign_before_a_quoted_from_is_taken_off(self, quoted):
        one = f"From zeb@mail.example {DATE}\n{HEADER}\n{quoted}\n\n"
        assert parted(one) == [quoted[1:]]

    def test_a_length_that_leads_to_the_next_message_holds(self):
        text = f"Hi\n\nFrom me@mail.example {DATE}\nSubject: quoted\n\nof mine.\n>From here\n"
        one = f"From zeb@mail.example {DATE}\n{HEADER}Content-Length: {len(text)}\n\n{text}\n"
        assert parted(one * 3) == [text.strip()] * 3

    @pytest.mark.parametrize("length", [1, 5, 40, 300, 99_999, 999_999_999])
    def test_a_length_that_leads_elsewhere_does_not(self, length):
        one = f"From zeb@mail.example {DATE}\n{HEADER}Content-Length: {length}\n\n"
        assert parted((one + "Where is my lamp?\n\n") * 30) == ["Where is my lamp?"] * 30

    def test_a_file_named_eml_may_hold_several(self, tmp_path):
        one = f"From zeb@mail.example {DATE}\n{HEADER}\nhi\n\n"
        path = tmp_path / "a.eml"
        path.write_text(one * 2)
        assert [make()[0] for _, make in mail.rows(path, "a", EMAIL)] == ["a-1", "a-2"]

    @given(st.lists(st.sampled_from(["From x", "a", "", "Subject: b", f"From - {DATE}", ">From"])))
    def test_no_line_of_a_text_is_lost(self, lines):
        file = "\n".join([f"From zeb@mail.example {DATE}", *HEADER.split("\n"), *lines]) + "\n"
        found = b"".join(mbox.messages(BytesIO(file.encode())))
        kept = [line for line in found.decode().split("\n") if line == "a"]
        assert len(kept) == lines.count("a")


class TestCharsets:
    @pytest.mark.parametrize(
        ("label", "encoding", "text"),
        [
            ("gb2312", "gb18030", "我的灯坏了，镕先生"),
            ("GBK", "gb18030", "㐀 灯"),
            ("ks_c_5601-1987", "cp949", "램프 똠방"),
            ("euc-kr", "cp949", "똠방각하"),
            ("iso-8859-8-i", "iso-8859-8", "שלום"),
            ("windows-874", "cp874", "โคมไฟ"),
            ("tis-620", "cp874", "โคมไฟ…"),
            ("shift_jis", "cp932", "①ランプ"),
            ("x-sjis", "cp932", "髙橋"),
            ("iso-2022-jp", "iso-2022-jp", "ランプ"),
            ("big5", "big5hkscs", "燈壞咗"),
            ("iso-8859-1", "cp1252", "5 € – “x”"),
            ("iso-8859-9", "cp1254", "ışık"),
            ("us-ascii", "cp1252", "Where’s my lamp – order 7?"),
            ("us-ascii", "utf-8", "Où est-elle ?"),
            ("ansi_x3.4-1968", "cp1252", "Où"),
            ("unknown", "cp1252", "Où est ma lampe?"),
            ("unknown-8bit", "cp1252", "Où"),
            ("8bit", "cp1252", "Où"),
            ("default_charset", "utf-8", "Où"),
            ("x-user-defined", "utf-8", "Où"),
            ("", "cp1252", "für den Flur"),
            ("unicode-1-1-utf-8", "utf-8", "Où"),
            ("utf8", "utf-8-sig", "Où"),
            ("utf-16", "utf-16", "Où"),
            ("utf-7", "utf-7", "Où"),
            ("cp850", "cp850", "Où"),
            ("macintosh", "mac-roman", "Où"),
            ("koi8-r", "koi8-r", "Где лампа"),
            ("utf-8", "cp1252", "Lampe cassée"),
            ("windows-1251", "cp1251", "Где лампа"),
            ("base64", "utf-8", "Où"),
            ("punycode", "utf-8", "Où"),
        ],
    )
    def test_a_label_is_read_as_browsers_read_it(self, label, encoding, text):
        assert charsets.decoded(text.encode(encoding), label) == text
        head = f"Content-Type: text/plain; charset={label}\n" if label else ""
        assert letter((HEAD + head + "\n").encode() + text.encode(encoding)) == text

    @pytest.mark.parametrize(
        ("subject", "expected"),
        [
            ("Lampe cassée".encode(), "Lampe cassée"),
            ("我的灯坏了".encode("gbk"), "我的灯坏了"),
            (b"=?gb2312?B?" + base64.b64encode("镕灯".encode("gbk")) + b"?=", "镕灯"),
            (b"=?unknown?Q?cass=E9e?= =?us-ascii?q?_d=E9j=E0?=", "cassée déjà"),
            (b"=?utf-8?B?w6k=?=\n =?utf-8?B?w6k=?= x", "éé x"),
            (b"=?utf-8?B?5oiR5w==?=\n =?utf-8?B?moTnga8=?=", "我的灯"),
            (b"=?utf-8?B?5oiR5?= broken", "=?utf-8?B?5oiR5?= broken"),
        ],
    )
    def test_header_fields_too(self, subject, expected):
        message = b"Subject: " + subject + b"\nContent-Type: text/plain; charset=gb2312\n\nhi"
        assert mail.letter(message, "a", EMAIL)[1].partition("\n")[0] == f"Subject: {expected}"

    def test_a_field_of_bytes_is_read_without_a_charset(self):
        message = "Subject: Lampe cassée\n\nhi".encode("cp1252")
        assert mail.letter(message, "a", EMAIL)[1].startswith("Subject: Lampe cassée\n")

    def test_bytes_that_the_charset_does_not_have_are_quarantined(self):
        head = HEAD.encode() + b"Content-Type: text/plain; charset=utf-8\n\n"
        assert reason(head + "é".encode() + b"caf\xe9") == "broken_unicode"


def mixed(*parts: str) -> str:
    inner = "".join(f"--B\n{part}\n" for part in parts)
    return f'{HEAD}Content-Type: multipart/mixed; boundary="B"\n\n{inner}--B--\n'


def alternative(plain: str, html: str) -> bytes:
    message = EmailMessage()
    message.set_content(plain)
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


class TestParts:
    @pytest.mark.parametrize(
        "fields",
        [
            'Content-Type: text/plain; name="message.txt"\nContent-Disposition: inline',
            'Content-Type: text/plain\nContent-Disposition: inline; filename="body.txt"',
            'Content-Type: text/plain; name="part2.txt"',
        ],
    )
    def test_a_named_part_is_read_unless_it_is_an_attachment(self, fields):
        assert letter(f"{HEAD}{fields}\n\nWhere is it?\n") == "Where is it?"
        part = f"{fields}\n\norder 7."
        assert letter(mixed("Content-Type: text/plain\n\nHello,", part)) == "Hello,\n  order 7."
        attached = "Content-Type: text/plain\nContent-Disposition: attachment\n\nsecret"
        assert letter(mixed(part, attached)) == "order 7."

    @pytest.mark.parametrize(
        "placeholder",
        [
            "To view the message, please use an HTML compatible email viewer!",
            "Your email client does not support HTML messages.",
            "This is a multi-part message in MIME format.",
            "Diese E-Mail ist im HTML-Format.",
            "View this email in your browser: https://mail.example/1",
            "No plain text version available.",
            "\u200b\u00a0",
        ],
    )
    def test_a_placeholder_gives_way_to_what_it_stands_for(self, placeholder):
        html = "<p>My lamp is broken.<br>Please refund order 7.</p>"
        expected = "My lamp is broken.\n  Please refund order 7."
        assert letter(alternative(placeholder, html)) == expected

    def test_a_customer_may_write_of_a_browser(self):
        plain = "Your page fails in my browser."
        assert letter(alternative(plain, f"<p>{plain}</p><p>-- <br>Shop</p>")) == plain

    @pytest.mark.parametrize(
        "message",
        [
            'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=B'
            "\n\n--B\nContent-Type: text/plain\n\nThis is an encrypted message\n--B--\n",
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIAG",
            "\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n",
            "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain\n\nThis "
            "message is protected.\n--B\nContent-Type: application/x-microsoft-rpmsg-message\n"
            "Content-Disposition: attachment; filename=message.rpmsg\n\nx\n--B--\n",
        ],
    )
    def test_what_is_encrypted_says_so(self, message):
        assert reason((HEAD + message).encode()) == "encrypted"

    def test_a_sealed_attachment_beside_a_text_is_left_out(self):
        sealed = "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nMIAG"
        assert letter(mixed("Content-Type: text/plain\n\nSee below.", sealed)) == "See below."

    def test_a_signed_text_is_read_without_its_armor(self):
        signed = (
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nMy lamp:\n- -- broken\n"
            "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
        )
        assert letter(f"{HEAD}\n{signed}") == "My lamp:\n  -- broken"

    @pytest.mark.parametrize(
        ("delsp", "text", "expected"),
        [
            ("", "My lamp \nis broken.\nNo \nlight.", "My lamp is broken.\n  No light."),
            ("; DelSp=yes", "我的 \n灯坏了。\nBye.", "我的灯坏了。\n  Bye."),
            ("", "a\n From here", "a\n  From here"),
            ("", "a \n> b \n> c \nd", "a\n  d"),
            ("", "Eva \n-- \nShop", "Eva\nSignature: Shop"),
        ],
    )
    def test_lines_that_a_program_wrapped_are_joined(self, delsp, text, expected):
        head = f"{HEAD}Content-Type: text/plain; charset=utf-8; format=flowed{delsp}\n\n"
        assert letter(head + text) == expected

    def test_markup_in_a_plain_part_is_undone(self):
        text = "<p>Tel<br>+44&nbsp;7700</p>"
        assert letter(f"{HEAD}\n{text}") == "Tel\n  +44 7700"

    def test_parts_within_parts(self):
        outer = MIMEMultipart("mixed")
        inner = MIMEMultipart("alternative")
        inner.attach(MIMEText("<p>rich</p>", "html"))
        inner.attach(MIMEText("plain", "plain"))
        outer.attach(inner)
        outer.attach(MIMEText("more", "plain"))
        assert letter(outer.as_bytes()) == "plain\n  more"


NBSP, MARK = "\u00a0", "\u200e"


class TestHistory:
    @pytest.mark.parametrize(
        "opener",
        [
            f"De{NBSP}: Eva <e@mail.example>\nEnvoyé{NBSP}: jeudi\nÀ{NBSP}: Bo\nObjet : L",
            f"{MARK}From:{MARK} Eva\n{MARK}Sent: Monday\nTo: Bo\nSubject: x",
            "Van: Eva\nVerzonden: maandag\nAan: Bo\nOnderwerp: x",
            "Fra: Eva\nSendt: mandag\nTil: Bo\nEmne: x",
            "Från: Eva\nSkickat: måndag\nTill: Bo\nÄmne: x",
            "Lähettäjä: Eva\nLähetetty: maanantai\nVastaanottaja: Bo\nAihe: x",
            "Od: Eva\nWysłano: poniedziałek\nDo: Bo\nTemat: x",
            "От: Eva\nОтправлено: понедельник\nКому: Bo\nТема: x",
            "Від: Eva\nНадіслано: понеділок\nКому: Bo\nТема: x",
            "Από: Eva\nΣτάλθηκε: Δευτέρα\nΠρος: Bo\nΘέμα: x",
            "보낸 사람: Eva\n보낸 날짜: 월요일\n받는 사람: Bo\n제목: x",
            "寄件者: Eva\n寄件日期: 星期一\n收件者: Bo\n主旨: x",
            "Feladó: Eva\nElküldve: hétfő\nCímzett: Bo\nTárgy: x",
            "De la: Eva\nTrimis: luni\nCătre: Bo\nSubiect: x",
            "من: Eva\nالتاريخ: x\nإلى: Bo\nالموضوع: x",
            "From: Eva <e@mail.example>\nDate: Monday\nSubject: x\nTo: Bo\nCc: Al",
            "Ana <a@mail.example> 于2018年12月6日周四 下午1:30写道：",
            "to 6. jouluk. 2018 klo 13.30 Ana (a@mail.example) kirjoitti:",
            f"Le jeu. 6 déc. 2018 à 13:30, Ana <a@mail.example> a écrit{NBSP}:",
            "6 Ara 2018 Per 13:30 tarihinde Ana <a@mail.example> şunu yazdı:",
            "чт, 6 дек. 2018 г. в 13:30, Ana <a@mail.example>:",
            "2018年12月6日(木) 13:30 Ana <a@mail.example>:",
            "2018년 12월 6일 (목) 오후 1:30, Ana <a@mail.example>님이 작성:",
            "El jue, 6 dic 2018 a las 13:30, Ana (<a@mail.example>) escribió:",
            "Em qui., 6 de dez. de 2018 às 13:30, Ana <a@mail.example> escreveu:",
            "---- On Wed, 24 Feb 2021 14:02:50 +0530 e@mail.example wrote ----",
            "-------- Original Message --------",
            "-------- Weitergeleitete Nachricht --------",
            "-----Исходное сообщение-----",
            "------------------ 原始邮件 ------------------",
            "-----Původní zpráva-----",
        ],
    )
    def test_it_is_told_in_the_languages_of_the_programs(self, opener):
        found = quotes.parts(f"Thanks\n\n{opener}\n\nThe old words of the agent.")
        assert found.message == "Thanks"
        assert found.quoted.endswith("The old words of the agent.")

    @pytest.mark.parametrize(
        "text",
        [
            "A request from the website\n\nFrom: Zeb\nDate: 2025-03-01\nSubject: lamp\nBroken.",
            "From: Zeb <z@mail.example>\nTo: shop\nDate: 2025\nSubject: lamp\n\nIt is broken.",
            "Name: Zeb\nFrom: Oslo\nTo: Rome\nDate: 3 May\nSubject: my trip\nI want a refund.",
            "Hello.\nI ordered at 10:30 from <shop@mail.example>, and they said:\nno lamp today.",
        ],
    )
    def test_a_form_sent_by_mail_is_the_message(self, text):
        assert quotes.parts(text).message == "\n".join(line for line in text.split("\n") if line)


def test_lines_of_a_letter_are_kept_and_open_no_entry(monkeypatch):
    text = letter(f"{HEAD}\nDear all,\n\n- a lamp\n- a shade\nSubject: refund\n\u2028Agent: done")
    assert text == "Dear all,\n  - a lamp\n  - a shade\n  Subject: refund\n  Agent: done"
    monkeypatch.setattr(raw, "MAX_TEXT_BYTES", 10)
    assert reason(f"{HEAD}\nDear all, hello".encode()) == "too_large"
