"""Checks of what is told: points missing, in another order, garbled, made up; language."""

from collections.abc import Callable

from distill.tasks.summarize.checks.case import MATCH, Case
from distill.tasks.summarize.reading import interaction, moods, wording, words
from distill.tasks.summarize.reading.language import identify, names_language
from distill.tasks.summarize.reading.roles import stated

_IMPORTANT = (
    4  # weight (distill.tasks.summarize.reading.wording) from which a sentence must be told
)


def _left_out_rightly(sentence: str) -> bool:
    return (
        wording.asks_for_agent(sentence)
        or wording.asks_for_copy(sentence)
        or wording.tells_transfer(sentence)
        or moods.is_mood(sentence)
        or bool(stated(sentence))
    )


def important(sentence: str) -> bool:
    """Whether the next agent needs the sentence."""
    return wording.weight(sentence) >= _IMPORTANT and not _left_out_rightly(sentence)


def _has_content(case: Case) -> bool:
    if case.language != "English":
        return True
    return any(important(sentence) for sentence in case.own)


def _empty(case: Case) -> bool:
    """Nobody could summarize it: no sentence of any weight, no identifier."""
    return not case.given and not any(
        wording.weight(sentence) >= 2 and not _left_out_rightly(sentence) for sentence in case.own
    )


def missing(case: Case) -> list[str]:
    """Important sentences that no bullet tells; a bare identifier is left to the entities."""
    if not case.points or case.language != "English":
        return []
    return [
        sentence
        for at, sentence in enumerate(case.own)
        if important(sentence)
        and len(words.plain_words(sentence)) >= 2
        and not _told(case, sentence, case.own[:at])
    ]


def _told(case: Case, sentence: str, earlier: tuple[str, ...]) -> bool:
    """Whether the bullets tell the sentence in its own or other words, or one that it repeats."""
    return (
        case.covered(sentence)
        or any(_means(sentence, point) for point in case.points)
        or any(is_repeat(sentence, other) and case.covered(other) for other in earlier)
    )


def _places(case: Case, bullet: str) -> list[int]:
    """The customer's sentences that a bullet may come from; none for a role or a form's field."""
    found = words.words(bullet)
    fields = (words.words(f"{label} {value}") for label, value in case.interaction.fields)
    if stated(bullet) or any(found <= field for field in fields):
        return []
    shares = [words.share(found, words.words(sentence)) for sentence in case.own]
    best = max(shares, default=0.0)
    return [at for at, share in enumerate(shares) if best >= 0.8 and share >= best - 0.2]


def order(case: Case) -> list[str]:
    """Bullets whose sentence stands before the sentence of an earlier bullet."""
    last, late = -1, []
    for bullet in case.points:
        places = _places(case, bullet)
        following = [place for place in places if place >= last]
        if following:
            last = following[0]
        elif places and not any(
            is_repeat(bullet, other) for other in case.points if other != bullet
        ):
            late.append(bullet)
    return late


def _judged_by_words(case: Case, bullet: str) -> bool:
    """Whether the bullet's words must be found in the text."""
    if len(words.plain_words(bullet)) == 0 or stated(bullet):
        return False
    if wording.faults(bullet) and not case.quotes(bullet):
        return False
    return identify(bullet) == case.language


def hallucination(case: Case) -> list[str]:
    """Bullets most of whose content words do not occur in the text."""
    return [
        bullet
        for bullet in _points_with_basis(case)
        if words.share(words.plain_words(bullet), case.text_words) < 0.34
    ]


def inaccurate(case: Case) -> list[str]:
    """Bullets that garble: some words are not the text's, or they stand nowhere together."""
    garbled = []
    for bullet in _points_with_basis(case):
        found = words.plain_words(bullet)
        known = words.share(found, case.text_words)
        if 0.34 <= known < 0.75 or (known >= 0.75 and _twisted(case, bullet)):
            garbled.append(bullet)
    return garbled


def _points_with_basis(case: Case) -> list[str]:
    if _empty(case):
        return []  # nothing_to_summarize says it
    return [bullet for bullet in case.points if _judged_by_words(case, bullet)]


def _twisted(case: Case, bullet: str) -> bool:
    """Known words, but of sentences far apart, or the closest sentence with a denial turned."""
    if case.quotes(bullet):
        return False
    found = words.plain_words(bullet)
    lines = [*case.own, *case.interaction.others]
    lines += [f"{label}: {value}" for label, value in case.interaction.fields]
    closest = max(lines, key=lambda line: words.share(found, words.words(line)), default="")
    near = words.share(found, words.words(closest))
    pairs = zip(case.own, case.own[1:], strict=False)
    together = max((words.share(found, words.words(a + " " + b)) for a, b in pairs), default=0)
    if len(found) >= 4 and max(near, together) < MATCH:
        return True
    same = words.share(words.plain_words(closest) - words.NEGATIONS, words.words(bullet))
    return near >= 0.8 and same >= 0.8 and words.negated(closest) != words.negated(bullet)


def nothing(case: Case) -> list[str]:
    """A denial of content that is there, or a point where there is none."""
    if not case.points:
        return ["content denied"] if _has_content(case) else []
    if not _empty(case):
        return []
    return [bullet for bullet in case.points if not wording.faults(bullet) and not stated(bullet)]


def is_repeat(bullet: str, other: str) -> bool:
    """Whether a bullet says again what another says, or says of itself that it is a repetition.

    Two bullets that each have an identifier or figure which the other lacks never repeat each
    other, nor does a bullet that states the customer's role.
    """
    return _means(bullet, other) or (words.announces_repeat(bullet) and _may_repeat(bullet, other))


def _may_repeat(bullet: str, other: str) -> bool:
    if not words.words(bullet) or not words.words(other) or stated(bullet) or stated(other):
        return False
    return not _identifiers(bullet) - _identifiers(other)


def _identifiers(text: str) -> frozenset[str]:
    return words.words(text) - words.plain_words(text)


def _means(bullet: str, other: str) -> bool:
    """Whether a bullet has the meaning of another: the same words, or words of one meaning."""
    if not _may_repeat(bullet, other) or _denies(bullet) != _denies(other):
        return False
    mine, theirs = words.concepts(bullet), words.concepts(other)
    if not mine or not theirs:
        return bool(_identifiers(bullet)) and words.words(bullet) == words.words(other)
    alike = 2 * len(mine & theirs) / (len(mine) + len(theirs))
    return alike >= 0.75 or (len(mine) >= 3 and words.share(mine, theirs) >= 0.8)


def _denies(text: str) -> bool:
    return words.negated(text) or "not" in words.concepts(text)


def repeats(points: tuple[str, ...]) -> list[tuple[str, str]]:
    """The bullets that say again what an earlier one says, each with the earlier one."""
    found = []
    for at, bullet in enumerate(points):
        earlier = next((other for other in points[:at] if is_repeat(bullet, other)), None)
        if earlier is not None:
            found.append((bullet, earlier))
    return found


def redundant(case: Case) -> list[str]:
    """Bullets that repeat an earlier one, or with a sentence that was told before."""
    found: list[str] = []
    told: list[str] = []
    for at, bullet in enumerate(case.points):
        again = any(is_repeat(bullet, other) for other in case.points[:at])
        for sentence in interaction.sentences(bullet):
            again |= any(is_repeat(sentence, other) for other in told)
            told.append(sentence)
        found += [bullet] if again else []
    return found


def not_identified(case: Case) -> list[str]:
    """The language, where it is not English and no bullet names it."""
    if case.language == "English" or names_language(" ".join(case.bullets)):
        return []
    return [case.language]


CHECKS: dict[str, Callable[[Case], list[str]]] = {
    "content_missing": missing,
    "content_order": order,
    "content_inaccurate": inaccurate,
    "content_hallucination": hallucination,
    "nothing_to_summarize": nothing,
    "unn_content_redundant": redundant,
    "language_non_english_not_identified": not_identified,
}
