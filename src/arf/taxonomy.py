"""The error codes of taxonomy.yaml and the rating that they lead to."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from arf.errors import ParamsError

PATH = Path("taxonomy.yaml")
SEVERITIES = ("minor", "major", "critical")


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
    """Return code -> Code in the file's order; raises ParamsError naming the file and the code."""
    try:
        groups = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ParamsError(f"{path}: {error}") from error
    codes = {}
    for group, entries in groups.items():
        for name, entry in entries.items():
            codes[name] = _code(path, group, name, entry)
    return codes


def _code(path: Path, group: str, name: str, entry: dict[str, object]) -> Code:
    try:
        code = Code(
            code=name,
            group=group,
            channels=tuple(str(channel) for channel in entry.get("channels", ())),  # type: ignore[attr-defined]
            severity=str(entry["severity"]),
            definition=str(entry["definition"]),
            example=str(entry["example"]),
        )
    except KeyError as missing:
        raise ParamsError(f"{path}: {name} lacks {missing.args[0]}") from missing
    if code.severity not in SEVERITIES:
        raise ParamsError(f"{path}: {name}.severity must be one of {', '.join(SEVERITIES)}")
    return code


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
