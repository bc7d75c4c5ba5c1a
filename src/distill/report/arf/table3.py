"""Whether the edits did what they were for: Table 3."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from distill import prompts
from distill.people import edit_verdicts
from distill.records import Row
from distill.report.results import PEOPLE, TRUTH, Results
from distill.stats.intervals import proportion
from distill.stats.tables import EMPTY, Table, share_cell
from distill.tasks.summarize import checks, guard

FIELDS = ["measure", "version", "code", "channel", "success", "low", "high", "n"]
FIELDS += ["harm", "harm_low", "harm_high", "harm_n", "refused"]
NOTE = (
    "Success: of the summaries that had the error, those from which it went and nothing else was"
    " lost or added (95% Wilson interval). Harm: of the edited summaries that did not have it,"
    " those that lost or gained something. Refused: edits that the guard turned down; they keep"
    " the parent's text, and count as failures where the error was there. By the checks, the"
    " guard's own tests decide; by the hidden truth, the error codes before and after; by people,"
    " those edits alone that they marked, good or bad: what the checks say of the error's being"
    " there tells which of the two shares an edit counts in."
)
OVERALL = "overall"
TITLES = {"checks": "By the checks", TRUTH: "By the hidden truth", PEOPLE: "By people"}


@dataclass
class Tally:
    """Edits of one fix: those that met the error, and those that did not."""

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


def tally(results: Results) -> dict[Key, Tally]:
    """Return the tallies by measure, version, code and channel, OVERALL among the channels."""
    tallies: dict[Key, Tally] = defaultdict(Tally)
    for version in results.params.revisions:
        for row in results.versions[version]:
            for edit in row["edits"]:
                for measure, had, good in _verdicts(results, version, row, edit):
                    for channel in (row["channel"], OVERALL):
                        key = (measure, version, edit["code"], channel)
                        tallies[key].add(had, good, edit["accepted"])
    return tallies


def _verdicts(
    results: Results, version: str, row: Row, edit: Row
) -> Iterator[tuple[str, bool, bool]]:
    """Yield measure, whether the error was there, and whether the edit did well."""
    had = _had(results, version, row, edit)
    if edit["accepted"]:
        revision = results.params.revisions[version]
        refused = guard.verify(
            edit["code"],
            edit["before"],
            edit["after"],
            row["input"],
            informed=prompts.names(f"{revision.prompts}/{edit['code']}", "interaction"),
            evidence=results.flagged[revision.parent].get((row["id"], edit["code"]), ""),
        )
        good = not refused and not _still(results, version, row, edit["code"])
    else:
        good = not had
    yield "checks", had, good
    marked = results.marks.get(edit_verdicts.of_edit(version, row["id"], edit))
    if marked is not None:  # a refused edit changed nothing, whatever people say of it
        yield PEOPLE, had, marked if edit["accepted"] else not had
    if results.truths:
        kept = edit["after"] if edit["accepted"] else edit["before"]
        before, after = (
            set(results.true_score(row["id"], row["input"], summary).codes)
            for summary in (edit["before"], kept)
        )
        yield TRUTH, edit["code"] in before, edit["code"] not in after and not _new(before, after)


def _had(results: Results, version: str, row: Row, edit: Row) -> bool:
    code = edit["code"]
    if code in checks.CHECKS:
        try:
            return bool(checks.CHECKS[code](checks.Case.of(edit["before"], row["input"])))
        except ValueError:  # not one closed list
            return False
    return (row["id"], code) in results.flagged[results.params.revisions[version].parent]


def _still(results: Results, version: str, row: Row, code: str) -> bool:
    """Where no check knows the error, what was found in the version afterwards decides."""
    return code not in checks.CHECKS and (row["id"], code) in results.flagged[version]


def _new(before: set[str], after: set[str]) -> set[str]:
    """The errors that an edit brought; a list that is empty now lacked its content before."""
    excused = {"nothing_to_summarize"} if "content_missing" in before else set()
    return after - before - excused


def rows(results: Results, tallies: dict[Key, Tally]) -> list[Row]:
    """Return one row per measure, version, code and channel."""
    found = []
    for measure, version, code, channel in _keys(results, tallies):
        one = tallies[measure, version, code, channel]
        success = proportion(one.succeeded, one.met).rounded()
        harm = proportion(one.harmed, one.unmet).rounded()
        found.append(
            {
                "measure": measure,
                "version": version,
                "code": code,
                "channel": channel,
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
        )
    return found


def _keys(results: Results, tallies: dict[Key, Tally]) -> list[Key]:
    return [
        (measure, version, code, channel)
        for measure in _measures(results)
        for version, code in _fixes(results)
        for channel in [*results.channels, OVERALL]
        if (measure, version, code, channel) in tallies
    ]


def _measures(results: Results) -> list[str]:
    return ["checks", *([TRUTH] if results.truths else []), *([PEOPLE] if results.marks else [])]


def _fixes(results: Results) -> list[tuple[str, str]]:
    return [
        (version, code)
        for version, revision in results.params.revisions.items()
        for code in dict.fromkeys(code for codes in revision.fixes.values() for code in codes)
    ]


def tables(results: Results, tallies: dict[Key, Tally]) -> list[Table]:
    """Return one table per measure: a row a fix of a version."""
    columns = [*results.channels, OVERALL]
    header = ["Version", "Error", *columns, *(f"harm {name}" for name in columns), "refused"]
    return [
        Table(
            TITLES[measure],
            header,
            [_line(tallies, measure, version, code, columns) for version, code in _fixes(results)],
        )
        for measure in _measures(results)
    ]


def _line(
    tallies: dict[Key, Tally], measure: str, version: str, code: str, columns: list[str]
) -> list[str]:
    found = [tallies.get((measure, version, code, channel)) for channel in columns]
    return [
        version,
        code,
        *(share_cell(proportion(one.succeeded, one.met)) if one else EMPTY for one in found),
        *(share_cell(proportion(one.harmed, one.unmet)) if one else EMPTY for one in found),
        str(found[-1].refused) if found[-1] else EMPTY,
    ]
