"""The errors that the annotator model and the deterministic checks find in one summary."""

from collections.abc import Collection

from distill.records import Row
from distill.tasks.summarize import checks

Findings = dict[str, tuple[str, str]]  # code -> the words that show it, and who found it


def by_machines(row: Row, annotated: Row | None, codes: Collection[str]) -> Findings:
    """Return the findings of the annotator, if it was asked, and of the checks, in a dataset row.

    `annotated` is {"id", "source", "findings": [{"code", "evidence"}, ...] or null}; `codes` are
    those that the checks report. Of two findings with the same code the annotator's counts.
    """
    found: Findings = {}
    if annotated is not None:
        for finding in annotated["findings"] or ():
            found.setdefault(finding["code"], (finding["evidence"], annotated["source"]))
    for flaw in checks.find(row["target"], row["input"], row["channel"], codes):
        found.setdefault(flaw.code, (flaw.evidence, "rules"))
    return found
