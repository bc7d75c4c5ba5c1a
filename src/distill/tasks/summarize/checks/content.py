"""Checks of content: empty and repeating summaries, and the language."""

from collections.abc import Callable

from distill.tasks.summarize.checks.case import Case
from distill.tasks.summarize.reading import interaction, moods, wording, words
from distill.tasks.summarize.reading.language import names_language
from distill.tasks.summarize.reading.roles import stated

_IMPORTANT = 4  # least weight (reading.wording) of a sentence that a summary must state


def _is_omissible(sentence: str) -> bool:
    return (
        wording.asks_for_agent(sentence)
        or wording.asks_for_copy(sentence)
        or wording.reports_transfer(sentence)
        or moods.is_mood(sentence)
        or bool(stated(sentence))
    )


def _is_important(sentence: str) -> bool:
    """Return whether the next agent needs the sentence."""
    return wording.weight(sentence) >= _IMPORTANT and not _is_omissible(sentence)


def _has_content(case: Case) -> bool:
    if case.language != "English":
        return True
    return any(_is_important(sentence) for sentence in case.customer_sentences)


def _is_empty(case: Case) -> bool:
    """Return whether the interaction has no sentence of any weight and no identifier."""
    return not case.customer_entities and not any(
        wording.weight(sentence) >= 2 and not _is_omissible(sentence)
        for sentence in case.customer_sentences
    )


def wrongly_empty_or_filled(case: Case) -> list[str]:
    """Return "content denied" for an empty summary of content, or the points made of nothing."""
    if not case.points:
        return ["content denied"] if _has_content(case) else []
    if not _is_empty(case):
        return []
    return [bullet for bullet in case.points if not wording.faults(bullet) and not stated(bullet)]


def is_repeat(bullet: str, other: str) -> bool:
    """Return whether a bullet paraphrases another, or announces itself as a repetition.

    A bullet with an identifier or figure that the other lacks is no repetition, nor is a bullet
    that states the customer's role.
    """
    return _is_paraphrase(bullet, other) or (
        words.announces_repeat(bullet) and _may_repeat(bullet, other)
    )


def _may_repeat(bullet: str, other: str) -> bool:
    if not words.words(bullet) or not words.words(other) or stated(bullet) or stated(other):
        return False
    return not _identifiers(bullet) - _identifiers(other)


def _identifiers(text: str) -> frozenset[str]:
    return words.words(text) - words.plain_words(text)


def _is_paraphrase(bullet: str, other: str) -> bool:
    """Return whether two bullets share most of their concepts (Dice's coefficient, or a subset)."""
    if not _may_repeat(bullet, other) or _is_negative(bullet) != _is_negative(other):
        return False
    concepts, other_concepts = words.concepts(bullet), words.concepts(other)
    if not concepts or not other_concepts:
        return bool(_identifiers(bullet)) and words.words(bullet) == words.words(other)
    dice = 2 * len(concepts & other_concepts) / (len(concepts) + len(other_concepts))
    return dice >= 0.75 or (len(concepts) >= 3 and words.share(concepts, other_concepts) >= 0.8)


def _is_negative(text: str) -> bool:
    return words.negated(text) or "not" in words.concepts(text)


def redundant(case: Case) -> list[str]:
    """Return the bullets that repeat an earlier bullet or contain a sentence stated earlier."""
    repeating: list[str] = []
    stated_sentences: list[str] = []
    for at, bullet in enumerate(case.points):
        repeated = any(is_repeat(bullet, other) for other in case.points[:at])
        for sentence in interaction.sentences(bullet):
            repeated |= any(is_repeat(sentence, other) for other in stated_sentences)
            stated_sentences.append(sentence)
        repeating += [bullet] if repeated else []
    return repeating


def not_identified(case: Case) -> list[str]:
    """Return the customer's language where it is not English and no bullet names it."""
    if case.language == "English" or names_language(" ".join(case.bullets)):
        return []
    return [case.language]


CHECKS: dict[str, Callable[[Case], list[str]]] = {
    "nothing_to_summarize": wrongly_empty_or_filled,
    "unn_content_redundant": redundant,
    "language_non_english_not_identified": not_identified,
}
