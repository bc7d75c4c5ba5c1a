"""The guard: whether an edit did what it was for, and nothing else."""

import re
from collections import Counter
from difflib import SequenceMatcher

from distill.tasks.summarize.checks import CHECKS, identifiers
from distill.tasks.summarize.checks.case import Case
from distill.tasks.summarize.checks.content import (
    hallucination,
    inaccurate,
    is_repeat,
    redundant,
    repeats,
)
from distill.tasks.summarize.checks.identifiers import role
from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import entities, interaction, moods, roles, wording, words

_CLAUSE = re.compile(
    r"[,;]\s+(?:(?:and|but|so|or)\s+)?|\s+(?:and|but|so|because)\s+", re.IGNORECASE
)
_FACT = 3  # weight (reading.wording) from which a clause beside the fault must stay


def verify(  # noqa: PLR0913 - the edit, what it was for, and what the editor saw
    code: str, before: str, after: str, text: str, *, informed: bool = False, evidence: str = ""
) -> str:
    """Return "" for an edit to accept, else the reason to refuse it.

    `informed`: the editor saw the interaction. Then the edit may correct and complete the faulty
    bullets and add others, with what the interaction holds. `evidence`: the words that were found
    to show the error; where no check knows the code, they alone tell what may go.

    Reasons: list_broken, error_remains, entity_lost:<kind>, entity_invented:<kind>, role_lost,
    role_invented, content_cut (another bullet than the faulty ones went or changed, or from a
    faulty one a fact or a denial), content_added, content_moved and, for an informed edit,
    error_added:<code>. A summary without the error is accepted unchanged.
    """
    try:
        new = Case(tuple(bullets(after)), text)
    except ValueError:
        return "list_broken"
    if code in CHECKS and CHECKS[code](new):
        return "error_remains"
    try:
        old = Case(tuple(bullets(before)), text)
    except ValueError:
        return ""
    return (
        _entities(old, new, informed)
        or _roles(old, new, informed)
        or _content(code, old, new, informed, evidence)
        or _moved(code, old, new)
        or (_error_added(old, new) if informed else "")
    )


def _entities(old: Case, new: Case, informed: bool) -> str:
    before, after = _keys(old.bullets), _keys(new.bullets)
    known = new.text_keys if informed else frozenset()
    for key, kind in before.items():
        if key not in after and (key in known or not informed):
            return f"entity_lost:{kind}"
    for key, kind in after.items():
        if key not in before and key not in known:
            return f"entity_invented:{kind}"
    return ""


def _keys(points: tuple[str, ...]) -> dict[str, str]:
    return {found.key: found.kind for point in points for found in entities.find(point)}


def _roles(old: Case, new: Case, informed: bool) -> str:
    before = set().union(*map(roles.stated, old.bullets))
    after = set().union(*map(roles.stated, new.bullets))
    lost, invented = before - after, after - before
    if informed:
        lost, invented = lost & role(new), invented - role(new)
    if lost:
        return "role_lost"
    return "role_invented" if invented else ""


def _moved(code: str, old: Case, new: Case) -> str:
    """Whether bullets that stayed changed places, but where the error is their order."""
    before, after = (list(map(_plain, case.points)) for case in (old, new))
    stayed = {point for point in before if before.count(point) == after.count(point) == 1}
    orders = [[point for point in points if point in stayed] for points in (before, after)]
    return "content_moved" if code != "content_order" and orders[0] != orders[1] else ""


def _content(code: str, old: Case, new: Case, informed: bool, evidence: str) -> str:
    left = Counter(map(_plain, new.points))
    gone = []
    for point in old.points:
        if left[_plain(point)] > 0:
            left[_plain(point)] -= 1
        else:
            gone.append(point)
    rest = [point for point in new.points if left[_plain(point)] > 0]
    if informed:  # a bullet that was completed is not gone
        gone = [point for point in gone if not any(_is_part(point, whole) for whole in rest)]
    faulty = _touchable(code, old)
    if any(point not in faulty for point in gone) or _kept_neither(code, old, new):
        return "content_cut"
    cut = [point for point in rest if any(_is_part(point, whole) for whole in gone)]
    unfounded = {*hallucination(new), *inaccurate(new)} if informed else set(rest)
    if any(point in unfounded for point in rest if point not in cut):
        return "content_added"
    lost = any(_lost(code, point, new, evidence) for point in gone)
    if lost or any(_turned(point, gone) for point in cut):
        return "content_cut"
    return ""


def _error_added(old: Case, new: Case) -> str:
    added = (code for code, check in CHECKS.items() if check(new) and not check(old))
    return next((f"error_added:{code}" for code in added), "")


def _lost(code: str, point: str, new: Case, evidence: str) -> bool:
    """Whether a clause went that says something, has no fault and is said nowhere else."""
    clauses = _clauses(point)
    if moods.is_mood(point):
        return False
    if any(is_repeat(point, kept) and len(clauses) <= len(_clauses(kept)) for kept in new.points):
        return False
    said = [clause for kept in new.points for clause in (kept, *_clauses(kept))]
    return any(
        wording.weight(clause) >= _FACT
        and not _has_fault(code, clause, new, evidence)
        and not any(_is_part(clause, kept) or is_repeat(clause, kept) for kept in said)
        for clause in clauses
    )


def _has_fault(code: str, clause: str, new: Case, evidence: str) -> bool:
    if code in CHECKS:
        return bool(CHECKS[code](Case((clause,), new.text)))
    return bool(evidence) and (_is_part(clause, evidence) or _is_part(evidence, clause))


def _clauses(point: str) -> list[str]:
    """The clauses of a bullet's sentences; an opening such as "As I said" is none by itself."""
    found = []
    for sentence in interaction.sentences(point):
        first, *rest = _CLAUSE.split(sentence)
        if rest and words.announces_repeat(first) and wording.weight(first) < _FACT:
            first, *rest = f"{first}, {rest[0]}", *rest[1:]
        found += [first, *rest]
    return found


def _turned(part: str, wholes: list[str]) -> bool:
    """Whether a denial alone was cut out of what a bullet says."""
    return all(_denial_cut(part, whole) for whole in wholes if _is_part(part, whole))


def _denial_cut(part: str, whole: str) -> bool:
    before, after = _spoken(whole), _spoken(part)
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return any(
        tag == "delete" and words.NEGATIONS.issuperset(before[start:end])
        for tag, start, end, _, _ in changes
    )


def _touchable(code: str, case: Case) -> set[str]:
    """The bullets that an edit for this error may drop or shorten."""
    if code == "unn_content_redundant":
        return {point for pair in repeats(case.points) for point in pair} | set(redundant(case))
    touchable = set(CHECKS[code](case)) if code in CHECKS else set(case.points)
    if code.startswith("customer_type_"):
        touchable = {point for point in case.points if roles.stated(point)}
    elif code in identifiers.CHECKS:  # these checks name the value, not its bullet
        touchable = {point for point in case.points if any(value in point for value in touchable)}
    if code.startswith("sentiment_"):
        touchable |= {point for point in case.points if moods.is_mood(point)}
    return touchable


def _kept_neither(code: str, old: Case, new: Case) -> bool:
    """Whether a statement and its repetition both went."""
    if code != "unn_content_redundant":
        return False
    kept = {_plain(point) for point in new.points}
    return any(kept.isdisjoint(map(_plain, pair)) for pair in repeats(old.points))


def _plain(bullet: str) -> str:
    return " ".join(words.strip(bullet).casefold().split())


def _is_part(part: str, whole: str) -> bool:
    """Whether the words of one stand in the other, in order."""
    spoken = iter(_spoken(whole))
    return all(word in spoken for word in _spoken(part))


def _spoken(text: str) -> list[str]:
    return [words.strip(word) for word in text.casefold().replace(",", " ").split()]
