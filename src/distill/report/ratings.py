"""Mean ratings and their differences: Tables 2 and 4, and effects.json."""

from distill import paths
from distill.params.arf import Params
from distill.records import Row
from distill.report.results import Results, is_joint, joint_run
from distill.stats.intervals import Estimate
from distill.stats.tables import EMPTY, Table, delta_cell, mean_cell

REFERENCES = (paths.ORG, "r1")  # versions against which effects.json sets every run
FIELDS = ["measure", "system", "channel", "n", "mean", "low", "high"]
_SPREAD = ("low", "high", "p", "n")
FIELDS += [f"{of}_{name}" for of in ("org", "teacher") for name in ("delta", *_SPREAD)]
PLOT_FIELDS = ["system", "channel", "measure", "mean", "low", "high", "n"]
MEASURES = {"judge": "By the judge", "truth": "By the hidden truth"}
NOTE = (
    "Mean rating from 1 to 5 with its 95% interval (bootstrap by row). Differences are paired by"
    " row over the rows that both systems summarised; p is from sign flips, two-sided, not"
    " corrected for the number of comparisons. `*`: above the teacher; `**`: and the interval of"
    " the difference excludes 0. Bold: best of its channel."
)


def means(results: Results, measure: str) -> dict[str, dict[str, float | None]]:
    """Return system -> channel -> mean, for `dvc metrics`."""
    return {
        system: {
            channel: results.mean(measure, system, channel).rounded()["value"]
            for channel in results.channels
        }
        for system in results.params.systems
    }


def effects(results: Results) -> list[Row]:
    """Return every run's paired differences (metrics/effects.json).

    `against` is "teacher", "org" or "r1" (the same student's run on all channels of that
    version), or the student's own name (the student out of the box).
    """
    found = []
    for measure in results.scores:
        for channel in results.channels:
            for run in results.params.runs:
                for against, other in references(results.params, run).items():
                    estimate = results.difference(measure, run, other, channel)
                    head = {"channel": channel, "measure": measure, "system": run}
                    found.append({**head, "against": against, **_delta(estimate)})
    return [effect for effect in found if effect["n"]]


def references(params: Params, run: str) -> dict[str, str]:
    """Return name -> system that a run is compared with, itself left out."""
    student = params.runs[run].student
    found = {paths.TEACHER: paths.TEACHER}
    for version in REFERENCES:
        other = joint_run(params, student, version)
        if other and other != run:
            found[version] = other
    return {**found, student: student}


def _delta(estimate: Estimate) -> Row:
    rounded = estimate.rounded()
    return {"delta": rounded.pop("value"), **{name: rounded[name] for name in _SPREAD}}


def table2_systems(params: Params) -> list[str]:
    """Return the teacher, the students out of the box and the runs on all channels at once."""
    joint = [name for name, run in params.runs.items() if is_joint(params, run)]
    return [paths.TEACHER, *params.students, *joint]


def table4_systems(params: Params) -> list[str]:
    """Return runs in phases, each group behind its student out of the box, its joint run last."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, run in params.runs.items():
        if not is_joint(params, run):
            groups.setdefault((run.student, run.version), []).append(name)
    found: list[str] = []
    for (student, version), runs in groups.items():
        joint = joint_run(params, student, version)
        found += [name for name in [student, *runs, joint] if name and name not in found]
    return found


def rows(results: Results, systems: list[str]) -> list[Row]:
    """Return one row per measure, system and channel, with FIELDS."""
    return [
        _row(results, measure, system, channel)
        for measure in results.scores
        for system in systems
        for channel in results.channels
    ]


def _row(results: Results, measure: str, system: str, channel: str) -> Row:
    estimate = results.mean(measure, system, channel).rounded()
    row = {
        "measure": measure,
        "system": system,
        "channel": channel,
        "n": estimate["n"],
        "mean": estimate["value"],
        "low": estimate["low"],
        "high": estimate["high"],
    }
    for name, other in _against(results.params, system).items():
        delta = _delta(results.difference(measure, system, other, channel))
        row |= {f"{name}_{field}": value for field, value in delta.items()}
    return row


def _against(params: Params, system: str) -> dict[str, str]:
    found = {} if system == paths.TEACHER else {"teacher": paths.TEACHER}
    if system in params.runs:
        org = joint_run(params, params.runs[system].student, paths.ORG)
        if org and org != system:
            found["org"] = org
    return found


def tables(results: Results, systems: list[str]) -> list[Table]:
    """Return one table per measure: a row a system, three columns a channel."""
    header = ["System"]
    for channel in results.channels:
        header += [channel, "Δ org", "Δ teacher"]
    return [
        Table(MEASURES[measure], header, _cells(results, measure, systems))
        for measure in results.scores
    ]


def _cells(results: Results, measure: str, systems: list[str]) -> list[list[str]]:
    best = {}
    for channel in results.channels:
        values = [results.mean(measure, system, channel).value for system in systems]
        best[channel] = max((value for value in values if value is not None), default=None)
    lines = []
    for system in systems:
        line = [system]
        for channel in results.channels:
            line += _channel_cells(results, measure, system, channel, best[channel])
        lines.append(line)
    return lines


def _channel_cells(
    results: Results, measure: str, system: str, channel: str, best: float | None
) -> list[str]:
    estimate = results.mean(measure, system, channel)
    deltas = {
        name: results.difference(measure, system, other, channel)
        for name, other in _against(results.params, system).items()
    }
    mark = ""
    teacher = deltas.get("teacher")
    if teacher and teacher.value is not None and teacher.value > 0:
        mark = "**" if teacher.low is not None and teacher.low > 0 else "*"
    cell = mean_cell(estimate, mark.replace("*", "\\*"))
    if best is not None and estimate.value == best and cell != EMPTY:
        cell = f"**{cell}**"
    return [cell, delta_cell(deltas.get("org")), delta_cell(teacher)]
