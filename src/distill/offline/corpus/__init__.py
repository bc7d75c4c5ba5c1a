"""A synthetic corpus of a marketplace's customer service, with its hidden truth.

>>> first = next(interactions("botchat", seed=7, rows=1))
>>> first.raw["id"], first.truth["id"]
('000000', 'botchat-000000')
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from distill.offline.corpus import botchat, webform

Compose = Callable[[Random, str], tuple[dict[str, Any], dict[str, Any]]]
COMPOSE: dict[str, Compose] = {"botchat": botchat.compose, "webform": webform.compose}


@dataclass(frozen=True)
class Interaction:
    """A chat's {"id", "turns"} or a form's fields by path, as `raw`, and its truth row."""

    raw: dict[str, Any]
    truth: dict[str, Any]


def interactions(channel: str, seed: int, rows: int) -> Iterator[Interaction]:
    """Yield rows 0 to `rows` - 1 of a channel; a row depends on seed, channel and index only.

    Raises KeyError for a channel other than botchat and webform.
    """
    compose = COMPOSE[channel]
    for index in range(rows):
        raw, truth = compose(Random(f"{seed}/{channel}/{index}"), f"{index:06}")
        yield Interaction(raw, truth)
