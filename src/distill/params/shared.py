"""The sections of params.yaml that every method has: models, endpoints, students, runs, costs."""

from typing import Annotated

from pydantic import Field

from distill.llm.settings import Costs, Endpoint, Llm, Model, OpenAI, Price, Rules
from distill.students.settings import Run, Student
from distill.validation import Count, Section, Slug


class Shared(Section):
    """What the stages that all methods share read; a method's own sections come on top.

    An entry of `llms` says what shapes a model's answers, and the entry of `endpoints` of the same
    name how its server is reached. Stages depend on the first alone.
    """

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    rows_per_shard: Count | None = None
    llms: dict[Slug, Llm]
    endpoints: dict[Slug, Endpoint] = {}
    students: dict[Slug, Student]
    runs: dict[Slug, Run]
    costs: Costs = Costs()

    def llm(self, name: str) -> Rules | OpenAI:
        """Return the model that `llms` names so, with its endpoint; rules have none."""
        model = self.llms[name]
        return model if isinstance(model, Rules) else _reached(model, self.endpoints[name])

    def served(self, system: str) -> OpenAI | None:
        """Return the model of a student's system that an endpoint runs, None on this machine."""
        student = self.student(system)
        if student.predict.endpoint is None:
            return None
        model = Model(
            provider="openai",
            model=system if system in self.runs else student.base,
            max_tokens=student.predict.max_new_tokens,
        )
        return _reached(model, self.endpoints[student.predict.endpoint])

    def price(self, name: str) -> Price | None:
        """Return what tokens cost at an endpoint, by the batch API where that is used.

        None where `costs` gives no price; rules are free.
        """
        if name not in self.endpoints:
            return Price(prompt=0, completion=0)
        price = self.costs.prices.get(name)
        return price.as_batch() if price is not None and self.endpoints[name].batch else price

    def student(self, system: str) -> Student:
        """Return the student of a run, or the one that is judged out of the box."""
        return self.students[self.runs[system].student if system in self.runs else system]


def _reached(model: Model, endpoint: Endpoint) -> OpenAI:
    return OpenAI(**model.model_dump(), **endpoint.model_dump())
