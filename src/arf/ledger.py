"""Every row that enters a stage leaves it as ok or as quarantined with a reason."""

import json
from collections import Counter
from types import TracebackType

from arf import paths, records
from arf.errors import RowError


class Ledger:
    """Counts of one stage: in = ok + quarantined, always.

    Used as a context manager: on a normal exit it writes data/ledger/<stage>-<key>.json (counts)
    and data/quarantine/<stage>-<key>.jsonl (id, where, reason; never a message's text), then
    raises RowError if more than `max_quarantined` (a share of the rows) could not be used.
    """

    def __init__(self, stage: str, key: str, max_quarantined: float = 0.0):
        self.stage, self.key, self.max_quarantined = stage, key, max_quarantined
        self.ok_rows = 0
        self.found: Counter[str] = Counter()  # of anonymize: values by type
        self.quarantined: list[records.Row] = []

    def ok(self, rows: int = 1) -> None:
        """Count rows that the stage could use."""
        self.ok_rows += rows

    def quarantine(self, row_id: str, reason: str, where: str = "") -> None:
        """Count a row that it could not: `reason` is a slug, `where` a file and line."""
        self.quarantined.append({"id": row_id, "where": where, "reason": reason})

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()

    def close(self) -> None:
        """Write the counts and the quarantined rows; raise RowError past the limit."""
        reasons = Counter(row["reason"] for row in self.quarantined)
        total = self.ok_rows + len(self.quarantined)
        counts = {
            "stage": self.stage,
            "key": self.key,
            "in": total,
            "ok": self.ok_rows,
            "quarantined": dict(sorted(reasons.items())),
        }
        if self.found:
            counts["found"] = dict(sorted(self.found.items()))
        path = paths.ledger(self.stage, self.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
        quarantine = paths.quarantine(self.stage, self.key)
        records.write(quarantine, self.quarantined)
        if len(self.quarantined) > self.max_quarantined * total:
            listed = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
            raise RowError(
                f"{self.stage} {self.key}: {len(self.quarantined)} of {total} rows could not be"
                f" used ({listed}), more than max_quarantined {self.max_quarantined:g} allows;"
                f" see {quarantine}, mend the rows or raise the limit in params.yaml"
            )
