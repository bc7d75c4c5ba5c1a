"""Names in params.yaml that point nowhere, and settings that contradict one another."""

import re
from collections.abc import Iterable

from distill import paths, prompts
from distill.channels.settings import Email, Turns
from distill.llm.settings import Model, Rules
from distill.params.arf import Params, Revision
from distill.params.shared import Shared
from distill.params.stages import stages
from distill.tasks.summarize import checks, questions, taxonomy

Fault = tuple[str, str]  # a key of the file, and what is wrong with it


def in_taxonomy(params: Params) -> list[Fault]:
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


def in_shared(params: Shared) -> list[Fault]:
    """Return the names that point nowhere in the sections that every method has."""
    known = _names(params.students)
    problems = [
        (f"runs.{name}.student", f"{run.student!r} is not under students: {known}")
        for name, run in params.runs.items()
        if run.student not in params.students
    ]
    served = {name: student.predict.endpoint for name, student in params.students.items()}
    return problems + [
        (
            f"students.{name}.predict.endpoint",
            f"{endpoint!r} is not under endpoints; known: {_names(params.endpoints)}",
        )
        for name, endpoint in served.items()
        if endpoint is not None and endpoint not in params.endpoints
    ]


def in_params(params: Params) -> list[Fault]:
    """Return names that point nowhere and settings that contradict one another, in file order."""
    return [
        *_channel_conflicts(params),
        *_size_conflicts(params),
        *_prompt_conflicts(params),
        *_llm_conflicts(params),
        *_judge_conflicts(params),
        *_cost_conflicts(params),
        *_name_conflicts(params),
        *_revision_conflicts(params),
        *_run_conflicts(params),
        *_annotation_conflicts(params),
    ]


def _channel_conflicts(params: Params) -> list[Fault]:
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


def _size_conflicts(params: Params) -> list[Fault]:
    channels, sizes = params.channels, params.split.sizes
    unsaid = "missing; say how many rows test, dev, audit and train have"
    missing = [name for name in channels if name not in sizes]
    return [(f"split.sizes.{name}", unsaid) for name in missing] + [
        (f"split.sizes.{name}", f"is not under channels; known: {_names(channels)}")
        for name in sizes
        if name not in channels
    ]


def _prompt_conflicts(params: Params) -> list[Fault]:
    used: list[tuple[str, str, tuple[str, ...]]] = [("annotate", "annotate", questions.COMPARE)]
    for name in params.channels:
        key = f"channels.{name}"
        used.append((key, f"summarize/{name}", questions.SUMMARIZE))
        used.append((key, f"judge/{name}", questions.COMPARE))
    return [
        (key, fault) for key, name, variables in used if (fault := prompts.fault(name, variables))
    ]


def _llm_conflicts(params: Params) -> list[Fault]:
    problems = []
    asked = {stage.where: stage for stage in stages(params) if stage.where}
    for key, stage in asked.items():
        if stage.name != "predict" and stage.llm not in params.llms:
            fault = f"{stage.llm!r} is not under llms; known: {_names(params.llms)}"
            problems.append((key, fault))
    for name, llm in params.llms.items():
        if isinstance(llm, Model) and name not in params.endpoints:
            fault = f"missing; it says how the model of llms.{name} is reached (base_url)"
            problems.append((f"endpoints.{name}", fault))
    used = {*params.llms, *(stage.llm for stage in asked.values())}
    return problems + [
        (f"endpoints.{name}", "serves no model of llms and no student; correct the name")
        for name in params.endpoints
        if name not in used
    ]


def _judge_conflicts(params: Params) -> list[Fault]:
    judge, llm = params.judge, params.llms.get(params.judge.llm)
    if judge.weighted and judge.samples > 1:
        return [("judge.weighted", "is another way than samples; choose one of them")]
    if (judge.weighted or judge.samples > 1) and isinstance(llm, Rules):
        key = "weighted" if judge.weighted else "samples"
        return [(f"judge.{key}", "rules give one rating, always the same; name an endpoint")]
    if judge.samples > 1 and isinstance(llm, Model) and llm.temperature == 0:
        where = f"llms.{judge.llm}.temperature"
        return [("judge.samples", f"would all be alike; raise {where} above 0")]
    return []


def _cost_conflicts(params: Params) -> list[Fault]:
    problems = [
        (f"costs.prices.{name}", f"is not under endpoints; known: {_names(params.endpoints)}")
        for name in params.costs.prices
        if name not in params.endpoints
    ]
    problems += [
        (
            f"costs.tokens_per_second.{name}",
            f"is not under students; known: {_names(params.students)}",
        )
        for name in params.costs.tokens_per_second
        if name not in params.students
    ]
    if params.costs.budget is not None:
        problems += [
            (f"costs.prices.{name}", "missing; a budget needs every endpoint's price")
            for name in params.endpoints
            if name not in params.costs.prices
        ]
    return problems


def _name_conflicts(params: Params) -> list[Fault]:
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


def _revision_conflicts(params: Params) -> list[Fault]:
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
                problems += [
                    (where, f"{code} is listed twice; one edit repairs it")
                    for code in dict.fromkeys(codes)
                    if codes.count(code) > 1
                ]
                problems += _unflagged(params, key, revision, codes)
    return problems


def _unflagged(params: Params, key: str, revision: Revision, codes: list[str]) -> list[Fault]:
    """Codes that `only_flagged` never edits in the rows to train on, for nothing flags them."""
    if not revision.only_flagged or "train" in params.annotate.splits:
        return []
    return [
        (
            f"{key}.only_flagged",
            f"edits no train row for {code}: no check finds it, and the annotator reads no train"
            " rows; add train to annotate.splits",
        )
        for code in codes
        if code not in checks.CHECKS
    ]


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


def _run_conflicts(params: Params) -> list[Fault]:
    problems = []
    if params.release is not None and params.release not in params.runs:
        fault = f"{params.release!r} is not under runs; known: {_names(params.runs)}"
        problems.append(("release", fault))
    known = [paths.TEACHER, *params.students, *params.runs]
    if sorted(params.systems) != sorted(known):
        problems.append(
            ("systems", f"must list the teacher, every student and every run: {', '.join(known)}")
        )
    problems += in_shared(params)
    for name, run in params.runs.items():
        key = f"runs.{name}"
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


def _annotation_conflicts(params: Params) -> list[Fault]:
    of, known = params.annotation.of, [*params.versions, *params.systems]
    if of in known:
        return []
    return [
        ("annotation.of", f"{of!r} is neither a version nor a system; known: {', '.join(known)}")
    ]


def _names(known: Iterable[str]) -> str:
    return ", ".join(known) or "none"
