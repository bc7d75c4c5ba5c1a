"""What calls will cost: their number, tokens and dollars, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass

from distill.llm.store import Spent
from distill.params.arf import Params
from distill.params.stages import paid, stages
from distill.stats.tables import aligned, dollar_cell

TOKEN = 4.0  # characters of a prompt's token, where none was observed
REPLY = 120.0  # tokens of a reply, where none was observed
HEADER = (
    "stage", "model", "calls", "kept", "prompt tokens", "completion tokens", "dollars", "at most",
)  # fmt: skip


@dataclass
class Line:
    """The calls of one stage; `characters` are those of the prompts that are yet to be sent."""

    stage: str
    key: str
    llm: str
    model: str
    max_tokens: int  # of a reply
    calls: int = 0
    kept: int = 0
    stand_ins: int = 0  # calls about a summary that does not exist yet
    characters: int = 0
    answers: int = 0  # of the calls that are yet to be sent: several where samples are wanted

    @property
    def new(self) -> int:
        """The calls that will be paid."""
        return self.calls - self.kept


class Rates:
    """Tokens, as observed in what was spent, or else assumed."""

    def __init__(self, spent: list[Spent]):
        self.spent = spent

    def token(self, model: str) -> tuple[float, bool]:
        """Characters of a prompt's token, and whether that was observed."""
        found = [spent for spent in self.spent if spent.model == model]
        tokens = sum(spent.prompt_tokens for spent in found)
        characters = sum(spent.characters for spent in found)
        return (characters / tokens, True) if tokens and characters else (TOKEN, False)

    def reply(self, stage: str, model: str) -> tuple[float, bool]:
        """Tokens of a stage's reply, and whether that was observed."""
        for spent in self.spent:
            if (spent.stage, spent.model) == (stage, model) and spent.completion_tokens:
                return spent.completion_tokens / spent.calls, True
        return REPLY, False


def by_rules(params: Params) -> list[str]:
    """Return the names of the stages that ask nothing but rules."""
    asking = dict.fromkeys(stage.name for stage in stages(params) if stage.llm)
    remote = {stage.name for stage in paid(params)}
    return [name for name in asking if name not in remote]


@dataclass(frozen=True)
class Figures:
    """Tokens and dollars of a line; without a price there are no dollars."""

    calls: int
    kept: int
    prompt: float
    completion: float
    dollars: float | None
    most: float | None

    def cells(self) -> list[str]:
        """The figures as text."""
        counts = [f"{round(n):,}" for n in (self.calls, self.kept, self.prompt, self.completion)]
        return [*counts, dollar_cell(self.dollars), dollar_cell(self.most)]


def figures(line: Line, params: Params, rates: Rates) -> Figures:
    """Return what the calls of a line that are not kept take; `most` by replies of max_tokens."""
    price = params.price(line.llm)
    prompt = line.characters / rates.token(line.model)[0]
    tokens, observed = rates.reply(line.stage, line.model)
    completion = tokens * (line.new if observed else line.answers)
    counts = (line.calls, line.kept, prompt, completion)
    if price is None:
        return Figures(*counts, dollars=None, most=None)
    most = price.dollars(prompt, line.answers * line.max_tokens)
    return Figures(*counts, dollars=price.dollars(prompt, completion), most=most)


def total(parts: list[Figures]) -> Figures:
    """Return the sum; its dollars are those of the lines that have a price."""
    priced = [part for part in parts if part.dollars is not None]
    return Figures(
        sum(part.calls for part in parts),
        sum(part.kept for part in parts),
        sum(part.prompt for part in parts),
        sum(part.completion for part in parts),
        sum(part.dollars or 0 for part in parts) if priced else None,
        sum(part.most or 0 for part in parts) if priced else None,
    )


def page(
    lines: list[Line], params: Params, rates: Rates, spent: float, pending: float
) -> Iterator[str]:
    """Yield the estimate line by line, with what it rests on.

    `pending` is what the batches that are not here yet may cost, in dollars.
    """
    parts = [figures(line, params, rates) for line in lines]
    table = [list(HEADER)]
    for line, part in zip(lines, parts, strict=True):
        star = "*" if line.stand_ins else ""
        table.append([f"{line.stage} {line.key}{star}", line.model, *part.cells()])
    whole = total(parts)
    table.append(["total", "", *whole.cells()])
    yield from aligned(table, left=2)
    yield ""
    if any(line.stand_ins for line in lines):
        yield "* about summaries or findings that are not there yet: stand-ins take their place"
    yield from _assumed(lines, rates)
    for llm in dict.fromkeys(line.llm for line in lines if params.price(line.llm) is None):
        yield f"{llm}: no price; add it to costs.prices in params.yaml to see dollars"
    if free := by_rules(params):
        yield f"{', '.join(free)}: by rules, which cost nothing"
    yield "Kept replies cost nothing, and DVC does not run what has not changed"
    if pending:
        yield f"Batches that are not here yet may cost {dollar_cell(pending)}; they count as kept"
    yield _budget(params, whole, spent, pending)


def _assumed(lines: list[Line], rates: Rates) -> Iterator[str]:
    for model in dict.fromkeys(line.model for line in lines):
        size, observed = rates.token(model)
        yield f"{model}: {size:.2f} characters a token, {_source(observed)}"
        for stage in dict.fromkeys(line.stage for line in lines if line.model == model):
            tokens, observed = rates.reply(stage, model)
            yield f"{model}: {tokens:.0f} tokens a reply of {stage}, {_source(observed)}"


def _source(observed: bool) -> str:
    return "as observed" if observed else "assumed"


def _budget(params: Params, whole: Figures, spent: float, pending: float) -> str:
    budget = params.costs.budget
    if budget is None:
        return f"Spent so far: {dollar_cell(spent)}; no budget (costs.budget in params.yaml)"
    said = f"Spent so far: {dollar_cell(spent)} of a budget of {dollar_cell(budget)}"
    short = whole.dollars is not None and spent + pending + whole.dollars > budget
    return f"{said}: it will not last to the end" if short else said
