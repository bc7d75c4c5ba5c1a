"""Of a message's text: body, history and signature are told apart, and HTML becomes text."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import EMAIL, HEAD, reason

from distill.channels import html_text, mail, quotes
from distill.channels.raw import UnusableRowError

KEEP = EMAIL.model_copy(update={"quoted": "keep"})


def body(content: str | bytes, head: str = "") -> str:
    """The lines after the header fields of one message."""
    content = content if isinstance(content, bytes) else content.encode("utf-8")
    return mail.letter((HEAD + head + "\n").encode() + content, "a", KEEP)[1].removeprefix(HEAD)


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
            "Message: It never came & I wait.\n  Order 7\n  Bye\n  Eva"
        )

    def test_what_html_shows_to_one_program_only_is_read_as_others_show_it(self):
        html = "<!--[if mso]><p>no</p><![endif]--><!--[if !mso]><!--><p>yes</p><!--<![endif]-->"
        assert html_text.text(f"{html}<![if !vml]>and<![endif]> 1 < 2<!-- no") == "yes\nand 1 < 2"

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
        message.add_attachment("<p>A lamp.</p>", subtype="html", disposition="inline", filename="b")
        message.add_attachment("Broken.", disposition="inline")
        forwarded = EmailMessage()
        forwarded.set_content("secret")
        message.add_attachment(forwarded)
        assert mail.letter(message.as_bytes(), "a", EMAIL)[1] == (
            "Message: Look:\n  A lamp.\n  Broken."
        )

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

    def test_html_that_no_program_shows_is_not_read(self):
        html = '<p style="Display : none">no <b>no<br></b></p><template>no</template><p>yes</p>'
        assert html_text.text(html) == "yes"

    @pytest.mark.parametrize("tag", ["div", "blockquote", "table><tr><td", "ul><li", "b"])
    def test_text_is_read_however_deep_it_is_nested(self, tag):
        assert "end" in html_text.text(f"<{tag}>" * 50_000 + "end")

    @pytest.mark.parametrize(
        "fault", ["<a ", "<!--", "<!", "<![", "</", "<a x='", "<a b=c ", "<", "&#", "<pre>a"]
    )
    def test_faulty_html_is_read_in_a_time_that_grows_with_its_length(self, fault):
        assert "end" in html_text.text(fault * 100_000 + "--><p>end</p>")

    @given(st.binary(max_size=300), st.sampled_from(["", "Content-Type: text/html\n"]))
    def test_no_bytes_can_open_a_line_of_their_own_or_stop_the_stage(self, content, head):
        try:
            lines = body(b"a " + content, head).splitlines()
        except UnusableRowError as error:
            assert error.reason in ("broken_unicode", "broken_email", "empty_text")
        else:
            labels = {line.partition(":")[0] for line in lines if not line.startswith("  ")}
            assert labels <= {"Message", "Signature", "Quoted"}


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
    "Eva Cole <eva@mail.example> 于2026年3月3日周二 上午10:11写道：",
    "ti 3. maalisk. 2026 klo 10.11 Eva Cole (eva@mail.example) kirjoitti:",
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
    "De\u00a0: Shop\nEnvoyé\u00a0: lundi 2 mars 2026\nÀ\u00a0: Eva Cole\nObjet\u00a0: RE: colis",
    "\u202bמאת: Shop\nנשלח: יום שני\nאל: Eva Cole\nנושא: חבילה",
    "差出人: Shop\n送信日時: 2026年3月2日 9:00\n宛先: Eva Cole\n件名: RE: parcel",
    "发件人: Shop\n发送时间: 2026年3月2日 9:00\n收件人: Eva Cole\n主题: RE: parcel",
    "Kimden: Shop\nGönderilme: 2 Mart 2026\nKime: Eva Cole\nKonu: RE: parcel",
    "Od: Shop\nOdesláno: pondělí 2. března\nKomu: Eva Cole\nPředmět: RE: parcel",
    "From: Shop <help@shop.example>\nSent: Monday, 2 March 2026 09:00\nTo: Eva Cole",
    "---- On Mon, 02 Mar 2026 09:00:00 +0100 help@shop.example wrote ----",
]


class TestHistory:
    @pytest.mark.parametrize("opener", ATTRIBUTIONS)
    def test_quoted_lines_are_history_and_the_answers_between_them_are_not(self, opener):
        text = f"I called at 10:30.\n{opener}\n\n> Did it come?\nNo.\n>> Really?\nReally."
        found = quotes.parts(text)
        assert found.message == "I called at 10:30.\nNo.\nReally."
        assert found.quoted.endswith("Did it come?\nReally?")

    @pytest.mark.parametrize("opener", [*ATTRIBUTIONS, *OPENERS])
    def test_all_that_follows_a_programs_opening_is_history(self, opener):
        found = quotes.parts(f"It never came.\n\n{opener}\n\nDid it come?\n-- \nShop")
        assert found.message == "It never came."
        assert found.signature == ""
        assert found.quoted.endswith("Did it come?\n--\nShop")

    def test_a_blockquote_is_history(self):
        html = (
            "<div>No.</div><div>On 3/3/26 10:11, Shop wrote:<br></div>"
            "<blockquote><p>Did it come?<br>Eva?</p></blockquote><pre>Never\n&gt; ever\n</pre>"
        )
        assert body(html, "Content-Type: text/html\n") == (
            "Message: No.\n  Never\n"
            "Quoted: On 3/3/26 10:11, Shop wrote:\n  Did it come?\n  Eva?\n  ever"
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
            "A new request\nFrom: Eva Cole\nDate: 2026-03-03\nSubject: lamp\nIt is broken.",
            "From: Eva <eva@mail.example>\nDate: 3 May\nTo: us\nSubject: lamp\nIt is broken.",
            "I ordered at 10:30 from <shop@mail.example>, and they said:\nno lamp today.",
            "In 2026, at 10:30, I wrote to <shop@mail.example>, to say:\nno lamp came.",
        ],
    )
    def test_what_only_looks_like_it_is_the_message(self, text):
        assert quotes.parts(text) == (text, "", "")

    def test_a_body_of_blank_lines_takes_no_time(self):
        assert quotes.parts("\n" * 100_000 + "end") == ("end", "", "")

    def test_params_say_what_is_kept(self):
        message = (HEAD + "\nNo.\n-- \nEva\n\n> Did it come?\n").encode()
        shown = {}
        for quoted in ("keep", "drop"):
            for signature in ("keep", "drop"):
                channel = EMAIL.model_copy(update={"quoted": quoted, "signature": signature})
                text = mail.letter(message, "a", channel)[1]
                shown[quoted, signature] = text.removeprefix(HEAD).splitlines()
        assert shown == {
            ("keep", "keep"): ["Message: No.", "Signature: Eva", "Quoted: Did it come?"],
            ("keep", "drop"): ["Message: No.", "Quoted: Did it come?"],
            ("drop", "keep"): ["Message: No.", "Signature: Eva"],
            ("drop", "drop"): ["Message: No."],
        }

    def test_a_message_of_nothing_but_history_says_nothing_unless_it_is_kept(self):
        message = (HEAD + "\n---------- Forwarded message ---------\nDid it come?").encode()
        assert reason(message) == "empty_text"
        assert mail.letter(message, "a", KEEP)[1].endswith("-\n  Did it come?")


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
