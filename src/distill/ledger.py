"""Row accounting: each row that enters a stage is counted as ok, quarantined or left over."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType

from tqdm import tqdm

from distill import paths, records
from distill.errors import BudgetError, EgressError, EndpointError, RowError

FIRST = 10  # rows after which a stage stops where most replies so far have the wrong form
MALFORMED = ("unparsable", "truncated", "empty")  # reasons of replies in the wrong form
EXAMPLE = 500  # characters of an unusable reply that the quarantine keeps


@dataclass
class Usage:
    """Calls to one model and their tokens, cache hits included."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Ledger:
    """The row counts and the token usage of one stage.

    As a context manager, on a normal exit, it writes data/ledger/<stage>-<key>.json (counts) and
    data/quarantine/<stage>-<key>.jsonl (id, where, reason and, of an unusable reply, its beginning,
    which may quote a customer: the folder never leaves this machine). It raises RowError if more
    than the share `max_quarantined` of the rows is quarantined or a row is unaccounted for, and
    BudgetError, EgressError or EndpointError if any row was not sent for that reason; the counts
    are not written then. On a terminal it shows a progress bar of `total` rows.

    `checked` raises these errors before a stage replaces its output, and `check_failures` before
    its next request, if its `total` is known.
    """

    def __init__(
        self, stage: str, key: str, max_quarantined: float = 0.0, total: int | None = None
    ):
        self.stage, self.key, self.max_quarantined = stage, key, max_quarantined
        self.total = total
        self.in_rows = self.ok_rows = self.left_over_rows = 0
        self.notes: Counter[str] = Counter()  # reason -> parts of usable rows or replies left out
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

    def enter(self, rows: int = 1) -> None:
        """Count rows that enter the stage."""
        self.in_rows += rows

    def left_over(self, rows: int = 1) -> None:
        """Count usable rows that the stage does not pass on because it needs no more."""
        self.left_over_rows += rows
        self._bar.update(rows)

    def ok(self, rows: int = 1) -> None:
        """Count rows that the stage passes on."""
        self.ok_rows += rows
        self._bar.update(rows)

    def quarantine(self, row_id: str, reason: str, where: str = "", reply: str = "") -> None:
        """Count an unusable row.

        `reason` is a slug, `where` a file and line or further detail, without a customer's words;
        `reply` is the unusable reply.
        """
        row = {"id": row_id, "where": where, "reason": reason}
        self.quarantined.append(row | {"reply": reply[:EXAMPLE]} if reply else row)
        self._bar.update()
        self._show_totals()

    def note(self, reasons: Iterable[str]) -> None:
        """Count parts of a usable row or reply that the stage leaves out, by the reason's slug."""
        self.notes.update(reasons)

    def used(
        self,
        model: str,
        prompt_tokens: int,
        completion_tokens: int,
        dollars: float,
        calls: int = 1,
    ) -> None:
        """Count the calls and tokens of a reply, and its dollars, which are 0 for a cache hit."""
        if model:
            usage = self.models.setdefault(model, Usage())
            usage.calls += calls
            usage.prompt_tokens += prompt_tokens
            usage.completion_tokens += completion_tokens
        if dollars:
            self._dollars += dollars
            self._show_totals()

    def _show_totals(self) -> None:
        dollars = f"${self._dollars:.2f}" if self._dollars else "-"  # free, or of no known price
        self._bar.set_postfix_str(f"{len(self.quarantined)} failed, {dollars}", False)

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
        """Raise the errors of the class, or write the counts; write the quarantined rows."""
        reasons = self._check()
        records.write_json(paths.ledger(self.stage, self.key), self._counts(reasons))
        self._report(reasons)

    def checked(self, rows: Iterable[records.Row]) -> Iterator[records.Row]:
        """Yield the rows of a stage's output; then raise the errors of the class.

        The writer has not replaced the present output by then, and keeps it.
        """
        yield from rows
        self._check()

    def check_failures(self) -> None:
        """Raise an error of the class that is certain before all rows are asked."""
        reasons = self._reasons()
        if self.total is None or not reasons or {"over_budget", "not_cleared"} & reasons.keys():
            return
        is_over = len(self.quarantined) > self.max_quarantined * self.total
        if is_over or "unreachable" in reasons or self._is_malformed(reasons):
            self._write_quarantine()
            self._check_sent(reasons)
            raise RowError(self._too_many(reasons, stopped=True))

    def _is_malformed(self, reasons: Counter[str]) -> bool:
        """Whether most rows so far have a reply in the wrong form."""
        done = self.ok_rows + self.left_over_rows + len(self.quarantined)
        return done >= FIRST and 2 * sum(reasons[reason] for reason in MALFORMED) > done

    def _check(self) -> Counter[str]:
        reasons = self._reasons()
        self._write_quarantine()
        self._check_sent(reasons)
        self._check_accounted()
        if len(self.quarantined) > self.max_quarantined * self.in_rows:
            raise RowError(self._too_many(reasons))
        return reasons

    def _reasons(self) -> Counter[str]:
        return Counter(row["reason"] for row in self.quarantined)

    def _write_quarantine(self) -> None:
        records.write(paths.quarantine(self.stage, self.key), self.quarantined)

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
        if "unreachable" in details:
            raise EndpointError(
                f"{self.stage} {self.key}: {details['unreachable']}; start the server, or correct"
                " base_url of its entry in endpoints (params.yaml)"
            )
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

    def _too_many(self, reasons: Counter[str], stopped: bool = False) -> str:
        """Return the error's message, with what was said most often about each reason."""
        count = self.total if stopped else self.in_rows
        is_form = stopped and len(self.quarantined) <= self.max_quarantined * self.in_rows
        limit = (
            "most of the replies so far; nothing more was asked"
            if is_form
            else f"more than max_quarantined {self.max_quarantined:g} allows"
            + ("; nothing more was asked" if stopped else "")
        )
        return (
            f"{self.stage} {self.key}: {len(self.quarantined)} of {count} rows could not be used"
            f" ({self._listed(reasons, detailed=True)}), {limit}; see"
            f" {paths.quarantine(self.stage, self.key)}, then {_remedy(reasons)}"
        )

    def _listed(self, reasons: Counter[str], detailed: bool = False) -> str:
        details: dict[str, Counter[str]] = {reason: Counter() for reason in reasons}
        for row in self.quarantined:
            if detailed and row["where"] not in ("", "not sent"):
                details[row["reason"]][row["where"]] += 1
        said = {reason: found.most_common(1)[0] for reason, found in details.items() if found}
        return ", ".join(
            f"{reason} {count}" + (f": {said[reason][0]}" if reason in said else "")
            for reason, count in reasons.most_common()
        )

    def _report(self, reasons: Counter[str]) -> None:
        rows = f"{self.stage} {self.key}: {len(self.quarantined)} of {self.in_rows} rows"
        if reasons:
            file = paths.quarantine(self.stage, self.key)
            print(f"{rows} are quarantined ({self._listed(reasons)}); see {file}", file=sys.stderr)
        if self.notes:
            notes = ", ".join(f"{reason} {count}" for reason, count in self.notes.most_common())
            print(f"{self.stage} {self.key}: left out of usable rows: {notes}", file=sys.stderr)


def _remedy(reasons: Counter[str]) -> str:
    """Return the advice for the most frequent reason."""
    advice = {
        "unparsable": "correct the prompt or take another model",
        "empty": "correct the prompt or take another model",
        "truncated": "raise max_tokens of the model, or have it reason less",
        "refused": "correct what the server refuses",
        "rate_limited": "run again, or set requests_per_minute of the endpoint",
        "timed_out": "raise timeout of the endpoint",
        "server_error": "run again when the server answers",
        "no_logprobs": "set judge.weighted: false, or take a server with log probabilities",
        "too_long": "raise max_length",
    }.get(reasons.most_common(1)[0][0], "correct the rows")
    return f"{advice}, or raise the limit in params.yaml"
