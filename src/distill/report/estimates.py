"""Cost estimate of the calls that are still to be made: their number, tokens and dollars."""

from collections.abc import Iterator
from dataclasses import dataclass

from distill.llm.store import Spent
from distill.params.arf import Params
from distill.params.stages import paid, stages
from distill.stats.tables import aligned, dollar_cell

TOKEN = 4.0  # characters of a prompt's token, where none was observed
REPLY = 120.0  # tokens of a reply, where none was observed
HEADER = (
    "stage", "model", "calls", "cached", "prompt tokens", "completion tokens", "dollars", "at most",
)  # fmt: skip


@dataclass
class Line:
    """The calls of one stage; `characters` and `answers` are of calls that are not cached."""

    stage: str
    key: str
    llm: str
    model: str
    max_tokens: int  # of a reply
    calls: int = 0
    kept: int = 0  # calls whose reply is cached
    stand_ins: int = 0  # calls about a summary that does not exist yet, made up for the estimate
    characters: int = 0
    answers: int = 0  # replies to these calls: several a call where the judge samples

    @property
    def new(self) -> int:
        """Return the number of calls that will be paid."""
        return self.calls - self.kept


class Rates:
    """Characters per token and tokens per reply: observed in earlier calls, else assumed."""

    def __init__(self, spent: list[Spent]):
        self.spent = spent

    def token(self, model: str) -> tuple[float, bool]:
        """Return the characters of a prompt's token, and True if that was observed."""
        found = [spent for spent in self.spent if spent.model == model]
        tokens = sum(spent.prompt_tokens for spent in found)
        characters = sum(spent.characters for spent in found)
        return (characters / tokens, True) if tokens and characters else (TOKEN, False)

    def reply(self, stage: str, model: str) -> tuple[float, bool]:
        """Return the tokens of a stage's reply, and True if that was observed."""
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
    """Tokens and dollars of a line; dollars are None without a price."""

    calls: int
    kept: int
    prompt: float
    completion: float
    dollars: float | None
    most: float | None

    def cells(self) -> list[str]:
        """Return the figures as text."""
        counts = [f"{round(n):,}" for n in (self.calls, self.kept, self.prompt, self.completion)]
        return [*counts, dollar_cell(self.dollars), dollar_cell(self.most)]


def figures(line: Line, params: Params, rates: Rates) -> Figures:
    """Return tokens and dollars of a line's new calls; `most` is for replies of max_tokens."""
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
    """Yield the estimate line by line, then its assumptions.

    `pending`: dollars that batches without a result yet may cost.
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
        yield "* about summaries or findings that do not exist yet: stand-ins take their place"
    yield from _assumed(lines, rates)
    for llm in dict.fromkeys(line.llm for line in lines if params.price(line.llm) is None):
        yield f"{llm}: no price; add it to costs.prices in params.yaml to see dollars"
    if free := by_rules(params):
        yield f"{', '.join(free)}: by rules, which cost nothing"
    yield "Cached replies cost nothing, and DVC skips stages that have not changed"
    if pending:
        yield f"Pending batches may cost {dollar_cell(pending)}; they count as cached"
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
    line = f"Spent so far: {dollar_cell(spent)} of a budget of {dollar_cell(budget)}"
    short = whole.dollars is not None and spent + pending + whole.dollars > budget
    return f"{line}: it will not last to the end" if short else line
