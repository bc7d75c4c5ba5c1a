"""The format of summaries, one HTML list: <ul><li>first point</li><li>second point</li></ul>."""

import html
import re
from collections.abc import Iterable

from distill.llm.wrappers import unfenced

NOTHING = "nothing to summarize"
_LIST = re.compile(r"<ul>(?:\s*<li>[^<>]*</li>)+\s*</ul>")
_ITEM = re.compile(r"<li>([^<>]*)</li>")


def bullets(summary: str) -> list[str]:
    """Return the texts of the list's items, unescaped and without empty ones.

    Raises ValueError where the summary is not one flat, closed, non-empty list.
    """
    if not _LIST.fullmatch(summary.strip()):
        raise ValueError("not one closed <ul> of <li> items")
    items = [html.unescape(item).strip() for item in _ITEM.findall(summary)]
    if not any(items):
        raise ValueError("no item of the list has a text")
    return [item for item in items if item]


def render(items: Iterable[str]) -> str:
    """Return the HTML list of these items, "nothing to summarize" where none has a text."""
    texts = [html.escape(" ".join(item.split()), quote=False) for item in items if item.split()]
    return "<ul>" + "".join(f"<li>{text}</li>" for text in texts or [NOTHING]) + "</ul>"


def normalize(reply: str) -> str:
    """Return a model's reply as one list in canonical form.

    A code fence around the list and blanks between its tags are accepted. Raises ValueError where
    the remaining text is not one flat, closed, non-empty list, or holds half a surrogate pair.
    """
    summary = render(bullets(unfenced(reply)))
    summary.encode("utf-8")
    return summary
