"""Checks across sections of params.yaml: names that do not exist, contradictory settings."""

import re
from collections.abc import Iterable, Mapping

from distill import paths, prompts
from distill.channels.settings import Email, Turns
from distill.llm.settings import Model, Rules
from distill.params.arf import Params, Revision
from distill.params.shared import Shared
from distill.params.stages import stages
from distill.tasks import summarize
from distill.tasks.summarize import checks, placeholders, taxonomy

_FOLDERS = {  # of models/, which are no runs
    paths.BASE: "the folder of the unpacked models",
    paths.EXPORTS: "the folder of the exported models",
}
Fault = tuple[str, str]  # a key of the file, the problem and its remedy


def in_taxonomy(params: Params) -> list[Fault]:
    """Return the channels of error codes that are neither configured nor have a judge's prompt."""
    return [
        (
            f"{code.group}.{code.code}.channels",
            f"{channel!r} is no channel and has no prompts/judge/{channel}.txt; correct the name",
        )
        for code in taxonomy.load().values()
        for channel in code.channels
        if channel not in params.channels
        and prompts.fault(f"judge/{channel}", placeholders.COMPARE)
    ]


def in_shared(params: Shared) -> list[Fault]:
    """Return the names that do not exist in the sections that all methods share."""
    problems = [
        (f"runs.{name}.student", not_under("students", params.students, run.student))
        for name, run in params.runs.items()
        if run.student not in params.students
    ]
    served = {name: student.predict.endpoint for name, student in params.students.items()}
    return problems + [
        (f"students.{name}.predict.endpoint", not_under("endpoints", params.endpoints, endpoint))
        for name, endpoint in served.items()
        if endpoint is not None and endpoint not in params.endpoints
    ]


def in_params(params: Params) -> list[Fault]:
    """Return all names that do not exist and all contradictory settings, section by section."""
    return [
        *_channel_conflicts(params),
        *_size_conflicts(params),
        *_prompt_conflicts(params),
        *_llm_conflicts(params),
        *_judge_conflicts(params),
        *_cost_conflicts(params),
        *_check_conflicts(params),
        *_name_conflicts(params),
        *_version_conflicts(params),
        *_filter_conflicts(params),
        *_asked_conflicts(params),
        *_edited_conflicts(params),
        *_run_conflicts(params),
        *_export_conflicts(params),
        *_annotation_conflicts(params),
    ]


def _channel_conflicts(params: Params) -> list[Fault]:
    problems = []
    for name, channel in params.channels.items():
        key = f"channels.{name}"
        if isinstance(channel, Turns):
            if channel.customer is None and "Customer" not in channel.roles.values():
                fault = 'no role maps to "Customer"; map the customer\'s role to it'
                problems.append((f"{key}.roles", fault))
        else:
            problems += [
                (f"{key}.fields.{label}", "is not a valid label; choose another one")
                for label in channel.fields
                if label == "Customer" or not re.fullmatch(r"[^:\s](?:[^:\n]{0,38}[^:\s])?", label)
            ]
        if isinstance(channel, Email):
            problems += [
                (f"{key}.fields.{label}", "is a reserved label of the body; choose another one")
                for label in ("Message", "Signature", "Quoted")
                if label in channel.fields
            ]
    return problems


def _size_conflicts(params: Params) -> list[Fault]:
    channels, sizes = params.channels, params.split.sizes
    fault = "missing; add the rows of test, dev, audit and train"
    missing = [name for name in channels if name not in sizes]
    return [(f"split.sizes.{name}", fault) for name in missing] + [
        (f"split.sizes.{name}", not_under("channels", channels))
        for name in sizes
        if name not in channels
    ]


def _prompt_conflicts(params: Params) -> list[Fault]:
    used: list[tuple[str, str, tuple[str, ...]]] = [("annotate", "annotate", placeholders.COMPARE)]
    for name in params.channels:
        key = f"channels.{name}"
        used.append((key, f"summarize/{name}", placeholders.SUMMARIZE))
        used.append((key, f"{placeholders.JUDGE}/{name}", placeholders.COMPARE))
        if params.judge.direct:
            used.append(("judge.direct", f"{placeholders.DIRECT}/{name}", placeholders.COMPARE))
        used += [
            (f"students.{own}.prompts", f"{student.prompts}/{name}", placeholders.SUMMARIZE)
            for own, student in params.students.items()
            if student.prompts
        ]
        used += [
            (f"asked.{system}.prompts", f"{asked.prompts}/{name}", placeholders.SUMMARIZE)
            for system, asked in params.asked.items()
        ]
    return [
        (key, fault) for key, name, variables in used if (fault := prompts.fault(name, variables))
    ]


def _llm_conflicts(params: Params) -> list[Fault]:
    problems = []
    by_key = {stage.where: stage for stage in stages(params) if stage.where}
    for key, stage in by_key.items():
        if stage.name != "predict" and stage.llm not in params.llms:
            problems.append((key, not_under("llms", params.llms, stage.llm)))
    for name, llm in params.llms.items():
        if isinstance(llm, Model) and name not in params.endpoints:
            fault = f"missing; add the connection to the model of llms.{name} (base_url)"
            problems.append((f"endpoints.{name}", fault))
    used = {*params.llms, *(stage.llm for stage in by_key.values())}
    return problems + [
        (f"endpoints.{name}", "serves no entry of llms and no student; correct the name")
        for name in params.endpoints
        if name not in used
    ]


def _judge_conflicts(params: Params) -> list[Fault]:
    judge, llm = params.judge, params.llms.get(params.judge.llm)
    if judge.weighted and not judge.direct:
        return [("judge.weighted", "weights direct ratings; set judge.direct to true")]
    if judge.weighted and judge.samples > 1:
        return [("judge.weighted", "excludes samples above 1; choose one of them")]
    if (judge.direct or judge.samples > 1) and isinstance(llm, Rules):
        key = "direct" if judge.direct else "samples"
        return [(f"judge.{key}", "has no effect with rules; name an endpoint in judge.llm")]
    if judge.samples > 1 and isinstance(llm, Model) and llm.temperature == 0:
        where = f"llms.{judge.llm}.temperature"
        return [("judge.samples", f"are all equal at temperature 0; raise {where}")]
    return []


def _cost_conflicts(params: Params) -> list[Fault]:
    problems = [
        (f"costs.prices.{name}", not_under("endpoints", params.endpoints))
        for name in params.costs.prices
        if name not in params.endpoints
    ]
    problems += [
        (f"costs.tokens_per_second.{name}", not_under("students", params.students))
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


def _check_conflicts(params: Params) -> list[Fault]:
    known, codes = checks.CODES, params.analyze.checks
    faults = [
        f"{code!r} is no code with a check; known: {', '.join(known)}"
        for code in codes
        if code not in known
    ]
    faults += [f"{code} is listed twice; list it once" for code in _repeated(codes)]
    return [("analyze.checks", fault) for fault in faults]


def _name_conflicts(params: Params) -> list[Fault]:
    """Return the names that two entries share: they name folders, and annotations refer to them."""
    owners = {paths.ORG: "the teacher's version", paths.TEACHER: "the teacher"}
    problems = []
    for section in ("revisions", "filtered", "students", "runs", "asked", "edited", "exports"):
        for name in getattr(params, section):
            key = f"{section}.{name}"
            owner = owners.setdefault(name, key)
            if section == "runs" and name in _FOLDERS:
                owner = _FOLDERS[name]
            if owner != key:
                problems.append((key, f"the name is taken by {owner}; choose another one"))
    return problems


def _version_conflicts(params: Params) -> list[Fault]:
    problems = []
    known = [paths.ORG, *params.parents]
    if sorted(params.versions) != sorted(known):
        problems.append(
            ("versions", f"must list org and all revised and filtered versions: {', '.join(known)}")
        )
    for name in params.parents:
        key = f"revisions.{name}" if name in params.revisions else f"filtered.{name}"
        problems += _parent_conflicts(f"{key}.parent", name, params.parents, known)
    for name, revision in params.revisions.items():
        for channel in revision.fixes:
            problems += _fix_conflicts(params, f"revisions.{name}", revision, channel)
    return problems


def _parent_conflicts(
    key: str, name: str, parents: Mapping[str, str], known: list[str]
) -> list[Fault]:
    if parents[name] not in known:
        return [(key, f"{parents[name]!r} does not exist; known: {', '.join(known)}")]
    if name in _ancestors(parents, name):
        return [(key, f"{name} cannot descend from itself; name another parent")]
    return []


def _filter_conflicts(params: Params) -> list[Fault]:
    if "train" in params.annotate.splits:
        return []
    fault = "leaves errors in train rows, which the annotator does not read; add train to "
    return [(f"filtered.{name}", f"{fault}annotate.splits") for name in params.filtered]


def _asked_conflicts(params: Params) -> list[Fault]:
    known = (summarize.PROMPTS, summarize.INFORMED)
    return [
        (
            f"asked.{name}.prompts",
            f"has no effect with rules, which know {' and '.join(known)} only; name an endpoint in"
            f" asked.{name}.llm",
        )
        for name, asked in params.asked.items()
        if isinstance(params.llms.get(asked.llm), Rules) and asked.prompts not in known
    ]


def _edited_conflicts(params: Params) -> list[Fault]:
    problems = []
    parents = {name: edited.parent for name, edited in params.edited.items()}
    for name, edited in params.edited.items():
        key = f"edited.{name}"
        problems += _parent_conflicts(f"{key}.parent", name, parents, _systems(params))
        revision = params.revisions.get(edited.revision)
        if revision is None:
            fault = not_under("revisions", params.revisions, edited.revision)
            problems.append((f"{key}.revision", fault))
            continue
        if revision.only_flagged:
            fault = f"{edited.revision} edits rows with a finding, and nobody annotates test rows"
            problems.append((f"{key}.revision", f"{fault}; name one without only_flagged"))
        problems += [
            (f"{key}.{setting}", f"must be {own!r}, as in revisions.{edited.revision}")
            for setting in ("llm", "prompts")
            if getattr(edited, setting) != (own := getattr(revision, setting))
        ]
    return problems


def _systems(params: Params) -> list[str]:
    return [paths.TEACHER, *params.asked, *params.edited, *params.students, *params.runs]


def _fix_conflicts(params: Params, key: str, revision: Revision, channel: str) -> list[Fault]:
    where, codes = f"{key}.fixes.{channel}", revision.fixes[channel]
    if channel not in params.channels:
        return [(where, not_under("channels", params.channels))]
    faults = [_fix_fault(code, channel, revision.prompts) for code in codes]
    return [
        *((where, fault) for fault in faults if fault),
        *((where, f"{code} is listed twice; list it once") for code in _repeated(codes)),
        *_unflagged(params, key, revision, codes),
    ]


def _unflagged(params: Params, key: str, revision: Revision, codes: list[str]) -> list[Fault]:
    """Return the codes that `only_flagged` edits in no train row, because nothing flags them."""
    if not revision.only_flagged or "train" in params.annotate.splits:
        return []
    return [
        (
            f"{key}.only_flagged",
            f"edits no train row for {code}: no check of analyze.checks detects it, and the"
            " annotator reads no train rows; add train to annotate.splits",
        )
        for code in codes
        if code not in params.analyze.checks
    ]


def _ancestors(parents: Mapping[str, str], name: str) -> list[str]:
    ancestors: list[str] = []
    while name in parents:
        name = parents[name]
        if name in ancestors:
            break
        ancestors.append(name)
    return ancestors


def _fix_fault(code: str, channel: str, folder: str) -> str:
    entry = taxonomy.load().get(code)
    if entry is None:
        return f"{code!r} is not in {taxonomy.PATH}; correct the code or add it there"
    if not entry.applies_to(channel):
        return f"{code} applies to {', '.join(entry.channels)} only, by {taxonomy.PATH}; remove it"
    name = f"{folder}/{code}"
    blind = prompts.fault(name, placeholders.FIX)
    informed = prompts.fault(name, (*placeholders.FIX, "interaction"))
    return blind and informed and (blind if "$interaction is missing" in informed else informed)


def _run_conflicts(params: Params) -> list[Fault]:
    problems = []
    if params.release is not None and params.release not in params.runs:
        problems.append(("release", not_under("runs", params.runs, params.release)))
    known = _systems(params)
    if sorted(params.systems) != sorted(known):
        fault = "must list the teacher, all asked and edited systems, every student and every run"
        problems.append(("systems", f"{fault}: {', '.join(known)}"))
    problems += in_shared(params)
    for name, run in params.runs.items():
        key = f"runs.{name}"
        if run.version not in params.versions:
            problems.append((f"{key}.version", not_under("versions", params.versions, run.version)))
        for phase in run.phases:
            problems += _phase_conflicts(params, f"{key}.phases", phase)
    return problems


def _phase_conflicts(params: Params, key: str, phase: list[str]) -> list[Fault]:
    unknown = [channel for channel in phase if channel not in params.channels]
    return [
        *((key, not_under("channels", params.channels, channel)) for channel in unknown),
        *(
            (key, f"{channel!r} is listed twice in one phase; list it once")
            for channel in _repeated(phase)
        ),
    ]


def _export_conflicts(params: Params) -> list[Fault]:
    problems = []
    for name, export in params.exports.items():
        key = f"exports.{name}.run"
        if export.run not in params.runs:
            problems.append((key, not_under("runs", params.runs, export.run)))
        elif params.runs[export.run].student not in params.students:
            continue  # reported of the run
        elif params.student(export.run).kind == "encoder":
            problems.append(
                (key, f"{export.run} trains an encoder; name the run of a causal student")
            )
    return problems


def _annotation_conflicts(params: Params) -> list[Fault]:
    known = [*params.versions, *params.systems]
    return [
        ("annotation.of", f"{of!r} is neither a version nor a system; known: {', '.join(known)}")
        for of in params.annotation.sources
        if of not in known
    ]


def not_under(section: str, known: Iterable[str], name: str = "") -> str:
    """Return the fault of a name that a section does not have."""
    subject = f"{name!r} is" if name else "is"
    return f"{subject} not under {section}; known: {', '.join(known) or 'none'}"


def _repeated(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]
