"""The second pass over a channel: each row gets artificial values and a seal, or is quarantined.

A part begins with a line on the shard and goes on with one for each row, a cleared one or the id
and the reason of a quarantined one:

{"found": {"EMAIL": 1}, "fields": ["Topic", "Message"]}
{"id": "webform-000123", "channel": "webform", "input": "Topic: ...", "cleared": "9f86d0..."}
["webform-000124", "personal_data_left:PERSON"]

`fields` are the labels of a form with which a line of these rows begins.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distill.ledger import Ledger
from distill.privacy.find.detect import Span
from distill.privacy.rows import anonymize
from distill.privacy.seal import seal
from distill.privacy.secret import Secret
from distill.privacy.settings import Anonymize
from distill.privacy.survey import Survey
from distill.records import Row


@dataclass(frozen=True)
class Clear:
    """Clears a shard of rows, each beside what was found in it; returns its part."""

    policy: Anonymize
    known: Survey
    secret: Secret
    fields: tuple[str, ...]

    def __call__(self, shard: list[Any]) -> bytes:
        """Return the part."""
        values, secret = self.secret.derived("values"), self.secret.value
        found: Counter[str] = Counter()
        fields: set[str] = set()
        lines: list[Any] = []
        for row, look in shard:
            spans = look if isinstance(look, str) else [Span(*span) for span in look]
            made, reason, types, _ = anonymize((row, spans), self.policy, self.known, values)
            fields.update(line.partition(": ")[0] for line in made["input"].splitlines())
            if reason:
                lines.append([made["id"], reason])
                continue
            found.update(types)
            lines.append(made | {"cleared": seal(made, self.policy, secret)})
        head = {"found": found, "fields": [field for field in self.fields if field in fields]}
        made_lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *lines))
        return "".join(made_lines).encode("utf-8")

    def made_from(self) -> Any:
        """Return what a part depends on beside the rows and what was found in them."""
        policy = self.policy.model_dump(mode="json", exclude={"max_quarantined"})
        others = sorted(self.known.ordinary.others) if self.known.ordinary else []
        return [policy, self.secret.check, self.known.digest, others, self.fields]


def cleared(files: Iterable[Path], ledger: Ledger, fields: set[str]) -> Iterator[Row]:
    """Yield the cleared rows of the parts, and count all; fields that were met leave `fields`."""
    for file in files:
        with file.open(encoding="utf-8", newline="\n") as lines:
            head = json.loads(next(lines))
            ledger.found.update(head["found"])
            fields -= set(head["fields"])
            for line in map(json.loads, lines):
                if isinstance(line, list):
                    ledger.quarantine(*line)
                else:
                    ledger.ok()
                    yield line
