"""The guard: accepts an edit only if it repaired its error and changed nothing else."""

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
from distill.tasks.summarize.checks.identifiers import customer_roles
from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import entities, interaction, moods, roles, wording, words

_CLAUSE = re.compile(
    r"[,;]\s+(?:(?:and|but|so|or)\s+)?|\s+(?:and|but|so|because)\s+", re.IGNORECASE
)
_FACT = 3  # least weight (reading.wording) of a clause that an edit must not remove


def verify(  # noqa: PLR0913 - the edit, its error and evidence, and the editor's view
    code: str, before: str, after: str, text: str, *, informed: bool = False, evidence: str = ""
) -> str:
    """Return "" for an edit to accept, else the reason to reject it.

    `informed`: the editor saw the interaction, so the edit may also correct and complete the faulty
    bullets and add others, if the interaction supports them. `evidence`: the quoted words of the
    finding; where no check detects the code, an edit may remove these words only.

    Reasons: list_broken, error_remains, entity_lost:<kind>, entity_invented:<kind>, role_lost,
    role_invented, content_cut (a bullet without the error was removed or changed, or a faulty one
    lost a fact or a negation), content_added, content_moved and, for an informed edit,
    error_added:<code>. An unchanged summary without the error is accepted.
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
    before, after = _kinds_by_key(old.bullets), _kinds_by_key(new.bullets)
    known = new.text_keys if informed else frozenset()
    for key, kind in before.items():
        if key not in after and (key in known or not informed):
            return f"entity_lost:{kind}"
    for key, kind in after.items():
        if key not in before and key not in known:
            return f"entity_invented:{kind}"
    return ""


def _kinds_by_key(points: tuple[str, ...]) -> dict[str, str]:
    return {entity.key: entity.kind for point in points for entity in entities.find(point)}


def _roles(old: Case, new: Case, informed: bool) -> str:
    before = set().union(*map(roles.stated, old.bullets))
    after = set().union(*map(roles.stated, new.bullets))
    lost, invented = before - after, after - before
    if informed:
        lost, invented = lost & customer_roles(new), invented - customer_roles(new)
    if lost:
        return "role_lost"
    return "role_invented" if invented else ""


def _moved(code: str, old: Case, new: Case) -> str:
    """Return "content_moved" where unchanged bullets are in another order than before."""
    before, after = (list(map(_plain, case.points)) for case in (old, new))
    unchanged = {point for point in before if before.count(point) == after.count(point) == 1}
    orders = [[point for point in points if point in unchanged] for points in (before, after)]
    return "content_moved" if code != "content_order" and orders[0] != orders[1] else ""


def _content(code: str, old: Case, new: Case, informed: bool, evidence: str) -> str:
    removed, added = _removed_and_added(old, new)
    if informed:  # a completed bullet is not removed
        removed = [point for point in removed if not any(_is_part(point, more) for more in added)]
    editable = _editable(code, old)
    if any(point not in editable for point in removed) or _lost_both(code, old, new):
        return "content_cut"
    shortened = [point for point in added if any(_is_part(point, whole) for whole in removed)]
    unsupported = {*hallucination(new), *inaccurate(new)} if informed else set(added)
    if any(point in unsupported for point in added if point not in shortened):
        return "content_added"
    if any(_loses_fact(code, point, new, evidence) for point in removed):
        return "content_cut"
    return "content_cut" if any(_lost_negation(point, removed) for point in shortened) else ""


def _removed_and_added(old: Case, new: Case) -> tuple[list[str], list[str]]:
    """Return the points of `old` that `new` lacks, and the points of `new` that `old` lacks."""
    unmatched = Counter(map(_plain, new.points))
    removed = []
    for point in old.points:
        if unmatched[_plain(point)] > 0:
            unmatched[_plain(point)] -= 1
        else:
            removed.append(point)
    return removed, [point for point in new.points if unmatched[_plain(point)] > 0]


def _error_added(old: Case, new: Case) -> str:
    added = (code for code, check in CHECKS.items() if check(new) and not check(old))
    return next((f"error_added:{code}" for code in added), "")


def _loses_fact(code: str, point: str, new: Case, evidence: str) -> bool:
    """Return whether a removed point has a faultless fact that no remaining point states."""
    clauses = _clauses(point)
    if moods.is_mood(point):
        return False
    if any(is_repeat(point, kept) and len(clauses) <= len(_clauses(kept)) for kept in new.points):
        return False
    remaining = [clause for kept in new.points for clause in (kept, *_clauses(kept))]
    return any(
        wording.weight(clause) >= _FACT
        and not _has_error(code, clause, new, evidence)
        and not any(_is_part(clause, kept) or is_repeat(clause, kept) for kept in remaining)
        for clause in clauses
    )


def _has_error(code: str, clause: str, new: Case, evidence: str) -> bool:
    if code in CHECKS:
        return bool(CHECKS[code](Case((clause,), new.text)))
    return bool(evidence) and (_is_part(clause, evidence) or _is_part(evidence, clause))


def _clauses(point: str) -> list[str]:
    """Return the clauses of a bullet's sentences; "As I said" belongs to the clause after it."""
    clauses = []
    for sentence in interaction.sentences(point):
        first, *others = _CLAUSE.split(sentence)
        if others and words.announces_repeat(first) and wording.weight(first) < _FACT:
            first, *others = f"{first}, {others[0]}", *others[1:]
        clauses += [first, *others]
    return clauses


def _lost_negation(part: str, wholes: list[str]) -> bool:
    """Return whether shortening removed a negation by itself from every possible original."""
    return all(_negation_cut(part, whole) for whole in wholes if _is_part(part, whole))


def _negation_cut(part: str, whole: str) -> bool:
    before, after = _word_list(whole), _word_list(part)
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return any(
        tag == "delete" and words.NEGATIONS.issuperset(before[start:end])
        for tag, start, end, _, _ in changes
    )


def _editable(code: str, case: Case) -> set[str]:
    """Return the bullets that an edit for this error may remove or shorten."""
    if code == "unn_content_redundant":
        return {point for pair in repeats(case.points) for point in pair} | set(redundant(case))
    editable = set(CHECKS[code](case)) if code in CHECKS else set(case.points)
    if code.startswith("customer_type_"):
        editable = {point for point in case.points if roles.stated(point)}
    elif code in identifiers.CHECKS:  # these checks report the value, not its bullet
        editable = {point for point in case.points if any(value in point for value in editable)}
    if code.startswith("sentiment_"):
        editable |= {point for point in case.points if moods.is_mood(point)}
    return editable


def _lost_both(code: str, old: Case, new: Case) -> bool:
    """Return whether an edit removed both a statement and its repetition."""
    if code != "unn_content_redundant":
        return False
    kept = {_plain(point) for point in new.points}
    return any(kept.isdisjoint(map(_plain, pair)) for pair in repeats(old.points))


def _plain(bullet: str) -> str:
    return " ".join(words.strip(bullet).casefold().split())


def _is_part(part: str, whole: str) -> bool:
    """Return whether the words of `part` are a subsequence of the words of `whole`."""
    following = iter(_word_list(whole))
    return all(word in following for word in _word_list(part))


def _word_list(text: str) -> list[str]:
    return [words.strip(word) for word in text.casefold().replace(",", " ").split()]
