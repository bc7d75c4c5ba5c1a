"""The truth rating of summaries of the synthetic sample, by the sample's hidden truth.

The truth is a set of facts, each with its values and its ways of being said (facts.yaml), and the
noise of the interaction. A summary is read clause by clause: each lost, wrongly told or invented
fact, each wrong or missing value and each reported noise is one error. It shares no detector with
the checks or with the rules that write, edit and judge summaries, so that agreement of judge and
truth is evidence. Its word lists are finite: tests/handwritten measures what they miss.
"""

from distill.offline.truth import content, feelings, roles, values
from distill.offline.truth.mentions import Reading
from distill.offline.truth.rows import anonymized, load
from distill.records import Row
from distill.tasks.summarize import taxonomy

__all__ = ["anonymized", "codes", "load", "rate"]


def rate(row: Row, text: str, summary: str) -> tuple[int, list[str]]:
    """Return the rating and the error codes of a summary, by its truth row and anonymized text.

    A code stands in the list once for each occurrence, in the order of taxonomy.yaml.
    """
    reading = Reading.of(row, text, summary)
    errors = _codes(reading)
    return taxonomy.rating(errors, content.is_concise(reading)), errors


def codes(row: Row, text: str, summary: str) -> list[str]:
    """Return the summary's error codes, one for each occurrence, in the order of taxonomy.yaml."""
    return _codes(Reading.of(row, text, summary))


def _codes(reading: Reading) -> list[str]:
    errors = _faults(reading)
    if not reading.well_formed:
        errors.append("content_other")
    known, channel = taxonomy.load(), reading.row["channel"]
    return [
        code for code, entry in known.items() if entry.applies_to(channel)
        for _ in range(errors.count(code))
    ]  # fmt: skip


def _faults(reading: Reading) -> list[str]:
    says_nothing = [item.says_nothing for item in reading.items]
    if reading.row["nothing"]:
        if all(says_nothing):
            return [] if reading.items else ["nothing_to_summarize"]
        return content.noise_only(reading) or ["nothing_to_summarize"]
    if all(says_nothing):
        return ["nothing_to_summarize"]
    return [
        *content.faults(reading),
        *values.faults(reading),
        *roles.faults(reading),
        *feelings.faults(reading),
        *feelings.language_faults(reading),
    ]
