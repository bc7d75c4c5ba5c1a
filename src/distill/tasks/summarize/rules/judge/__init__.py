"""The rules that stand in for the annotator and the judge: they read facts and paraphrase.

They compare clauses of the summary with clauses of the interaction by MiniLM embeddings, their
likeness to the meanings of a phrasebook, content words and exact values. Nothing here is shared
with the teacher's or the editor's rules, the checks, or the sample's truth: how far these rules
follow truth is a result.
"""

import json
from collections.abc import Iterator

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.rules.judge import (
    coverage,
    figures,
    languages,
    meaning,
    noise,
    roles,
    support,
)
from distill.tasks.summarize.rules.judge.case import Case, is_nothing
from distill.tasks.summarize.rules.judge.interaction import Interaction

Error = tuple[str, str]  # code, quote

# Products are small: on a busy machine threads that wait for each other took twelve times as long.
_LIBRARIES = ThreadpoolController()
_LONGEST_QUOTE = 160  # characters
_SHORT = 30  # words; a summary up to this length is concise
_LONG_POINT = 60  # words; a summary with a longer point is not concise


def annotate(channel: str, text: str, summary: str) -> str:
    """Return JSON {"errors": [{"code", "quote"}, ...]}."""
    with _LIBRARIES.limit(limits=1, user_api="blas"):
        errors = _listed(channel, Case.of(text, summary))
    return json.dumps({"errors": errors}, ensure_ascii=False)


def judge(channel: str, text: str, summary: str) -> str:
    """Return JSON {"errors": [{"code", "quote"}, ...], "concise": true or false}."""
    with _LIBRARIES.limit(limits=1, user_api="blas"):
        case = Case.of(text, summary)
        verdict = {"errors": _listed(channel, case), "concise": _is_concise(case)}
    return json.dumps(verdict, ensure_ascii=False)


def _listed(channel: str, case: Case) -> list[dict[str, str]]:
    codes = taxonomy.load()
    errors = dict.fromkeys(_errors(case))
    return [
        {"code": code if codes[code].applies_to(channel) else "unn_other", "quote": _short(quote)}
        for code, quote in errors
        if codes[code].applies_to(channel) or code.startswith("unn_")
    ]


def _short(quote: str) -> str:
    if len(quote) <= _LONGEST_QUOTE:
        return quote
    return quote[:_LONGEST_QUOTE].rpartition(" ")[0] or quote[:_LONGEST_QUOTE]


def _errors(case: Case) -> Iterator[Error]:
    if not case.is_well_formed:
        yield "content_other", case.points[0] if case.points else ""
    if not case.points:
        return
    is_empty = not coverage.important(case) and not _case_fields(case.interaction)
    if is_empty or case.says_nothing:
        yield from _empty(case, is_empty)
        return
    yield from support.errors(case)
    yield from coverage.redundant(case)
    yield from _role(case)
    yield from coverage.language(case)
    if languages.identify(" ".join(case.interaction.own)) == "english":
        yield from coverage.missing(case)
    yield from figures.errors(case)


def _empty(case: Case, is_empty: bool) -> Iterator[Error]:
    """Yield the errors where the interaction has no content or the summary says so."""
    if is_empty and not case.says_nothing:
        found = [(clause.noise, clause.text) for clause in case.stated]
        if all(code not in ("", noise.SELF) for code, _ in found):
            yield from found
        else:
            yield "nothing_to_summarize", case.points[0]
    elif case.says_nothing and not is_empty:
        yield "nothing_to_summarize", case.points[0]


def _case_fields(interaction: Interaction) -> bool:
    return any(figures.is_case_field(label) for label in interaction.fields)


def _role(case: Case) -> Iterator[Error]:
    """Yield the error of the customer's role in a form or an e-mail."""
    if not case.interaction.is_form:
        return
    claimed = {role: point for point in case.points for role in roles.claims(point)}
    given = roles.given(case.interaction)
    expected = given or roles.implied(case.interaction)
    wrong = _wrong_lead(case, expected)
    if wrong and not claimed:
        yield "customer_type_inaccurate", wrong
    elif len(claimed) > 1:
        yield "customer_type_other", claimed[min(claimed)]
    elif claimed and expected and expected not in claimed:
        yield "customer_type_inaccurate", next(iter(claimed.values()))
    elif given and not claimed and not any(map(roles.names_one, case.points)):
        yield "customer_type_missing", given


def _wrong_lead(case: Case, expected: str) -> str:
    """Return the first point that begins with the other role for what the customer did, or ""."""
    for point in case.points:
        other = roles.leads(point) - {expected}
        if expected and other and case.own:
            own = [clause.text for clause in case.own]
            cosines = meaning.cosines([point], own)[0]
            nearest = int(cosines.argmax())
            if cosines[nearest] >= 0.5 and not roles.names(own[nearest]) & other:
                return point
    return ""


def _is_concise(case: Case) -> bool:
    """Return whether the summary is no longer than what it summarizes, and no point rambles."""
    if not case.is_well_formed:
        return False
    lengths = [len(point.split()) for point in case.points if not is_nothing(point)]
    allowed = max(_SHORT, len(case.interaction.customer_text.split()))
    return sum(lengths) <= allowed and max(lengths, default=0) <= _LONG_POINT
