"""The settings of FAIR: all sections of fair/params.yaml, and its stages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from distill import paths, prompts
from distill.committee import questions as asked
from distill.committee.settings import (
    KINDS,
    REVIEWED,
    Attempt,
    Explain,
    Extended,
    Gate,
    Report,
    Review,
    Round,
    Version,
)
from distill.llm.settings import Model
from distill.offline.questions.settings import Questions
from distill.params.names import Fault, not_under
from distill.params.reading import PATH, whole
from distill.params.shared import Shared, Stage
from distill.tasks import critique, reason
from distill.validation import Slug


class Fair(Shared):
    """All sections of fair/params.yaml.

    `teachers`: entries of `llms`. `extended`: versions of later rounds, which hold those of their
    parents. `systems`: the students and runs whose test answers are scored.
    """

    questions: Questions
    rounds: Annotated[dict[Slug, Round], Field(min_length=1)]
    teachers: Annotated[list[Slug], Field(min_length=1)]
    attempt: Attempt
    explain: Explain
    gate: Gate
    review: Review
    versions: dict[Slug, Version]
    extended: dict[Slug, Extended]
    systems: list[Slug]
    report: Report

    @property
    def all_versions(self) -> dict[str, Version]:
        """Return all dataset versions by name."""
        return {**self.versions, **self.extended}

    def answering(self, name: str) -> str:
        """Return the system that answers in a round: a run, or a student without an adapter."""
        folder = Path(self.rounds[name].model)
        is_run = folder.parent == Path("models") and folder.name in self.runs
        return folder.name if is_run else self.rounds[name].student

    def committee(self, version: str) -> list[str]:
        """Return the teachers of a version."""
        return self.all_versions[version].teachers or self.teachers


def load(path: Path = PATH) -> Fair:
    """Read FAIR's parameters; raises ParamsError with every invalid key and its remedy."""
    return whole(path, Fair, faults)


def stages(settings: Fair) -> Iterator[Stage]:
    """Yield the stages that count rows, in the pipeline's order."""
    yield Stage("questions", "all")
    for name in settings.rounds:
        yield Stage("attempt", name, *_served(settings, settings.rounds[name].student))
        for teacher in settings.teachers:
            yield Stage("explain", f"{name}-{teacher}", teacher, "teachers")
        yield Stage("gate", name)
        for teacher in settings.teachers:
            yield Stage("review", f"{name}-{teacher}", teacher, "teachers")
    for version in settings.all_versions:
        yield Stage("accept", version)
    for run in settings.runs:
        yield Stage("finetune", run)
    for system in settings.systems:
        student = settings.runs[system].student if system in settings.runs else system
        yield Stage("predict", system, *_served(settings, student))
        yield Stage("score", system)


def _served(settings: Fair, student: str) -> tuple[str, str]:
    """Return the endpoint of a student and the key that names it, "" for one that runs here."""
    endpoint = settings.students[student].predict.endpoint
    return (endpoint, f"students.{student}.predict.endpoint") if endpoint else ("", "")


def faults(settings: Fair) -> list[Fault]:
    """Return all names that do not exist and all contradictory settings, section by section."""
    return [
        *_in_rounds(settings),
        *_in_teachers(settings),
        *_in_versions(settings),
        *_in_runs(settings),
        *_in_systems(settings),
        *_in_prompts(settings),
    ]


def _in_rounds(settings: Fair) -> Iterator[Fault]:
    for name, one in settings.rounds.items():
        key = f"rounds.{name}"
        if one.student not in settings.students:
            yield f"{key}.student", not_under("students", settings.students, one.student)
        folder = Path(one.model)
        if folder.parent != paths.model("any").parent:
            continue
        if (run := settings.runs.get(folder.name)) is None:
            yield f"{key}.model", not_under("runs", settings.runs, folder.name)
        elif run.student != one.student:
            yield f"{key}.model", f"is trained from {run.student}, not from {one.student}"


def _in_teachers(settings: Fair) -> Iterator[Fault]:
    for name in settings.teachers:
        if name not in settings.llms:
            yield "teachers", not_under("llms", settings.llms, name)
    if len(set(settings.teachers)) < len(settings.teachers):
        yield "teachers", "names a teacher twice; name each once"
    for name, llm in settings.llms.items():
        if isinstance(llm, Model) and name not in settings.endpoints:
            fault = f"missing; add the connection to the model of llms.{name} (base_url)"
            yield f"endpoints.{name}", fault
        if isinstance(llm, Model) and settings.explain.rationales > 1 and llm.temperature == 0:
            yield f"llms.{name}.temperature", "is 0, so that all samples are equal; raise it"


def _in_versions(settings: Fair) -> Iterator[Fault]:
    for name, version in settings.all_versions.items():
        is_first = name in settings.versions
        key = f"versions.{name}" if is_first else f"extended.{name}"
        if version.round not in settings.rounds:
            yield f"{key}.round", not_under("rounds", settings.rounds, version.round)
        for teacher in version.teachers or []:
            if teacher not in settings.teachers:
                yield f"{key}.teachers", not_under("teachers", settings.teachers, teacher)
        if isinstance(version, Extended) and version.parent not in settings.all_versions:
            known = settings.all_versions
            yield f"{key}.parent", not_under("versions", known, version.parent)
        if version.gate in REVIEWED and len(settings.committee(name)) < 2:
            yield f"{key}.gate", "needs reviews, and so two teachers; set it to match or none"
        if version.gate == "peers" and settings.gate.audit < 1:
            yield f"{key}.gate", "needs reviews of all rationales; set gate.audit to 1"
        if version.weights == "reliability" and not settings.gate.audit:
            fault = "cannot be measured without reviews of wrong rationales; raise gate.audit"
            yield f"{key}.weights", fault
        if not version.feedback and not version.rationales:
            yield key, "takes no text; raise feedback or rationales"
    if both := sorted(settings.versions.keys() & settings.extended.keys()):
        yield f"extended.{both[0]}", "is a name of versions, too; choose another one"


def _in_runs(settings: Fair) -> Iterator[Fault]:
    for name, run in settings.runs.items():
        version = settings.all_versions.get(run.version)
        if version is None:
            known = settings.all_versions
            yield f"runs.{name}.version", not_under("versions", known, run.version)
        elif run.alpha is not None and not version.feedback == version.rationales == 1:
            fault = "needs pairs: a version with feedback 1 and rationales 1"
            yield f"runs.{name}.alpha", fault


def _in_systems(settings: Fair) -> Iterator[Fault]:
    known = [*settings.students, *settings.runs]
    for section, names in (
        ("systems", settings.systems),
        ("report.against", settings.report.against),
    ):
        for name in names:
            if name not in known:
                yield section, not_under("students and runs", known, name)
    if settings.report.version not in settings.all_versions:
        versions = settings.all_versions
        yield "report.version", not_under("versions", versions, settings.report.version)
    for name in settings.report.against:
        if name in known and name not in settings.systems:
            yield "report.against", not_under("systems", settings.systems, name)


def _in_prompts(settings: Fair) -> Iterator[Fault]:
    used: list[tuple[str, str, tuple[str, ...]]] = [
        ("teachers", f"{reason.PROMPTS}/ask", ("question",)),
        ("teachers", f"{critique.PROMPTS}/ask", critique.CRITIQUE),
        *(("teachers", f"review/{kind}", asked.REVIEW) for kind in KINDS),
    ]
    used += [
        (f"students.{name}.prompts", f"{student.prompts}/ask", ("question",))
        for name, student in settings.students.items()
        if student.prompts
    ]
    for key, name, variables in used:
        if fault := prompts.fault(name, variables):
            yield key, fault
