"""Three rule teachers, and a fourth, with declared blind spots: they explain and review offline.

strict counts the first day, too; hasty leaves out conditions; glib reaches right verdicts by wrong
premises; plain errs a little in every way. They read the text of a question, never how it was made.
What they write is decided by a hash of the texts, so that every run writes the same.

in   "Items can be returned within 14 days. A lamp arrived on May 2; today is May 9. ..."
out  "The window is 14 days. From May 2 to May 9 it is 9 - 2 = 7 days. 14 - 7 = 7 days are left.
      Answer: 7"
"""

from distill.records import Row
from distill.tasks.reason.rules.rates import ALARMS, LENIENT, MISBLAMED, RATES, TEACHERS
from distill.tasks.reason.rules.reviewing import feedback, review
from distill.tasks.reason.rules.writing import Draft, draft

__all__ = [
    "ALARMS", "LENIENT", "MISBLAMED", "RATES", "TEACHERS",
    "Draft", "draft", "feedback", "rationale", "review",
]  # fmt: skip


def rationale(teacher: str, row: Row, sample: int = 0) -> str:
    """Return the teacher's rationale on a question, written without its gold answer.

    Further samples have other words and slips. Raises ModelError for an unknown teacher.
    """
    return draft(teacher, row, sample).text
