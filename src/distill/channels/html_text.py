"""An HTML body as lines of text, by libxml2's parser; lines that it quotes begin with ">".

A quotation is a blockquote, or what a mail program marks as the history in a way of its own.

Its events are read as they come, so that nesting of any depth costs neither a tree nor a
recursion. Compared with BeautifulSoup and inscriptis on 32 hostile documents in
benchmarks/README.md, "HTML to text".
"""

import re
from collections.abc import Mapping

from lxml.etree import HTMLParser  # type: ignore[import-untyped]

_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|br|caption|center|dd|details|dir|div|dl|dt|fieldset"
    "|figcaption|figure|footer|form|h[1-6r]|header|legend|li|main|menu|nav|ol|option|p|pre|section"
    "|summary|table|textarea|tr|ul"
)
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"script", "style", "template", "title"})
_HISTORY = re.compile(  # classes, ids and names
    r"gmail_quote|gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote|zmail_extra|quote"
)
_REST = re.compile("divRplyFwdMsg|appendonsend")  # ids: all that follows is history
_BREAK = re.compile(r"</br\s*>", re.IGNORECASE)  # which browsers take for <br>
_NO_TAG = re.compile(r"<(?=[\w.+-]{1,64}@)")  # an address that nobody escaped
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def text(html: str, keep_lines: bool = False) -> str:
    """Return the visible lines that are not blank, joined by line ends.

    With `keep_lines` the line ends of the source are kept, as in a <pre>.
    """
    lines = _Lines(keep_lines)
    parser = HTMLParser(target=lines, huge_tree=True, encoding="utf-8")
    html = _NO_TAG.sub("&lt;", _BREAK.sub("<br>", html))
    parser.feed(f"<body>{html}".encode())
    parser.close()
    lines.end_line()
    return "\n".join(lines.done)


class _Lines:
    """Receives the parser's events."""

    def __init__(self, keep_lines: bool) -> None:
        self.done: list[str] = []
        self.line: list[str] = []
        self.depth = {"blockquote": 0, "pre": int(keep_lines)}
        self.marked: list[bool] = []  # for each open block, whether it is marked as history
        self.history = 0  # of these, and once all that follows is history
        self.unseen = 0  # open elements from the outermost that is not shown

    def end_line(self) -> None:
        line = " ".join("".join(self.line).split())
        if line:
            quoted = self.depth["blockquote"] or self.history
            self.done.append(f"> {line}" if quoted else line)
        self.line.clear()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.unseen or tag in _UNSEEN or _HIDDEN.search(attributes.get("style", "")):
            self.unseen += 1
            return
        if _BLOCKS.fullmatch(tag):
            self.end_line()
            self.marked.append(_is_history(attributes))
            self.history += self.marked[-1]
            self.history += _REST.fullmatch(attributes.get("id", "")) is not None
        elif tag in _CELLS:
            self.line.append(" ")
        if tag in self.depth:
            self.depth[tag] += 1

    def end(self, tag: str) -> None:
        if self.unseen:
            self.unseen -= 1
            return
        if _BLOCKS.fullmatch(tag):
            self.end_line()
            self.history -= bool(self.marked) and self.marked.pop()
        if tag in self.depth:
            self.depth[tag] -= 1

    def data(self, data: str) -> None:
        if self.unseen:
            return
        first, *others = data.split("\n") if self.depth["pre"] else [data]
        self.line.append(first)
        for line in others:
            self.end_line()
            self.line.append(line)

    def close(self) -> None:
        """The parser asks its target for a result; the lines are read off instead."""


def _is_history(attributes: Mapping[str, str]) -> bool:
    names = (attributes.get(key, "") for key in ("class", "id", "name"))
    return any(_HISTORY.fullmatch(word) for name in names for word in name.split())
