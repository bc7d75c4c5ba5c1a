"""params.yaml, validated as a whole before a stage does anything."""

import re
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from distill import paths, prompts
from distill.channels.settings import Channel, Email, Turns
from distill.errors import ParamsError
from distill.llm.settings import Costs, Llm, OpenAI, Price, RowStage, Rules
from distill.offline.settings import Sample
from distill.params.arf import Analyze, Judge, Revision
from distill.people.settings import Annotation
from distill.privacy.settings import Anonymize
from distill.students.settings import Run, Student
from distill.tasks.summarize import questions, taxonomy
from distill.validation import Count, Section, Slug, problem


class Split(Section):
    """`near_duplicate`: the Jaccard similarity from which two rows share a split."""

    near_duplicate: Annotated[float, Field(gt=0, le=1)]


class Report(Section):
    """`bootstrap`: resamples behind every interval."""

    bootstrap: Annotated[int, Field(ge=100)]


class Params(Section):
    """The whole of params.yaml."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    source: str
    rows_per_shard: Count | None = None
    sample: Sample
    channels: Annotated[dict[Slug, Channel], Field(min_length=1)]
    anonymize: Anonymize
    split: Split
    llms: dict[Slug, Llm]
    label: RowStage
    versions: list[Slug]
    analyze: Analyze
    revisions: dict[Slug, Revision]
    students: dict[Slug, Student]
    runs: dict[Slug, Run]
    systems: list[Slug]
    judge: Judge
    report: Report
    annotation: Annotation
    costs: Costs

    def price(self, llm: str) -> Price | None:
        """What the tokens of an entry of `llms` cost, by the batch API where that is used.

        None where `costs` gives no price; rules are free.
        """
        config, price = self.llms[llm], self.costs.prices.get(llm)
        if not isinstance(config, OpenAI):
            return Price(prompt=0, completion=0)
        return price.as_batch() if price is not None and config.batch else price

    def student(self, system: str) -> Student:
        """The student of a run, or the one that is judged out of the box."""
        return self.students[self.runs[system].student if system in self.runs else system]

    @property
    def served(self) -> dict[str, str]:
        """The students' systems that are asked where they are served: each with its `llms` name."""
        asked = {
            system: self.student(system).predict.llm
            for system in self.systems
            if system != paths.TEACHER
        }
        return {system: llm for system, llm in asked.items() if llm is not None}

    @property
    def on_sample(self) -> bool:
        """Whether the interactions are the made-up ones, whose truth is known."""
        return Path(self.source) == paths.SAMPLE


def load(path: Path = Path("params.yaml")) -> Params:
    """Read and validate the file; raises ParamsError naming the key and the mend."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ParamsError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: expected a map of sections at the top level")
    try:
        params = Params.model_validate(values)
    except ValidationError as error:
        raise ParamsError(f"{path}: {problem(error)}") from error
    for key, fault in _conflicts(params):
        raise ParamsError(f"{path}: {key}: {fault}")
    for key, fault in _taxonomy_conflicts(params):
        raise ParamsError(f"{taxonomy.PATH}: {key}: {fault}")
    return params


def _taxonomy_conflicts(params: Params) -> list[tuple[str, str]]:
    """Channels of codes that are neither in use nor ready to be: misspelt, they hide the code."""
    return [
        (
            f"{code.group}.{code.code}.channels",
            f"{channel!r} is under no channels and has no prompts/judge/{channel}.txt; correct it",
        )
        for code in taxonomy.load().values()
        for channel in code.channels
        if channel not in params.channels and prompts.fault(f"judge/{channel}", questions.COMPARE)
    ]


def _conflicts(params: Params) -> list[tuple[str, str]]:
    """Names that point nowhere, in the order in which they are met."""
    return [
        *_channel_conflicts(params),
        *_prompt_conflicts(params),
        *_llm_conflicts(params),
        *_judge_conflicts(params),
        *_cost_conflicts(params),
        *_name_conflicts(params),
        *_revision_conflicts(params),
        *_run_conflicts(params),
        *_annotation_conflicts(params),
    ]


def _channel_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = []
    for name, channel in params.channels.items():
        key = f"channels.{name}"
        if isinstance(channel, Turns):
            if "Customer" not in channel.roles.values():
                fault = 'no role maps to "Customer"; say which one is the customer'
                problems.append((f"{key}.roles", fault))
            if channel.turns is None and channel.id is not None:
                fault = "a line that is a list of turns has no field for it; set it to null"
                problems.append((f"{key}.id", fault))
        else:
            problems += [
                (f"{key}.fields.{label}", "no label of a form or mail; choose another one")
                for label in channel.fields
                if label == "Customer" or not re.fullmatch(r"[^:\s](?:[^:\n]{0,38}[^:\s])?", label)
            ]
        if isinstance(channel, Email):
            problems += [
                (f"{key}.fields.{label}", "the label is the body's own; choose another one")
                for label in ("Message", "Signature", "Quoted")
                if label in channel.fields
            ]
    return problems


def _prompt_conflicts(params: Params) -> list[tuple[str, str]]:
    used: list[tuple[str, str, tuple[str, ...]]] = [("analyze", "annotate", questions.COMPARE)]
    for name in params.channels:
        key = f"channels.{name}"
        used.append((key, f"summarize/{name}", questions.SUMMARIZE))
        used.append((key, f"judge/{name}", questions.COMPARE))
    return [
        (key, fault) for key, name, variables in used if (fault := prompts.fault(name, variables))
    ]


def _llm_conflicts(params: Params) -> list[tuple[str, str]]:
    used = {
        "label.llm": params.label.llm,
        "analyze.llm": params.analyze.llm,
        "judge.llm": params.judge.llm,
        **{f"revisions.{name}.llm": revision.llm for name, revision in params.revisions.items()},
    }
    served = {
        f"students.{name}.predict.llm": student.predict.llm
        for name, student in params.students.items()
        if student.predict.llm is not None
    }
    known = ", ".join(params.llms)
    unknown = [
        (key, f"{name!r} is not under llms; known: {known}")
        for key, name in (used | served).items()
        if name not in params.llms
    ]
    return unknown + [
        (key, f"{name!r} serves no students; name an endpoint, or null for this machine")
        for key, name in served.items()
        if isinstance(params.llms.get(name), Rules)
    ]


def _judge_conflicts(params: Params) -> list[tuple[str, str]]:
    judge, llm = params.judge, params.llms.get(params.judge.llm)
    if judge.weighted and judge.samples > 1:
        return [("judge.weighted", "is another way than samples; choose one of them")]
    if (judge.weighted or judge.samples > 1) and isinstance(llm, Rules):
        key = "weighted" if judge.weighted else "samples"
        return [(f"judge.{key}", "rules give one rating, always the same; name an endpoint")]
    if judge.samples > 1 and isinstance(llm, OpenAI) and llm.temperature == 0:
        where = f"llms.{judge.llm}.temperature"
        return [("judge.samples", f"would all be alike; raise {where} above 0")]
    return []


def _cost_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = [
        (f"costs.prices.{name}", f"is not under llms; known: {_names(params.llms)}")
        for name in params.costs.prices
        if name not in params.llms
    ]
    if params.costs.budget is not None:
        problems += [
            (
                f"costs.prices.{name}",
                "missing; a budget needs every endpoint's price",
            )
            for name, llm in params.llms.items()
            if isinstance(llm, OpenAI) and name not in params.costs.prices
        ]
    return problems


def _name_conflicts(params: Params) -> list[tuple[str, str]]:
    """Names given twice: versions and systems have folders, and annotations tell them by name."""
    owners = {paths.ORG: "the teacher's version", paths.TEACHER: "the teacher"}
    problems = []
    for section in ("revisions", "students", "runs"):
        for name in getattr(params, section):
            key = f"{section}.{name}"
            owner = owners.setdefault(name, key)
            if section == "runs" and name == paths.BASE:
                owner = "the offline student in models/base"
            if owner != key:
                problems.append((key, f"the name is taken by {owner}; choose another one"))
    return problems


def _revision_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = []
    known = [paths.ORG, *params.revisions]
    if sorted(params.versions) != sorted(known):
        problems.append(
            ("versions", f"must list org and every revision, each once: {', '.join(known)}")
        )
    for name, revision in params.revisions.items():
        key = f"revisions.{name}"
        if revision.parent not in known:
            problems.append(
                (f"{key}.parent", f"{revision.parent!r} does not exist; known: {', '.join(known)}")
            )
        elif name in _ancestors(params, name):
            problems.append((f"{key}.parent", "a version cannot descend from itself"))
        for channel, codes in revision.fixes.items():
            where = f"{key}.fixes.{channel}"
            if channel not in params.channels:
                problems.append((where, f"unknown channel; known: {', '.join(params.channels)}"))
            else:
                problems += [
                    (where, fault)
                    for code in codes
                    if (fault := _fix_fault(code, channel, revision.prompts))
                ]
    return problems


def _ancestors(params: Params, version: str) -> list[str]:
    found: list[str] = []
    while (
        version in params.revisions and (version := params.revisions[version].parent) not in found
    ):
        found.append(version)
    return found


def _fix_fault(code: str, channel: str, folder: str) -> str:
    entry = taxonomy.load().get(code)
    if entry is None:
        return f"{code!r} is not in {taxonomy.PATH}; correct the code or define it there"
    if not entry.applies_to(channel):
        return f"{code} applies to {', '.join(entry.channels)} only ({taxonomy.PATH})"
    name = f"{folder}/{code}"
    return prompts.fault(name, questions.FIX) and prompts.fault(
        name, (*questions.FIX, "interaction")
    )


def _run_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = []
    known = [paths.TEACHER, *params.students, *params.runs]
    if sorted(params.systems) != sorted(known):
        problems.append(
            ("systems", f"must list the teacher, every student and every run: {', '.join(known)}")
        )
    for name, run in params.runs.items():
        key = f"runs.{name}"
        if run.student not in params.students:
            problems.append(
                (
                    f"{key}.student",
                    f"{run.student!r} is not under students: {_names(params.students)}",
                )
            )
        if run.version not in params.versions:
            problems.append(
                (f"{key}.version", f"{run.version!r} does not exist: {', '.join(params.versions)}")
            )
        problems += [
            (f"{key}.phases", f"unknown channel {channel!r}; known: {_names(params.channels)}")
            for phase in run.phases
            for channel in phase
            if channel not in params.channels
        ]
        problems += [
            (f"{key}.phases", f"{channel!r} stands twice in one phase; name it once")
            for phase in run.phases
            for channel in sorted(set(phase))
            if phase.count(channel) > 1
        ]
    return problems


def _annotation_conflicts(params: Params) -> list[tuple[str, str]]:
    of, known = params.annotation.of, [*params.versions, *params.systems]
    if of in known:
        return []
    return [
        ("annotation.of", f"{of!r} is neither a version nor a system; known: {', '.join(known)}")
    ]


def _names(mapping: dict[str, Any]) -> str:
    return ", ".join(mapping)
