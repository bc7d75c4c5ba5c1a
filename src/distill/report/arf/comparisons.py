"""The comparisons of ARF: the systems of Tables 2 and 4, and what each run is compared with."""

from collections.abc import Sequence

from distill import paths
from distill.params.arf import Params
from distill.report import ratings
from distill.report.arf.scoring import TITLES
from distill.report.ratings import View
from distill.report.scores import Scores
from distill.stats.tables import Table
from distill.students.settings import Run

COLUMNS = (paths.ORG, paths.TEACHER)  # of Tables 2 and 4
NOTE = (
    "Mean rating from 1 to 5 with its 95% interval (bootstrap by row). Differences are paired by"
    " row over the rows for which both systems have a summary; p is from sign flips, two-sided, not"
    " corrected for the number of comparisons. *: above the teacher; **: and the interval of the"
    " difference excludes 0. Bold: best of its channel. The teacher's malformed test summaries are"
    " excluded, as they are from its dataset; a student's are rated as generated."
)


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


def in_tables(params: Params) -> dict[str, dict[str, str]]:
    """Return the systems that Tables 2 and 4 compare each system with, by the column's name."""
    return {
        system: {
            name: other
            for name, other in _in_table(params, system).items()
            if other and other != system
        }
        for system in params.systems
    }


def _in_table(params: Params, system: str) -> dict[str, str | None]:
    run = params.runs.get(system)
    org = joint_run(params, run.student, paths.ORG) if run else None
    return {paths.ORG: org, paths.TEACHER: paths.TEACHER}


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


def view(params: Params, systems: Sequence[str]) -> View:
    """Return the systems with their references in the tables."""
    return View(systems, in_tables(params), COLUMNS)


def tables(scores: Scores, shown: View) -> list[Table]:
    """Return a table for each measure."""
    return [ratings.table(TITLES[measure], scores, measure, shown) for measure in scores.by]
