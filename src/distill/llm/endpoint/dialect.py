"""The words of OpenAI's chat completions: a request becomes a body, a response becomes a reply.

Servers differ in details. `Dialect` holds what one of them turned out not to know.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from distill.llm.messages import Reply, Request
from distill.llm.settings import OpenAI

RETRIED = {408, 409, 425, 429}  # and all from 500
_SLUG = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass
class Dialect:
    """What a server knows: JSON schemas, and the name of the cap on a reply's tokens."""

    schema: bool = True
    cap: str = "max_tokens"

    def learn(self, spoken: "Dialect", status: int, body: bytes) -> bool:
        """Whether a refusal was about a word that can be left out or said in another way.

        `spoken` is what was known when it was asked: another refusal may have told it since.
        """
        if status not in (400, 422):
            return False
        if self != spoken:
            return True
        if self.cap == "max_tokens" and b"max_completion_tokens" in body:
            self.cap = "max_completion_tokens"
            return True
        if self.schema and (b"response_format" in body or b"json_schema" in body):
            self.schema = False
            return True
        return False


def body(config: OpenAI, request: Request, dialect: Dialect, samples: int = 1) -> dict[str, Any]:
    """Return the body of POST /chat/completions."""
    asked: dict[str, Any] = {
        "model": config.model,
        "messages": request.messages,
        dialect.cap: config.max_tokens,
        **config.sampling(),
    }
    if samples > 1:
        asked["n"] = samples
    if request.logprobs:
        asked |= {"logprobs": True, "top_logprobs": request.logprobs}
    if request.schema is not None and dialect.schema and config.json_schema:
        schema = {"name": request.task, "strict": True, "schema": request.schema}
        asked["response_format"] = {"type": "json_schema", "json_schema": schema}
    return asked


def parsed(status: int, content: bytes, model: str) -> Reply:
    """Return the reply that a response holds; every failure is a reply with an `error`."""
    if status != 200:
        return Reply(error=_reason(status, content), detail=_detail(status, content), model=model)
    try:
        found = json.loads(content)
        choices = found["choices"]
        usage = found.get("usage") or {}
        counted = Reply(
            model=model,
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or 0),
        )
        return _answer(choices, counted)
    except (ValueError, LookupError, TypeError, AttributeError):
        return Reply(error="unparsable", detail="not a chat completion", model=model)


def _writable(text: str) -> str:
    """The text with a mark in the place of half a surrogate pair, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _answer(choices: list[dict[str, Any]], counted: Reply) -> Reply:
    first = choices[0]
    texts = [_writable(choice["message"].get("content") or "") for choice in choices]
    finishes = [choice.get("finish_reason") for choice in choices]
    error, detail = "", ""
    if "content_filter" in finishes or first["message"].get("refusal"):
        error, detail = "refused", "by the model"
    elif not all(texts) and "length" not in finishes:
        error = "empty"
    elif not all(isinstance(text, str) for text in texts):
        error = "unparsable"
    return Reply(
        text=texts[0],
        error=error,
        detail=detail,
        truncated="length" in finishes,
        more=tuple(texts[1:]),
        logprobs=_logprobs(first.get("logprobs")),
        model=counted.model,
        prompt_tokens=counted.prompt_tokens,
        completion_tokens=counted.completion_tokens,
    )


def _logprobs(found: Mapping[str, Any] | None) -> tuple[tuple[str, dict[str, float]], ...]:
    return tuple(
        (place["token"], {other["token"]: other["logprob"] for other in place["top_logprobs"]})
        for place in (found or {}).get("content") or ()
    )


def _reason(status: int, content: bytes) -> str:
    if status == 429:
        return "refused" if b"insufficient_quota" in content else "rate_limited"
    return "server_error" if status in RETRIED or status >= 500 else "refused"


def _detail(status: int, content: bytes) -> str:
    """The status and the server's code for it; never its words, which may repeat a message."""
    try:
        error = json.loads(content)["error"]
        code = str(error.get("code") or error.get("type") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        code = ""
    return f"HTTP {status} {code if _SLUG.fullmatch(code) else ''}".strip()
