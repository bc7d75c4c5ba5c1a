"""An HTML body as lines of text; what stands in a blockquote begins with ">"."""

import re
from html.parser import HTMLParser

_LINES = re.compile(
    "address|article|blockquote|br|dd|div|dl|dt|footer|form|h[1-6r]|header|li|main|ol|p|pre|section"
    "|table|tr|ul"
)
_CELLS = ("td", "th")
_UNSEEN = ("script", "style", "title")


def text(html: str) -> str:
    """Return the lines that are not blank, joined by line ends."""
    reader = _Reader()
    reader.feed(_tame(html))
    reader.close()
    reader.end_line()
    return "\n".join(reader.lines)


def _tame(html: str) -> str:
    """Drop comments and declarations, and escape each "<" that opens no tag.

    The standard library's parser takes time that grows with the square of such faults.
    """
    html = re.sub(r"<!(?=--).*?(?:-->|\Z)|<[!?][^<>]*>", "", html, flags=re.DOTALL)
    return re.sub(r"<(?!/?[A-Za-z][^<>]*>)", "&lt;", html)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = {"blockquote": 0, "pre": 0}
        self.unseen = ""

    def end_line(self) -> None:
        line = " ".join("".join(self.line).split())
        if line:
            self.lines.append(f"> {line}" if self.depth["blockquote"] else line)
        self.line.clear()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen = self.unseen or tag
        elif _LINES.fullmatch(tag):
            self.end_line()
            if tag in self.depth:
                self.depth[tag] += 1
        elif tag in _CELLS:
            self.line.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.unseen:
            self.unseen = ""
        elif _LINES.fullmatch(tag):
            self.end_line()
            if self.depth.get(tag):
                self.depth[tag] -= 1

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        first, *others = data.split("\n") if self.depth["pre"] else [data]
        self.line.append(first)
        for line in others:
            self.end_line()
            self.line.append(line)
