"""Deterministic checks: the errors of taxonomy.yaml that rules can find in a summary.

    find("<ul><li>I want a human</li></ul>", "Customer: I want a human", "botchat")
    -> [Flaw("unn_content_requests_agent", "I want a human")]

One fault gives one code, the most specific. No rule looks for content_other beyond a broken list,
nor for language_translation_inaccurate, language_other and unn_other.
"""

from collections.abc import Callable
from dataclasses import dataclass

from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.checks import content, identifiers, unneeded
from distill.tasks.summarize.checks.case import Case

__all__ = ["CHECKS", "Case", "Flaw", "find"]

CHECKS: dict[str, Callable[[Case], list[str]]] = {
    **content.CHECKS,
    **identifiers.CHECKS,
    **unneeded.CHECKS,
}


@dataclass(frozen=True)
class Flaw:
    """An error and the bullet, sentence or value that shows it."""

    code: str
    evidence: str


def find(summary: str, text: str, channel: str) -> list[Flaw]:
    """Return the summary's errors, in taxonomy.yaml's order of codes."""
    try:
        case = Case.of(summary, text)
    except ValueError as error:
        return [Flaw("content_other", str(error))]
    return [
        Flaw(code.code, evidence)
        for code in taxonomy.load().values()
        if code.code in CHECKS and code.applies_to(channel)
        for evidence in CHECKS[code.code](case)
    ]
