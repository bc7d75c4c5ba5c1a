"""Strict parsers and JSON schemas for the replies of the annotator and the judge."""

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
    """An error and its evidence, quoted from the summary or from the interaction."""

    code: str
    evidence: str


class Findings(_Strict):
    """The annotator's reply: the errors of one summary."""

    findings: list[Finding]


class Verdict(_Strict):
    """The judge's reply: a rating, the error codes that it rests on and the reason."""

    rating: Annotated[int, Field(ge=1, le=5)]
    codes: list[str]
    reason: str


def findings(text: str, channel: str) -> list[Finding]:
    """Return the findings of {"findings": [{code, evidence}]}; raises ValueError otherwise."""
    reply = Findings.model_validate(_json(text)).findings
    _check_codes((finding.code for finding in reply), channel)
    return reply


def verdict(text: str, channel: str) -> Verdict:
    """Return the verdict of {rating, codes, reason}; raises ValueError otherwise."""
    reply = Verdict.model_validate(_json(text))
    _check_codes(reply.codes, channel)
    return reply


def expected_rating(reply: Reply) -> float | None:
    """Return the mean rating, weighted by token probability; None without log probabilities.

    The weights are the probabilities of the ratings 1 to 5 at the token that holds the verdict's
    rating, among the top log probabilities that the server returns there (G-Eval, arXiv
    2303.16634, section 2.3).
    """
    text_before = ""
    for token, alternatives in reply.logprobs:
        if _BEFORE_RATING.search(text_before) and _rating_of(token):
            weights = {token: math.exp(logprob) for token, logprob in alternatives.items()}
            ratings = [(_rating_of(token), weight) for token, weight in weights.items()]
            total = sum(weight for rating, weight in ratings if rating)
            return sum(rating * weight for rating, weight in ratings) / total if total else None
        text_before += token
    return None


def _rating_of(token: str) -> int:
    """Return the rating that a token holds, 0 where it holds none."""
    match = _RATING.fullmatch(token)
    return int(match[1]) if match else 0


def findings_schema(channel: str) -> dict[str, Any]:
    """Return the JSON schema of the annotator's reply."""
    finding = _object(code=_codes(channel), evidence={"type": "string"})
    return _object(findings={"type": "array", "items": finding})


def verdict_schema(channel: str) -> dict[str, Any]:
    """Return the JSON schema of the judge's reply; the rating comes first."""
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
    codes = taxonomy.load().items()
    return {"type": "string", "enum": [code for code, entry in codes if entry.applies_to(channel)]}


def _json(text: str) -> object:
    value: object = json.loads(_FENCE.sub("", text.strip()), object_pairs_hook=_with_unique_keys)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair: ValueError
    return value


def _with_unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object; raises ValueError for a repeated key, whose value is ambiguous."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key is repeated")
    return members


def _check_codes(codes: Iterable[str], channel: str) -> None:
    for code in codes:
        entry = taxonomy.load().get(code)
        if entry is None or not entry.applies_to(channel):
            raise ValueError(f"{code!r} is no error code of the channel {channel}")
