"""Errors of what the summary says: without basis, told otherwise, said by others."""

import re
from collections.abc import Iterator

from distill.tasks.summarize.rules.judge import (
    contradiction,
    meaning,
    moods,
    noise,
    roles,
    topics,
    values,
    wording,
)
from distill.tasks.summarize.rules.judge.case import Case, Clause, is_nothing

Error = tuple[str, str]  # code, quote

_BASELESS = 0.56  # least score of a clause with a basis
_MEANT = 0.3  # least likeness of the meanings of a clause and one that supports it
_OTHER = 0.1  # greatest likeness of the meanings of clauses that say different things
_BASELESS_KNOWN = 0.8  # least score of a clause with a meaning that nothing supports
_BY_OTHERS = 0.15  # by which the other roles' support is greater where they said it
_SAME = 0.5  # least cosine of two clauses of which one can contradict the other
_SPEAKER = re.compile(
    r"^(?:the )?(?:chat ?)?(?:bot|agent|assistant|support|representative|advisor|company|system|"
    r"team)"
    r"(?:'s \w+)? \w+",
    re.I,
)


def errors(case: Case) -> Iterator[Error]:
    """Yield the errors of the summary's clauses, in order."""
    found: set[tuple[int, str]] = set()
    for at, clause in enumerate(case.stated):
        if is_nothing(clause.text) or roles.says_only_role(clause.text):
            continue
        mood = moods.inferred(clause.text, case.interaction.own)
        if mood:
            yield mood, clause.text
        code = _noise(clause, mood) or _fault(case, at, clause)
        if code and (clause.of, code) not in found:  # one error of a kind in a point
            found.add((clause.of, code))
            yield code, clause.text


def _noise(clause: Clause, mood: str) -> str:
    """Return the code of a clause that is noise; beside a mood only a request for an agent is."""
    if clause.noise == noise.SELF or (mood and clause.noise != noise.AGENT):
        return ""
    return clause.noise


def _only_feels(clause: Clause) -> bool:
    rest = meaning.words(moods.without(clause.text))
    return moods.names_mood(clause.text) and len(rest) <= 2 and not values.find(clause.text)


def _is_fragment(case: Case, clause: Clause) -> bool:
    return len(meaning.words(clause.text)) < 2 and clause.text != case.points[clause.of]


def _fault(case: Case, at: int, clause: Clause) -> str:
    """Return the code of a clause without basis or one that tells something otherwise, or ""."""
    if _is_fragment(case, clause) or _only_feels(clause) or values.is_carrier(clause.text):
        return ""
    text = moods.without(clause.text)
    if contradiction.of_remedy(text, case.interaction.customer_text):
        return "content_inaccurate"
    return _contrary(case, at, text) or _baseless(case, at, text) or _told_otherwise(case, at, text)


def _contrary(case: Case, at: int, text: str) -> str:
    """Return the code of a clause against the meaning of one of the customer's, or ""."""
    own = [clause.text for clause in case.own if not clause.noise]
    alike = topics.common([text], own)[0] if own else []
    others = [clause for clause, value in zip(own, alike, strict=True) if value >= _MEANT]
    against = [clause for clause in own if topics.contradicts(text, clause)]
    against += [whole for whole in case.interaction.own if topics.contradicts(text, whole)]
    if against and set(others) <= set(against):
        return "content_inaccurate"
    is_other = float(case.support_topics[at].max()) < _OTHER
    if is_other and topics.is_wish(text) and any(map(topics.is_wish, own)):
        return "content_inaccurate" if _is_wish_lost(case, own) else ""
    return ""


def _is_wish_lost(case: Case, own: list[str]) -> bool:
    wishes = [clause for clause in own if topics.is_wish(clause)]
    return bool((topics.common(wishes, case.targets).max(axis=1) < _MEANT).any())


def _baseless(case: Case, at: int, text: str) -> str:
    """Return the code of a clause that the customer's words do not support, "" where they do."""
    interaction = case.interaction
    own = meaning.score(float(case.support[at].max()), text, interaction.customer_text)
    others = meaning.score(float(case.support_by_others[at].max()), text, interaction.other_text)
    if others > own + _BY_OTHERS and others > _BASELESS:
        return noise.COMPANY
    if others > own and _SPEAKER.match(text):
        return noise.COMPANY
    meant = float(case.support_topics[at].max())
    is_other = meant < _OTHER and bool(topics.of(text)) and own < _BASELESS_KNOWN
    return "content_hallucination" if is_other or (own < _BASELESS and meant < _MEANT) else ""


def _told_otherwise(case: Case, at: int, text: str) -> str:
    """Return the code of a clause that differs from what supports it, "" where it does not."""
    interaction = case.interaction
    customer = interaction.customer_text
    if wording.foreign_name(text, f"{customer} {interaction.other_text}"):
        return "content_inaccurate"
    clauses = len({clause.text for clause in case.own})  # they come first in case.sources
    nearest = int(case.support[at, :clauses].argmax()) if clauses else 0
    if case.support[at, nearest] < _SAME:
        return ""
    source = case.sources[nearest]
    if contradiction.of_source(text, source, customer) or wording.swaps(text, source):
        return "content_inaccurate"
    renamed = wording.renames(text, source, customer, ". ".join(case.points))
    return "entity_inaccurate_item_name" if renamed else ""
