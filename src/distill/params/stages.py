"""What ARF's pipeline consists of: every stage, in order, and the model that it asks.

Row accounting, costs, the estimate, name checks and the removal of stale outputs read it here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from distill import paths
from distill.params.arf import Params


class Stage(NamedTuple):
    """One run of a stage: its script, what it is run for, and where in params its model is named.

    `llm` names an entry of `llms` or, of a served student, of `endpoints`; `where` is the key in
    params.yaml that says so. Both are "" where the stage asks no model.
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
    for run in params.runs:
        yield Stage("finetune", run)
    for system in (*params.students, *params.runs):
        student = params.runs[system].student if system in params.runs else system
        endpoint = params.students[student].predict.endpoint if student in params.students else None
        where = f"students.{student}.predict.endpoint" if endpoint else ""
        yield Stage("predict", system, endpoint or "", where)
    for system in params.systems:
        yield Stage("judge", system, params.judge.llm, "judge.llm")


def paid(params: Params) -> list[Stage]:
    """Return the stages that ask an endpoint, in the pipeline's order."""
    return [stage for stage in stages(params) if stage.llm in params.endpoints]


SINGLE = ("plan", "sample", "base", "split", "label", "calibrate", "report")


def in_dvc(params: Params) -> set[str]:
    """Return the names that DVC gives to all stages: {"sample", "anonymize@botchat", ...}."""
    found = {*SINGLE, *(f"card@{run}" for run in params.runs)}
    for stage in stages(params):
        if stage.name == "predict" and stage.key in params.students:
            found.add(f"predict-base@{stage.key}")
        elif stage.name not in SINGLE:
            found.add(f"{stage.name}@{stage.key}")
    return found
