"""OpenAI's chat completions format: requests to bodies, and what one server takes of it.

Servers differ in the parameters that they support. A parameter that a server refuses is left out of
one request, and of all others once that request is taken: a server's error may be about the row
alone, and may quote all of the request.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from distill.llm.endpoint.responses import Refusal
from distill.llm.messages import Request
from distill.llm.settings import OpenAI

CAP, NEW_CAP, SCHEMA = "max_tokens", "max_completion_tokens", "response_format"
NEEDED = {"model", "messages", "logprobs", "top_logprobs", NEW_CAP}  # never left out
_VALUE = re.compile(r"range|too (?:large|small|long|high)|at (?:most|least)|exceed|maximum|must be")
_NAMES = {
    SCHEMA: r"response_format|json[ _-]?schema|structured[ _-]output|guided|grammar"
    r"|\bschema\b|\bformat\b",
    "n": r"['\"`]n['\"`]|parameter:? n\b|\bn > 1|\bn=",
}


@dataclass(frozen=True)
class Dialect:
    """What one server does not take: `without` are the parameters that are left out."""

    without: frozenset[str] = frozenset()

    @property
    def cap(self) -> str:
        """The name of the cap on completion tokens."""
        return NEW_CAP if CAP in self.without else CAP

    def leaving_out(self, name: str) -> "Dialect":
        """Return the dialect without this parameter; the cap gets its other name."""
        return replace(self, without=self.without | {name})

    def changes(self, since: "Dialect") -> str:
        """Say what this dialect leaves out and `since` does not."""
        names = sorted(self.without - since.without)
        return ", ".join(
            f"{name} is sent as {NEW_CAP}" if name == CAP else f"{name} is left out"
            for name in names
        )


def suspects(refusal: Refusal, sent: dict[str, Any]) -> list[str]:
    """Return the parameters of a refused body that the error names, the likeliest first."""
    if refusal.status not in (400, 422):
        return []
    named: dict[str, int] = {}
    places = re.split(r"\W+", refusal.param)
    for name in sent.keys() - NEEDED:
        pattern = _NAMES.get(name, rf"\b{re.escape(name)}\b")
        match = re.search(pattern, refusal.message, flags=re.IGNORECASE)
        if name == CAP and NEW_CAP not in refusal.message and _VALUE.search(refusal.message):
            continue  # the cap's value is refused: under another name it might hold no more
        if name in places:
            named[name] = -1
        elif name == CAP and NEW_CAP in refusal.message:
            named[name] = refusal.message.index(NEW_CAP)
        elif match and "messages" not in places:
            named[name] = match.start()
    if "both" in refusal.message and {"temperature", "top_p"} <= named.keys():
        named["top_p"] = -1  # one of the two is enough
    return sorted(named, key=lambda name: named[name])


def mentioned(refusal: Refusal, sent: dict[str, Any]) -> str:
    """Return the parameter that an error's message is about, "" where it names none or several."""
    known = sent.keys() - NEEDED - {"n"}
    names = [name for name in known if re.search(rf"\b{re.escape(name)}\b", refusal.message)]
    return names[0] if len(names) == 1 and not refusal.param else ""


class Trial:
    """The dialect of one request, which leaves out parameters while the server refuses them."""

    def __init__(self, dialect: Dialect):
        self.dialect, self._before = dialect, dialect
        self._tried: list[str] = []
        self._suspects: list[str] = []
        self._is_last = False

    def following(self, current: Dialect) -> Dialect:
        """Return the dialect to send: the endpoint's, `current`, unless it is being tried out."""
        if not self._tried:
            self.dialect = current
        return self.dialect

    def goes_on(self, refusal: Refusal, sent: dict[str, Any], current: Dialect) -> bool:
        """Prepare the next try; False where there is none.

        The endpoint's own dialect, if it has changed meanwhile, comes first; then each parameter
        that the error names, which stays left out if the error changes; then all of them at once.
        """
        if refusal.status not in (400, 422) or self._is_last:
            return False
        if not self._tried and current != self.dialect:
            return True
        found = suspects(refusal, sent)
        if self._tried and found == [name for name in self._suspects if name != self._tried[-1]]:
            self.dialect = self._before
        self._suspects = found
        for name in found:
            if name not in self._tried:
                self._tried.append(name)
                self._before, self.dialect = self.dialect, self.dialect.leaving_out(name)
                return True
        self._is_last = True
        self.dialect = Dialect(self.dialect.without | set(self._tried))
        return len(self._tried) > 1


def body(config: OpenAI, request: Request, dialect: Dialect, samples: int = 1) -> dict[str, Any]:
    """Return the body of POST /chat/completions."""
    content: dict[str, Any] = {
        "model": config.model,
        "messages": request.messages,
        CAP: config.max_tokens,
        **config.sampling(),
    }
    if samples > 1:
        content["n"] = samples
    if request.logprobs:
        content |= {"logprobs": True, "top_logprobs": request.logprobs}
    if request.schema is not None and config.json_schema:
        schema = {"name": request.task, "strict": True, "schema": request.schema}
        content[SCHEMA] = {"type": "json_schema", "json_schema": schema}
    if CAP in dialect.without:
        content[NEW_CAP] = content.pop(CAP)
    return {name: value for name, value in content.items() if name not in dialect.without}
