"""Mean ratings and their differences: Tables 2 and 4, the metrics of DVC, and effects.json."""

from collections.abc import Sequence

from distill import paths
from distill.params.arf import Params
from distill.records import Row
from distill.report.scores import TITLES, Scores
from distill.stats.intervals import Estimate
from distill.stats.tables import Bold, Table, delta_cell, mean_cell
from distill.students.settings import Run

_SPREAD = ("low", "high", "p", "n")
FIELDS = ["measure", "system", "channel", "n", "mean", "low", "high"]
FIELDS += [f"{of}_{name}" for of in ("org", "teacher") for name in ("delta", *_SPREAD)]
PLOT_FIELDS = ["system", "channel", "measure", "mean", "low", "high", "n"]
NOTE = (
    "Mean rating from 1 to 5 with its 95% interval (bootstrap by row). Differences are paired by"
    " row over the rows for which both systems have a summary; p is from sign flips, two-sided, not"
    " corrected for the number of comparisons. *: above the teacher; **: and the interval of the"
    " difference excludes 0. Bold: best of its channel. The teacher's malformed test summaries are"
    " excluded, as they are from its dataset; a student's are rated as generated."
)


def means(scores: Scores, measure: str) -> dict[str, dict[str, float | None]]:
    """Return system -> channel -> mean rating, for `dvc metrics`."""
    return {
        system: {
            channel: scores.mean(measure, system, channel).rounded()["value"]
            for channel in scores.channels
        }
        for system in scores.by[measure]
    }


def effects(params: Params, scores: Scores) -> list[Row]:
    """Return every run's paired differences (metrics/effects.json), where rows are shared."""
    found = [
        {
            "channel": channel,
            "measure": measure,
            "system": run,
            "against": against,
            **_delta(scores.difference(measure, run, other, channel)),
        }
        for measure in scores.by
        for channel in scores.channels
        for run in params.runs
        for against, other in references(params, run).items()
    ]
    return [effect for effect in found if effect["n"]]


def references(params: Params, run: str) -> dict[str, str]:
    """Return name -> system that a run is compared with, itself left out.

    These are the teacher, the same student trained on all channels of org, of the parent of the
    run's version and of the version itself (each by the version's name), and the student out of
    the box.
    """
    student, version = params.runs[run].student, params.runs[run].version
    found = {paths.TEACHER: paths.TEACHER}
    parents = [params.revisions[version].parent] if version in params.revisions else []
    for reference in (paths.ORG, *parents, version):
        other = joint_run(params, student, reference)
        if other and other != run:
            found[reference] = other
    return {**found, student: student}


def is_joint(params: Params, run: Run) -> bool:
    """Return True for a run that is trained on all channels at once."""
    return not run.phases or (len(run.phases) == 1 and set(run.phases[0]) == set(params.channels))


def joint_run(params: Params, student: str, version: str) -> str | None:
    """Return the student's run on all channels of a version at once, None where there is none."""
    for name, run in params.runs.items():
        if run.student == student and run.version == version and is_joint(params, run):
            return name
    return None


def _delta(estimate: Estimate) -> Row:
    rounded = estimate.rounded()
    return {"delta": rounded.pop("value"), **{name: rounded[name] for name in _SPREAD}}


def table2_systems(params: Params) -> list[str]:
    """Return the teacher, the students out of the box and the runs on all channels at once."""
    joint = [name for name, run in params.runs.items() if is_joint(params, run)]
    return [paths.TEACHER, *params.students, *joint]


def table4_systems(params: Params) -> list[str]:
    """Return runs in phases, each group after its student out of the box, its joint run last."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, run in params.runs.items():
        if not is_joint(params, run):
            groups.setdefault((run.student, run.version), []).append(name)
    found: list[str] = []
    for (student, version), runs in groups.items():
        joint = joint_run(params, student, version)
        found += [name for name in [student, *runs, joint] if name and name not in found]
    return found


def rows(params: Params, scores: Scores, systems: Sequence[str]) -> list[Row]:
    """Return one row per measure, system and channel, with FIELDS."""
    return [
        _row(params, scores, measure, system, channel)
        for measure in scores.by
        for system in systems
        for channel in scores.channels
    ]


def _row(params: Params, scores: Scores, measure: str, system: str, channel: str) -> Row:
    estimate = scores.mean(measure, system, channel).rounded()
    row = {
        "measure": measure,
        "system": system,
        "channel": channel,
        "n": estimate["n"],
        "mean": estimate["value"],
        "low": estimate["low"],
        "high": estimate["high"],
    }
    for name, other in _against(params, system).items():
        delta = _delta(scores.difference(measure, system, other, channel))
        row |= {f"{name}_{field}": value for field, value in delta.items()}
    return row


def _against(params: Params, system: str) -> dict[str, str]:
    """The systems that the tables compare a system with, by the name of the column."""
    found = {} if system == paths.TEACHER else {"teacher": paths.TEACHER}
    if system in params.runs:
        org = joint_run(params, params.runs[system].student, paths.ORG)
        if org and org != system:
            found["org"] = org
    return found


def tables(params: Params, scores: Scores, systems: Sequence[str]) -> list[Table]:
    """Return one table per measure: a row a system, three columns a channel."""
    header = ["System"]
    for channel in scores.channels:
        header += [channel, "Δ org", "Δ teacher"]
    return [
        Table(TITLES[measure], header, _lines(params, scores, measure, systems))
        for measure in scores.by
    ]


def _lines(params: Params, scores: Scores, measure: str, systems: Sequence[str]) -> list[list[str]]:
    best = {
        channel: max(
            (scores.mean(measure, system, channel).value or 0 for system in systems), default=0
        )
        for channel in scores.channels
    }
    return [
        [
            system,
            *(
                cell
                for channel in scores.channels
                for cell in _cells(params, scores, measure, system, channel, best[channel])
            ),
        ]
        for system in systems
    ]


def _cells(  # noqa: PLR0913, PLR0917
    params: Params, scores: Scores, measure: str, system: str, channel: str, best: float
) -> list[str]:
    deltas = {
        name: scores.difference(measure, system, other, channel)
        for name, other in _against(params, system).items()
    }
    mark, teacher = "", deltas.get("teacher")
    if teacher and teacher.value is not None and teacher.value > 0:
        mark = "**" if teacher.low is not None and teacher.low > 0 else "*"
    estimate = scores.mean(measure, system, channel)
    cell = mean_cell(estimate, mark)
    if estimate.value == best:
        cell = Bold(cell)
    return [cell, delta_cell(deltas.get("org")), delta_cell(teacher)]
