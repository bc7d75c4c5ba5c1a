"""The estimate's table: calls, tokens and dollars of each stage that calls an endpoint."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from distill.llm.store import Spent
from distill.params.shared import Shared, Stage
from distill.stats.tables import aligned, dollar_cell

TOKEN = 4.0  # assumed characters per token of a prompt
REPLY = 120.0  # assumed tokens per reply
HEADER = (
    "stage", "model", "calls", "cached", "prompt tokens", "completion tokens", "dollars", "at most",
)  # fmt: skip


@dataclass
class Line:
    """The calls of one stage, and the size of those that are not cached."""

    stage: str
    key: str
    llm: str
    model: str
    max_tokens: int  # of a reply
    calls: int = 0
    cached: int = 0
    stand_ins: int = 0  # calls whose prompt holds a stand-in for an output that does not exist yet
    characters: int = 0  # of the prompts to send
    answers: int = 0  # to the prompts to send: several per call where `samples` is above 1

    @property
    def new(self) -> int:
        """The calls that are not cached."""
        return self.calls - self.cached


class Dollars(NamedTuple):
    """The dollars that were spent so far, and those that pending batches may cost."""

    spent: float = 0.0
    pending: float = 0.0


class Rates:
    """Token rates, observed in the spending so far, else assumed."""

    def __init__(self, spent: list[Spent]):
        self.spent = spent

    def token(self, model: str) -> tuple[float, bool]:
        """Return the characters per token of a model's prompts, and whether they were observed."""
        payments = [spent for spent in self.spent if spent.model == model]
        tokens = sum(spent.prompt_tokens for spent in payments)
        characters = sum(spent.characters for spent in payments)
        return (characters / tokens, True) if tokens and characters else (TOKEN, False)

    def reply(self, stage: str, model: str) -> tuple[float, bool]:
        """Return the tokens per reply of a stage, and whether they were observed."""
        for spent in self.spent:
            if (spent.stage, spent.model) == (stage, model) and spent.completion_tokens:
                return spent.completion_tokens / spent.calls, True
        return REPLY, False


def by_rules(params: Shared, stages: Iterable[Stage]) -> list[str]:
    """Return the names of the stages whose models are all rules."""
    asking = [stage for stage in stages if stage.llm]
    with_endpoint = {stage.name for stage in asking if stage.llm in params.endpoints}
    return list(dict.fromkeys(stage.name for stage in asking if stage.name not in with_endpoint))


@dataclass(frozen=True)
class Figures:
    """The calls, tokens and dollars of a line; dollars are None without a price."""

    calls: int
    cached: int
    prompt: float
    completion: float
    dollars: float | None
    most: float | None

    def cells(self) -> list[str]:
        """Return the figures as cells of the table."""
        counts = [f"{round(n):,}" for n in (self.calls, self.cached, self.prompt, self.completion)]
        return [*counts, dollar_cell(self.dollars), dollar_cell(self.most)]


def figures(line: Line, params: Shared, rates: Rates) -> Figures:
    """Return the figures of a line's uncached calls; `most` assumes replies of max_tokens."""
    price = params.price(line.llm)
    prompt = line.characters / rates.token(line.model)[0]
    tokens, observed = rates.reply(line.stage, line.model)
    completion = tokens * (line.new if observed else line.answers)
    counts = (line.calls, line.cached, prompt, completion)
    if price is None:
        return Figures(*counts, dollars=None, most=None)
    most = price.dollars(prompt, line.answers * line.max_tokens)
    return Figures(*counts, dollars=price.dollars(prompt, completion), most=most)


def total(lines: list[Figures]) -> Figures:
    """Return the sums of all lines; those of dollars are over the lines with a price."""
    has_price = any(line.dollars is not None for line in lines)
    return Figures(
        sum(line.calls for line in lines),
        sum(line.cached for line in lines),
        sum(line.prompt for line in lines),
        sum(line.completion for line in lines),
        sum(line.dollars or 0 for line in lines) if has_price else None,
        sum(line.most or 0 for line in lines) if has_price else None,
    )


def page(
    lines: list[Line], params: Shared, stages: Iterable[Stage], rates: Rates, dollars: Dollars
) -> Iterator[str]:
    """Yield the lines of the estimate, with its assumptions.

    A stage of `stages` that calls an endpoint and is in no line is reported as not estimated.
    """
    every = list(stages)
    estimates = [figures(line, params, rates) for line in lines]
    table = [list(HEADER)]
    for line, estimate in zip(lines, estimates, strict=True):
        star = "*" if line.stand_ins else ""
        table.append([f"{line.stage} {line.key}{star}", line.model, *estimate.cells()])
    sums = total(estimates)
    table.append(["total", "", *sums.cells()])
    yield from aligned(table, left=2)
    yield ""
    if any(line.stand_ins for line in lines):
        yield "* estimated with stand-ins for outputs that do not exist yet"
    if missing := _missing(lines, params, every):
        yield f"{', '.join(missing)}: not estimated, as there is no dry run of it"
    yield from _rates(lines, rates)
    for llm in dict.fromkeys(line.llm for line in lines if params.price(line.llm) is None):
        yield f"{llm}: no price; add it to costs.prices in params.yaml to see dollars"
    if free := by_rules(params, every):
        yield f"{', '.join(free)}: by rules, which are free"
    yield "Cached replies are free, and DVC skips stages whose inputs have not changed"
    if dollars.pending:
        pending = dollar_cell(dollars.pending)
        yield f"Pending batches may cost {pending}; their calls count as cached"
    yield _budget(params, sums, dollars)


def _missing(lines: list[Line], params: Shared, stages: list[Stage]) -> list[str]:
    known = {line.stage for line in lines}
    paid = dict.fromkeys(stage.name for stage in stages if stage.llm in params.endpoints)
    return [name for name in paid if name not in known]


def _rates(lines: list[Line], rates: Rates) -> Iterator[str]:
    for model in dict.fromkeys(line.model for line in lines):
        characters, observed = rates.token(model)
        yield f"{model}: {characters:.2f} characters per token ({_basis(observed)})"
        for stage in dict.fromkeys(line.stage for line in lines if line.model == model):
            tokens, observed = rates.reply(stage, model)
            yield f"{model}: {tokens:.0f} tokens per reply of {stage} ({_basis(observed)})"


def _basis(observed: bool) -> str:
    return "observed" if observed else "assumed"


def _budget(params: Shared, sums: Figures, dollars: Dollars) -> str:
    has_prices = all(params.price(name) is not None for name in params.endpoints)
    spent = dollar_cell(dollars.spent if has_prices else dollars.spent or None)
    budget = params.costs.budget
    if budget is None:
        return f"Spent so far: {spent}; no budget (costs.budget in params.yaml)"
    line = f"Spent so far: {spent} of a budget of {dollar_cell(budget)}"
    exceeds = sums.dollars is not None and sum(dollars) + sums.dollars > budget
    return f"{line}, which the estimate exceeds" if exceeds else line
