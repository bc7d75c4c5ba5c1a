"""Text as its reader sees it: markup and escapes are undone, lines are kept.

in   "<p>Tel<br>+44&nbsp;7700</p>"     "https://shop.example/?e=eva%40mail.example"
out  "Tel\\n+44 7700"                   "https://shop.example/?e=eva@mail.example"
"""

import html
import re
from urllib.parse import unquote

from distill.channels import html_text

_BLOCK = (
    "address|article|aside|blockquote|body|br|caption|center|dd|div|dl|dt|fieldset|figcaption|figure"
    "|footer|form|h[1-6]|head|header|hr|html|legend|li|main|nav|ol|optgroup|option|p|pre|section"
    "|select|table|tbody|td|textarea|tfoot|th|thead|tr|ul"
)
_INLINE = (
    "a|abbr|acronym|b|big|bdi|bdo|cite|code|del|em|font|i|img|ins|kbd|label|mark|o:p|q|s|samp|small"
    "|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
INLINE_TAGS = frozenset(_INLINE.split("|"))
LINE_TAGS = frozenset((_BLOCK.replace("h[1-6]", "h1|h2|h3|h4|h5|h6")).split("|")) - {"td", "th"}
_ATTRIBUTES = r"""(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=]++))*+"""
_TAG = re.compile(rf"</?(?:{_BLOCK}|{_INLINE}){_ATTRIBUTES}\s*+/?>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})\b", re.IGNORECASE)
# The semicolon is required: "?a=1&copy=2" is a link, not a sign.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
_MANGLED = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u017e\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_ESCAPED_BYTES = re.compile(r"(?:%[\da-fA-F]{2})+")
_WORD = re.compile(r"[^\s<>\"]+")
_LINK = re.compile(r"://|^www\.|[\w.+-]%(?:25)*40\w")
# Quoted-printable that was never decoded: an address's "@", and letters beyond ASCII in UTF-8.
_QUOTED_AT = re.compile(r"(?<=[\w.+-])=40(?=[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2})")
_QUOTED_BYTES = re.compile(r"(?:=[C-F][\dA-F](?:=[89AB][\dA-F])+)+")
_CONTROLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TIMES = 3  # how often a text may have been escaped


def flat(text: str) -> str:
    """Return one line: each run of spaces, line ends and control characters becomes one space."""
    if text.isprintable():  # the space is the only blank of such a text
        return " ".join(text.split())
    return _CONTROLS.sub(" ", text).strip()


def entry(label: str, text: str) -> str:
    """Return the lines "label: ..." of a text; all but the first are indented by two spaces.

    So no text can open an entry of its own. Blank lines are left out.
    """
    return f"{label}: " + "\n  ".join(filter(None, map(flat, text.splitlines())))


def shown(text: str) -> str:
    """Return a text without HTML and escapes, also where it was escaped more than once.

    UTF-8 that was read in another charset, such as "fÃ¼r", is read as it was written.

    Tags are undone once: what an HTML document shows as "<b>" is the writer's own.
    """
    if not text.isascii() and _MANGLED.search(text):
        text = _unmangled(text)
    if "<" in text and _TAG.search(text):
        text = _without_tags(text)
    elif "&" in text:
        text = _decoded(text)
        if "<" in text and _TAG.search(text):
            text = _without_tags(text)
    for _ in range(_TIMES):
        before, text = text, _unescaped(text)
        if text == before:
            break
    return text


def _unmangled(text: str) -> str:
    """Return a text in UTF-8 that was read as windows-1252 or latin-1, as some exports write it."""
    for charset in ("cp1252", "latin-1"):
        try:
            return text.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _without_tags(text: str) -> str:
    return html_text.text(text, keep_lines=_BLOCK_TAG.search(text) is None)


def _decoded(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _unescaped(text: str) -> str:
    if "&" in text:
        text = _decoded(text)
    if "%" in text:
        text = _WORD.sub(_link, text)
    if "=" in text:
        text = _QUOTED_AT.sub("@", text)
        text = _QUOTED_BYTES.sub(lambda found: _bytes(found[0].replace("=", "%")) or found[0], text)
    return text


def _link(word: re.Match[str]) -> str:
    if "%" not in word[0] or not _LINK.search(word[0]):
        return word[0]
    return _ESCAPED_BYTES.sub(lambda found: _bytes(found[0]) or found[0], word[0])


def _bytes(escaped: str) -> str:
    """Return the characters of "%C3%A9", "" where they are no UTF-8."""
    try:
        made = unquote(escaped, errors="strict")
    except UnicodeDecodeError:
        return ""
    return "".join(character if character.isprintable() else " " for character in made)
