"""Every row that enters a stage leaves it as ok or as quarantined with a reason."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType

from tqdm import tqdm

from distill import paths, records
from distill.errors import BudgetError, EgressError, RowError


@dataclass
class Usage:
    """Calls to one model and their tokens, kept replies included."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Ledger:
    """Counts of one stage: every row that enters leaves it ok, quarantined or left over.

    Used as a context manager: on a normal exit it writes data/ledger/<stage>-<key>.json (counts)
    and data/quarantine/<stage>-<key>.jsonl (id, where, reason; never a message's text), then
    raises RowError if more than `max_quarantined` (a share of the rows) could not be used or a row
    is unaccounted for, BudgetError or EgressError if so much as one was not sent for that reason.
    On a terminal it shows how many of `total` rows are done.
    """

    def __init__(
        self, stage: str, key: str, max_quarantined: float = 0.0, total: int | None = None
    ):
        self.stage, self.key, self.max_quarantined = stage, key, max_quarantined
        self.in_rows = self.ok_rows = self.left_over_rows = 0
        self.found: Counter[str] = Counter()  # of anonymize: values by type
        self.models: dict[str, Usage] = {}
        self.quarantined: list[records.Row] = []
        self._dollars = 0.0
        shown = total is not None and sys.stderr.isatty()
        self._bar = tqdm(total=total, desc=f"{stage} {key}", unit=" rows", disable=not shown)
        self._show()

    def entered(self, rows: Iterable[records.Row]) -> Iterator[records.Row]:
        """Yield the rows that enter the stage, and count them."""
        for row in rows:
            self.enter()
            yield row

    def enter(self) -> None:
        """Count one more row that enters the stage."""
        self.in_rows += 1

    def left_over(self, rows: int = 1) -> None:
        """Count usable rows that the stage does not pass on, for it needs no more."""
        self.left_over_rows += rows
        self._bar.update(rows)

    def ok(self, rows: int = 1) -> None:
        """Count rows that the stage could use."""
        self.ok_rows += rows
        self._bar.update(rows)

    def quarantine(self, row_id: str, reason: str, where: str = "") -> None:
        """Count a row that it could not: `reason` is a slug, `where` a file and line."""
        self.quarantined.append({"id": row_id, "where": where, "reason": reason})
        self._bar.update()
        self._show()

    def used(self, model: str, prompt_tokens: int, completion_tokens: int, dollars: float) -> None:
        """Count the tokens of a reply, and what was paid for it now."""
        if model:
            usage = self.models.setdefault(model, Usage())
            usage.calls += 1
            usage.prompt_tokens += prompt_tokens
            usage.completion_tokens += completion_tokens
        if dollars:
            self._dollars += dollars
            self._show()

    def _show(self) -> None:
        self._bar.set_postfix_str(f"{len(self.quarantined)} failed, ${self._dollars:.2f}", False)

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._bar.close()
        if kind is None:
            self.close()

    def close(self) -> None:
        """Write the counts and the quarantined rows; raise where they may not stay."""
        reasons = Counter(row["reason"] for row in self.quarantined)
        total = self.in_rows
        counts = {
            "stage": self.stage,
            "key": self.key,
            "in": total,
            "ok": self.ok_rows,
            "quarantined": dict(sorted(reasons.items())),
        }
        if self.left_over_rows:
            counts["left_over"] = self.left_over_rows
        if self.found:
            counts["found"] = dict(sorted(self.found.items()))
        if self.models:
            counts["models"] = {name: vars(usage) for name, usage in sorted(self.models.items())}
        path = paths.ledger(self.stage, self.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
        quarantine = paths.quarantine(self.stage, self.key)
        records.write(quarantine, self.quarantined)
        where = {row["reason"]: row["where"] for row in self.quarantined}
        if "not_cleared" in where:
            raise EgressError(where["not_cleared"])
        if "over_budget" in where:
            raise BudgetError(
                f"{self.stage} {self.key}: {reasons['over_budget']} of {total} rows were not asked"
                f" about, for the budget of {where['over_budget']} is spent; raise costs.budget in"
                " params.yaml and run `dvc repro` again: it pays for these rows only (`make"
                " cache` shows what was spent)"
            )
        accounted = self.ok_rows + self.left_over_rows + len(self.quarantined)
        if accounted != total:
            raise RowError(
                f"{self.stage} {self.key}: {total} rows entered, {accounted} are accounted for"
                f" ({self.ok_rows} ok, {len(self.quarantined)} quarantined, {self.left_over_rows}"
                " left over); the stage loses or invents rows, so nothing that it wrote can be used"
            )
        listed = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        told = f"{self.stage} {self.key}: {len(self.quarantined)} of {total} rows"
        if len(self.quarantined) > self.max_quarantined * total:
            raise RowError(
                f"{told} could not be used ({listed}), more than max_quarantined"
                f" {self.max_quarantined:g} allows; see {quarantine}, mend the rows or raise the"
                " limit in params.yaml"
            )
        if listed:
            print(f"{told} are left out ({listed}); see {quarantine}", file=sys.stderr)
