"""The stages of ARF's pipeline, in order, with the models that they call.

Row accounting, costs, the estimate, name checks and the removal of stale outputs are based on it.
"""

from collections.abc import Iterator

from distill import paths
from distill.params.arf import Params
from distill.params.shared import Stage


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


def answering(params: Params) -> dict[str, Stage]:
    """Return the stage that writes each system's test outputs."""
    asked = {
        stage.key: stage
        for stage in stages(params)
        if stage.name in ("ask", "edit", "predict")
        or (stage.name, stage.key) == ("label", paths.TEACHER)
    }
    return {name: asked[name] for name in params.systems}


SINGLE = ("plan", "sample", "split", "label", "calibrate", "report")  # without a key


def in_dvc(params: Params) -> set[str]:
    """Return the names of all stages in DVC: {"sample", "anonymize@botchat", ...}."""
    names = {*SINGLE, *(f"base@{name}" for name in params.base)}
    names |= {f"card@{run}" for run in params.runs}
    names |= {f"export@{name}" for name in params.exports}
    for stage in stages(params):
        if stage.name == "predict" and stage.key in params.students:
            names.add(f"predict-base@{stage.key}")
        elif stage.name not in SINGLE:
            names.add(f"{stage.name}@{stage.key}")
    return names
