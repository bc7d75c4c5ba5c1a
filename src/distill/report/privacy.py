"""Anonymization: detected values and, on the sample, redaction and leakage (privacy.json, .md).

{"botchat": {"found": {"PERSON": 412}, "quarantined": {}, "planted": 702, "recall": 0.9986,
             "recall_low": 0.9957, "recall_high": 1.0, "leak": 0.0009, ..., "leaking": 0.002, ...,
             "over_redaction": 0.004, ...}, ...}
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from distill import channels, paths, records
from distill.channels import settings
from distill.errors import InputError
from distill.ledger import Ledger
from distill.offline.truth.rows import TYPE_OF_ENTITY
from distill.records import Row
from distill.report import accounting
from distill.stats.intervals import Estimate, proportion, ratio
from distill.stats.tables import Table, share_cell

MEASURES = {
    "recall": "Recall",
    "leak": "Leak rate",
    "leaking": "Records with a leak",
    "over_redaction": "Over-redaction",
}
TITLE = "Anonymization: redaction and leakage"
NOTE = (
    "Detected: every mention that anonymize replaced. Planted: each personal value of an"
    " anonymized record of the sample, once; it is searched for in the anonymized text itself."
    " Removed: the planted values of which nothing remains. Recall: their share of the planted"
    " values. Leak rate: the share of the planted values' letters and digits that remain. Records"
    " with a leak: of the records with planted values. Over-redaction: the share of all other"
    " letters and digits that were changed. Intervals are of 95%: Wilson's for records and for"
    " shares of 0% or 100%, else bootstrap by row. A part that a surrogate has in common with its"
    " value by chance, such as a year of birth, counts as a leak."
)
# Parts of addresses that are no one's own, or reserved for examples: surrogates have them too.
_SHARED_WORDS = """
    street avenue lane drive boulevard road court place way close crescent apt
    example com org net 2001 db8
"""
_SHARED = frozenset(_SHARED_WORDS.split())
_WORD = re.compile(r"[^\W_]+")


class Planted(NamedTuple):
    """A personal value of one row: its type, its letters and digits, and how many of them leak."""

    type: str
    size: int
    leaked: int


class Compared(NamedTuple):
    """One row: its planted values, its other letters and digits, and how many of those changed."""

    values: list[Planted]
    other: int
    changed: int

    @property
    def size(self) -> int:
        """Return the number of letters and digits of the planted values."""
        return sum(value.size for value in self.values)

    @property
    def leaked(self) -> int:
        """Return how many of them leak."""
        return sum(value.leaked for value in self.values)


def compare(raw: str, text: str, truth: Row) -> Compared:
    """Compare a raw text with the anonymized one by their words, in any order and case.

    A planted value of several words that stands in `text` as a whole leaks altogether; otherwise
    each of its telling words (three letters, four digits or more) leaks that occurs more often in
    `text` than in `raw` outside the planted values. The words of `raw` outside planted values and
    identifiers that occur less often in `text` have changed.
    """
    personal = dict.fromkeys((found["type"], found["value"]) for found in truth["pii"])
    values = [value for _, value in personal]
    identifiers = [value for kind in TYPE_OF_ENTITY for value in truth["entities"].get(kind, ())]
    outside, now = _text_without(raw, values), _word_counts(text)
    more = now - _word_counts(outside)
    other = _word_counts(_text_without(outside, identifiers))
    return Compared(
        [
            Planted(type, sum(map(len, _words(value))), _leaked(value, text, more))
            for type, value in personal
        ],
        _characters(other),
        _characters(other - now),
    )


def _leaked(value: str, text: str, more: Counter[str]) -> int:
    words = _words(value)
    if len(words) > 1 and re.search(_whole_words([value]), text, re.IGNORECASE):
        return sum(map(len, words))
    return sum(len(word) for word in words if more[word] and _is_telling(word))


def _is_telling(word: str) -> bool:
    return len(word) > (3 if word.isdecimal() else 2) and word not in _SHARED


def _text_without(text: str, values: Iterable[str]) -> str:
    listed = sorted(values, key=len, reverse=True)
    return re.sub(_whole_words(listed), " ", text) if listed else text


def _whole_words(values: Iterable[str]) -> str:
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, values))})(?!\w)"


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _word_counts(text: str) -> Counter[str]:
    return Counter(_words(text))


def _characters(words: Counter[str]) -> int:
    return sum(len(word) * n for word, n in words.items())


class Channel(NamedTuple):
    """Counts and measures of one channel; of real interactions there are only counts."""

    found: dict[str, int]
    quarantined: dict[str, int]
    rows: list[Compared]
    measures: dict[str, Estimate]


def load(names: Iterable[str]) -> dict[str, Channel]:
    """Return the counts of each channel; raises InputError for a missing ledger."""
    return {name: _channel(name, [], {}) for name in names}


def measured(
    sources: Mapping[str, settings.Channel], resamples: int, seed: int
) -> dict[str, Channel]:
    """Return the sample's channels by name, with their measures by its hidden truth.

    Raises InputError for a missing ledger and for a row that is not of this sample.
    """
    rows = {name: list(_rows(name, source)) for name, source in sources.items()}
    return {
        name: _channel(name, compared, measures(compared, resamples, seed))
        for name, compared in rows.items()
    }


def _channel(name: str, rows: list[Compared], known: dict[str, Estimate]) -> Channel:
    counts = accounting.read("anonymize", name)
    return Channel(counts.get("found", {}), counts["quarantined"], rows, known)


def _rows(channel: str, source: settings.Channel) -> Iterator[Compared]:
    """The sample's anonymized rows, compared by the hidden truth."""
    raw = channels.read(paths.SAMPLE, channel, source, Ledger("report", channel))
    texts = {row["id"]: row["input"] for row in raw}
    truths = {row["id"]: row for row in records.read(paths.TRUTH)}
    for row in records.read(paths.anonymized(channel)):
        if row["id"] not in texts or row["id"] not in truths:
            raise InputError(f"{row['id']} is not in {paths.SAMPLE}; `dvc repro` makes both again")
        yield compare(texts[row["id"]], row["input"], truths[row["id"]])


def measures(rows: Iterable[Compared], resamples: int, seed: int) -> dict[str, Estimate]:
    """Return MEASURES with their intervals; rows without planted values count in the last only."""
    every = list(rows)
    held = [row for row in every if row.values]
    clean = [sum(not value.leaked for value in row.values) for row in held]
    planted = [len(row.values) for row in held]
    leaked, size = [row.leaked for row in held], [row.size for row in held]
    changed, other = [row.changed for row in every], [row.other for row in every]
    return {
        "recall": ratio(clean, planted, resamples, seed),
        "leak": ratio(leaked, size, resamples, seed),
        "leaking": proportion(sum(map(bool, leaked)), len(held)),
        "over_redaction": ratio(changed, other, resamples, seed),
    }


def metrics(known: dict[str, Channel]) -> dict[str, Row]:
    """Return the content of privacy.json: channel -> numbers."""
    return {name: _metrics(channel) for name, channel in known.items()}


def _metrics(channel: Channel) -> Row:
    found: Row = {"found": channel.found, "quarantined": channel.quarantined}
    if channel.measures:
        found["planted"] = sum(len(row.values) for row in channel.rows)
    for name, estimate in channel.measures.items():
        rounded = estimate.rounded()
        found |= {name: rounded["value"]}
        found |= {f"{name}_{end}": rounded[end] for end in ("low", "high")}
    return found


def tables(known: dict[str, Channel]) -> list[Table]:
    """Return the measures of the sample, the values by type and the quarantined rows."""
    measured = {name: channel.measures for name, channel in known.items() if channel.measures}
    listed = [
        [MEASURES[key], *(share_cell(found[key], digits=2) for found in measured.values())]
        for key in MEASURES
    ]
    lost = [
        [name, reason, str(n)]
        for name, channel in known.items()
        for reason, n in channel.quarantined.items()
    ]
    return [
        *([Table("Measures", ["", *measured], listed)] if measured else []),
        *(_types(name, channel) for name, channel in known.items()),
        Table("Quarantined rows", ["Channel", "Reason", "Rows"], lost),
    ]


def _types(name: str, channel: Channel) -> Table:
    """A channel's values by type, and of the sample how many planted ones were removed."""
    planted = Counter(value.type for row in channel.rows for value in row.values)
    removed = Counter(
        value.type for row in channel.rows for value in row.values if not value.leaked
    )
    header = ["Type", "Detected", *(["Planted", "Removed"] if channel.measures else [])]
    lines = [
        [type, str(channel.found.get(type, 0)), str(planted[type]), str(removed[type])]
        for type in sorted({*channel.found, *planted})
    ]
    return Table(f"Values by type: {name}", header, [line[: len(header)] for line in lines])
