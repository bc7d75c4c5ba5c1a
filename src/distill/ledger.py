"""Row accounting: each row that enters a stage is counted as ok, quarantined or left over."""

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
    """Calls to one model and their tokens, cache hits included."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Ledger:
    """The row counts and the token usage of one stage.

    As a context manager, on a normal exit, it writes data/ledger/<stage>-<key>.json (counts) and
    data/quarantine/<stage>-<key>.jsonl (id, where, reason; never a message's text). It then raises
    RowError if more than the share `max_quarantined` of the rows is quarantined or a row is
    unaccounted for, and BudgetError or EgressError if any row was not sent for that reason. On a
    terminal it shows a progress bar of `total` rows.
    """

    def __init__(
        self, stage: str, key: str, max_quarantined: float = 0.0, total: int | None = None
    ):
        self.stage, self.key, self.max_quarantined = stage, key, max_quarantined
        self.in_rows = self.ok_rows = self.left_over_rows = 0
        self.notes: Counter[str] = (
            Counter()
        )  # reason -> dropped parts of the replies to usable rows
        self.found: Counter[str] = Counter()  # type of personal data -> values that anonymize found
        self.models: dict[str, Usage] = {}
        self.quarantined: list[records.Row] = []
        self._dollars = 0.0
        has_bar = total is not None and sys.stderr.isatty()
        self._bar = tqdm(total=total, desc=f"{stage} {key}", unit=" rows", disable=not has_bar)
        self._show_totals()

    def entered(self, rows: Iterable[records.Row]) -> Iterator[records.Row]:
        """Count the rows that enter the stage, and yield them."""
        for row in rows:
            self.enter()
            yield row

    def enter(self) -> None:
        """Count one row that enters the stage."""
        self.in_rows += 1

    def left_over(self, rows: int = 1) -> None:
        """Count usable rows that the stage does not pass on because it needs no more."""
        self.left_over_rows += rows
        self._bar.update(rows)

    def ok(self, rows: int = 1) -> None:
        """Count rows that the stage passes on."""
        self.ok_rows += rows
        self._bar.update(rows)

    def quarantine(self, row_id: str, reason: str, where: str = "") -> None:
        """Count an unusable row; `reason` is a slug, `where` a file and line or further detail."""
        self.quarantined.append({"id": row_id, "where": where, "reason": reason})
        self._bar.update()
        self._show_totals()

    def note(self, reasons: Iterable[str]) -> None:
        """Count parts of a usable reply that the stage drops, by the slug of the reason."""
        self.notes.update(reasons)

    def used(self, model: str, prompt_tokens: int, completion_tokens: int, dollars: float) -> None:
        """Count the tokens of a reply and the dollars of its call, which are 0 for a cache hit."""
        if model:
            usage = self.models.setdefault(model, Usage())
            usage.calls += 1
            usage.prompt_tokens += prompt_tokens
            usage.completion_tokens += completion_tokens
        if dollars:
            self._dollars += dollars
            self._show_totals()

    def _show_totals(self) -> None:
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
        """Write the counts and the quarantined rows, then raise the errors of the class."""
        reasons = Counter(row["reason"] for row in self.quarantined)
        path = paths.ledger(self.stage, self.key)
        records.write_json(path, self._counts(reasons))
        records.write(paths.quarantine(self.stage, self.key), self.quarantined)
        self._check_sent(reasons)
        self._check_accounted()
        self._check_quarantined(reasons)

    def _counts(self, reasons: Counter[str]) -> records.Row:
        counts: records.Row = {
            "stage": self.stage,
            "key": self.key,
            "in": self.in_rows,
            "ok": self.ok_rows,
            "quarantined": dict(sorted(reasons.items())),
        }
        if self.left_over_rows:
            counts["left_over"] = self.left_over_rows
        if self.notes:
            counts["notes"] = dict(sorted(self.notes.items()))
        if self.found:
            counts["found"] = dict(sorted(self.found.items()))
        if self.models:
            counts["models"] = {name: vars(usage) for name, usage in sorted(self.models.items())}
        return counts

    def _check_sent(self, reasons: Counter[str]) -> None:
        details = {row["reason"]: row["where"] for row in self.quarantined}
        if "not_cleared" in details:
            raise EgressError(details["not_cleared"])
        if "over_budget" in details:
            raise BudgetError(
                f"{self.stage} {self.key}: {reasons['over_budget']} of {self.in_rows} rows were not"
                f" sent because the budget of {details['over_budget']} is spent; raise costs.budget"
                " in params.yaml and run `dvc repro` again, which pays for these rows only (`make"
                " cache` shows the spending)"
            )

    def _check_accounted(self) -> None:
        accounted = self.ok_rows + self.left_over_rows + len(self.quarantined)
        if accounted != self.in_rows:
            raise RowError(
                f"{self.stage} {self.key}: {self.in_rows} rows entered, {accounted} are accounted"
                f" for ({self.ok_rows} ok, {len(self.quarantined)} quarantined,"
                f" {self.left_over_rows} left over); the stage loses or duplicates rows: do not use"
                " its output, and report this as a bug"
            )

    def _check_quarantined(self, reasons: Counter[str]) -> None:
        file = paths.quarantine(self.stage, self.key)
        counts = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        rows = f"{self.stage} {self.key}: {len(self.quarantined)} of {self.in_rows} rows"
        if len(self.quarantined) > self.max_quarantined * self.in_rows:
            raise RowError(
                f"{rows} could not be used ({counts}), more than max_quarantined"
                f" {self.max_quarantined:g} allows; see {file}, then correct the rows or raise the"
                " limit in params.yaml"
            )
        if counts:
            print(f"{rows} are quarantined ({counts}); see {file}", file=sys.stderr)
        if self.notes:
            notes = ", ".join(f"{reason} {count}" for reason, count in self.notes.most_common())
            print(f"{self.stage} {self.key}: entries of replies dropped: {notes}", file=sys.stderr)
