"""Replies in JSON, parsed strictly: what is not exactly as asked for is an error."""

import json
import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from arf import taxonomy

_FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Finding(_Strict):
    """One error and the words of the summary, or of the interaction, that show it."""

    code: str
    evidence: str


class Verdict(_Strict):
    """The judge's rating with the codes it rests on."""

    rating: Annotated[int, Field(ge=1, le=5)]
    codes: list[str]
    reason: str


_FINDINGS = TypeAdapter(list[Finding])


def findings(text: str, channel: str) -> list[Finding]:
    """Return the annotator's findings; raises ValueError for anything but [{code, evidence}]."""
    found = _FINDINGS.validate_python(_json(text))
    _known((finding.code for finding in found), channel)
    return found


def verdict(text: str, channel: str) -> Verdict:
    """Return the judge's verdict; raises ValueError for anything but {rating, codes, reason}."""
    found = Verdict.model_validate(_json(text))
    _known(found.codes, channel)
    return found


def _json(text: str) -> object:
    return json.loads(_FENCE.sub("", text.strip()))


def _known(codes: Iterable[str], channel: str) -> None:
    for code in codes:
        entry = taxonomy.load().get(code)
        if entry is None or not entry.applies_to(channel):
            raise ValueError(f"{code} is not an error of {channel}")
