"""How often each error was found so far, by which the form lists the codes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from distill import paths, records
from distill.tasks.summarize.taxonomy import Code

Counts = Mapping[tuple[str, str], int]  # (channel, code) -> summaries with the error


def count(versions: Iterable[str]) -> Counts:
    """Count the findings in the versions, as far as they were analyzed.

    They are the same for all experts until the next analysis, and so are the letters.
    """
    found: Counter[tuple[str, str]] = Counter()
    for version in versions:
        if (folder := paths.findings(version)).exists():
            found.update((row["channel"], row["code"]) for row in records.read(folder))
    return found


def most(codes: Sequence[Code], channel: str, counts: Counts, number: int) -> list[Code]:
    """Return the most frequent codes of a channel; equals stay in the taxonomy's order."""
    return sorted(codes, key=lambda code: -counts.get((channel, code.code), 0))[:number]
