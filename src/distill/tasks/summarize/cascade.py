"""A cascade of targeted edits: each error has a prompt of its own (paper, section 5.3).

in   {"id": "botchat-000123", "channel": "botchat", "input": "Customer: ...", "target":
      "<ul><li>wants a refund</li><li>is frustrated</li></ul>"}
out  the same row with {"target": "<ul><li>wants a refund</li></ul>", "edits":
      [{"code": "sentiment_inferred_frustrated", "before": "<ul>...", "after": "<ul>...",
        "accepted": true, "reason": ""}]}
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import NamedTuple

from distill import prompts
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider, Reply, Request
from distill.records import Row
from distill.tasks.summarize import guard, questions
from distill.tasks.summarize.findings import Found
from distill.tasks.summarize.rules import editor as rules
from distill.tasks.summarize.settings import Cascade

MOST_HARM = 0.1  # share of the rows without an error that its edit may change
UNUSABLE = ("", "truncated", "empty", "unparsable")  # errors of edits that `guard` undoes


def edit(
    rows: Iterable[Row],
    cascade: Cascade,
    found: Mapping[tuple[str, str], str],
    editor: Provider,
    ledger: Ledger,
) -> Iterator[Row]:
    """Yield the rows after all fixes of their channel's cascade, in order.

    `found` maps (id, code) of known errors to their evidence: `only_flagged` edits these pairs
    only, and `guard` compares edits with the evidence. A row whose edit has no usable reply is
    quarantined. With `guard`, an unusable edit is undone instead, and only a row without any reply
    is quarantined. `ledger` counts a row when it is yielded.
    """

    def fixed(rows: Iterable[Row], step: Mapping[str, str | None]) -> Iterator[Row]:
        def request(row: Row) -> Request | None:
            code = step.get(row["channel"])
            if code is None or (cascade.only_flagged and (row["id"], code) not in found):
                return None
            return questions.fix(row, code, cascade.prompts)

        for row, reply in ask(editor, rows, request, ledger):
            if reply is None:
                yield row
                continue
            code = str(step[row["channel"]])
            made = _edit(row, code, reply, cascade, found.get((row["id"], code), ""))
            if made["accepted"] or (cascade.guard and reply.error in UNUSABLE):
                target = made["after"] if made["accepted"] else made["before"]
                yield {**row, "target": target, "edits": [*row["edits"], made]}
            else:
                ledger.quarantine(row["id"], made["reason"], reply.detail, reply.text)

    rows = ({**row, "edits": []} for row in ledger.entered(rows))
    for codes in zip_longest(*cascade.fixes.values()):
        rows = fixed(rows, dict(zip(cascade.fixes, codes, strict=True)))
    for row in rows:
        ledger.ok()
        yield row


def _edit(row: Row, code: str, reply: Reply, cascade: Cascade, evidence: str) -> Row:
    before, reason = row["target"], reply.error
    after = reply.text if reason else reply.value
    if cascade.guard and not reason:
        informed = prompts.names(f"{cascade.prompts}/{code}", "interaction")
        reason = guard.verify(
            code, before, after, row["input"], informed=informed, evidence=evidence
        )
    return {
        "code": code,
        "before": before,
        "after": after,
        "accepted": not reason,
        "reason": reason,
    }


class Known(NamedTuple):
    """Which rows have the errors that a cascade edits, and which rows the annotator has read."""

    found: dict[tuple[str, str], str]  # (id, code) -> evidence
    replied: set[str]


def known(found: Iterable[Found], cascade: Cascade) -> Known:
    """Return what the annotator and the checks found.

    People's annotations do not count here: one more of them would have the editor asked again.
    """
    edited = {code for codes in cascade.fixes.values() for code in codes}
    evidence, replied = {}, set()
    for row, reply, findings in found:
        if reply is not None and reply["findings"] is not None:
            replied.add(row["id"])
        for code in findings.keys() & edited:
            evidence[row["id"], code], _ = findings[code]
    return Known(evidence, replied)


class Harm:
    """How often edits change summaries without the error that they are to repair.

    `found` has (id, code) of the known errors; the summary of a row in `replied`, which the
    annotator has read, or for a code of `checks` of any row, has no other ones.
    """

    def __init__(
        self,
        found: Collection[tuple[str, str]],
        replied: Collection[str],
        checks: Collection[str],
    ):
        self.found, self.replied, self.checks = found, replied, checks
        self.clean: Counter[tuple[str, str]] = Counter()  # by channel and code
        self.changed: Counter[tuple[str, str]] = Counter()

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield edited rows and count their edits."""
        for row in rows:
            for made in row["edits"]:
                if self._is_clean(row["id"], made["code"]):
                    key = row["channel"], made["code"]
                    self.clean[key] += 1
                    self.changed[key] += made["accepted"] and made["before"] != made["after"]
            yield row

    def _is_clean(self, row: str, code: str) -> bool:
        is_known = row in self.replied or code in self.checks
        return is_known and (row, code) not in self.found

    def lines(self) -> Iterator[str]:
        """Yield a line for each edit that changes more than a tenth of such rows."""
        for key, count in self.clean.items():
            if self.changed[key] > MOST_HARM * count:
                channel, code = key
                yield (
                    f"{channel}: the edit for {code} changed {self.changed[key]} of {count}"
                    " summaries without this error; correct its prompt, or set guard: true or"
                    " only_flagged: true"
                )


def beyond_rules(cascade: Cascade) -> list[str]:
    """Return the cascade's codes that the rule-based editor cannot repair."""
    codes = dict.fromkeys(code for codes in cascade.fixes.values() for code in codes)
    return [code for code in codes if not rules.knows(code)]
