"""FAIR's verdict: what the rationales are worth to the student, what the gate is worth, the costs.

Each function draws one conclusion from the figures of effects.json, gates.json and cost.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from distill.params.fair import Fair
from distill.records import Row
from distill.report import costs, differences
from distill.report.differences import Difference
from distill.report.fair import accuracy
from distill.report.page import GOOD, OPEN, Conclusion

POINTS = 100
PRECISION = "precision"
GATES = {
    "none": "no gate",
    "match": "the answer match alone",
    "peers": "the peers alone",
    "both": "the gate of match and peers",
}


class Work(NamedTuple):
    """The mistakes that the committee was asked about, and the calls that it got."""

    mistakes: int
    calls: int


def conclusions(
    params: Fair,
    effects: Sequence[Row],
    gates: Mapping[str, Any],
    work: Work,
    spent: costs.Costs,
) -> list[Conclusion]:
    """Return the verdict."""
    gate = params.all_versions[params.report.version].gate
    found = of_version(params, effects)
    learnt, is_once = students(params.report.version, found), any(differences.once(found))
    kept = committee(gate, gates, [row for row in effects if row["measure"] == PRECISION])
    paid = cost(gates[gate]["calls"], work, spent)
    return [learnt, kept, paid, next_step(params, learnt, is_once)]


def of_version(params: Fair, effects: Sequence[Row]) -> list[Difference]:
    """Return the accuracy of the reported version's runs against the others, those to it turned.

    p is corrected for all comparisons of accuracy.
    """
    compared = [row for row in effects if row["measure"] == accuracy.MEASURE]
    names = {name for name, run in params.runs.items() if run.version == params.report.version}
    return [
        one if one.system in names else one.turned
        for one in differences.read(compared, POINTS)
        if {one.system, one.against} & names
    ]


def students(version: str, found: Sequence[Difference]) -> Conclusion:
    """Say whether the students trained on the version answer better than the others."""
    question = "Does the student learn from the committee's rationales?"
    if not found:
        answer = f"Not known: no run of {version} was compared with another system."
        return Conclusion("students", question, answer)
    answers = [
        differences.answer(name, [one for one in found if one.system == name])
        for name in dict.fromkeys(one.system for one in found)
    ]
    details = [*(one.line for one in found), *differences.once(found)]
    return Conclusion("students", question, " ".join(answers), details, differences.tone(found))


def committee(gate: str, gates: Mapping[str, Any], effects: Sequence[Row]) -> Conclusion:
    """Say how many of the accepted rationales are sound, and what another gate would accept."""
    question = "Is what the committee accepts sound?"
    own = gates[gate]
    if not own["n"]:
        answer = "Not known: no rationale was accepted."
        return Conclusion("committee", question, answer)
    if own["precision"] is None:
        answer = (
            f"Not known: these questions have no hidden truth. {own['n']} rationales were accepted;"
            " read some of them."
        )
        return Conclusion("committee", question, answer)
    found = [one for one in differences.read(effects, POINTS) if one.system == gate]
    named = [one._replace(against=GATES[one.against]) for one in found]
    rest = f" {_capital(differences.answer(GATES[gate], named))}" if named else ""
    answer = f"{_share(own)} of the {own['n']} accepted rationales are sound.{rest}"
    details = [
        f"{_capital(GATES[name])}: {_share(one)}, n={one['n']}" for name, one in _known(gates)
    ]
    return Conclusion(
        "committee", question, answer, details, differences.tone(found) if found else OPEN
    )


def _known(gates: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    for name, one in gates.items():
        if one["precision"] is not None:
            yield name, one


def _share(gate: Row) -> str:
    """Return "95.9% [93.4%, 98.1%]"."""
    limits = "" if gate["low"] is None else f" [{gate['low']:.1%}, {gate['high']:.1%}]"
    return f"{gate['precision']:.1%}{limits}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def cost(calls: int, work: Work, spent: costs.Costs) -> Conclusion:
    """Say how often the committee is asked for a mistake, and what that took."""
    mistakes = work.mistakes
    question = "What does it cost?"
    if not mistakes:
        return Conclusion("cost", question, "Nothing: the student made no mistake to explain.")
    answer = f"{calls / mistakes:.1f} calls of the committee for each of {mistakes} mistakes"
    if work.calls != calls:
        answer += (
            f"; {work.calls / mistakes:.1f} were made, with reviews that this gate does not need"
        )
    answer += "."
    return Conclusion("cost", question, answer, [costs.taken(spent)])


def next_step(params: Fair, learnt: Conclusion, is_once: bool) -> Conclusion:
    """Say what to do next: more trainings, more mistakes, questions of one's own."""
    steps = []
    if is_once:
        steps.append("Train each run with further seeds, as profiles/seeds.yaml does.")
    if learnt.tone != GOOD:
        steps.append("Find more mistakes: raise questions.train, or add a round.")
    if params.questions.format == "made":
        steps.append("Use real questions (profiles/gsm8k.yaml, svamp.yaml): these are made up.")
    first, *rest = steps or ["Release the student."]
    return Conclusion("next", "What next?", first, rest)
