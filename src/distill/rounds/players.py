"""What plays writer and tagger where an entry of `llms` says rules.

grammar   writes made-up customer messages, and reads them with declared errors
pool      retrieves real texts instead of writing, and answers by their labels, some of them wrong
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from distill import records
from distill.offline import pool
from distill.offline.utterances import paraphrase, tagger, writer
from distill.params.evokd import EvoKD

Rule = Callable[[Mapping[str, Any]], str]


class Player(NamedTuple):
    """The rules of each request."""

    analyze: Rule
    write: Rule
    tag: Rule
    paraphrase: Rule
    zeroshot: Rule


GRAMMAR = Player(writer.analyze, writer.write, tagger.tag, paraphrase.paraphrase, writer.zeroshot)


def of(params: EvoKD, channel: str, used: Collection[str] = ()) -> Player:
    """Return the player that `write.rules` names.

    That of a pool reads the channel's train rows, and draws none of the texts in `used`.
    """
    if params.write.rules == "grammar":
        return GRAMMAR
    rows = tuple(records.read(params.rows(channel, "train")))
    known = pool.Pool(rows, params.tag.noise, used)
    return Player(
        writer.analyze, known.write, known.tag, known.unable("paraphrase"), known.unable("zeroshot")
    )
