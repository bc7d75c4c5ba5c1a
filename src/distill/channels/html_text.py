"""An HTML body as lines of text, by libxml2's parser; lines in a blockquote begin with ">".

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
    "|summary|table|tr|ul"
)
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"script", "style", "template", "title"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def text(html: str, keep_lines: bool = False) -> str:
    """Return the visible lines that are not blank, joined by line ends.

    With `keep_lines` the line ends of the source are kept, as in a <pre>.
    """
    lines = _Lines(keep_lines)
    parser = HTMLParser(target=lines, huge_tree=True, encoding="utf-8")
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
        self.unseen = 0  # open elements from the outermost that is not shown

    def end_line(self) -> None:
        line = " ".join("".join(self.line).split())
        if line:
            self.done.append(f"> {line}" if self.depth["blockquote"] else line)
        self.line.clear()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.unseen or tag in _UNSEEN or _HIDDEN.search(attributes.get("style", "")):
            self.unseen += 1
            return
        if _BLOCKS.fullmatch(tag):
            self.end_line()
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
