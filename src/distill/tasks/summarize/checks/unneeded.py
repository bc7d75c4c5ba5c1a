"""Checks of what a summary should not hold: requests for an agent, courtesies, inferred moods."""

import re
from collections.abc import Callable

from distill.tasks.summarize.checks.case import MATCH, Case, parts
from distill.tasks.summarize.reading import moods, wording, words

_STATED_BY_CUSTOMER = {
    "sentiment_inferred_frustrated": moods.FRUSTRATED,
    "sentiment_inferred_confused": moods.CONFUSED,
    "sentiment_inferred_not_frustrated": moods.FRUSTRATED,
    "sentiment_inferred_not_confused": moods.CONFUSED,
    "sentiment_other": moods.OTHER_MOOD,
}


def _wording(code: str) -> Callable[[Case], list[str]]:
    """The bullets with the fault; moods only where no word of the customer's own bears them out."""
    stated: re.Pattern[str] | None = _STATED_BY_CUSTOMER.get(code)

    def check(case: Case) -> list[str]:
        found = [
            bullet
            for bullet in case.points
            if any(code in wording.faults(said) for said in parts(bullet))
        ]
        return [] if found and stated and stated.search(case.said) else found

    return check


def _response(case: Case) -> list[str]:
    """Bullets that tell what the other side said and the customer did not."""
    return [bullet for bullet in case.points if any(_others(case, said) for said in parts(bullet))]


def _others(case: Case, said: str) -> bool:
    return (
        len(words.words(said)) >= 2
        and not wording.faults(said)
        and _best(said, case.interaction.others) >= 0.8
        and _best(said, case.own) < MATCH
    )


def _best(bullet: str, lines: tuple[str, ...]) -> float:
    found = words.words(bullet)
    return max((words.share(found, words.words(line)) for line in lines), default=0.0)


def _no_details(case: Case) -> list[str]:
    """Remarks on lacking details; a customer's own words are none."""
    found = _wording("unn_content_no_details")(case)
    return [bullet for bullet in found if not case.quotes(bullet)]


CHECKS: dict[str, Callable[[Case], list[str]]] = {
    "unn_content_ebay_response_included": _response,
    **{code: _wording(code) for code in wording.FAULTS},
    "unn_content_no_details": _no_details,
}
