"""The rule-based editor: one rule per error that can be repaired without the interaction."""

import re
from collections.abc import Callable

from distill.tasks.summarize.format import bullets, render
from distill.tasks.summarize.reading import entities, moods, wording, words
from distill.tasks.summarize.reading.roles import stated

_CLAUSE = re.compile(
    r",\s+(?:and |but |so |or )?|;\s+|\s+(?:and|but|so|because)\s+(?=i\b|my\b|please\b)", re.I
)
_SAME = 0.6  # least share of a bullet's words in an earlier bullet that it repeats


def knows(code: str) -> bool:
    """Return whether a rule repairs this error."""
    return code in FIXES or code in wording.FAULTS


def fix(code: str, summary: str) -> str:
    """Return the summary without the error `code`.

    The summary is returned unchanged where no rule repairs the error or the list is malformed.
    """
    try:
        points = bullets(summary)
    except ValueError:
        return summary
    if code in FIXES:
        return render(FIXES[code](points))
    fault = wording.FAULTS.get(code)
    return render(point for point in points if not (fault and fault(point)))


def _without_mood(points: list[str]) -> list[str]:
    fault = wording.FAULTS["sentiment_inferred_frustrated"]
    return [point for point in points if not (moods.is_mood(point) or fault(point))]


def _without(fault: Callable[[str], bool]) -> Callable[[list[str]], list[str]]:
    """Return a rule that drops faulty bullets, or only their faulty clauses where others remain."""

    def rule(points: list[str]) -> list[str]:
        repaired = (
            point if not fault(point) else _without_clause(point, fault) for point in points
        )
        return [point for point in repaired if point]

    return rule


def _without_clause(point: str, fault: Callable[[str], bool]) -> str:
    clauses = _CLAUSE.split(point)
    sound = [clause for clause in clauses if not fault(clause)]
    text = ", ".join(sound)
    if len(sound) == len(clauses) or fault(text):
        return ""
    return text if entities.find(text) or len(words.words(text)) >= 3 else ""


def _without_repeats(points: list[str]) -> list[str]:
    """Drop the bullets most of whose words are in an earlier one; numbers are not compared."""
    kept: list[str] = []
    for point in points:
        if stated(point) or not any(_repeats(point, other) for other in kept):
            kept.append(point)
    return kept


def _repeats(point: str, other: str) -> bool:
    if words.announces_repeat(point):
        return True
    concepts = words.concepts(point)
    if len(concepts) < 2:  # a bare identifier
        return words.words(point) == words.words(other)
    return words.share(concepts, words.concepts(other)) >= _SAME


FIXES: dict[str, Callable[[list[str]], list[str]]] = {
    "sentiment_inferred_frustrated": _without_mood,
    "unn_content_requests_agent": _without(wording.asks_for_agent),
    "unn_content_webform_email_copy": _without(wording.asks_for_copy),
    "unn_content_redundant": _without_repeats,
}
