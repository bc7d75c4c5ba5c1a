"""Checks for unnecessary information (group `unn`) and inferred sentiment."""

import re
from collections.abc import Callable

from distill.tasks.summarize.checks.case import MATCH, Case, with_sentences
from distill.tasks.summarize.reading import moods, wording, words

_BY_CUSTOMER = (
    re.compile(  # "Customer accepted the refund", but not "Customer was offered a refund"
        r"^\W*(?:the )?(?:customer|user|client|buyer|seller) (?:\w+ly )?"
        r"(?!(?:is|was|were|has been|will be|gets?|got|receives?|received)\b)\w",
        re.IGNORECASE,
    )
)
_STATED_BY_CUSTOMER = {
    "sentiment_inferred_frustrated": moods.FRUSTRATED,
    "sentiment_inferred_confused": moods.CONFUSED,
    "sentiment_inferred_not_frustrated": moods.FRUSTRATED,
    "sentiment_inferred_not_confused": moods.CONFUSED,
    "sentiment_other": moods.OTHER_MOOD,
}


def _wording(code: str) -> Callable[[Case], list[str]]:
    """Return a check for bullets with the fault; a mood that the customer stated is no fault."""
    stated: re.Pattern[str] | None = _STATED_BY_CUSTOMER.get(code)

    def check(case: Case) -> list[str]:
        faulty = [
            bullet
            for bullet in case.points
            if any(code in wording.faults(text) for text in with_sentences(bullet))
        ]
        return [] if faulty and stated and stated.search(case.customer_text) else faulty

    return check


def _company_response(case: Case) -> list[str]:
    """Return the bullets that report what the bot or an agent said and the customer did not."""
    return [
        bullet
        for bullet in case.points
        if any(_is_response(case, text) for text in with_sentences(bullet))
    ]


def _is_response(case: Case, text: str) -> bool:
    return (
        len(words.words(text)) >= 2
        and not wording.faults(text)
        and not _BY_CUSTOMER.match(text)
        and _best_share(text, case.interaction.other_lines) >= 0.8
        and _best_share(text, case.customer_sentences) < MATCH
    )


def _best_share(text: str, lines: tuple[str, ...]) -> float:
    text_words = words.words(text)
    return max((words.share(text_words, words.words(line)) for line in lines), default=0.0)


def _no_details(case: Case) -> list[str]:
    """Return the remarks on missing details that are not the customer's own words."""
    remarks = _wording("unn_content_no_details")(case)
    return [bullet for bullet in remarks if not case.quotes(bullet)]


CHECKS: dict[str, Callable[[Case], list[str]]] = {
    "unn_content_ebay_response_included": _company_response,
    **{code: _wording(code) for code in wording.FAULTS},
    "unn_content_no_details": _no_details,
}
