"""The sections of params.yaml that all methods share: models, endpoints, students, runs, costs."""

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from distill import paths
from distill.engine.settings import Engine, Local
from distill.llm.settings import Costs, Endpoint, Llm, Model, OpenAI, Price, Rules
from distill.privacy.settings import Anonymize
from distill.students.settings import NO_REASONING, Run, Student
from distill.validation import Count, Section, Slug


class Stage(NamedTuple):
    """A stage for one key: `name` is its script, `key` its argument.

    `llm` is an entry of `llms` or, for a served student, of `endpoints`; `where` is the key in
    params.yaml that names it. Both are "" for a stage that calls no model.
    """

    name: str
    key: str
    llm: str = ""
    where: str = ""


class Shared(Section):
    """The settings of the shared stages; each method adds its own sections.

    An entry of `llms` holds what determines a model's answers; the entry of `endpoints` of the same
    name holds the connection to its server, on which no stage depends.
    """

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    rows_per_shard: Count | None = None
    llms: dict[Slug, Llm]
    endpoints: dict[Slug, Endpoint] = {}
    students: dict[Slug, Student]
    runs: dict[Slug, Run]
    costs: Costs = Costs()
    engine: Engine = Local()
    egress: Literal["cleared", "public"] = "cleared"
    anonymize: Anonymize | None = None
    source: str | None = None

    @property
    def on_sample(self) -> bool:
        """Return True if the interactions are the synthetic ones, whose truth is known."""
        return self.source is not None and Path(self.source) == paths.SAMPLE

    def llm(self, name: str) -> Rules | OpenAI:
        """Return an entry of `llms`, joined with its endpoint if it has one."""
        model = self.llms[name]
        return model if isinstance(model, Rules) else _joined(model, self.endpoints[name])

    def served(self, system: str) -> OpenAI | None:
        """Return the model of a student that an endpoint serves, None for one that runs here."""
        student = self.student(system)
        if student.predict.endpoint is None:
            return None
        model = Model(
            provider="openai",
            model=system if system in self.runs else student.base,
            max_tokens=student.predict.max_new_tokens,
            extra={"chat_template_kwargs": NO_REASONING},  # as in training
        )
        return _joined(model, self.endpoints[student.predict.endpoint])

    def price(self, name: str) -> Price | None:
        """Return the price of tokens at an endpoint, that of its batch API where it is used.

        None where `costs` has no price; rules are free.
        """
        if name not in self.endpoints:
            return Price(prompt=0, completion=0)
        price = self.costs.prices.get(name)
        return price.as_batch() if price is not None and self.endpoints[name].batch else price

    def student(self, system: str) -> Student:
        """Return the student of a run, or the student of this name."""
        return self.students[self.runs[system].student if system in self.runs else system]


def _joined(model: Model, endpoint: Endpoint) -> OpenAI:
    return OpenAI(**model.model_dump(), **endpoint.model_dump())
