"""How often each error was found so far, by which the form lists the codes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from distill import paths, records
from distill.people.queues import Item
from distill.records import Row
from distill.tasks.summarize.taxonomy import Code

Counts = Mapping[tuple[str, str], int]  # (channel, code) -> summaries with the error


def count(versions: Iterable[str], items: Iterable[Item], annotated: Iterable[Row]) -> Counts:
    """Count the findings in the versions, as far as they were analyzed, and the annotations."""
    found: Counter[tuple[str, str]] = Counter()
    for version in versions:
        if (folder := paths.findings(version)).exists():
            found.update((row["channel"], row["code"]) for row in records.read(folder))
    channels = {item.id: item.channel for item in items}
    for row in annotated:
        if row["id"] in channels:
            found.update((channels[row["id"]], code) for code in row["codes"])
    return found


def most(codes: Sequence[Code], channel: str, counts: Counts, number: int) -> list[Code]:
    """Return the most frequent codes of a channel; equals stay in the taxonomy's order."""
    return sorted(codes, key=lambda code: -counts.get((channel, code.code), 0))[:number]
