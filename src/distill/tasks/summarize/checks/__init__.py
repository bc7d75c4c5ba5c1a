"""Deterministic checks for the errors of taxonomy.yaml that rules can detect in a summary.

    find("<ul><li>I want a human</li></ul>", "Customer: I want a human", "botchat")
    -> [Flaw("unn_content_requests_agent", "I want a human")]

Each error is reported once, under its most specific code. What takes reading has no check: missing,
invented, inaccurate and disordered content, unn_other, language_translation_inaccurate and
language_other. content_other is a malformed list only. benchmarks/checks.py measures how often the
others are right on reworded summaries; `find` takes the codes to check.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.checks import content, identifiers, unneeded
from distill.tasks.summarize.checks.case import Case

__all__ = ["CHECKS", "CODES", "Case", "Flaw", "find"]

CHECKS: dict[str, Callable[[Case], list[str]]] = {
    **content.CHECKS,
    **identifiers.CHECKS,
    **unneeded.CHECKS,
}
MALFORMED = "content_other"
CODES = (MALFORMED, *CHECKS)


@dataclass(frozen=True)
class Flaw:
    """An error code and its evidence: the faulty bullet, sentence or value."""

    code: str
    evidence: str


def find(
    summary: str,
    text: str,
    channel: str,
    codes: Collection[str] = CODES,
    known: Mapping[str, taxonomy.Code] | None = None,
) -> list[Flaw]:
    """Return the summary's errors of these codes, in the order of the `known` ones.

    `known` is the taxonomy, by default that of taxonomy.yaml.
    """
    try:
        case = Case.of(summary, text)
    except ValueError as error:
        return [Flaw(MALFORMED, str(error))] if MALFORMED in codes else []
    return [
        Flaw(name, evidence)
        for name, code in (known or taxonomy.load()).items()
        if name in codes and name in CHECKS and code.applies_to(channel)
        for evidence in CHECKS[name](case)
    ]
