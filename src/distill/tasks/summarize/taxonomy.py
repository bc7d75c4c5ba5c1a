"""The error codes of taxonomy.yaml and the rating that they lead to."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from distill.errors import ParamsError
from distill.validation import STRICT, Slug, problems

PATH = Path("taxonomy.yaml")
Text = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """What the file says of one code."""

    model_config = STRICT

    channels: Annotated[list[Slug], Field(min_length=1)] | None = None
    severity: Literal["minor", "major", "critical"]
    definition: Text
    example: Text


Groups = TypeAdapter(Annotated[dict[str, dict[Slug, Entry]], Field(min_length=1)])


@dataclass(frozen=True)
class Code:
    """One error: its group (Table 5), the channels it applies to ([] for all) and its severity."""

    code: str
    group: str
    channels: tuple[str, ...]
    severity: str
    definition: str
    example: str

    def applies_to(self, channel: str) -> bool:
        """Whether summaries of this channel can have the error."""
        return not self.channels or channel in self.channels


@cache
def load(path: Path = PATH) -> dict[str, Code]:
    """Return code -> Code in the file's order; raises ParamsError naming file, code and key."""
    try:
        groups = Groups.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:  # a ValueError, so before it
        raise ParamsError("\n".join(f"{path}: {fault}" for fault in problems(error))) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ParamsError(f"{path}: {' '.join(str(error).split())}") from error
    codes: dict[str, Code] = {}
    for group, entries in groups.items():
        for name, entry in entries.items():
            if name in codes:
                raise ParamsError(f"{path}: {group}.{name}: is also in {codes[name].group}")
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
    """Return one line "- code: definition" for each code of the channel, as prompts show them."""
    return "\n".join(
        f"- {code.code}: {code.definition}" for code in load().values() if code.applies_to(channel)
    )


def rating(codes: Iterable[str], concise: bool = True) -> int:
    """Return the rating from 1 to 5 that these errors deserve (paper, section 4).

    5 flawless; 4 no distinct error, but could be tighter; 3 one minor error; 2 one or two errors;
    1 more than two errors, or a critical one.
    """
    severities = [load()[code].severity for code in set(codes)]
    if not severities:
        return 5 if concise else 4
    if len(severities) > 2 or "critical" in severities:
        return 1
    return 3 if severities == ["minor"] else 2
