"""Turns in the order of a field: a number, or a time by ISO 8601.

Where each participant holds messages of its own, the file's order is not that of the chat.
"""

import math
from datetime import UTC, datetime
from typing import TypeVar

from distill.channels import paths
from distill.channels.raw import UnusableRowError

Turn = TypeVar("Turn", bound=tuple[str, object])  # label and turn


def ordered(turns: list[Turn], path: str) -> list[Turn]:
    """Return the turns by what stands at a path; those with the same keep their order.

    Raises UnusableRowError where a turn has neither a number nor a time there.
    """
    moments = [_moment(paths.one(turn, path), path) for _, turn in turns]
    return [turns[at] for at in sorted(range(len(turns)), key=moments.__getitem__)]


def _moment(value: object, path: str) -> float:
    """Return a number, or the seconds of a time, which is UTC where it names no zone."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnusableRowError(f"wrong_type:{path}")
    try:
        moment = float(value)
    except OverflowError:
        moment = math.inf
    except ValueError:
        moment = _seconds(str(value))
    if not math.isfinite(moment):
        raise UnusableRowError(f"wrong_type:{path}")
    return moment


def _seconds(text: str) -> float:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return math.nan
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
