"""HTML of what the pages show. Whatever comes from data is escaped, so it is seen, never run."""

import base64
import difflib
import re
from collections.abc import Sequence
from html import escape

from distill.report.page import cell
from distill.report.plots import Figure
from distill.stats.tables import Table
from distill.tasks.summarize import format

STYLE = """<style>
.distill { overflow-wrap: anywhere; line-height: 1.5; }
.distill-wide { overflow-x: auto; }
.distill-wide table { border-collapse: collapse; font-size: .85rem; }
.distill-wide th, .distill-wide td {
  text-align: left; padding: .3rem .8rem .3rem 0; white-space: nowrap;
  border-bottom: 1px solid rgba(128, 128, 128, .4); }
.distill del { text-decoration: line-through 2px; background: rgba(213, 94, 0, .2); }
.distill ins {
  text-decoration: underline 2px; font-weight: 600; background: rgba(0, 114, 178, .2);
}
.distill pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
.distill ul { margin: 0; padding-left: 1.2rem; }
.distill img { width: 100%; max-width: 34rem; }
</style>"""
_POINT = "\n• "
_PART = re.compile(r"\n• |\n|[^\S\n]+|[^\W_]+|.", re.DOTALL)


def block(inner: str) -> str:
    """Return HTML that was made here, in the pages' style."""
    return f'<div class="distill">{inner}</div>'


def text(content: str) -> str:
    """Return an interaction as it was written."""
    return block(f"<pre>{escape(content)}</pre>")


def points(content: str) -> str:
    """Return a summary as its list, or as it is where it is none."""
    try:
        items = format.bullets(content)
    except ValueError:
        return text(content)
    return block("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>")


def table(shown: Table) -> str:
    """Return a table that scrolls by itself where it is wider than the page."""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in shown.header)
    body = "".join(
        f"<tr>{''.join(f'<td>{cell(one)}</td>' for one in row)}</tr>" for row in shown.rows
    )
    return (
        f'<div class="distill-wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def picture(figure: Figure) -> str:
    """Return a plot with its caption below it."""
    data = base64.b64encode(figure.svg.encode()).decode()
    caption = escape(figure.caption)
    return block(f'<img src="data:image/svg+xml;base64,{data}" alt="{caption}"><p>{caption}</p>')


def difference(before: str, after: str) -> str:
    """Return what an edit took away, struck through, and what it put in, underlined."""
    old, new = (_PART.findall(_lines(content)) for content in (before, after))
    parts: list[tuple[str, list[str]]] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("", old[i:j]))
        else:
            parts += [(tag, one) for tag, one in (("del", old[i:j]), ("ins", new[k:m])) if one]
    for at in range(1, len(parts) - 1):
        (left, kept), (tag, changed), (right, rest) = parts[at - 1 : at + 2]
        if tag and not left and not right and kept[-1:] == changed[-1:] == [_POINT]:
            changed.insert(0, kept.pop())  # a point goes with its own beginning
            rest.insert(0, changed.pop())
    return block("".join(_marked(*part) for part in parts).replace("<br>", "", 1))


def _lines(content: str) -> str:
    """A summary's points, each on a new line, whose beginning goes and comes with it."""
    try:
        return "".join(f"{_POINT}{point}" for point in format.bullets(content))
    except ValueError:
        return content


def _marked(tag: str, parts: Sequence[str]) -> str:
    shown = escape("".join(parts)).replace("\n", "<br>")
    return f"<{tag}>{shown}</{tag}>" if tag else shown
