"""Replies in JSON, parsed strictly: what is not exactly as asked for is an error."""

import json
import math
import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from distill.llm.messages import Reply
from distill.tasks.summarize import taxonomy

_BEFORE_RATING = re.compile(r'"rating"\s*:?\s*$')
_RATING = re.compile(r"[\s:]*([1-5])[\s,}]*")
_FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Finding(_Strict):
    """One error and the words of the summary, or of the interaction, that show it."""

    code: str
    evidence: str


class Findings(_Strict):
    """The annotator's findings in one summary."""

    findings: list[Finding]


class Verdict(_Strict):
    """The judge's rating with the codes it rests on."""

    rating: Annotated[int, Field(ge=1, le=5)]
    codes: list[str]
    reason: str


def findings(text: str, channel: str) -> list[Finding]:
    """Return what {"findings": [{code, evidence}]} holds; raises ValueError for anything else."""
    found = Findings.model_validate(_json(text)).findings
    _known((finding.code for finding in found), channel)
    return found


def verdict(text: str, channel: str) -> Verdict:
    """Return the judge's verdict; raises ValueError for anything but {rating, codes, reason}."""
    found = Verdict.model_validate(_json(text))
    _known(found.codes, channel)
    return found


def expected_rating(reply: Reply) -> float | None:
    """Return the mean of the ratings by their probabilities; None where the reply has none.

    They are those of the token that is the verdict's rating, among the likeliest that the server
    tells (G-Eval, arXiv 2303.16634, section 2.3).
    """
    said = ""
    for token, others in reply.logprobs:
        if _BEFORE_RATING.search(said) and _rating_of(token):
            weights = {token: math.exp(logprob) for token, logprob in others.items()}
            known = [(_rating_of(token), weight) for token, weight in weights.items()]
            total = sum(weight for rating, weight in known if rating)
            return sum(rating * weight for rating, weight in known) / total if total else None
        said += token
    return None


def _rating_of(token: str) -> int:
    """The rating that a token is, or 0."""
    found = _RATING.fullmatch(token)
    return int(found[1]) if found else 0


def findings_schema(channel: str) -> dict[str, Any]:
    """The JSON schema of the annotator's reply."""
    finding = _object(code=_codes(channel), evidence={"type": "string"})
    return _object(findings={"type": "array", "items": finding})


def verdict_schema(channel: str) -> dict[str, Any]:
    """The JSON schema of the judge's reply; the rating comes first."""
    return _object(
        rating={"type": "integer", "enum": [1, 2, 3, 4, 5]},
        codes={"type": "array", "items": _codes(channel)},
        reason={"type": "string"},
    )


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _codes(channel: str) -> dict[str, Any]:
    known = taxonomy.load().items()
    return {"type": "string", "enum": [code for code, entry in known if entry.applies_to(channel)]}


def _json(text: str) -> object:
    found: object = json.loads(_FENCE.sub("", text.strip()), object_pairs_hook=_once)
    json.dumps(found, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair: a ValueError
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object, whose keys may not be repeated: which of the values would be meant?"""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is repeated")
    return found


def _known(codes: Iterable[str], channel: str) -> None:
    for code in codes:
        entry = taxonomy.load().get(code)
        if entry is None or not entry.applies_to(channel):
            raise ValueError(f"{code} is not an error of {channel}")
