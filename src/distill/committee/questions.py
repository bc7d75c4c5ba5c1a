"""The requests to the teachers: feedback on an attempt, a rationale, and a review of either.

A teacher that writes a rationale sees the question alone, a teacher that writes feedback or reviews
sees the gold answer, too (FAIR, arXiv 2410.03663, as its authors' code asks). A reviewer is not
told who wrote the text.
"""

from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from distill.committee.settings import FEEDBACK, RATIONALE
from distill.llm import json_text
from distill.llm.messages import Request
from distill.prompts import render
from distill.records import Row
from distill.tasks import critique, reason
from distill.tasks.critique import gold_answer
from distill.tasks.reason import rules

REVIEW = ("question", "gold", "text")  # placeholders of the prompts in prompts/review
_REASON = r'^[^"\\\n\r\t]{1,400}$'  # characters that JSON does not escape

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "pattern": _REASON},
        "score": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
    },
    "required": ["reason", "score"],
    "additionalProperties": False,
}


class Verdict(BaseModel):
    """A peer's review."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: str
    score: Annotated[int, Field(ge=1, le=5)]


def feedback(row: Row, teacher: str) -> Request:
    """Return the request for feedback on row["attempt"]."""
    return Request(
        id=row["id"],
        task=FEEDBACK,
        messages=critique.messages(row),
        parse=critique.parse,
        rule=lambda: rules.feedback(teacher, row, row["attempt"]),
        rows=(row,),
    )


def rationale(row: Row, teacher: str, samples: int) -> Request:
    """Return the request for rationales, without the gold answer and the attempt."""
    return Request(
        id=row["id"],
        task=RATIONALE,
        messages=reason.messages(row),
        parse=critique.parse,
        samples=samples,
        rule=lambda: rules.rationale(teacher, row),
        more_rules=tuple(
            partial(rules.rationale, teacher, row, sample) for sample in range(1, samples)
        ),
        rows=(row,),
    )


def review(row: Row, text: Row, reviewer: str) -> Request:
    """Return the request for a review of a teacher's text about the question of `row`."""
    kind = text["kind"]
    prompt = render(
        f"review/{kind}", question=row["input"], gold=gold_answer(row), text=text["text"]
    )
    return Request(
        id=row["id"],
        task=f"review {kind}",
        messages=[{"role": "user", "content": prompt}],
        parse=verdict,
        schema=SCHEMA,
        rule=lambda: rules.review(reviewer, row, text["text"], kind),
        rows=(row,),
    )


def verdict(text: str) -> Verdict:
    """Return a reviewer's verdict; raises ValueError for a reply of another form.

    The score is read from the reply's own key alone: a score that the reviewed text contains, and
    that a reviewer quotes, is part of the reason.
    """
    return Verdict.model_validate(json_text.loads(text))
