"""Everything that the stages before wrote, read once."""

import sys
from dataclasses import dataclass, field
from functools import cached_property

from distill import paths, records
from distill.errors import InputError
from distill.offline import truth
from distill.params.arf import Params
from distill.people import edit_verdicts
from distill.people.edit_verdicts import Edit
from distill.records import Row
from distill.stats.intervals import Estimate, difference, mean
from distill.students.settings import Run

JUDGE, TRUTH, PEOPLE = "judge", "truth", "people"


@dataclass(frozen=True)
class Score:
    """What a judge, or the truth, says of one summary."""

    rating: float
    codes: tuple[str, ...]


Scores = dict[str, Score]  # id -> score


@dataclass
class Results:
    """The pipeline's outputs, and the sample's truth where there is one.

    `scores` maps measure -> system -> channel -> id -> Score of the test rows; `marks` says which
    edits people call good.
    """

    params: Params
    tests: dict[str, Row]
    predictions: dict[str, list[Row]]
    ratings: dict[str, list[Row]]
    versions: dict[str, list[Row]]
    findings: dict[str, list[Row]]
    truths: dict[str, Row]
    marks: dict[Edit, bool]
    scores: dict[str, dict[str, dict[str, Scores]]] = field(init=False)
    _true: dict[tuple[str, str], Score] = field(init=False, default_factory=dict)
    _estimates: dict[tuple[str, ...], Estimate] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Rate every prediction by the truth, where it is known."""
        self.scores = {JUDGE: {name: self._judged(name) for name in self.params.systems}}
        if self.truths:
            self.scores[TRUTH] = {name: self._rated(name) for name in self.params.systems}

    @cached_property
    def flagged(self) -> dict[str, dict[tuple[str, str], str]]:
        """The (id, code) pairs that were found in each version, with their evidence."""
        return {
            version: {(row["id"], row["code"]): row.get("evidence", "") for row in rows}
            for version, rows in self.findings.items()
        }

    @property
    def channels(self) -> list[str]:
        """The channels, in the order of params.yaml."""
        return list(self.params.channels)

    def true_score(self, row_id: str, text: str, summary: str) -> Score:
        """Return the truth's score of any summary of an interaction."""
        key = (row_id, summary)
        if key not in self._true:
            rating, codes = truth.rate(self.truths[row_id], text, summary)
            self._true[key] = Score(rating, tuple(codes))
        return self._true[key]

    def mean(self, measure: str, system: str, channel: str) -> Estimate:
        """Return the mean rating of a system's test summaries."""
        key = (measure, system, channel)
        if key not in self._estimates:
            ratings = [score.rating for score in self.scores[measure][system][channel].values()]
            self._estimates[key] = mean(ratings, self.params.report.bootstrap, self.params.seed)
        return self._estimates[key]

    def difference(self, measure: str, system: str, against: str, channel: str) -> Estimate:
        """Return the paired difference over the rows that both systems summarised."""
        key = (measure, system, against, channel)
        if key not in self._estimates:
            ours, theirs = (self.scores[measure][name][channel] for name in (system, against))
            shared = [row_id for row_id in ours if row_id in theirs]
            self._estimates[key] = difference(
                [ours[row_id].rating for row_id in shared],
                [theirs[row_id].rating for row_id in shared],
                self.params.report.bootstrap,
                self.params.seed,
            )
        return self._estimates[key]

    def _judged(self, system: str) -> dict[str, Scores]:
        found: dict[str, Scores] = {channel: {} for channel in self.params.channels}
        for row in self.ratings[system]:
            found[row["channel"]][row["id"]] = Score(row["rating"], tuple(row["codes"]))
        return found

    def _rated(self, system: str) -> dict[str, Scores]:
        found: dict[str, Scores] = {channel: {} for channel in self.params.channels}
        for row in self.predictions[system]:
            text = self.tests[row["id"]]["input"]
            found[row["channel"]][row["id"]] = self.true_score(row["id"], text, row["output"])
        return found


def load(params: Params) -> Results:
    """Read what the stages wrote; raises InputError for a folder that is missing."""
    versions = {name: list(records.read(paths.dataset(name))) for name in params.versions}
    return Results(
        params=params,
        tests={row["id"]: row for row in records.read(paths.split("test"))},
        predictions={name: list(records.read(paths.predictions(name))) for name in params.systems},
        ratings={name: list(records.read(paths.ratings(name))) for name in params.systems},
        versions=versions,
        findings={name: list(records.read(paths.findings(name))) for name in params.versions},
        truths=truth.load() if params.on_sample else {},
        marks=_marks(params, versions),
    )


def _marks(params: Params, versions: dict[str, list[Row]]) -> dict[Edit, bool]:
    """What people call good or not; marks of edits that were made anew are told on stderr."""
    found = edit_verdicts.load()
    for version, row_id, code, _ in found:
        if version not in params.revisions:
            raise InputError(
                f"{paths.EDIT_VERDICTS}: the verdict on {row_id} and {code} is of {version!r},"
                " which is not under revisions of params.yaml; add it or remove the line"
            )
    there = {
        edit_verdicts.of_edit(version, row["id"], edit)
        for version in params.revisions
        for row in versions[version]
        for edit in row["edits"]
    }
    if gone := found.keys() - there:
        print(
            f"{paths.EDIT_VERDICTS}: {len(gone)} edits have changed since; their verdicts do not"
            " count until they are judged again",
            file=sys.stderr,
        )
    return found


def is_joint(params: Params, run: Run) -> bool:
    """Whether a run is trained on all channels at once."""
    return not run.phases or (len(run.phases) == 1 and set(run.phases[0]) == set(params.channels))


def joint_run(params: Params, student: str, version: str) -> str | None:
    """Return the student's run on all channels of a version at once, None where there is none."""
    for name, run in params.runs.items():
        if run.student == student and run.version == version and is_joint(params, run):
            return name
    return None
