"""The rule-based annotator and judge: the checks' findings in the JSON of a model's reply."""

import json
from collections.abc import Iterable

from distill.tasks.summarize import checks
from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import wording, words
from distill.tasks.summarize.reading.interaction import parse

_SHORT = 20  # words; a summary up to this length is concise
_TIGHT = 1.0  # most words of a concise summary per word of the customer


def annotate(channel: str, text: str, summary: str) -> str:
    """Return JSON {"errors": [{"code", "quote"}, ...]}."""
    return json.dumps({"errors": _errors(channel, text, summary)}, ensure_ascii=False)


def judge(channel: str, text: str, summary: str) -> str:
    """Return JSON {"errors": [{"code", "quote"}, ...], "concise": true or false}."""
    verdict = {
        "errors": _errors(channel, text, summary),
        "concise": _is_concise(text, summary),
    }
    return json.dumps(verdict, ensure_ascii=False)


def _errors(channel: str, text: str, summary: str) -> list[dict[str, str]]:
    flaws = checks.find(summary, text, channel)
    return [{"code": flaw.code, "quote": flaw.evidence} for flaw in flaws]


def _is_concise(text: str, summary: str) -> bool:
    try:
        points = bullets(summary)
    except ValueError:
        return False
    interaction = parse(text)
    values = (value for _, value in interaction.fields)
    allowed = _TIGHT * _count((*interaction.customer_sentences, *values))
    has_empty = any(not words.words(point) for point in points if not wording.is_nothing(point))
    return not has_empty and _count(points) <= max(_SHORT, allowed)


def _count(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)
