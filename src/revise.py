"""Make a dataset version from its parent by a cascade of targeted edits (paper, section 5.3).

in   data/dataset/org   {"id": "botchat-000123", "channel": "botchat", "split": "train",
                         "input": "Customer: ...", "target":
                         "<ul><li>wants a refund</li><li>is frustrated</li></ul>", "edits": []}
out  data/dataset/r1    the same row with {"target": "<ul><li>wants a refund</li></ul>", "edits":
                         [{"code": "sentiment_inferred_frustrated", "before": "<ul>...", "after":
                           "<ul>...", "accepted": true, "reason": ""}]}
"""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import zip_longest

from distill import paths, prompts, records, stage
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider, Reply, Request
from distill.llm.settings import Rules
from distill.params import load
from distill.params.arf import Revision
from distill.providers import connect
from distill.records import Row
from distill.tasks.summarize import guard, questions
from distill.tasks.summarize.findings import by_machines
from distill.tasks.summarize.rules import editor

UNUSABLE = ("", "truncated", "empty", "unparsable")  # errors of edits that `guard` undoes


def revise(
    rows: Iterable[Row],
    revision: Revision,
    flagged: Mapping[tuple[str, str], str],
    provider: Provider,
    ledger: Ledger,
) -> Iterator[Row]:
    """Yield the rows after all fixes of their channel's cascade, in order.

    `flagged` maps (id, code) of the parent's findings to their evidence: `only_flagged` edits these
    pairs only, and `guard` compares edits with the evidence. A row whose edit has no usable reply
    is quarantined. With `guard`, an unusable edit is undone instead, and only a row without any
    reply is quarantined. `ledger` counts a row when it is yielded.
    """

    def fixed(rows: Iterable[Row], step: Mapping[str, str | None]) -> Iterator[Row]:
        def request(row: Row) -> Request | None:
            code = step.get(row["channel"])
            if code is None or (revision.only_flagged and (row["id"], code) not in flagged):
                return None
            return questions.fix(row, code, revision.prompts)

        for row, reply in ask(provider, rows, request, ledger):
            if reply is None:
                yield row
                continue
            code = str(step[row["channel"]])
            edit = _edit(row, code, reply, revision, flagged.get((row["id"], code), ""))
            if edit["accepted"] or (revision.guard and reply.error in UNUSABLE):
                target = edit["after"] if edit["accepted"] else edit["before"]
                yield {**row, "target": target, "edits": [*row["edits"], edit]}
            else:
                ledger.quarantine(row["id"], edit["reason"], reply.detail)

    rows = ({**row, "edits": []} for row in ledger.entered(rows))
    for codes in zip_longest(*revision.fixes.values()):
        rows = fixed(rows, dict(zip(revision.fixes, codes, strict=True)))
    for row in rows:
        ledger.ok()
        yield row


def _edit(row: Row, code: str, reply: Reply, revision: Revision, evidence: str) -> Row:
    before, reason = row["target"], reply.error
    after = reply.text if reason else reply.value
    if revision.guard and not reason:
        informed = prompts.names(f"{revision.prompts}/{code}", "interaction")
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


def found_by_machines(
    rows: Iterable[Row], annotated: Iterable[Row], codes: Collection[str]
) -> dict[tuple[str, str], str]:
    """Return (id, code) -> evidence of what the annotator and the checks of `codes` find in rows.

    People's annotations do not count here: one more of them would have the editor asked again.
    """
    replies = {row["id"]: row for row in annotated}
    return {
        (row["id"], code): evidence
        for row in rows
        for code, (evidence, _) in by_machines(row, replies.get(row["id"]), codes).items()
    }


def without_effect(revision: Revision) -> list[str]:
    """Return the revision's codes that the rule-based editor cannot repair."""
    codes = dict.fromkeys(code for codes in revision.fixes.values() for code in codes)
    return [code for code in codes if not editor.knows(code)]


def main() -> None:
    """Write one version of params.yaml's `revisions`, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.revisions)
    revision = params.revisions[version]
    parent = paths.dataset(revision.parent)
    annotated = records.read(paths.annotated(revision.parent))
    flagged = found_by_machines(records.read(parent), annotated, params.analyze.checks)
    unrepaired = without_effect(revision) if isinstance(params.llms[revision.llm], Rules) else []
    if unrepaired:
        print(
            f"revise {version}: the rules cannot repair {', '.join(unrepaired)} and do not change"
            f" these summaries; name an endpoint in revisions.{version}.llm",
            file=sys.stderr,
        )
    provider = connect(params, "revise", revision.llm)
    total = records.count(parent)
    with Ledger("revise", version, revision.max_quarantined, total) as ledger:
        rows = revise(records.read(parent), revision, flagged, provider, ledger)
        records.write_shards(paths.dataset(version), rows, params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
