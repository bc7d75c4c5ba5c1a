"""The sample's hidden truth, told in the artificial values of the anonymized text.

{"id": "botchat-000123", "channel": "botchat", "language": "en", "sentiment": "none", "role": null,
 "role_stated": "absent", "nothing": false, "facts": [{"text": "My parcel never came."}],
 "noise": [{"kind": "requests_agent", "text": "I want a person."}],
 "entities": {"order_number": ["07-11223-45678"]}, "pii": [{"type": "PERSON", "value": "Ann Lee"}]}
"""

import re
from pathlib import Path

from arf import paths, records
from arf.privacy.surrogates import SAMPLE_KEY, surrogate
from arf.records import Row


def load(path: Path = paths.TRUTH) -> dict[str, Row]:
    """Return id -> truth row with personal values replaced as anonymize replaces them."""
    return {row["id"]: anonymized(row) for row in records.read(path)}


def anonymized(row: Row) -> Row:
    """Return the row with every personal value of facts, noise and entities replaced."""
    surrogates = {
        found["value"]: surrogate(SAMPLE_KEY, row["id"], found["type"], found["value"])
        for found in row["pii"]
    }
    if not surrogates:
        return row
    longest_first = sorted(surrogates, key=lambda value: (-len(value), value))
    values = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def replaced(text: str) -> str:
        return values.sub(lambda match: surrogates[match[0]], text)

    return {
        **row,
        "facts": [{**fact, "text": replaced(fact["text"])} for fact in row["facts"]],
        "noise": [{**noise, "text": replaced(noise["text"])} for noise in row["noise"]],
        "entities": {
            kind: [replaced(value) for value in listed] for kind, listed in row["entities"].items()
        },
    }
