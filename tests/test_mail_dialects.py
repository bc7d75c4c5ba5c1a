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

    def test_marks_and_lines_before_a_message_are_no_part_of_it(self):
        one = f"From zeb@mail.example {DATE}\n>From zeb remote from uucp\n{HEADER}\nhi\n\n"
        assert parted("\ufeff\n" + one * 2) == ["hi"] * 2
        assert letter("\ufeff\n" + HEAD + "\nhi") == "hi"

    @pytest.mark.parametrize(
        "name", ["Inbox", "INBOX.mbox/mbox", "archive.txt", "a.mbx", "cur/17.M1P2.host:2,S"]
    )
    def test_a_mailbox_may_have_any_name(self, tmp_path, name):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"From zeb@mail.example {DATE}\n{HEADER}\nhi\n\n" * 2)
        assert len(list(mail.rows(path, "a", EMAIL))) == 2
        path.write_text(f"{HEADER}\nhi\n")
        if not name.endswith(".mbox/mbox"):
            assert len(list(mail.rows(path, "a", EMAIL))) == 1

    def test_apples_message_ends_where_its_first_line_says(self, tmp_path):
        message = HEAD + "\nhi\n"
        path = tmp_path / "7.emlx"
        path.write_text(f"{len(message)}      \n{message}<?xml version='1.0'?><plist/>")
        [(_, make)] = mail.rows(path, "a", EMAIL)
        assert make()[1].endswith("Message: hi")

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
            ("utf-32", "utf-32", "Où"),
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
        "meta",
        [
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
            "<meta charset=windows-1251>",
        ],
    )
    def test_html_names_its_charset_where_the_header_does_not(self, meta):
        head = (HEAD + "Content-Type: text/html\n\n").encode()
        assert letter(head + f"{meta}<p>Где</p>".encode("cp1251")) == "Где"
        assert letter(head + f"{meta}<p>Où</p>".encode()) == "Où"

    @pytest.mark.parametrize(
        ("encoding", "content", "expected"),
        [
            ("quoted-printable", "a very =  \nlong line", "a very long line"),
            ("quoted-printable", "caf=c3=\n=a9", "café"),
            ("quoted-printable", "size=ZZ", "size=ZZ"),
            ("base64", "Y2Fmw6k", "café"),
            ("base64", "Y 2 F m w 6 k =", "café"),
            ("base64", "Y2Fm\n\nw6k=\n", "café"),
            ("base64", "Y2Fmw6k=\n_____\na list\n", "café\n  a list"),
            ("base64", "Where is my lamp?", "Where is my lamp?"),
        ],
    )
    def test_a_transfer_encoding_holds_as_far_as_it_goes(self, encoding, content, expected):
        head = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n"
        assert letter(f"{HEAD}{head}\n{content}\n") == expected

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
            "-",
            "[cid:image001.png@01D]",
            "text",
            "\u200b\u00a0",
        ],
    )
    def test_a_placeholder_gives_way_to_what_it_stands_for(self, placeholder):
        html = "<p>My lamp is broken.<br>Please refund order 7.</p>"
        expected = "My lamp is broken.\n  Please refund order 7."
        assert letter(alternative(placeholder, html)) == expected

    @pytest.mark.parametrize("kind", ["plain/text", "text/markdown", "text/enriched"])
    def test_other_texts_are_read_where_there_is_no_better(self, kind):
        written = f"Content-Type: {kind}\n\nWhere is it?\n"
        assert letter(HEAD + written) == "Where is it?"
        rich = "Content-Type: text/html\n\n<p>Where is <b>it</b>?</p>"
        both = mixed(written, rich).replace("multipart/mixed", "multipart/alternative")
        assert letter(both) == "Where is it?"

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
            "Eva Cole/Shop/ACME wrote on 03/03/2025 10:00:00 AM:",
            "Eva Cole <e@mail.example> writes:",
            "Op 3 mrt. 2025, om 10:00 heeft Eva <e@mail.example> het volgende geschreven:",
            "Eva <e@mail.example> escreveu (segunda, 3/03/2025 à(s) 10:00):",
            "Eva <e@mail.example> ezt írta (időpont: 2025. márc. 3., H, 10:00):",
            "W dniu 3.03.2025 o 10:00, Eva Cole pisze:",
            "03.03.2025 10:00, Eva Cole пишет:",
            "在 2025/3/3 10:00, Eva Cole 写道:",
            "Eva <e@mail.example>, 3 Mar 2025 Pzt, 10:00 tarihinde şunu yazdı:",
            "pon, 3. ožu 2025. u 10:00 Eva <e@mail.example> napisao je:",
            "V V pon., 3. mar. 2025 ob 10:00 je oseba Eva <e@mail.example> napisala:",
            "2025-03-03, pr, 10:00 Eva <e@mail.example> rašė:",
            "ในวันที่ จ. 3 มี.ค. 2025 เวลา 10:00 Eva <e@mail.example> เขียนว่า:",
            "सोम, 3 मार्च 2025 को 10:00 बजे को Eva <e@mail.example> ने लिखा:",
            "در تاریخ دوشنبه ۳ مارس ۲۰۲۵ ۱۰:۰۰ Eva <e@mail.example> نوشت:",
            "Gesendet: Montag, 3. März 2025 um 10:00\nVon: Eva <e@x>\nAn: Bo\nBetreff: x",
            "De: Eva\nEnviat el: dilluns\nPer a: Bo\nTema: x",
            "Šalje: Eva\nPoslano: 3. ožujka\nPrima: Bo\nPredmet: x",
            "Od: Eva\nPoslano: 3. marec\nZa: Bo\nZadeva: x",
            "No: Eva\nNosūtīts: 3. marts\nKam: Bo\nTēma: x",
            "Dari: Eva\nDikirim: 3 Maret\nKepada: Bo\nPerihal: x",
            "من: Eva\nتم الإرسال: 3\nإلى: Bo\nالموضوع: x",
            "##- Please type your reply above this line -##",
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
            "Hallo,\nAm 3. Mai um 10:00 schrieb ich Ihnen:\nbitte um Antwort.",
            "Hello,\nOn Monday I called and the agent wrote:\nno refund.",
            "Eine Anfrage\n\nVon: Zeb <z@mail.example>\nDatum: 3.3.2025\nNachricht: Kaputt.",
        ],
    )
    def test_a_form_sent_by_mail_is_the_message(self, text):
        assert quotes.parts(text).message == "\n".join(line for line in text.split("\n") if line)


@pytest.mark.parametrize(
    "history",
    [
        '<div class="gmail_quote"><div class="gmail_attr">Xyz 3 Qqq zz Eva<br></div>old</div>',
        '<div class="moz-cite-prefix">Xyz 10:00 zz Eva<br></div><blockquote>old</blockquote>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Xyz:</b> Eva</div><p>old</p>',
        '<div class="yahoo_quoted" id="yahoo_quoted_1"><div>Xyz Eva</div>old</div>',
        '<div name="quote"><b>Xyz:</b> Eva<br>old</div>',
    ],
)
def test_history_in_html_is_told_by_its_marks_in_any_language(history):
    head = f"{HEAD}Content-Type: text/html; charset=utf-8\n\n"
    assert letter(f"{head}<div>Thanks</div>{history}") == "Thanks"


def test_lines_of_a_letter_are_kept_and_open_no_entry(monkeypatch):
    text = letter(f"{HEAD}\nDear all,\n\n- a lamp\n- a shade\nSubject: refund\n\u2028Agent: done")
    assert text == "Dear all,\n  - a lamp\n  - a shade\n  Subject: refund\n  Agent: done"
    monkeypatch.setattr(raw, "MAX_TEXT_BYTES", 10)
    assert reason(f"{HEAD}\nDear all, hello".encode()) == "too_large"
