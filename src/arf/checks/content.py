"""Checks of what is told: points missing, in another order, garbled, made up; language."""

from collections.abc import Callable

from arf import wording
from arf.checks.case import MATCH, Case
from arf.language import identify, names_language
from arf.roles import stated

_IMPORTANT = 4  # weight (arf.wording) from which a sentence must be told


def _left_out_rightly(sentence: str) -> bool:
    return (
        wording.asks_for_agent(sentence)
        or wording.asks_for_copy(sentence)
        or wording.tells_transfer(sentence)
        or wording.is_mood(sentence)
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
        for sentence in case.own
        if important(sentence)
        and len(wording.plain_words(sentence)) >= 2
        and not case.covered(sentence)
    ]


def _position(case: Case, bullet: str) -> list[int]:
    found = wording.words(bullet)
    shares = [wording.share(found, wording.words(sentence)) for sentence in case.own]
    best = max(shares, default=0.0)
    return [at for at, share in enumerate(shares) if best >= 0.8 and share >= best - 0.2]


def order(case: Case) -> list[str]:
    """Bullets whose sentence stands before the sentence of an earlier bullet."""
    last, late = -1, []
    for bullet in case.points:
        places = _position(case, bullet)
        if not places:
            continue
        following = [place for place in places if place >= last]
        if following:
            last = following[0]
        elif not any(is_repeat(bullet, other) for other in case.points if other is not bullet):
            late.append(bullet)
    return late


def _judged_by_words(case: Case, bullet: str) -> bool:
    """Whether the bullet's words must be found in the text."""
    if len(wording.plain_words(bullet)) == 0 or stated(bullet):
        return False
    if any(fault(bullet) for fault in wording.FAULTS.values()) and not _verbatim(case, bullet):
        return False
    return identify(bullet) == case.language


def _verbatim(case: Case, bullet: str) -> bool:
    return wording.strip(bullet).casefold() in case.text.casefold()


def hallucination(case: Case) -> list[str]:
    """Bullets most of whose content words do not occur in the text."""
    return [
        bullet
        for bullet in _points_with_basis(case)
        if wording.share(wording.plain_words(bullet), case.text_words) < 0.34
    ]


def inaccurate(case: Case) -> list[str]:
    """Bullets that garble: some words are not the text's, or they stand nowhere together."""
    garbled = []
    for bullet in _points_with_basis(case):
        found = wording.plain_words(bullet)
        known = wording.share(found, case.text_words)
        if 0.34 <= known < 0.75 or (known >= 0.75 and _twisted(case, bullet)):
            garbled.append(bullet)
    return garbled


def _points_with_basis(case: Case) -> list[str]:
    if _empty(case):
        return []  # nothing_to_summarize says it
    return [bullet for bullet in case.points if _judged_by_words(case, bullet)]


def _twisted(case: Case, bullet: str) -> bool:
    """Known words, but of sentences far apart, or the closest sentence with a denial turned."""
    if _verbatim(case, bullet):
        return False
    found = wording.plain_words(bullet)
    lines = [*case.own, *case.interaction.others]
    lines += [f"{label}: {value}" for label, value in case.interaction.fields]
    closest = max(lines, key=lambda line: wording.share(found, wording.words(line)), default="")
    near = wording.share(found, wording.words(closest))
    pairs = zip(case.own, case.own[1:], strict=False)
    together = max((wording.share(found, wording.words(a + " " + b)) for a, b in pairs), default=0)
    if len(found) >= 4 and max(near, together) < MATCH:
        return True
    same = wording.share(wording.plain_words(closest), wording.words(bullet))
    return near >= 0.8 and same >= 0.8 and wording.negated(closest) != wording.negated(bullet)


def nothing(case: Case) -> list[str]:
    """A denial of content that is there, or a point where there is none."""
    if not case.points:
        return ["content denied"] if _has_content(case) else []
    if not _empty(case):
        return []
    return [
        bullet
        for bullet in case.points
        if not any(fault(bullet) for fault in wording.FAULTS.values()) and not stated(bullet)
    ]


def is_repeat(bullet: str, other: str) -> bool:
    """Near-equal content words, and no identifier or figure by which the two differ."""
    one, two = wording.words(bullet), wording.words(other)
    if not one or not two:
        return False
    ids, other_ids = one - wording.plain_words(bullet), two - wording.plain_words(other)
    if ids and other_ids and not (ids <= other_ids or other_ids <= ids):
        return False
    if wording.announces_repeat(bullet) and not ids:
        return True
    small, large = sorted((one, two), key=len)
    if wording.negated(bullet) != wording.negated(other) and small != large:
        return False
    alike = 2 * len(small & large) / (len(small) + len(large))
    return alike >= 0.7 or (len(small) >= 3 and wording.share(small, large) >= 0.8)


def repeats(points: tuple[str, ...]) -> list[tuple[str, str]]:
    """The bullets that say again what an earlier one says, each with the earlier one."""
    found = []
    for at, bullet in enumerate(points):
        earlier = next((other for other in points[:at] if is_repeat(bullet, other)), None)
        if earlier is not None:
            found.append((bullet, earlier))
    return found


def redundant(case: Case) -> list[str]:
    """Bullets that repeat an earlier one."""
    return [bullet for bullet, _ in repeats(case.points)]


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
