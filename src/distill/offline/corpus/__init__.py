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
from distill.offline.corpus.phrasings import HELD_OUT, Voice, voice

Compose = Callable[[Random, str, Voice], tuple[dict[str, Any], dict[str, Any]]]
COMPOSE: dict[str, Compose] = {"botchat": botchat.compose, "webform": webform.compose}


@dataclass(frozen=True)
class Interaction:
    """A chat's {"id", "turns"} or a form's fields by path, as `raw`, and its truth row."""

    raw: dict[str, Any]
    truth: dict[str, Any]


def interactions(
    channel: str, seed: int, rows: int, heldout: int = 0, rates: float = 1.0
) -> Iterator[Interaction]:
    """Yield `rows` interactions of a channel, then `heldout` ones in other phrasings.

    A row depends on seed, channel, id and `rates` only; `rates` multiplies the shares of
    interactions with noise. Raises KeyError for a channel other than botchat and webform.
    """
    compose = COMPOSE[channel]
    ids = [f"{at:06}" for at in range(rows)] + [f"{HELD_OUT}{at:06}" for at in range(heldout)]
    for row_id in ids:
        words = voice(channel, row_id.startswith(HELD_OUT), rates)
        raw, truth = compose(Random(f"{seed}/{channel}/{row_id}"), row_id, words)
        yield Interaction(raw, truth)
