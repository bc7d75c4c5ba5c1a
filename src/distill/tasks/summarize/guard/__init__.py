"""The guard: accepts an edit only if it repaired its error and changed nothing else.

An edit may reword the points, also those that hold a fact and the error in one: "Customer is upset
that the lid is broken" may become "The lid is broken" but may not go. Rewordings are compared by
their concepts (guard.facts), and what belongs to the error by its wording (guard.wordings). In
doubt the edit is refused: the parent's text stays.
"""

import re

from distill.tasks.summarize.checks import CHECKS, identifiers
from distill.tasks.summarize.checks.case import Case
from distill.tasks.summarize.checks.identifiers import customer_roles
from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.guard import wordings
from distill.tasks.summarize.guard.facts import Concepts, concepts, negations, without_negations
from distill.tasks.summarize.reading import entities, interaction, roles, words

_CLAUSE = re.compile(
    r"[,;]\s+(?:(?:and|but|so|or)\s+)?|\s+(?:and|but|so|because)\s+", re.IGNORECASE
)
_SUPPORTED = 0.75  # least share of an added point's concepts that the interaction has
_HARM = [code for code in CHECKS if "missing" not in code and code != "nothing_to_summarize"]


def verify(  # noqa: PLR0913 - the edit, its error and evidence, and the editor's view
    code: str, before: str, after: str, text: str, *, informed: bool = False, evidence: str = ""
) -> str:
    """Return "" for an edit to accept, else the reason to reject it.

    `informed`: the editor saw the interaction, so the edit may also correct and complete the faulty
    bullets and add others, if the interaction supports them. `evidence`: the quoted words of the
    finding; where no check detects the code, an edit may remove these words only.

    Reasons: list_broken, error_remains, entity_lost:<kind>, entity_invented:<kind>, role_lost,
    role_invented, content_cut (a fact or a negation went), content_added, content_moved and, for an
    informed edit, error_added:<code>. An unchanged summary without the error is accepted.
    """
    try:
        new = Case(tuple(bullets(after)), text)
    except ValueError:
        return "list_broken"
    if _remains(code, new):
        return "error_remains"
    try:
        old = Case(tuple(bullets(before)), text)
    except ValueError:
        return ""
    return (
        _entities(old, new, informed)
        or _roles(old, new, informed)
        or ("content_cut" if _cut(code, old, new, informed, evidence) else "")
        or ("content_added" if _added(old, new, informed) else "")
        or _moved(code, old, new)
        or (_error_added(old, new) if informed else "")
    )


def _remains(code: str, new: Case) -> bool:
    """Return whether a check, or the wording of a clause, still shows the error."""
    if code in CHECKS and CHECKS[code](new):
        return True
    stated = wordings.STATED.get(code)
    if stated and stated.search(new.customer_text):
        return False
    return any(wordings.shows(code, clause) for point in new.points for clause in _clauses(point))


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


def _cut(code: str, old: Case, new: Case, informed: bool, evidence: str) -> bool:
    """Return whether a fact, or a negation, of an old point is in no new one."""
    kept = set(map(_plain, new.points))
    changed = [point for point in old.points if _plain(point) not in kept]
    corrected = _wrong_figures(old) if informed else frozenset()
    for point in changed:
        holders = _holders(point, new)
        for fact in _facts(code, point, old, evidence):
            if not any(fact - corrected <= holder for holder in holders):
                return True
    return code != "unn_content_redundant" and _negation_cut(code, changed, old, new, evidence)


def _holders(point: str, new: Case) -> list[Concepts]:
    """Return the concepts of each new point, and of those together that hold parts of `point`."""
    whole, found = concepts(point), list(map(concepts, new.points))
    return [*found, frozenset().union(*(part for part in found if part <= whole))]


def _facts(code: str, point: str, old: Case, evidence: str) -> list[Concepts]:
    """Return the concepts of each clause, without the error's own."""
    return [
        concepts(wordings.faultless(code, clause)) - _faulty_values(code, clause, old)
        for clause in _clauses(point)
        if not _is_error(code, clause, old, evidence)
    ]


def _is_error(code: str, clause: str, old: Case, evidence: str) -> bool:
    """Return whether a clause is the error as a whole."""
    if code.startswith("customer_type_"):
        return bool(roles.stated(clause))
    if code in wordings.WORDINGS:
        return False  # its own words are known, the others may be a fact
    if code in CHECKS:
        return clause in CHECKS[code](Case((clause,), old.text))
    return bool(evidence) and (_is_part(clause, evidence) or _is_part(evidence, clause))


def _faulty_values(code: str, clause: str, old: Case) -> Concepts:
    """Return the concepts of an identifier's check's values."""
    if code not in identifiers.CHECKS:
        return frozenset()
    values = identifiers.CHECKS[code](Case((clause,), old.text))
    return frozenset().union(*(concepts(value) for value in values if value in clause))


def _wrong_figures(old: Case) -> Concepts:
    """Return the old points' figures that the interaction does not have."""
    stated = frozenset().union(*map(concepts, old.points))
    known = concepts(old.text)
    return frozenset(word for word in stated - known if any(map(str.isdigit, word)))


def _negation_cut(code: str, changed: list[str], old: Case, new: Case, evidence: str) -> bool:
    """Return whether the new points have fewer negations than the changed points' facts."""
    before = sum(
        negations(fact) for point in changed for fact in _facts(code, point, old, evidence)
    )
    stayed = set(map(_plain, old.points))
    after = sum(negations(concepts(point)) for point in new.points if _plain(point) not in stayed)
    return bool(after) and after < before


def _added(old: Case, new: Case, informed: bool) -> bool:
    """Return whether a new point has a concept that its sources lack.

    Its sources are an old point, or several old ones of which it has a clause each. The points of
    an informed edit may also come from the interaction.
    """
    stayed = set(map(_plain, old.points))
    return any(
        not _is_derived(point, old) and not (informed and _is_supported(point, new))
        for point in new.points
        if _plain(point) not in stayed
    )


def _is_derived(point: str, old: Case) -> bool:
    found = concepts(point)
    merged = [
        concepts(source)
        for source in old.points
        if any(clause and clause <= found for clause in map(concepts, _clauses(source)))
    ]
    sources = [*map(concepts, old.points), frozenset().union(*merged)]
    return any(found <= source for source in sources)


def _is_supported(point: str, new: Case) -> bool:
    """Return whether the interaction has a point's concepts, and no sentence contradicts it."""
    found = concepts(point)
    if len(found & concepts(new.text)) < _SUPPORTED * len(found):
        return False
    return not any(_contradicts(point, sentence) for sentence in new.customer_sentences)


def _contradicts(point: str, sentence: str) -> bool:
    one, other = concepts(point), concepts(sentence)
    same = without_negations(one) == without_negations(other)
    return same and negations(one) != negations(other)


def _moved(code: str, old: Case, new: Case) -> str:
    """Return "content_moved" where unchanged bullets are in another order than before."""
    before, after = (list(map(_plain, case.points)) for case in (old, new))
    unchanged = {point for point in before if before.count(point) == after.count(point) == 1}
    orders = [[point for point in points if point in unchanged] for points in (before, after)]
    return "content_moved" if code != "content_order" and orders[0] != orders[1] else ""


def _error_added(old: Case, new: Case) -> str:
    added = (code for code in _HARM if CHECKS[code](new) and not CHECKS[code](old))
    return next((f"error_added:{code}" for code in added), "")


def _clauses(point: str) -> list[str]:
    return [
        clause for sentence in interaction.sentences(point) for clause in _CLAUSE.split(sentence)
    ]


def _plain(bullet: str) -> str:
    return " ".join(words.strip(bullet).casefold().split())


def _is_part(part: str, whole: str) -> bool:
    """Return whether the words of `part` are a subsequence of the words of `whole`."""
    following = iter(_word_list(whole))
    return all(word in following for word in _word_list(part))


def _word_list(text: str) -> list[str]:
    return [words.strip(word) for word in text.casefold().replace(",", " ").split()]
