"""Markup and escapes in any channel: breaks become lines, values read as their reader sees them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill import channels
from distill.channels.settings import Xml
from distill.channels.text import entry, shown
from distill.ledger import Ledger
from distill.offline import corpus

FORM = Xml(
    format="xml",
    record="form",
    id="@id",
    fields={"Topic": "topic", "Name": "name", "Source": "name/@from", "Message": "message"},
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<p>Tel<br>+44&nbsp;7700&nbsp;900123</p>", "Tel\n+44 7700 900123"),
        ("write to quackz&#64;mail&#46;example", "write to quackz@mail.example"),
        ("quackz&#x40;mail.example", "quackz@mail.example"),
        ("quackz&amp;#64;mail.example", "quackz@mail.example"),
        ("a &amp;amp;amp; b", "a & b"),
        ("quackz&commat;mail.example", "quackz@mail.example"),
        (
            "https://shop.example/unsub?e=quackz%40mail.example",
            "https://shop.example/unsub?e=quackz@mail.example",
        ),
        ("https://a.example/?e=eva%2540b.example", "https://a.example/?e=eva@b.example"),
        ("www.a.example/caf%C3%A9%20noir", "www.a.example/café noir"),
        ("mailto:eva%40b.example", "mailto:eva@b.example"),
        ("quackz=40mail.example", "quackz@mail.example"),
        ("caf=C3=A9", "café"),
        ("quackz@<wbr>mail.example", "quackz@mail.example"),
        ("Fr<b>ed</b>eric", "Frederic"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<table><tr><td>Order</td><td>7</td></tr><tr><td>x</td></tr></table>", "Order 7\nx"),
        ("one<br/>two<BR />three", "one\ntwo\nthree"),
        ("a\nb <b>c</b>\nd", "a\nb c\nd"),
        ("&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;", "one\ntwo"),
        ("<p>use &lt;b&gt; here</p>", "use <b> here"),
        ('<a href="https://a.example">here</a>', "here"),
        ("<p>a<script>no()</script></p>", "a"),
        ("<p>Hi<p>there<p><", "Hi\nthere\n<"),
        ("one</br>two", "one\ntwo"),
        ("<select><option>one</option><option>two</option></select>", "one\ntwo"),
        ("Eva <eva@b.example> said <b>no</b>", "Eva <eva@b.example> said no"),
        ("fÃ¼r den Flur ð\x9f\x98\x80", "für den Flur 😀"),
        ("Whereâ€™s my lamp", "Where’s my lamp"),
    ],
)
def test_a_text_is_read_as_it_is_shown(raw, expected):
    assert "\n".join(line.strip() for line in shown(raw).splitlines()) == expected


@pytest.mark.parametrize(
    "text",
    [
        "5 < 6 and 7 > 3",
        "a <b and c> d",
        "List<String> x; <script>alert(1)</script>",
        "Eva <eva@mail.example>",
        "50%25 of it, 20%40 more",
        "x=40, size=42, speed=40cm",
        "https://a.example/?a=1&copy=2&region=3",
        "https://a.example/caf%E9",
        "R&D; Q&A &c.",
        "<order number>",
        "für Ã¼ und €",
        "Ãlvaro",
    ],
)
def test_what_only_looks_like_markup_is_kept(text):
    assert shown(text) == text


@given(st.text(alphabet="<>&;#%=4 0aApbr/\n\"'x", max_size=60))
def test_any_text_is_read_and_opens_no_entry(text):
    lines = entry("Message", shown(text)).splitlines()
    assert all(line.startswith("  ") for line in lines[1:])


@pytest.mark.parametrize("unit", ["<a ", "&amp;", "%40", "a%40", "=40", "<b x='", "=C3", "<p", "&"])
def test_the_time_grows_with_the_length(unit):
    shown(unit * 100_000 + "<p>end</p>")


def test_the_corpus_of_the_default_holds_no_markup():
    for channel in ("botchat", "webform"):
        for made in corpus.interactions(channel, 7, 50):
            for text in _texts(made.raw):
                assert shown(text) == text


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [text for one in inner for text in _texts(one)]  # type: ignore[union-attr]


def forms(folder: Path, xml: str) -> tuple[list[tuple[str, str]], Ledger]:
    (folder / "c").mkdir()
    (folder / "c/a.xml").write_text(f"<forms>{xml}</forms>", encoding="utf-8")
    ledger = Ledger("anonymize", "c", 1.0)
    found = [(row["id"], row["input"]) for row in channels.read(folder, "c", FORM, ledger)]
    return found, ledger


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("My lamp<br/>is broken", "My lamp\n  is broken"),
        ("<p>one</p><p>two</p>", "one\n  two"),
        ("<first>Eva</first><last>Cole</last>", "Eva Cole"),
        ("<td>Order</td><td>7</td>", "Order 7"),
        ("Where <b>is</b> it", "Where is it"),
        ("Fr<b>ed</b>eric", "Frederic"),
        ("<![CDATA[<p>Tel<br>+44&nbsp;7700</p>]]>", "Tel\n  +44 7700"),
        ("&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;", "one\n  two"),
        ("eva&amp;#64;b.example", "eva@b.example"),
        ("Dear all,\n\n- a lamp\nBye", "Dear all,\n  - a lamp\n  Bye"),
        ("\n      wrapped by\n      a program\n    ", "wrapped by a program"),
        ("<deep><er>one</er></deep>tail", "one tail"),
    ],
)
def test_elements_within_a_field_glue_no_words(tmp_path, message, expected):
    found, _ = forms(tmp_path, f'<form id="1"><message>{message}</message></form>')
    assert found == [("c-1", f"Message: {expected}")]


class TestInnerRecords:
    def test_a_record_within_a_record_is_a_row_of_its_own(self, tmp_path):
        inner = '<form id="2"><message>two</message></form>'
        first = f'<form id="1"><message>one</message>{inner} tail</form>'
        found, ledger = forms(tmp_path, first + '<form id="3"><message>3</message></form>')
        assert found == [("c-2", "Message: two"), ("c-1", "Message: one"), ("c-3", "Message: 3")]
        assert ledger.in_rows == 3

    def test_its_text_is_no_part_of_the_outer_one(self, tmp_path):
        inner = '<form id="2"><message>two</message></form>'
        found, _ = forms(tmp_path, f'<form id="1"><message>a {inner} b</message></form>')
        assert found == [("c-2", "Message: two"), ("c-1", "Message: a\n  b")]

    def test_an_element_of_the_same_name_without_an_id_is_a_field(self, tmp_path):
        channel = FORM.model_copy(update={"record": "message"})
        (tmp_path / "c").mkdir()
        xml = '<x><message id="1"><message>hi</message></message></x>'
        (tmp_path / "c/a.xml").write_text(xml)
        found = list(channels.read(tmp_path, "c", channel, Ledger("anonymize", "c")))
        assert [row["input"] for row in found] == ["Message: hi"]


def test_a_chats_turns_are_read_so_too(tmp_path):
    (tmp_path / "c").mkdir()
    turns = [{"speaker": "customer", "text": "<p>one</p><p>eva&#64;b.example</p>"}]
    (tmp_path / "c/a.jsonl").write_text(json.dumps({"id": "1", "turns": turns}))
    channel = channels.settings.Turns(
        format="turns", id="id", turns="turns", role="speaker", text="text",
        roles={"customer": "Customer"},
    )  # fmt: skip
    [row] = channels.read(tmp_path, "c", channel, Ledger("anonymize", "c"))
    assert row["input"] == "Customer: one\n  eva@b.example"
