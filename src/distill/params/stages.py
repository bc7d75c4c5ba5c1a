"""The stages of ARF's pipeline, in order, with the models that they call.

Row accounting, costs, the estimate, name checks and the removal of stale outputs are based on it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from distill import paths
from distill.params.arf import Params


class Stage(NamedTuple):
    """A stage for one key: `name` is its script, `key` its argument.

    `llm` is an entry of `llms` or, for a served student, of `endpoints`; `where` is the key in
    params.yaml that names it. Both are "" for a stage that calls no model.
    """

    name: str
    key: str
    llm: str = ""
    where: str = ""


def stages(params: Params) -> Iterator[Stage]:
    """Yield the stages that count rows, in the pipeline's order."""
    for channel in params.channels:
        yield Stage("anonymize", channel)
    yield Stage("split", "all")
    for key in (paths.ORG, paths.TEACHER):
        yield Stage("label", key, params.label.llm, "label.llm")
    for version in params.versions:
        yield Stage("annotate", version, params.annotate.llm, "annotate.llm")
        yield Stage("analyze", version)
    for version, revision in params.revisions.items():
        yield Stage("revise", version, revision.llm, f"revisions.{version}.llm")
    for version in params.filtered:
        yield Stage("filter", version)
    for run in params.runs:
        yield Stage("finetune", run)
    for system in (*params.students, *params.runs):
        student = params.runs[system].student if system in params.runs else system
        endpoint = params.students[student].predict.endpoint if student in params.students else None
        where = f"students.{student}.predict.endpoint" if endpoint else ""
        yield Stage("predict", system, endpoint or "", where)
    for system, asked in params.asked.items():
        yield Stage("ask", system, asked.llm, f"asked.{system}.llm")
    for system, edited in params.edited.items():
        yield Stage("edit", system, edited.llm, f"edited.{system}.llm")
    for system in params.systems:
        yield Stage("judge", system, params.judge.llm, "judge.llm")


def paid(params: Params) -> list[Stage]:
    """Return the stages that call an endpoint, in the pipeline's order."""
    return [stage for stage in stages(params) if stage.llm in params.endpoints]


SINGLE = ("plan", "sample", "base", "split", "label", "calibrate", "report")  # without a key


def in_dvc(params: Params) -> set[str]:
    """Return the names of all stages in DVC: {"sample", "anonymize@botchat", ...}."""
    names = {*SINGLE, *(f"card@{run}" for run in params.runs)}
    for stage in stages(params):
        if stage.name == "predict" and stage.key in params.students:
            names.add(f"predict-base@{stage.key}")
        elif stage.name not in SINGLE:
            names.add(f"{stage.name}@{stage.key}")
    return names
