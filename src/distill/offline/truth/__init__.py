"""The truth rating of summaries of the synthetic sample, by the sample's hidden truth.

It compares summaries with the sentences and values from which an interaction was composed. It
shares no detector with `distill.tasks.summarize.checks` or with the rules that write, edit and
judge summaries, so that agreement of judge and truth is evidence. It is limited in recognizing
paraphrases: a fact counts as stated if one bullet contains most of its words.
"""

from distill.offline.truth import content, feelings, values
from distill.offline.truth.items import Items
from distill.offline.truth.rows import anonymized, load
from distill.records import Row
from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.format import NOTHING

__all__ = ["anonymized", "codes", "load", "rate"]


def rate(row: Row, text: str, summary: str) -> tuple[int, list[str]]:
    """Return the rating and the error codes of a summary, by its truth row and anonymized text."""
    items = Items.of(row, text, summary)
    errors = _codes(row, items)
    return taxonomy.rating(errors, content.is_concise(row, items)), errors


def codes(row: Row, text: str, summary: str) -> list[str]:
    """Return the summary's error codes, each once, in the order of taxonomy.yaml."""
    return _codes(row, Items.of(row, text, summary))


def _codes(row: Row, items: Items) -> list[str]:
    errors = _faults(row, items)
    if not items.well_formed:
        errors.add("content_other")
    known = taxonomy.load()
    return [code for code in known if code in errors and known[code].applies_to(row["channel"])]


def _faults(row: Row, items: Items) -> set[str]:
    says_nothing = [item.text.casefold() == NOTHING for item in items.all]
    if row["nothing"]:
        if all(says_nothing):
            return set() if items.all else {"nothing_to_summarize"}
        return content.noise(row, items, only=True) or {"nothing_to_summarize"}
    if all(says_nothing):
        return {"nothing_to_summarize"}
    return {
        *content.missing(items),
        *content.disordered(items),
        *content.unsupported(items),
        *content.noise(row, items),
        *values.faults(row, items),
        *values.role_faults(row, items),
        *feelings.faults(row, items),
        *feelings.language_faults(row, items),
    }
