"""What the models' work costs: cost.json and cost.md.

{"stages": {"label-org": {"gpt-x": {"calls": 1448, "prompt_tokens": 612000,
                                    "completion_tokens": 173760, "dollars": 0.57}}},
 "total": {"calls": 1448, "prompt_tokens": 612000, "completion_tokens": 173760, "dollars": 0.57},
 "per_1000_summaries": {"teacher": {"tokens": 541000.0, "seconds": null,
                                    "tokens_per_second": null, "dollars": 0.39},
                        "tiny-r1": {"tokens": 388000.0, "seconds": 21.4,
                                    "tokens_per_second": 2210.0, "dollars": 0.006}}}
"""

import json
from dataclasses import dataclass
from typing import Any

from distill import paths
from distill.errors import InputError
from distill.ledger import Usage
from distill.llm.settings import Price
from distill.params.arf import Params
from distill.params.stages import Stage, stages
from distill.records import Row
from distill.report import accounting
from distill.stats.tables import EMPTY, Table, dollar_cell

SUMMARIES = 1000  # that a cost is given for
HOUR = 3600  # seconds
NOTE = (
    "Calls and tokens are those behind the present outputs, replies that were kept from earlier"
    " runs included; dollars are at the prices of `costs` in params.yaml. What was really paid, for"
    " outputs that are no more too, is told by `make cache`. Summaries of the teacher,"
    " or of a student that is served, cost their tokens; another student's cost the measured time"
    " of `predict` on its machine. A dash: not known, for no price is given or nothing was"
    " measured."
)


@dataclass(frozen=True)
class Spent:
    """What the present outputs of one stage took of one model; dollars are None without a price."""

    stage: str
    model: str
    usage: Usage
    dollars: float | None


@dataclass(frozen=True)
class Cost:
    """What 1,000 summaries of a system take; None where it is not known."""

    tokens: float | None = None
    seconds: float | None = None
    tokens_per_second: float | None = None
    dollars: float | None = None


def spent(params: Params) -> list[Spent]:
    """Return what every stage that asks models took, in the pipeline's order."""
    return [
        Spent(f"{stage.name}-{stage.key}", model, usage, _dollars(usage, params.price(stage.llm)))
        for stage in stages(params)
        if stage.llm
        for model, usage in _usages(stage.name, stage.key)
    ]


def _usages(stage: str, key: str) -> list[tuple[str, Usage]]:
    found = accounting.read(stage, key).get("models", {})
    return [(model, Usage(**counts)) for model, counts in found.items()]


def _dollars(usage: Usage, price: Price | None) -> float | None:
    if price is None:
        return None
    return price.dollars(usage.prompt_tokens, usage.completion_tokens)


def systems(params: Params) -> dict[str, Cost]:
    """Return what 1,000 summaries of each system cost."""
    asked = {
        stage.key: stage
        for stage in stages(params)
        if stage.llm
        and (stage.name == "predict" or (stage.name, stage.key) == ("label", paths.TEACHER))
    }
    return {
        name: _asked(params, asked[name]) if name in asked else _student(params, name)
        for name in params.systems
    }


def _asked(params: Params, stage: Stage) -> Cost:
    """Cost by the tokens of the system's answers to the test rows; rules take none."""
    summaries = accounting.read(stage.name, stage.key)["ok"]
    if not summaries:
        return Cost()
    found = [part for part in spent(params) if part.stage == f"{stage.name}-{stage.key}"]
    tokens = sum(part.usage.prompt_tokens + part.usage.completion_tokens for part in found)
    each = SUMMARIES / summaries
    dollars = _sum([part.dollars for part in found])
    return Cost(
        tokens=tokens * each if stage.llm in params.endpoints else None,
        dollars=None if dollars is None else dollars * each,
    )


def _student(params: Params, system: str) -> Cost:
    """By the time that predict measured."""
    speed = _speed(system)
    if not speed or not speed["rows"] or not speed["seconds"]:
        return Cost()
    each = SUMMARIES / speed["rows"]
    seconds, hour = speed["seconds"] * each, params.costs.machine_hour
    return Cost(
        tokens=(speed["prompt_tokens"] + speed["completion_tokens"]) * each,
        seconds=seconds,
        tokens_per_second=speed["completion_tokens"] / speed["seconds"],
        dollars=None if hour is None else seconds / HOUR * hour,
    )


def _speed(system: str) -> Row | None:
    """{"rows": 200, "prompt_tokens": 71000, "completion_tokens": 9400, "seconds": 5.2}."""
    path = paths.speed(system)
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        numbers = ("rows", "prompt_tokens", "completion_tokens", "seconds")
        return {name: found[name] and float(found[name]) for name in numbers}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: cannot be read ({error!r}); `dvc repro predict` makes it"
        ) from error


def _sum(dollars: list[float | None]) -> float | None:
    """The sum; None where a part is not known."""
    known = [value for value in dollars if value is not None]
    return sum(known) if len(known) == len(dollars) else None


def metrics(params: Params) -> dict[str, Any]:
    """Return what cost.json holds."""
    parts = spent(params)
    stages: dict[str, dict[str, Row]] = {}
    for part in parts:
        figures = {**vars(part.usage), "dollars": _rounded(part.dollars)}
        stages.setdefault(part.stage, {})[part.model] = figures
    return {
        "stages": stages,
        "total": {**vars(_whole(parts)), "dollars": _rounded(_sum([p.dollars for p in parts]))},
        "per_1000_summaries": {
            system: {name: _rounded(value) for name, value in vars(cost).items()}
            for system, cost in systems(params).items()
        },
    }


def _whole(parts: list[Spent]) -> Usage:
    return Usage(
        sum(part.usage.calls for part in parts),
        sum(part.usage.prompt_tokens for part in parts),
        sum(part.usage.completion_tokens for part in parts),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def tables(params: Params) -> list[Table]:
    """Return the cost of 1,000 summaries, and what was spent by stage and model."""
    parts = spent(params)
    whole = _cells(_whole(parts), _sum([part.dollars for part in parts]))
    return [
        Table(
            "1,000 summaries",
            ["System", "Tokens", "Seconds", "Tokens per second", "Dollars"],
            [[system, *_cost_cells(cost)] for system, cost in systems(params).items()],
        ),
        Table(
            "By stage and model",
            ["Stage", "Model", "Calls", "Prompt tokens", "Completion tokens", "Dollars"],
            [
                *([part.stage, part.model, *_cells(part.usage, part.dollars)] for part in parts),
                ["total", "", *whole],
            ],
        ),
    ]


def _cost_cells(cost: Cost) -> list[str]:
    seconds = EMPTY if cost.seconds is None else f"{cost.seconds:,.1f}"
    return [
        _number(cost.tokens), seconds, _number(cost.tokens_per_second), dollar_cell(cost.dollars)
    ]  # fmt: skip


def _cells(usage: Usage, dollars: float | None) -> list[str]:
    return [*(_number(count) for count in vars(usage).values()), dollar_cell(dollars)]


def _number(value: float | None) -> str:
    return EMPTY if value is None else f"{value:,.0f}"
