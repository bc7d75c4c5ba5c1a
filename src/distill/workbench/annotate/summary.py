"""HTML of a summary, in which what the interaction does not have is highlighted."""

import html
import re

from distill.tasks.summarize.checks.case import Case
from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import entities


def summary(written: str, text: str) -> str:
    """Return a summary as escaped HTML; one that is not one closed list becomes plain text.

    Identifiers and figures that do not occur in the interaction are highlighted.
    """
    try:
        points = bullets(written)
    except ValueError:
        return _highlighted(written, text)
    return f"<ul>{''.join(f'<li>{_highlighted(point, text)}</li>' for point in points)}</ul>"


def _highlighted(point: str, text: str) -> str:
    known = Case((point,), text).text_keys
    parts, at = [], 0
    for found in entities.find(point):
        word = rf"(?<!\w){re.escape(found.value)}(?!\w)"
        if found.key not in known and not re.search(word, text, re.IGNORECASE):
            parts += [html.escape(point[at : found.start])]
            parts += [f'<mark title="not in the interaction">{html.escape(found.value)}</mark>']
            at = found.start + len(found.value)
    return "".join([*parts, html.escape(point[at:])])
