"""The annotator and the judge: what the checks find, as the JSON that a model would answer."""

import json

from distill.tasks.summarize import checks
from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import wording, words
from distill.tasks.summarize.reading.interaction import parse
from distill.tasks.summarize.taxonomy import rating

_SHORT = 20  # words that any summary may have
_TIGHT = 1.0  # words of the summary for each word of the customer's


def annotate(channel: str, text: str, summary: str) -> str:
    """Return JSON {"findings": [{"code", "evidence"}, ...]}."""
    flaws = checks.find(summary, text, channel)
    found = [{"code": flaw.code, "evidence": flaw.evidence} for flaw in flaws]
    return json.dumps({"findings": found}, ensure_ascii=False)


def judge(channel: str, text: str, summary: str) -> str:
    """Return JSON {"rating": 1 to 5, "codes": [...], "reason": "..."}."""
    flaws = checks.find(summary, text, channel)
    codes = list(dict.fromkeys(flaw.code for flaw in flaws))
    concise = _concise(text, summary)
    reason = "; ".join(f"{flaw.code}: {flaw.evidence}" for flaw in flaws)
    if not reason:
        reason = "no error" if concise else "no error, but longer than it needs to be"
    verdict = {"rating": rating(codes, concise), "codes": codes, "reason": reason}
    return json.dumps(verdict, ensure_ascii=False)


def _concise(text: str, summary: str) -> bool:
    try:
        points = bullets(summary)
    except ValueError:
        return False
    told = sum(len(point.split()) for point in points)
    said = parse(text)
    given = sum(len(part.split()) for part in (*said.own, *(value for _, value in said.fields)))
    idle = any(not words.words(point) for point in points if not wording.is_nothing(point))
    return not idle and told <= max(_SHORT, _TIGHT * given)
