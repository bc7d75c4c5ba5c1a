"""Responses of chat completions as replies, whatever dialect a server speaks.

    200 {"choices": [{"message": {"content": "..."}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 100, "completion_tokens": 50}}
    200 {"error": {"message": "...", "code": 429}}           an error, whatever the status says
    400 {"error": {"message": "...", "param": "temperature", "code": "unsupported_value"}}
    422 {"detail": [{"loc": ["body", "seed"], "msg": "extra inputs are not permitted", "input": 7}]}

An error's text may quote the request, so that no reply's `detail` holds it.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from distill.llm.messages import Reply

CHARACTERS_PER_TOKEN = 4  # assumed where a server counts no tokens
MESSAGE = 2_000  # characters of an error's message that are looked at
TRANSIENT_STATUSES = {408, 409, 425, 429, 498, 499}  # and all from 500
LARGEST_COUNT = 1e9  # tokens of one reply; more is no count
CUT = {"length", "max_tokens", "model_length", "max_output_tokens", "max_completion_tokens"}
FILTERED = ("content_filter", "safety", "recitation", "prohibited", "blocklist", "refusal", "spii")
FAILED = {"error", "abort", "insufficient_system_resource", "network_error"}
THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
_CODES = ("code", "status", "type", "error_code", "status_code", "error_type")
_MESSAGES = ("message", "error_msg", "status_msg", "msg")
_COMMENTS = re.compile(rb"\A(?:\xef\xbb\xbf|\s|:[^\n]*\n)+")  # of a gateway that keeps a connection
_SLUG = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_KINDS = [  # the status of an error in a 200, by words of its code, its type or its message
    (429, r"rate.?limit|too.?many|throttl|qps|limit.?reached"),
    (402, r"quota|billing|credit|payment|balance"),
    (401, r"auth|api.?key|permission|forbidden|denied"),
    (404, r"not.?found|no such|does not exist|unknown.?model|invalid.?model"),
    (503, r"overload|capacity|unavailable|timed?.?out|server.?error|internal|gateway|upstream"),
    (503, r"loading|busy|try again"),
]


@dataclass(frozen=True)
class Refusal:
    """An error that a server reports; `param` is the parameter that it names, if any."""

    status: int
    code: str = ""
    param: str = ""
    message: str = ""


@dataclass(frozen=True)
class Response:
    """A response: its reply, the error that it reports, and whether it counts its tokens."""

    reply: Reply
    refusal: Refusal | None = None
    has_usage: bool = True


def parsed(status: int, content: bytes, model: str) -> Response:
    """Return a response as a reply; every failure is a reply with an `error`."""
    found = _json(content)
    if refusal := _refusal(status, found, content):
        reason, detail = _reason(refusal), _detail(status, refusal)
        return Response(Reply(error=reason, detail=detail, model=model, calls=0), refusal)
    prompt, completion, total = _counts(found.get("usage"))
    try:
        reply, length = _answer(found["choices"])
    except (ValueError, LookupError, TypeError, AttributeError):
        kind = "an event stream" if content.startswith(b"data:") else "not a chat completion"
        reply = Reply(error="unparsable", detail=kind)
        length = len(content)
    written = completion or math.ceil(length / CHARACTERS_PER_TOKEN)
    tokens = {"prompt_tokens": prompt or max(0, total - written), "completion_tokens": written}
    return Response(
        Reply(**{**vars(reply), "model": model, **tokens}),
        has_usage=bool(prompt) and (completion > 0 or not length),
    )


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(_COMMENTS.sub(b"", content, count=1))
    except (ValueError, RecursionError):
        return {}
    if isinstance(found, list) and found:
        found = found[0]
    return found if isinstance(found, dict) else {}


def _counts(usage: Any) -> tuple[int, int, int]:
    """Return the tokens of prompt, completion and both; 0 for what is not counted.

    Some servers count reasoning in the total alone, which is what they charge.
    """
    prompt = _count(usage, "prompt_tokens", "input_tokens", "promptTokenCount")
    completion = _count(usage, "completion_tokens", "output_tokens", "candidatesTokenCount")
    total = _count(usage, "total_tokens", "totalTokenCount")
    if prompt and completion:
        completion = max(completion, total - prompt)
    return prompt, completion, total


def _count(usage: Any, *names: str) -> int:
    """Return the first count of tokens under these names that is a positive number, else 0."""
    for name in names:
        value = usage.get(name) if isinstance(usage, dict) else None
        if isinstance(value, str) and value.isdecimal():
            value = float(value)
        if isinstance(value, int | float) and value is not True and 0 < value < LARGEST_COUNT:
            return math.ceil(value)
    return 0


# ------------------------------------------------------------------ answers


def _answer(choices: list[dict[str, Any]]) -> tuple[Reply, int]:
    """Return the reply, and the number of characters that the model wrote, reasoning included."""
    first = choices[0]
    messages = [choice["message"] for choice in choices]
    texts = [_writable(_text(message.get("content"))) for message in messages]
    thoughts = [_thought(message) for message in messages]
    finishes = [str(choice.get("finish_reason") or "").lower() for choice in choices]
    is_cut = not CUT.isdisjoint(finishes)
    error, detail = "", ""
    if filtered := [finish for finish in finishes if finish.startswith(FILTERED)]:
        error, detail = "refused", f"by the model: {_slug(filtered[0])}"
    elif first["message"].get("refusal"):
        error, detail = "refused", "by the model"
    elif failed := FAILED.intersection(finishes):
        error, detail = "server_error", f"finish_reason {min(failed)}"
    elif not all(texts) and not is_cut:
        error, detail = "empty", _missing(messages, finishes)
    reply = Reply(
        text=texts[0],
        error=error,
        detail=detail,
        truncated=is_cut,
        more=tuple(texts[1:]),
        logprobs=_logprobs(first.get("logprobs")),
    )
    return reply, sum(map(len, [*texts, *thoughts]))


def _text(content: Any) -> str:
    """Return a message's text: a string, null, or a list of parts whose texts count.

    Raises TypeError for anything else. Parts of other types, such as reasoning, hold no answer.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise TypeError(content)
    return "".join(_part(part) for part in content)


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if part is None or isinstance(part, list):
        return _text(part)
    if part.get("type", "text") not in ("text", "output_text"):
        return ""
    text = part["text"] if "text" in part else part["content"]
    return str((text["value"] if isinstance(text, dict) else text) or "")


def _thought(message: Mapping[str, Any]) -> str:
    """Return the reasoning that a server has separated from the answer."""
    found = next((message[name] for name in THOUGHTS if message.get(name)), "")
    if isinstance(found, list):
        found = "".join(str(one.get("text") or "") for one in found if isinstance(one, dict))
    return found if isinstance(found, str) else ""


def _missing(messages: list[dict[str, Any]], finishes: list[str]) -> str:
    """Say what there is instead of a text."""
    if thoughts := [name for name in THOUGHTS for message in messages if message.get(name)]:
        return f"only {thoughts[0]}"
    others = [_slug(finish) for finish in finishes if finish not in ("", "stop")]
    return f"finish_reason {others[0]}" if others else ""


def _slug(text: str) -> str:
    found = _SLUG.match(text)
    return found[0] if found else "unknown"


def _writable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _logprobs(found: Any) -> tuple[tuple[str, dict[str, float]], ...]:
    """Return (token, alternatives); an alternative without a finite number has no weight."""
    tokens = found.get("content") if isinstance(found, dict) else None
    return tuple(
        (str(token.get("token") or ""), dict(_alternatives(token.get("top_logprobs") or ())))
        for token in (tokens if isinstance(tokens, list) else ())
        if isinstance(token, dict)
    )


def _alternatives(found: Any) -> Iterable[tuple[str, float]]:
    pairs = (
        found.items()
        if isinstance(found, dict)
        else ((one.get("token"), one.get("logprob")) for one in found if isinstance(one, dict))
    )
    for token, logprob in pairs:
        if token and isinstance(logprob, float | int) and -math.inf < logprob < LARGEST_COUNT:
            yield str(token), min(float(logprob), 0.0)


# ------------------------------------------------------------------ errors


def _refusal(status: int, found: dict[str, Any], content: bytes) -> Refusal | None:
    """Return the error of a response, None for a completion.

    A 200 may hold one, as those of gateways do; its own code or words then give the status.
    """
    error = _error(found)
    if status == 200 and not error:
        return None
    code = _code(error)
    message = next((error[name] for name in _MESSAGES if error.get(name)), None)
    text = message if isinstance(message, str) else "" if found else content.decode(errors="ignore")
    param = str(error.get("param") or "")
    refusal = Refusal(status, code, param, text[:MESSAGE])
    if status != 200:
        return refusal
    return Refusal(_own_status(error, refusal), *list(vars(refusal).values())[1:])


def _code(error: dict[str, Any]) -> str:
    """Return an error's own word for it, or else its number."""
    codes = [error[name] for name in _CODES if error.get(name)]
    words = (code for code in codes if isinstance(code, str) and not code.isdecimal())
    return str(next(words, codes[0] if codes else ""))


def _error(found: dict[str, Any]) -> dict[str, Any]:
    """Return an error's fields, {} where there is none."""
    choices = found.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    nested = first.get("error") if isinstance(first, dict) else None
    error = found.get("error") or found.get("errors") or nested
    if not choices:
        error = error or found.get("base_resp")
    if not error and not choices:
        error = found.get("detail") or (found if _is_plain_error(found) else None)
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, str):
        return {"message": error}
    if not isinstance(error, dict) or not any(error.values()):
        return {}
    if isinstance(error.get("message"), dict):  # Mistral's: FastAPI's account inside
        return _error(error["message"])
    return _validation(error) if "loc" in error else error


def _is_plain_error(found: dict[str, Any]) -> bool:
    named = "message" in found or "error_msg" in found or "msg" in found
    return found.get("object") == "error" or (named and "usage" not in found)


def _validation(error: dict[str, Any]) -> dict[str, Any]:
    """Return FastAPI's account of an invalid request, without the request that it echoes."""
    names = [part for part in error["loc"] if isinstance(part, str) and part != "body"]
    return {"message": error.get("msg"), "type": error.get("type"), "param": ".".join(names)}


def _own_status(error: dict[str, Any], refusal: Refusal) -> int:
    for value in (error.get("status"), error.get("status_code"), error.get("code")):
        if str(value).isdigit() and 400 <= int(str(value)) < 600:
            return int(str(value))
    for words in (refusal.code, refusal.message):
        for status, pattern in _KINDS:
            if re.search(pattern, words, flags=re.IGNORECASE):
                return status
    return 400


def _reason(refusal: Refusal) -> str:
    status = refusal.status
    if status == 429:
        return "refused" if refusal.code == "insufficient_quota" else "rate_limited"
    return "server_error" if status in TRANSIENT_STATUSES or status >= 500 else "refused"


def _detail(status: int, refusal: Refusal) -> str:
    """Return status, code and parameter, without the error's text, which may quote a message."""
    names = (refusal.code if refusal.code != str(status) else "", refusal.param)
    return " ".join([f"HTTP {status}", *(name for name in names if _SLUG.fullmatch(name))])
