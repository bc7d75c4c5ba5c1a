"""OpenAI's chat completions format: requests to bodies, responses to replies.

Servers differ in details; `Dialect` records which parts of the format one server supports.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from distill.llm.messages import Reply, Request
from distill.llm.settings import OpenAI

TRANSIENT_STATUSES = {408, 409, 425, 429}  # and all from 500
_SLUG = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass
class Dialect:
    """A server's support of JSON schemas, and its name of the cap on completion tokens."""

    schema: bool = True
    cap: str = "max_tokens"

    def learn(self, sent: "Dialect", status: int, body: bytes) -> bool:
        """Adapt to a rejected parameter; return whether to send the request again.

        `sent` is the dialect of the rejected request; this one may have adapted since.
        """
        if status not in (400, 422):
            return False
        if self != sent:
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
    content: dict[str, Any] = {
        "model": config.model,
        "messages": request.messages,
        dialect.cap: config.max_tokens,
        **config.sampling(),
    }
    if samples > 1:
        content["n"] = samples
    if request.logprobs:
        content |= {"logprobs": True, "top_logprobs": request.logprobs}
    if request.schema is not None and dialect.schema and config.json_schema:
        schema = {"name": request.task, "strict": True, "schema": request.schema}
        content["response_format"] = {"type": "json_schema", "json_schema": schema}
    return content


def parsed(status: int, content: bytes, model: str) -> Reply:
    """Return a response as a reply; every failure is a reply with an `error`."""
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
    """Replace lone surrogates, which UTF-8 cannot encode."""
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
        (token["token"], {other["token"]: other["logprob"] for other in token["top_logprobs"]})
        for token in (found or {}).get("content") or ()
    )


def _reason(status: int, content: bytes) -> str:
    if status == 429:
        return "refused" if b"insufficient_quota" in content else "rate_limited"
    return "server_error" if status in TRANSIENT_STATUSES or status >= 500 else "refused"


def _detail(status: int, content: bytes) -> str:
    """Return status and error code, without the error's text, which may quote a message."""
    try:
        error = json.loads(content)["error"]
        code = str(error.get("code") or error.get("type") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        code = ""
    return f"HTTP {status} {code if _SLUG.fullmatch(code) else ''}".strip()
