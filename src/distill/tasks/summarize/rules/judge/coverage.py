"""Errors of what the summary leaves out, repeats or disorders."""

import re
from collections.abc import Iterator
from itertools import combinations

from distill.tasks.summarize.rules.judge import (
    contradiction,
    languages,
    meaning,
    moods,
    roles,
    topics,
    values,
)
from distill.tasks.summarize.rules.judge.case import Case, Clause, is_nothing

Error = tuple[str, str]  # code, quote

_COVERED = 0.5  # least score of a clause that the summary covers
_COVERED_KNOWN = 0.7  # the same of a clause with a meaning that the summary has not
_MEANT = 0.3  # least likeness of the meanings of two clauses that say the same
_OTHER = 0.1  # greatest likeness of the meanings of clauses that say different things
_NOT_ASKED = 0.15  # by which a request needs more where the summary asks for nothing
_SAME_VALUE = 0.15  # what a common value adds to the score
_LEAST_WORDS = 3  # content words of a clause that says something
_REPEATED = (0.6, 0.75)  # least cosine and share of words of a point that repeats another
_ALIKE = 0.45  # the same where both say one clause of the customer
_SOURCE = 0.5  # least cosine of a point and the clause that it says
_ABOUT_SELF = re.compile(
    r"\b(?:my name is|i go by|by the name of|this is [A-Z]\w+|i live (?:at|in)|"
    r"my (?:new )?(?:e-?mail|phone|mobile|number|address|"
    r"card|iban|bank account|user ?(?:id|name)|birthday|date of birth|postcode|"
    r"zip)\b[^.]{0,12}\bis|iban|card number|date of birth|"
    r"call me (?:at|on|back)|reach me (?:at|on)|sincerely|regards|ssn|passport|"
    r"it is the card)\b|\S@\S"
    r"|\b(?:\d+ \w+(?: \w+)? (?:street|lane|road|avenue|drive|court|way)|\w*(?:straße|strasse|"
    r"weg) \d+)\b|, \d{5}\b"
    r"|\b(?:[0-9a-f]{1,4}:){3,}|\b\d{1,3}(?:\.\d{1,3}){3}\b",
    re.I,
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{3,4}){3,}|\b\d{4}[ -]\d{4,6}[ -]\d{4,5}")
_REQUEST = re.compile(
    r"\b(?:please|i (?:want|need|would like|wish|ask|demand|expect|request)|i'd like|can (?:you|"
    r"i|we)|"
    r"could (?:you|i|we)|may i)\b"
    r"|^(?:kindly )?(?:tell|send|give|let|make|check|have|close|release|remove|refund|cancel|"
    r"replace)\b",
    re.I,
)
_ASKS = re.compile(
    r"\b(?:want|ask|request|would|like|seek|wish|need|demand|please|expect|hop(?:e|ing)|should|"
    r"prefer|inquir|enquir|require|claim|look(?:s|ing) for|can|could|may|to be)\w*\b",
    re.I,
)
_AGAIN = re.compile(
    r"\b(?:as i (?:said|wrote|told)|i repeat|like i said|again[,:]|once more|i already (?:said|"
    r"told)|"
    r"i (?:am|'m) still waiting|to repeat)\b",
    re.I,
)
_ANNOUNCES_REPEAT = re.compile(
    r"\b(?:repeat(?:s|ed|ing|edly)?|reiterat\w+|restat\w+|once again|again says)\b", re.I
)


def important(case: Case) -> list[int]:
    """Return the numbers of the customer's clauses that the next agent needs."""
    wanted: list[int] = []
    texts = [clause.text for clause in case.own]
    likeness = meaning.cosines(texts, texts)
    for at, clause in enumerate(case.own):
        alike = (earlier for earlier in wanted if likeness[at, earlier] >= _REPEATED[0])
        if _says_something(clause) and not any(_restates(texts[at], texts[to]) for to in alike):
            wanted.append(at)
    return wanted


def _says_something(clause: Clause) -> bool:
    if (
        clause.noise
        or _ACCOUNT.search(clause.text)
        or _ABOUT_SELF.search(clause.text)
        or _AGAIN.search(clause.text)
    ):
        return False
    if roles.claims(clause.text) or re.search(
        r"\bi am (?:a|the) (?:buyer|seller)\b", clause.text, re.I
    ):
        return False
    content = meaning.words(moods.without(clause.text))
    if moods.names_mood(clause.text) and len(content) < _LEAST_WORDS:
        return False
    if content and _REQUEST.search(clause.text):
        return True
    if len(content) >= 2 and len(clause.text.split()) > _LEAST_WORDS:
        return True
    return len(content) >= _LEAST_WORDS or any(
        value.kind != "count" for value in values.find(clause.text)
    )


def _restates(text: str, before: str) -> bool:
    return not _new_values(text, before) and meaning.share(text, before) >= _REPEATED[1]


def missing(case: Case) -> Iterator[Error]:
    """Yield content_missing with each important clause that the summary does not cover.

    A remedy for which the summary gives another one is wrong and not missing as well.
    """
    customer = case.interaction.customer_text
    is_other_remedy = any(contradiction.of_remedy(one.text, customer) for one in case.stated)
    is_other_wish = any(
        topics.is_wish(one.text) and float(row.max()) < _OTHER
        for one, row in zip(case.stated, case.support_topics, strict=True)
    )
    for at in important(case):
        text = case.own[at].text
        is_replaced = (is_other_remedy and contradiction.names_remedy(text)) or (
            is_other_wish and topics.is_wish(text)
        )
        if not is_covered(case, at) and not is_replaced and not _is_contradicted(case, text):
            yield "content_missing", text


def _is_contradicted(case: Case, text: str) -> bool:
    return any(topics.contradicts(clause.text, text) for clause in case.stated)


def is_covered(case: Case, at: int) -> bool:
    """Return whether the summary says what the customer's clause of this number says."""
    text = case.own[at].text
    summary = ". ".join(case.points)
    if values.is_carrier(text):
        return True  # the value is compared as such
    if float(case.cover_topics[at].max()) >= _MEANT:
        return True
    few_words = len(meaning.words(text)) < _LEAST_WORDS
    if few_words and (_common_values(text, summary) or _sentence_is_covered(case, at)):
        return True
    scores = case.cover[at].copy()
    if _REQUEST.search(text):
        scores -= [0 if _ASKS.search(target) else _NOT_ASKED for target in case.targets]
    score = meaning.score(float(scores.max()), text, summary)
    if _common_values(text, summary):
        score += _SAME_VALUE
    is_known = topics.are_known([text])[0]
    return score >= (_COVERED_KNOWN if is_known else _COVERED)


def _sentence_is_covered(case: Case, at: int) -> bool:
    """Return whether the summary means what the sentence of a customer's clause means."""
    sentence = case.interaction.own[case.own[at].of]
    return float(topics.common([sentence], case.targets).max(initial=0.0)) >= _MEANT


def _common_values(text: str, summary: str) -> bool:
    given = values.find(summary)
    return any(
        value.kind != "count" and any(map(value.equals, given)) for value in values.find(text)
    )


def redundant(case: Case) -> Iterator[Error]:
    """Yield unn_content_redundant with each point that says what another one says."""
    points = [
        point for point in case.points if not roles.says_only_role(point) and not is_nothing(point)
    ]
    repeated: set[str] = set()
    for first, second in combinations(points, 2):
        if second not in repeated and _repeats(case, second, first):
            repeated.add(second)
            yield "unn_content_redundant", second


def _repeats(case: Case, point: str, other: str) -> bool:
    if _ANNOUNCES_REPEAT.search(point):
        return not _new_values(point, other)
    if _new_values(point, other) or len(meaning.words(point)) < 2:
        return point.casefold() == other.casefold()
    cosine = float(meaning.cosines([point], [other])[0, 0])
    if cosine >= _REPEATED[0] and meaning.share(point, other) >= _REPEATED[1]:
        return True
    return cosine >= _ALIKE and _one_source(case, point, other)


def _one_source(case: Case, point: str, other: str) -> bool:
    """Return whether two points say the same clause of the customer, and nothing else does."""
    own = [clause.text for clause in case.own]
    if not own:
        return False
    cosines = meaning.cosines([point, other], own)
    first, second = cosines.argmax(axis=1)
    both_ask = bool(_ASKS.search(point)) == bool(_ASKS.search(other))
    return bool(first == second and both_ask and cosines.max(axis=1).min() >= _SOURCE)


def _new_values(text: str, other: str) -> bool:
    """Return whether a text has a value that the other lacks."""
    known = values.find(other)
    return any(not any(value.equals(old) for old in known) for value in values.find(text))


def language(case: Case) -> Iterator[Error]:
    """Yield the error of a summary that does not name the language of the customer."""
    spoken = languages.identify(" ".join(case.interaction.own))
    said = languages.named(" ".join(case.points))
    if spoken != "english" and spoken not in said:
        yield "language_non_english_not_identified", case.points[0]
    elif spoken == "english" and said - {"english"} - languages.named(
        case.interaction.customer_text
    ):
        yield "language_other", case.points[0]
