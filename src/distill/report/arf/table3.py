"""Table 3: success of the revisions, edit by edit."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from distill import prompts
from distill.params.arf import Revision
from distill.people import edit_verdicts
from distill.people.edit_verdicts import Edit
from distill.records import Row
from distill.report.arf.scoring import TRUTH, Truth
from distill.stats.intervals import proportion
from distill.stats.tables import EMPTY, Table, share_cell
from distill.tasks.summarize import checks, guard

FIELDS = ["measure", "version", "code", "channel", "success", "low", "high", "n"]
FIELDS += ["harm", "harm_low", "harm_high", "harm_n", "refused"]
TITLE = "Did the edits work?"
NOTE = (
    "Success: of the summaries that had the error, those that lost it without losing or gaining"
    " anything else (95% Wilson interval). Harm: of the edited summaries that did not have it,"
    " those that lost or gained something. Refused: edits that the guard rejected; the parent's"
    " text stays, and they count as failures where the error was present. By the checks, the"
    " guard's own tests decide; by the hidden truth, the error codes before and after; by people,"
    " the verdicts of experts on edits, where the checks decide which of the two shares an edit"
    " counts in."
)
OVERALL = "overall"
CHECKS, PEOPLE = "checks", "people"
TITLES = {CHECKS: "By the checks", TRUTH: "By the hidden truth", PEOPLE: "By people"}


@dataclass
class Tally:
    """Edits of one fix: those of summaries that had the error, and those of the others."""

    met: int = 0
    succeeded: int = 0
    unmet: int = 0
    harmed: int = 0
    refused: int = 0

    def add(self, had: bool, good: bool, accepted: bool) -> None:
        """Count one edit."""
        self.refused += not accepted
        if had:
            self.met += 1
            self.succeeded += good
        else:
            self.unmet += 1
            self.harmed += not good


Key = tuple[str, str, str, str]  # measure, version, code, channel
Tallies = dict[Key, Tally]
Flagged = dict[str, dict[tuple[str, str], str]]  # version -> (id, code) -> evidence


@dataclass(frozen=True)
class Evidence:
    """What decides on edits: findings, experts' verdicts, and the sample's truth."""

    revisions: Mapping[str, Revision]
    flagged: Flagged
    verdicts: Mapping[Edit, bool]
    truth: Truth | None


def tally(
    revisions: Mapping[str, Revision],
    versions: Mapping[str, Iterable[Row]],
    findings: Mapping[str, Iterable[Row]],
    truth: Truth | None,
) -> Tallies:
    """Return the tallies by measure, version, code and channel, OVERALL among the channels."""
    edited = {code for _, code in _fixes(revisions)}
    flagged = {
        version: {
            (row["id"], row["code"]): row.get("evidence", "")
            for row in rows
            if row["code"] in edited
        }
        for version, rows in findings.items()
    }
    evidence = Evidence(revisions, flagged, verdicts(revisions, versions), truth)
    tallies: Tallies = defaultdict(Tally)
    for version in revisions:
        for row in versions[version]:
            for edit in row["edits"]:
                for measure, had, good in _judged(evidence, version, row, edit):
                    for channel in (row["channel"], OVERALL):
                        key = (measure, version, edit["code"], channel)
                        tallies[key].add(had, good, edit["accepted"])
    return dict(tallies)


def verdicts(
    revisions: Mapping[str, Revision], versions: Mapping[str, Iterable[Row]]
) -> dict[Edit, bool]:
    """Return what most experts say of each edit that the versions have.

    A verdict on an edit that has changed or is gone, with its version or row, does not count; it
    is listed on stderr with file and line.
    """
    given = list(edit_verdicts.read())
    judged = {edit_verdicts.edit_of(row) for row in given}
    edits = {
        key
        for version in revisions
        for row in versions[version]
        for edit in row["edits"]
        if (key := edit_verdicts.of_edit(version, row["id"], edit)) in judged
    }
    known: dict[bool, list[Row]] = {True: [], False: []}
    for row in given:
        known[edit_verdicts.edit_of(row) in edits].append(row)
    for row in known[False]:
        print(
            f"{row['where']}: {row['of']} has no such edit of {row['id']} for {row['code']} now;"
            " the verdict is not counted",
            file=sys.stderr,
        )
    if known[False]:
        print(f"Verdicts on edits that are not counted: {len(known[False])}", file=sys.stderr)
    return edit_verdicts.majority(known[True])


def _judged(
    evidence: Evidence, version: str, row: Row, edit: Row
) -> Iterator[tuple[str, bool, bool]]:
    """Yield measure, True if the summary had the error, True if the edit did well."""
    had = _had(evidence, version, row, edit)
    yield CHECKS, had, _passed(evidence, version, row, edit) if edit["accepted"] else not had
    verdict = evidence.verdicts.get(edit_verdicts.of_edit(version, row["id"], edit))
    if verdict is not None:  # a refused edit changed nothing, whatever people say of it
        yield PEOPLE, had, verdict if edit["accepted"] else not had
    if evidence.truth:
        result = edit["after"] if edit["accepted"] else edit["before"]
        before, after = (
            set(evidence.truth.score(row["id"], row["input"], summary).codes)
            for summary in (edit["before"], result)
        )
        yield TRUTH, edit["code"] in before, edit["code"] not in after and not _new(before, after)


def _passed(evidence: Evidence, version: str, row: Row, edit: Row) -> bool:
    """Return True for an accepted edit that the guard's tests pass and that removed the error."""
    revision, code = evidence.revisions[version], edit["code"]
    refused = guard.verify(
        code,
        edit["before"],
        edit["after"],
        row["input"],
        informed=prompts.names(f"{revision.prompts}/{code}", "interaction"),
        evidence=evidence.flagged[revision.parent].get((row["id"], code), ""),
    )
    # Without a check for the error, what was found in the version afterwards decides.
    still = code not in checks.CHECKS and (row["id"], code) in evidence.flagged[version]
    return not refused and not still


def _had(evidence: Evidence, version: str, row: Row, edit: Row) -> bool:
    code = edit["code"]
    if code in checks.CHECKS:
        try:
            return bool(checks.CHECKS[code](checks.Case.of(edit["before"], row["input"])))
        except ValueError:  # not one closed list
            return False
    return (row["id"], code) in evidence.flagged[evidence.revisions[version].parent]


def _new(before: set[str], after: set[str]) -> set[str]:
    """The errors that an edit brought; a list that is empty now lacked its content before."""
    excused = {"nothing_to_summarize"} if "content_missing" in before else set()
    return after - before - excused


def _measures(tallies: Tallies) -> list[str]:
    found = {CHECKS, *(measure for measure, *_ in tallies)}
    return [measure for measure in TITLES if measure in found]


def _fixes(revisions: Mapping[str, Revision]) -> list[tuple[str, str]]:
    return [
        (version, code)
        for version, revision in revisions.items()
        for code in dict.fromkeys(code for codes in revision.fixes.values() for code in codes)
    ]


def rows(revisions: Mapping[str, Revision], channels: Sequence[str], tallies: Tallies) -> list[Row]:
    """Return one row per measure, version, code and channel that has edits, with FIELDS."""
    return [
        _row(key, tallies[key])
        for measure in _measures(tallies)
        for version, code in _fixes(revisions)
        for channel in [*channels, OVERALL]
        if (key := (measure, version, code, channel)) in tallies
    ]


def _row(key: Key, one: Tally) -> Row:
    success = proportion(one.succeeded, one.met).rounded()
    harm = proportion(one.harmed, one.unmet).rounded()
    return {
        **dict(zip(("measure", "version", "code", "channel"), key, strict=True)),
        "success": success["value"],
        "low": success["low"],
        "high": success["high"],
        "n": success["n"],
        "harm": harm["value"],
        "harm_low": harm["low"],
        "harm_high": harm["high"],
        "harm_n": harm["n"],
        "refused": one.refused,
    }


def tables(
    revisions: Mapping[str, Revision], channels: Sequence[str], tallies: Tallies
) -> list[Table]:
    """Return one table per measure: a row a fix of a version."""
    columns = [*channels, OVERALL]
    header = ["Version", "Error", *columns, *(f"Harm, {name}" for name in columns), "Refused"]
    return [
        Table(
            TITLES[measure],
            header,
            [
                [
                    version,
                    code,
                    *_cells([tallies.get((measure, version, code, c)) for c in columns]),
                ]
                for version, code in _fixes(revisions)
            ],
        )
        for measure in _measures(tallies)
    ]


def slim(revisions: Mapping[str, Revision], channels: Sequence[str], tallies: Tallies) -> Table:
    """Return success and harm by people where they judged edits, else by the checks."""
    measure = PEOPLE if PEOPLE in _measures(tallies) else CHECKS
    lines = [
        [version, code, channel, *_slim_cells(tallies[key])]
        for version, code in _fixes(revisions)
        for channel in channels
        if (key := (measure, version, code, channel)) in tallies
    ]
    header = ["Version", "Error", "Channel", "Repaired", "Harmed", "Refused"]
    return Table(TITLES[measure], header, lines)


def _slim_cells(one: Tally) -> list[str]:
    shares = (proportion(one.succeeded, one.met), proportion(one.harmed, one.unmet))
    return [*map(share_cell, shares), str(one.refused)]


def _cells(found: list[Tally | None]) -> list[str]:
    return [
        *(share_cell(proportion(one.succeeded, one.met)) if one else EMPTY for one in found),
        *(share_cell(proportion(one.harmed, one.unmet)) if one else EMPTY for one in found),
        str(found[-1].refused) if found[-1] else EMPTY,
    ]
