"""The error codes of taxonomy.yaml and the rating that follows from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from distill.errors import ParamsError
from distill.validation import STRICT, Slug, invalid, read_yaml

PATH = Path("taxonomy.yaml")
Text = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """The definition of one code in taxonomy.yaml."""

    model_config = STRICT

    channels: Annotated[list[Slug], Field(min_length=1)] | None = None
    severity: Literal["minor", "major", "critical"]
    definition: Text
    example: Text


Groups = TypeAdapter(Annotated[dict[str, dict[Slug, Entry]], Field(min_length=1)])


@dataclass(frozen=True)
class Code:
    """An error code: its group (paper, Table 5), its severity, and its channels (empty: all)."""

    code: str
    group: str
    channels: tuple[str, ...]
    severity: str
    definition: str
    example: str

    def applies_to(self, channel: str) -> bool:
        """Return whether the error exists in summaries of this channel."""
        return not self.channels or channel in self.channels


@cache
def load(path: Path = PATH) -> dict[str, Code]:
    """Return code -> Code in the file's order; raises ParamsError with file, code and key."""
    try:
        groups = Groups.validate_python(read_yaml(path))
    except ValidationError as error:
        raise invalid(path, error) from error
    codes: dict[str, Code] = {}
    for group, entries in groups.items():
        for name, entry in entries.items():
            if name in codes:
                raise ParamsError(
                    f"{path}: {group}.{name}: is also in {codes[name].group}; rename one"
                )
            codes[name] = Code(
                code=name,
                group=group,
                channels=tuple(entry.channels or ()),
                severity=entry.severity,
                definition=entry.definition,
                example=entry.example,
            )
    return codes


def listed(channel: str) -> str:
    """Return the channel's codes for use in prompts, a line "- code (severity): ..." for each.

    A line ends with the definition and an example.
    """
    return "\n".join(
        f"- {code.code} ({code.severity}): {code.definition} Example: {code.example}"
        for code in load().values()
        if code.applies_to(channel)
    )


def rating(codes: Iterable[str], concise: bool = True) -> int:
    """Return the rating from 1 to 5 that follows from these errors (paper, section 4).

    `codes` holds a code as often as the error occurs: each lost fact counts.

    5: no error; 4: no error, but not concise; 3: one minor error; 2: one major error, or two
    errors; 1: more than two errors, or a critical one.
    """
    severities = [load()[code].severity for code in codes]
    if not severities:
        return 5 if concise else 4
    if len(severities) > 2 or "critical" in severities:
        return 1
    return 3 if severities == ["minor"] else 2
