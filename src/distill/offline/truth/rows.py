"""The sample's hidden truth, with the surrogates of the anonymized text.

{"id": "botchat-000123", "channel": "botchat", "intent": "item_not_received", "sentiment": "none",
 "role": null, "role_stated": "absent", "nothing": false, "held_out": false,
 "facts": [{"family": "not_arrived", "text": "My order 07-11223-45678 never came.",
            "values": {"order_number": "07-11223-45678"}}],
 "typos": {"cmae": "came"}, "noise": [{"kind": "requests_agent", "text": "I want a person."}],
 "entities": {"order_number": ["07-11223-45678"]}, "pii": [{"type": "PERSON", "value": "Ann Lee"}]}
"""

import re
from collections import defaultdict
from pathlib import Path

from distill import paths, records
from distill.privacy.seal import SAMPLE_KEY, derived
from distill.privacy.seen import Seen
from distill.privacy.surrogates import Surrogates
from distill.records import Row

TYPE_OF_ENTITY = {
    "item_number": "ITEM_ID",
    "order_number": "ORDER_ID",
    "return_number": "RETURN_ID",
    "case_number": "CASE_ID",
    "transaction_id": "TRANSACTION_ID",
}


def load(path: Path = paths.TRUTH) -> dict[str, Row]:
    """Return id -> truth row, with the surrogates that anonymize writes."""
    seen: dict[str, Seen] = defaultdict(Seen)  # channel -> its personal values
    for row in records.read(path):
        for type, value in _personal(row):
            seen[row["channel"]].add(type, value)
    return {row["id"]: anonymized(row, seen[row["channel"]]) for row in records.read(path)}


def _personal(row: Row) -> list[tuple[str, str]]:
    """Return (type, value) of a row's personal data and case identifiers."""
    values = {
        (TYPE_OF_ENTITY[kind], value)
        for kind, listed in row["entities"].items()
        for value in listed
        if kind in TYPE_OF_ENTITY
    }
    return [(span["type"], span["value"]) for span in row["pii"]] + sorted(values)


def anonymized(row: Row, seen: Seen | None = None) -> Row:
    """Return the row with every personal value of facts, noise and entities replaced."""
    own = Surrogates(derived(SAMPLE_KEY, "values"), row["id"], seen)
    surrogates = {value: own.of(type, value) for type, value in _personal(row)}
    if not surrogates:
        return row
    longest_first = sorted(surrogates, key=lambda value: (-len(value), value))
    values = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def replaced(text: str) -> str:
        return values.sub(lambda match: surrogates[match[0]], text)

    return {
        **row,
        "facts": [
            {
                **fact,
                "text": replaced(fact["text"]),
                "values": {slot: replaced(value) for slot, value in fact.get("values", {}).items()},
            }
            for fact in row["facts"]
        ],
        "noise": [{**noise, "text": replaced(noise["text"])} for noise in row["noise"]],
        "entities": {
            kind: [replaced(value) for value in listed] for kind, listed in row["entities"].items()
        },
    }
