"""HTML of summaries, interactions and edits. All data is escaped: it is shown and never run."""

import difflib
import re
from collections.abc import Sequence
from html import escape

from distill.tasks.summarize import format

STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
.distill-block { overflow-wrap: anywhere; line-height: 1.5; }
.distill-block del { text-decoration: line-through 2px; background: rgba(213, 94, 0, .2); }
.distill-block ins {
  text-decoration: underline 2px; font-weight: 600; background: rgba(0, 114, 178, .2);
}
.distill-block pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
.distill-block ul { margin: 0; padding-left: 1.2rem; }
[data-testid="stCaptionContainer"] { opacity: 1; }
[data-testid="stVegaLiteChart"] { max-width: 100%; overflow-x: auto; }
[data-testid="stMarkdownContainer"]:has(table) { overflow-x: auto; }
@media (max-width: 640px) {
  .st-key-filters [data-testid="stColumn"] {
    min-width: calc(50% - 1rem); flex: 1 1 calc(50% - 1rem);
  }
}
</style>"""
_POINT = "\n• "
_PART = re.compile(r"\n• |\n|[^\S\n]+|[^\W_]+|.", re.DOTALL)


def block(inner: str) -> str:
    """Return escaped HTML as a block in the pages' style."""
    return f'<div class="distill-block">{inner}</div>'


def text(content: str) -> str:
    """Return an interaction with its own line ends."""
    return block(f"<pre>{escape(content)}</pre>")


def points(content: str) -> str:
    """Return a summary as a list, or as plain text where it is not one closed list."""
    try:
        items = format.bullets(content)
    except ValueError:
        return text(content)
    return block("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>")


def difference(before: str, after: str) -> str:
    """Return an edit word by word: removed text is struck through, added text underlined."""
    old, new = (_PART.findall(_lines(content)) for content in (before, after))
    parts: list[tuple[str, list[str]]] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("", old[i:j]))
        else:
            parts += [(tag, one) for tag, one in (("del", old[i:j]), ("ins", new[k:m])) if one]
    for at in range(1, len(parts) - 1):
        (left, first), (tag, changed), (right, rest) = parts[at - 1 : at + 2]
        if tag and not left and not right and first[-1:] == changed[-1:] == [_POINT]:
            changed.insert(0, first.pop())  # an added or removed point includes its own bullet
            rest.insert(0, changed.pop())
    return block("".join(_tagged(*part) for part in parts).replace("<br>", "", 1))


def _lines(content: str) -> str:
    """Return a summary's points, each on a line that begins with a bullet."""
    try:
        return "".join(f"{_POINT}{point}" for point in format.bullets(content))
    except ValueError:
        return content


def _tagged(tag: str, parts: Sequence[str]) -> str:
    shown = escape("".join(parts)).replace("\n", "<br>")
    return f"<{tag}>{shown}</{tag}>" if tag else shown
