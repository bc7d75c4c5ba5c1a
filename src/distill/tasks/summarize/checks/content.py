"""Checks of content: missing, disordered, inaccurate, invented and repeated points; language."""

from collections.abc import Callable

from distill.tasks.summarize.checks.case import MATCH, Case
from distill.tasks.summarize.reading import interaction, moods, wording, words
from distill.tasks.summarize.reading.language import identify, names_language
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


def missing(case: Case) -> list[str]:
    """Return the important sentences that no bullet states.

    A sentence with fewer than two words besides an identifier is left to checks.identifiers.
    """
    if not case.points or case.language != "English":
        return []
    return [
        sentence
        for at, sentence in enumerate(case.customer_sentences)
        if _is_important(sentence)
        and len(words.plain_words(sentence)) >= 2
        and not _is_stated(case, sentence, case.customer_sentences[:at])
    ]


def _is_stated(case: Case, sentence: str, earlier: tuple[str, ...]) -> bool:
    """Return whether a bullet states the sentence, a paraphrase, or a sentence that it repeats."""
    return (
        case.covers(sentence)
        or any(_is_paraphrase(sentence, point) for point in case.points)
        or any(is_repeat(sentence, other) and case.covers(other) for other in earlier)
    )


def _source_positions(case: Case, bullet: str) -> list[int]:
    """Return the positions of the customer's sentences from which a bullet may come.

    A bullet that states a role or a form's field comes from none.
    """
    bullet_words = words.words(bullet)
    fields = (words.words(f"{label} {value}") for label, value in case.interaction.fields)
    if stated(bullet) or any(bullet_words <= field for field in fields):
        return []
    shares = [
        words.share(bullet_words, words.words(sentence)) for sentence in case.customer_sentences
    ]
    best = max(shares, default=0.0)
    return [at for at, share in enumerate(shares) if best >= 0.8 and share >= best - 0.2]


def disordered(case: Case) -> list[str]:
    """Return the bullets whose source precedes the source of an earlier bullet."""
    last, late = -1, []
    for bullet in case.points:
        positions = _source_positions(case, bullet)
        following = [position for position in positions if position >= last]
        if following:
            last = following[0]
        elif positions and not any(
            is_repeat(bullet, other) for other in case.points if other != bullet
        ):
            late.append(bullet)
    return late


def _needs_basis(case: Case, bullet: str) -> bool:
    """Return whether the text must contain the bullet's words."""
    if len(words.plain_words(bullet)) == 0 or stated(bullet):
        return False
    if wording.faults(bullet) and not case.quotes(bullet):
        return False
    return identify(bullet) == case.language


def hallucination(case: Case) -> list[str]:
    """Return the bullets most of whose content words do not occur in the text."""
    return [
        bullet
        for bullet in _points_to_verify(case)
        if words.share(words.plain_words(bullet), case.text_words) < 0.34
    ]


def inaccurate(case: Case) -> list[str]:
    """Return the bullets with some words from outside the text, or with recombined words."""
    faulty = []
    for bullet in _points_to_verify(case):
        supported = words.share(words.plain_words(bullet), case.text_words)
        if 0.34 <= supported < 0.75 or (supported >= 0.75 and _is_distorted(case, bullet)):
            faulty.append(bullet)
    return faulty


def _points_to_verify(case: Case) -> list[str]:
    if _is_empty(case):
        return []  # nothing_to_summarize reports them
    return [bullet for bullet in case.points if _needs_basis(case, bullet)]


def _is_distorted(case: Case, bullet: str) -> bool:
    """Return whether a bullet joins words of distant sentences, or inverts a negation."""
    if case.quotes(bullet):
        return False
    bullet_words = words.plain_words(bullet)
    lines = [*case.customer_sentences, *case.interaction.other_lines]
    lines += [f"{label}: {value}" for label, value in case.interaction.fields]
    closest = max(lines, key=lambda line: words.share(bullet_words, words.words(line)), default="")
    in_closest = words.share(bullet_words, words.words(closest))
    pairs = zip(case.customer_sentences, case.customer_sentences[1:], strict=False)
    in_pair = max(
        (words.share(bullet_words, words.words(one + " " + two)) for one, two in pairs), default=0
    )
    if len(bullet_words) >= 4 and max(in_closest, in_pair) < MATCH:
        return True
    same = words.share(words.plain_words(closest) - words.NEGATIONS, words.words(bullet))
    return in_closest >= 0.8 and same >= 0.8 and words.negated(closest) != words.negated(bullet)


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
    "content_missing": missing,
    "content_order": disordered,
    "content_inaccurate": inaccurate,
    "content_hallucination": hallucination,
    "nothing_to_summarize": wrongly_empty_or_filled,
    "unn_content_redundant": redundant,
    "language_non_english_not_identified": not_identified,
}
