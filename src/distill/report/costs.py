"""Costs of the models' work: cost.json and cost.md.

{"stages": {"label-org": {"gpt-x": {"calls": 1448, "prompt_tokens": 612000,
                                    "completion_tokens": 173760, "dollars": 0.57}}},
 "total": {"calls": 1448, "prompt_tokens": 612000, "completion_tokens": 173760, "dollars": 0.57},
 "per_1000_outputs": {"teacher": {"tokens": 541000.0, "dollars": 0.39},
                        "tiny-r1": {"tokens": 388000.0, "dollars": 0.006}}}

Everything follows from counted tokens and from figures in params.yaml: nothing is timed, so the
same inputs give the same bytes on every machine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from distill.ledger import Usage
from distill.llm.settings import Price
from distill.params.shared import Shared, Stage
from distill.records import Row
from distill.report import accounting
from distill.stats.tables import EMPTY, Table, dollar_cell

OUTPUTS = 1000  # that a cost is given for
HOUR = 3600  # seconds
TITLE = "Costs"
NOTE = (
    "Calls and tokens behind the present outputs, cached replies included; dollars are at the"
    " prices under costs in params.yaml. The command make cache shows what was really paid,"
    " including outputs that are gone. Outputs of a model behind an endpoint cost their tokens;"
    " those of a student on this machine cost the time of their generated tokens at the declared"
    " speed (costs.tokens_per_second) and price (costs.machine_hour). A dash: not known, as no such"
    " figure is declared."
)


@dataclass(frozen=True)
class Spent:
    """The usage of one model behind the present outputs of one stage; dollars need a price."""

    stage: str
    model: str
    usage: Usage
    dollars: float | None


@dataclass(frozen=True)
class Cost:
    """Tokens and dollars of 1,000 outputs of a system; None where they are not known."""

    tokens: float | None = None
    dollars: float | None = None


class Costs(NamedTuple):
    """The usage by stage and model, and what 1,000 outputs of each system cost."""

    spent: list[Spent]
    systems: dict[str, Cost]


def load(params: Shared, stages: Iterable[Stage], answering: Mapping[str, Stage]) -> Costs:
    """Return the costs of `stages`; `answering` maps a system to the stage of its test outputs."""
    spent = [
        Spent(f"{stage.name}-{stage.key}", model, usage, _dollars(usage, params.price(stage.llm)))
        for stage in stages
        if stage.llm
        for model, usage in _usages(stage.name, stage.key)
    ]
    return Costs(spent, {name: _cost(params, stage) for name, stage in answering.items()})


def _usages(stage: str, key: str) -> list[tuple[str, Usage]]:
    found = accounting.read(stage, key).get("models", {})
    return [(model, Usage(**counts)) for model, counts in found.items()]


def _dollars(usage: Usage, price: Price | None) -> float | None:
    if price is None:
        return None
    return price.dollars(usage.prompt_tokens, usage.completion_tokens)


def _cost(params: Shared, stage: Stage) -> Cost:
    """The cost by the tokens of the test rows' outputs; rules take none."""
    outputs = accounting.read(stage.name, stage.key)["ok"]
    if not outputs:
        return Cost()
    usage = _whole([usage for _, usage in _usages(stage.name, stage.key)])
    dollars = (
        _dollars(usage, params.price(stage.llm))
        if stage.llm
        else _machine_dollars(params, stage.key, usage)
    )
    each = OUTPUTS / outputs
    return Cost(
        tokens=(usage.prompt_tokens + usage.completion_tokens) * each if usage.calls else None,
        dollars=None if dollars is None else dollars * each,
    )


def _machine_dollars(params: Shared, system: str, usage: Usage) -> float | None:
    """The price of the time in which a student on this machine generates its tokens."""
    costs, student = params.costs, params.runs[system].student if system in params.runs else system
    speed = costs.tokens_per_second.get(student)
    if speed is None or costs.machine_hour is None or not usage.calls:
        return None
    return usage.completion_tokens / speed / HOUR * costs.machine_hour


def _sum(dollars: list[float | None]) -> float | None:
    """The sum; None where a part is not known."""
    known = [value for value in dollars if value is not None]
    return sum(known) if len(known) == len(dollars) else None


def metrics(costs: Costs) -> dict[str, Any]:
    """Return the content of cost.json."""
    parts = costs.spent
    by_stage: dict[str, dict[str, Row]] = {}
    for part in parts:
        figures = {**vars(part.usage), "dollars": _rounded(part.dollars)}
        by_stage.setdefault(part.stage, {})[part.model] = figures
    return {
        "stages": by_stage,
        "total": {
            **vars(_whole([part.usage for part in parts])),
            "dollars": _rounded(_sum([part.dollars for part in parts])),
        },
        "per_1000_outputs": {
            system: {name: _rounded(value) for name, value in vars(cost).items()}
            for system, cost in costs.systems.items()
        },
    }


def _whole(parts: list[Usage]) -> Usage:
    return Usage(
        sum(part.calls for part in parts),
        sum(part.prompt_tokens for part in parts),
        sum(part.completion_tokens for part in parts),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def taken(costs: Costs) -> str:
    """Return how many calls of models the results took, and their dollars where all are known."""
    calls = sum(part.usage.calls for part in costs.spent)
    if not calls:
        return "The results took no call of a paid model."
    dollars = _sum([part.dollars for part in costs.spent])
    price = "" if dollars is None else f", {dollar_cell(dollars)}"
    return f"The results took {calls:,} calls of models{price}."


def tables(costs: Costs, dearest: str) -> list[Table]:
    """Return the cost of 1,000 outputs, and the usage by stage and model.

    Savings are those against the system `dearest`.
    """
    parts = costs.spent
    whole_price = costs.systems[dearest].dollars if dearest in costs.systems else None
    whole = _whole([part.usage for part in parts])
    return [
        Table(
            f"{OUTPUTS:,} outputs",
            ["System", "Tokens", "Dollars", f"Saving against {dearest}"],
            [
                [
                    system,
                    _number(cost.tokens),
                    dollar_cell(cost.dollars),
                    EMPTY if system == dearest else _saving(cost.dollars, whole_price),
                ]
                for system, cost in costs.systems.items()
            ],
        ),
        Table(
            "By stage and model",
            ["Stage", "Model", "Calls", "Prompt tokens", "Completion tokens", "Dollars"],
            [
                *([part.stage, part.model, *_cells(part.usage, part.dollars)] for part in parts),
                ["total", "", *_cells(whole, _sum([part.dollars for part in parts]))],
            ],
        ),
    ]


def _saving(dollars: float | None, of: float | None) -> str:
    """Return "87%"; a dash where one of the prices is not known or the whole is free."""
    return EMPTY if dollars is None or not of else f"{1 - dollars / of:.0%}"


def _cells(usage: Usage, dollars: float | None) -> list[str]:
    return [*(_number(count) for count in vars(usage).values()), dollar_cell(dollars)]


def _number(value: float | None) -> str:
    return EMPTY if value is None else f"{value:,.0f}"
