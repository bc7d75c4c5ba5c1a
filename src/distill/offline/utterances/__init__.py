"""Made-up customer messages of one or two sentences, for intents and for entities.

>>> first = next(rows("intents", "train", 1, seed=7))
>>> first.row["id"], first.row["gold"] == first.truth["intent"]
('intents-train-000000', True)
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from distill.offline.utterances.compose import Utterance, compose
from distill.offline.utterances.phrasings import LEARN, TEST, families, intents
from distill.offline.utterances.values import TYPES
from distill.records import Row
from distill.tasks import entities

CHANNELS = {"intents": "classify", "mentions": "entities"}


class Made(NamedTuple):
    """A row of a task and the row of its truth."""

    row: Row
    truth: Row


def rows(channel: str, split: str, count: int, seed: int) -> Iterator[Made]:
    """Yield `count` rows of a channel and split, with no text twice; the intents take turns.

    Rows of the split test are of other families and values than all others. Raises KeyError for an
    unknown channel.
    """
    part, names = TEST if split == "test" else LEARN, list(intents())
    seen: set[str] = set()
    for number in range(count):
        rng = Random(f"{seed}/utterances/{channel}/{split}/{number}")
        options = families(names[number % len(names)], part)
        made = compose(rng, rng.choice(options), part)
        while made.text in seen:
            made = compose(rng, rng.choice(options), part)
        seen.add(made.text)
        yield _made(made, channel, split, f"{channel}-{split}-{number:06}")


def _made(made: Utterance, channel: str, split: str, row_id: str) -> Made:
    spans = list(made.spans)
    by_task: dict[str, Row] = {
        "classify": {"labels": list(intents()), "gold": made.intent, "target": made.intent},
        "entities": {
            "labels": list(TYPES),
            "gold": spans,
            "target": entities.reply(made.text, spans),
        },
    }
    task = CHANNELS[channel]
    common = {"id": row_id, "channel": channel, "split": split, "task": task}
    truth = {"id": row_id, "intent": made.intent, "family": made.family, "spans": spans}
    return Made({**common, "input": made.text, **by_task[task]}, truth)
