"""The guard: whether an edit did what it was for, and nothing else."""

from collections import Counter

from arf.checks import CHECKS
from arf.checks.case import Case
from arf.checks.content import redundant, repeats
from arf.reading import entities, moods, roles, words
from arf.summary import bullets


def verify(code: str, before: str, after: str, text: str, channel: str) -> str:
    """Return "" for an edit to accept, else the reason to refuse it.

    Reasons: list_broken, error_remains, entity_lost:<kind>, entity_invented:<kind>, role_lost,
    role_invented, content_cut (another bullet than the faulty ones went or changed) and
    content_added. A summary without the error is accepted unchanged.
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
    faulty = _touchable(code, old)
    if any(point not in faulty for point in gone) or _kept_neither(code, old, new):
        return "content_cut"
    rest = [point for point in new.points if left[_plain(point)] > 0]
    if any(not any(_is_part(point, whole) for whole in gone) for point in rest):
        return "content_added"
    return ""


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
    words = iter(whole.casefold().replace(",", " ").split())
    return all(word in words for word in part.casefold().replace(",", " ").split())
