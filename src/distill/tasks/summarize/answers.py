"""Parsers and JSON schemas for the replies of the annotator and the judge.

annotator     {"errors": [{"code": "content_missing", "quote": "wants a refund"}, ...]}
judge         the same with "concise": true, from which its rating is computed
direct judge  the same errors with "reason": "...", "rating": 2

A reply of another form raises ValueError. An entry of `errors` whose code the channel does not
have, or whose quote stands nowhere, is no evidence of an error: it is dropped and counted.
"""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from distill.llm import json_text
from distill.llm.messages import Alternatives, Reply
from distill.tasks.summarize import quotes, taxonomy

MAX_ERRORS = 12  # the rating is 1 from the third error on
_QUOTE = r'^[^"\\\n\r\t]{1,240}$'  # characters that JSON does not escape
_REASON = r'^[^"\\\n\r\t]{1,400}$'
_MARGIN = 40  # characters before a token in which the key of the rating is looked for
_BEFORE_RATING = re.compile(r'"rating"\s*:?\s*$')
_RATING = re.compile(r"[\s:]*([1-5])[\s,}]*")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Error(_Strict):
    """An error code, and the words of the summary or of the interaction that show the error."""

    code: str
    quote: str


class _Listed(_Strict):
    errors: list[Error]


class _Judged(_Listed):
    concise: bool


class _Rated(_Listed):
    reason: str
    rating: Annotated[int, Field(ge=1, le=5)]


@dataclass(frozen=True)
class Compared:
    """The texts that a reply is about: its quotes must stand in one of them."""

    channel: str
    text: str
    summary: str


@dataclass(frozen=True)
class Findings:
    """The errors of a reply, each occurrence of them, and why its other entries are dropped.

    Reasons are unknown_code, quote_not_found and repeated (more entries of the same code and quote
    than places of the quote).
    """

    errors: tuple[Error, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict(Findings):
    """A judge's findings with the rating, from 1 to 5; `reason` is "" where it is computed."""

    rating: int = 5
    reason: str = ""


def findings(text: str, of: Compared) -> Findings:
    """Return the annotator's findings; raises ValueError for a reply of another form."""
    return _checked(_Listed.model_validate(json_text.loads(text)).errors, of)


def verdict(text: str, of: Compared) -> Verdict:
    """Return the judge's findings with the rating by `taxonomy.rating`; raises ValueError."""
    reply = _Judged.model_validate(json_text.loads(text))
    found = _checked(reply.errors, of)
    rating = taxonomy.rating((error.code for error in found.errors), reply.concise)
    return Verdict(found.errors, found.dropped, rating)


def direct_verdict(text: str, of: Compared) -> Verdict:
    """Return the judge's findings with the rating that it gives itself; raises ValueError."""
    reply = _Rated.model_validate(json_text.loads(text))
    found = _checked(reply.errors, of)
    return Verdict(found.errors, found.dropped, reply.rating, reply.reason)


def _checked(entries: list[Error], of: Compared) -> Findings:
    errors: list[Error] = []
    dropped = []
    for entry in entries:
        if fault := _fault(entry, of, errors.count(entry)):
            dropped.append(fault)
        else:
            errors.append(entry)
    return Findings(tuple(errors), tuple(dropped))


def _fault(entry: Error, of: Compared, earlier: int) -> str:
    """Return why an entry is no evidence, or "".

    What is missing is quoted from the interaction. An entry may be repeated, `earlier` times so
    far, as often as its quote stands in the text.
    """
    code = taxonomy.load().get(entry.code)
    if code is None or not code.applies_to(of.channel):
        return "unknown_code"
    is_missing = "missing" in entry.code.split("_")
    texts = (of.text,) if is_missing else (of.summary, of.text)
    places = max(quotes.count(entry.quote, text) for text in texts)
    return ("repeated" if places else "quote_not_found") if earlier >= places else ""


def expected_rating(reply: Reply) -> float | None:
    """Return the mean rating, weighted by token probability; None without log probabilities.

    The weights are the probabilities of the ratings 1 to 5 at the token that holds the verdict's
    rating, among the top log probabilities that the server returns there (G-Eval, arXiv
    2303.16634, section 2.3). Of several such tokens the last counts: reasoning may draft a verdict.
    """
    text_before, found = "", None
    for token, alternatives in reply.logprobs:
        if _BEFORE_RATING.search(text_before) and _rating_of(token):
            found = _weighted(alternatives)
        text_before = (text_before + token)[-_MARGIN:]
    return found


def _weighted(alternatives: Alternatives) -> float | None:
    weights = [(_rating_of(token), math.exp(logprob)) for token, logprob in alternatives.items()]
    total = sum(weight for rating, weight in weights if rating)
    return sum(rating * weight for rating, weight in weights) / total if total else None


def _rating_of(token: str) -> int:
    """Return the rating that a token holds, 0 where it holds none."""
    match = _RATING.fullmatch(token)
    return int(match[1]) if match else 0


def findings_schema(channel: str) -> dict[str, Any]:
    """Return the JSON schema of the annotator's reply.

    Its bounds are those that servers enforce or ignore but do not refuse: a pattern, since OpenAI
    refuses maxLength, and no uniqueItems, which neither OpenAI nor xgrammar (vLLM) takes.
    """
    codes = taxonomy.load().items()
    names = [code for code, entry in codes if entry.applies_to(channel)]
    error = _object(
        code={"type": "string", "enum": names}, quote={"type": "string", "pattern": _QUOTE}
    )
    return _object(errors={"type": "array", "items": error, "maxItems": MAX_ERRORS})


def verdict_schema(channel: str) -> dict[str, Any]:
    """Return the JSON schema of the judge's reply."""
    return _with(findings_schema(channel), concise={"type": "boolean"})


def direct_verdict_schema(channel: str) -> dict[str, Any]:
    """Return the JSON schema of the direct judge's reply; the rating comes last."""
    return _with(
        findings_schema(channel),
        reason={"type": "string", "pattern": _REASON},
        rating={"type": "integer", "enum": [1, 2, 3, 4, 5]},
    )


def _with(schema: dict[str, Any], **properties: dict[str, Any]) -> dict[str, Any]:
    return _object(**schema["properties"], **properties)


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
