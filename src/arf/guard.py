"""The guard: whether an edit did what it was for, and nothing else."""

import re
from collections import Counter
from difflib import SequenceMatcher

from arf.checks import CHECKS
from arf.checks.case import Case
from arf.checks.content import is_repeat, redundant, repeats
from arf.reading import entities, interaction, moods, roles, wording, words
from arf.summary import bullets

_CLAUSE = re.compile(
    r"[,;]\s+(?:(?:and|but|so|or)\s+)?|\s+(?:and|but|so|because)\s+", re.IGNORECASE
)
_FACT = 3  # weight (arf.reading.wording) from which a clause beside the fault must stay


def verify(code: str, before: str, after: str, text: str, channel: str) -> str:
    """Return "" for an edit to accept, else the reason to refuse it.

    Reasons: list_broken, error_remains, entity_lost:<kind>, entity_invented:<kind>, role_lost,
    role_invented, content_cut (another bullet than the faulty ones went or changed, or from a
    faulty one a fact or a denial) and content_added. A summary without the error is accepted
    unchanged.
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
    return _entities(old, new) or _roles(old, new) or _content(code, old, new)


def _entities(old: Case, new: Case) -> str:
    before, after = _keys(old.bullets), _keys(new.bullets)
    for key, kind in before.items():
        if key not in after:
            return f"entity_lost:{kind}"
    for key, kind in after.items():
        if key not in before:
            return f"entity_invented:{kind}"
    return ""


def _keys(points: tuple[str, ...]) -> dict[str, str]:
    return {found.key: found.kind for point in points for found in entities.find(point)}


def _roles(old: Case, new: Case) -> str:
    before = set().union(*map(roles.stated, old.bullets))
    after = set().union(*map(roles.stated, new.bullets))
    if before - after:
        return "role_lost"
    return "role_invented" if after - before else ""


def _content(code: str, old: Case, new: Case) -> str:
    left = Counter(map(_plain, new.points))
    gone = []
    for point in old.points:
        if left[_plain(point)] > 0:
            left[_plain(point)] -= 1
        else:
            gone.append(point)
    rest = [point for point in new.points if left[_plain(point)] > 0]
    faulty = _touchable(code, old)
    if any(point not in faulty for point in gone) or _kept_neither(code, old, new):
        return "content_cut"
    if any(not any(_is_part(point, whole) for whole in gone) for point in rest):
        return "content_added"
    if any(_lost(code, point, new) for point in gone) or any(
        _turned(point, gone) for point in rest
    ):
        return "content_cut"
    return ""


def _lost(code: str, point: str, new: Case) -> bool:
    """Whether a clause went that says something, has no fault and is said nowhere else."""
    clauses = _clauses(point)
    if code not in CHECKS or moods.is_mood(point):
        return False
    if any(is_repeat(point, kept) and len(clauses) <= len(_clauses(kept)) for kept in new.points):
        return False
    said = [clause for kept in new.points for clause in (kept, *_clauses(kept))]
    return any(
        wording.weight(clause) >= _FACT
        and not CHECKS[code](Case((clause,), new.text))
        and not any(_is_part(clause, kept) or is_repeat(clause, kept) for kept in said)
        for clause in clauses
    )


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
