"""The comparisons of ARF: the systems of Tables 2 and 4, and what each system is compared with."""

from collections.abc import Iterator

from distill import paths
from distill.params.arf import Params
from distill.report.scores import trainings
from distill.students.settings import Run

COLUMNS = (paths.ORG, paths.TEACHER)  # of Tables 2 and 4


def seeds(params: Params) -> dict[str, list[str]]:
    """Return the runs that differ in their seed alone: the name of the first -> all of them."""
    return trainings(params.runs)


def first_run(params: Params, name: str) -> str:
    """Return the run under whose name the trainings that differ in their seed are reported."""
    return next((first for first, names in seeds(params).items() if name in names), name)


def _runs(params: Params) -> Iterator[tuple[str, Run]]:
    """Yield the runs, of those that differ in their seed the first."""
    return ((name, run) for name, run in params.runs.items() if first_run(params, name) == name)


def references(params: Params) -> dict[str, dict[str, str]]:
    """Return all comparisons: system -> name -> the system that it is compared with.

    A run is compared with the teacher, the same student trained on all channels of org, of the
    parent of the run's version and of the version itself (each by the version's name), the
    untrained student, and the teacher as edited at inference by the run's version, which is its
    ceiling. Other systems are compared with the teacher.
    """
    runs = dict(_runs(params))
    others = [name for name in params.systems if name not in params.runs and name != paths.TEACHER]
    return {
        **{name: _of_run(params, name) for name in runs},
        **{name: {paths.TEACHER: paths.TEACHER} for name in others},
    }


def _of_run(params: Params, name: str) -> dict[str, str]:
    student, version = params.runs[name].student, params.runs[name].version
    found = {paths.TEACHER: paths.TEACHER}
    for reference in (paths.ORG, params.parents.get(version), version):
        other = joint_run(params, student, reference) if reference else None
        if reference and other and other != name:
            found[reference] = other
    return {**found, student: student, **{name: name for name in _ceilings(params, version)}}


def _ceilings(params: Params, version: str) -> Iterator[str]:
    """Yield the systems that edit the teacher's outputs at inference up to a version."""
    for name, edited in params.edited.items():
        if edited.revision == version and _source(params, name) == paths.TEACHER:
            yield name


def _source(params: Params, system: str) -> str:
    while system in params.edited:
        system = params.edited[system].parent
    return system


def in_tables(params: Params) -> dict[str, dict[str, str]]:
    """Return the comparisons that Tables 2 and 4 show."""
    return {
        system: {name: other for name, other in others.items() if name in COLUMNS}
        for system, others in references(params).items()
    }


def with_parents(params: Params) -> list[tuple[str, str]]:
    """Return the joint runs of a version with the run of the version's parent."""
    every = references(params)
    return [
        (name, every[name][parent])
        for name, run in _runs(params)
        if is_joint(params, run) and (parent := params.parents.get(run.version, "")) in every[name]
    ]


def is_joint(params: Params, run: Run) -> bool:
    """Return True for a run that is trained on all channels at once."""
    return not run.phases or (len(run.phases) == 1 and set(run.phases[0]) == set(params.channels))


def joint_run(params: Params, student: str, version: str) -> str | None:
    """Return the student's run on all channels of a version at once, None where there is none."""
    for name, run in params.runs.items():
        if run.student == student and run.version == version and is_joint(params, run):
            return name
    return None


def table2_systems(params: Params) -> list[str]:
    """Return the teacher, the untrained students and the runs on all channels at once."""
    joint = [name for name, run in _runs(params) if is_joint(params, run)]
    return [paths.TEACHER, *params.students, *joint]


def baselines(params: Params) -> list[str]:
    """Return the systems that are neither the teacher nor a student, trained or not."""
    known = {paths.TEACHER, *params.students, *params.runs}
    return [name for name in params.systems if name not in known]


def table4_systems(params: Params) -> list[str]:
    """Return runs in phases, each group after its untrained student, its joint run last."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, run in _runs(params):
        if not is_joint(params, run):
            groups.setdefault((run.student, run.version), []).append(name)
    found: list[str] = []
    for (student, version), runs in groups.items():
        joint = joint_run(params, student, version)
        found += [name for name in [student, *runs, joint] if name and name not in found]
    return found
