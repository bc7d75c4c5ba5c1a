"""HTML's names of characters in XML that declares none, and what stays an error."""

from html.entities import html5
from pathlib import Path

import pytest

from distill import channels
from distill.channels.settings import Xml
from distill.errors import InputError
from distill.ledger import Ledger

FORM = Xml(format="xml", record="form", id="@id", fields={"From": "@by", "Message": "message"})
BODY = (
    '<f><form id="1" by="Caf&eacute; &Ouml;st"><message>1&nbsp;&euro; &hearts;</message></form></f>'
)
READ = ["From: Café Öst\nMessage: 1 € ♥"]


def read(folder: Path, xml: str | bytes) -> list[str]:
    (folder / "c").mkdir()
    (folder / "c/forms.xml").write_bytes(xml if isinstance(xml, bytes) else xml.encode("utf-8"))
    ledger = Ledger("anonymize", "c", 1.0)
    return [row["input"] for row in channels.read(folder, "c", FORM, ledger)]


def form(message: str) -> str:
    return f'<f><form id="1"><message>{message}</message></form></f>'


@pytest.mark.parametrize(
    "xml",
    [
        BODY,
        f"\ufeff{BODY}",
        f'<?xml version="1.0"?>\n{BODY}',
        f'\ufeff<?xml version="1.0" encoding="utf-8"?>{BODY}',
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!-- export --><?go on?>\n{BODY}',
        f"<?xml version='1.0' encoding='iso-8859-1'?>{BODY}".encode("latin-1"),
        f'<?xml version="1.0" encoding="UTF-16"?>{BODY}'.encode("utf-16"),
        f'\ufeff<?xml version="1.0"?>{BODY}'.encode("utf-16-be"),
        f'<?xml version="1.0" encoding="utf-16"?>{BODY}'.encode(),
        f'<?xml version="1.0" encoding="utf-8"?>{BODY}'.encode("utf-16"),
        f'<?xml version="1.0" encoding="gb2312"?>{BODY}'.encode("gb18030"),
    ],
)
def test_names_are_read_in_texts_and_attributes_of_any_file(tmp_path, xml):
    assert read(tmp_path, xml) == READ


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("gb2312", "我的灯，镕"),
        ("big5", "我的燈"),
        ("shift_jis", "①ランプ"),
        ("euc-jp", "ランプ"),
        ("euc-kr", "램프"),
        ("koi8-r", "Где"),
        ("windows-1252", "5 €"),
        ("iso-8859-8-i", "שלום"),
    ],
)
def test_a_file_is_read_in_the_encoding_that_it_names(tmp_path, label, text):
    codec = {"gb2312": "gb18030", "shift_jis": "cp932", "iso-8859-8-i": "iso-8859-8"}
    xml = f'<?xml version="1.0" encoding="{label}"?>{form(text)}'
    assert read(tmp_path, xml.encode(codec.get(label, label))) == [f"Message: {text}"]


def test_names_are_read_without_their_namespaces(tmp_path):
    xml = '<s:f xmlns:s="urn:x"><s:form s:id="1" s:by="a"><s:message>hi</s:message></s:form></s:f>'
    assert read(tmp_path, xml) == ["From: a\nMessage: hi"]


def test_every_name_of_html_is_known_and_none_opens_an_element(tmp_path):
    names = [name for name in html5 if name.endswith(";")]
    [found] = read(tmp_path, form("|".join(f"x&{name}y" for name in names)))
    texts = found.removeprefix("Message: ").split("|")
    assert len(found) > len(names)
    assert texts[names.index("eacute;")] == "xéy"
    assert texts[names.index("NotEqualTilde;")] == "x≂̸y"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("R&amp;D", "R&D"),
        ("1 &LT; 2 &GT; 0 &AMP; so on", "1 < 2 > 0 & so on"),
        ("<![CDATA[Caf&eacute; & more]]>", "Café & more"),
        ("a<!-- &nope; -->b", "ab"),
        ("&#233;&#xe9;&eacute;", "ééé"),
    ],
)
def test_a_text_is_the_one_that_its_writer_meant(tmp_path, message, expected):
    assert read(tmp_path, form(message)) == [f"Message: {expected}"]


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (form("&nope;"), r":1: malformed XML at column 26 \(undefined entity\)"),
        (f"<?xml version='1.0'?>{form('&nope;')}", r":1: .* at column 47 \(undefined entity\)"),
        (f"<?xml version='1.0'?>\n{form('&nope;')}", r":2: .* at column 26 \(undefined entity\)"),
        ('<f a="&nope;"/>', r":1: malformed XML at column \d+ \(undefined entity\)"),
        (form("R&D"), r":1: malformed XML at column 29 \(not well-formed"),
        (form("caf&eacute au lait"), r":1: malformed XML at column \d+ \(not well-formed"),
        (form("&nbsp;\n <b>"), r":2: malformed XML at column 7 \(mismatched tag\)"),
        (f"\n<?xml version='1.0'?>{BODY}", r":2: malformed XML at column 1 "),
    ],
)
def test_what_is_broken_still_ends_with_its_line_and_column(tmp_path, xml, message):
    with pytest.raises(InputError, match=rf"forms.xml{message}"):
        read(tmp_path, xml)


@pytest.mark.parametrize("before", ["", "\ufeff", "<?xml version='1.0'?>\n<!-- <f> -->\n<?go on?>"])
@pytest.mark.parametrize(
    "kind",
    [
        '[<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]',
        '[<!ENTITY nbsp SYSTEM "file:///etc/passwd">]',
        'PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://localhost/x.dtd"',
    ],
)
def test_a_document_type_of_the_files_own_is_refused(tmp_path, before, kind):
    with pytest.raises(InputError, match=r"forms.xml: declares a document type or entities"):
        read(tmp_path, f"{before}<!DOCTYPE f {kind}>{BODY}")


def test_so_it_is_wherever_it_hides(tmp_path):
    long = f"<!--{'x' * 100_000}-->"
    with pytest.raises(InputError, match=r":1: malformed XML at column 100008 \(syntax error\)"):
        read(tmp_path, f'{long}<!DOCTYPE f [<!ENTITY a "ha">]><f>&a;</f>')
