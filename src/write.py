"""Have texts written against the student's weaknesses: the first conversation of a round.

in   data/probe/errors-2     {"id": "errors-1-00-03", "input": "Where is my refund?", "answer":
                              "refund_missing", "prediction": "refund_amount", "right": false, ...}
out  data/written/errors-2   {"id": "errors-2-00-03", "conversation": "errors-2-00", "kind": "hard",
                              "text": "...", "pattern": "refund_missing is taken for ...",
                              "meant": "refund_missing"}
     data/written/errors-2/conversations.jsonl
                             {"id": "errors-2-00", "messages": [...], "shown": [...]}

The writer first describes the patterns in what it is shown, and then writes hard texts against them
and easy ones, so that what is learnt is not forgotten. A conversation without a usable reply is
quarantined; the ledger's notes count dropped and missing items.
"""

from collections.abc import Iterable, Iterator
from functools import partial

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.llm.messages import Provider
from distill.params import evokd
from distill.params.evokd import EvoKD
from distill.providers import connect
from distill.records import Row
from distill.rounds import choose, conversation, players
from distill.rounds.players import Player
from distill.rounds.replies import Text, Written


def talks(probed: list[Row], params: EvoKD, name: str) -> Iterator[Row]:
    """Yield the round's conversations, before the first word."""
    entry, settings = params.rounds[name], params.write
    channel, arm = params.channels[entry.channel], params.arms[entry.arm]
    shown = choose.groups(
        probed,
        arm,
        settings.conversations,
        settings.shown,
        f"{params.seed_of(name)}/{name}",
    )
    easy = round(settings.texts * arm.easy)
    for number, group in enumerate(shown):
        yield {
            "id": f"{name}-{number:02}",
            "task": channel.task,
            "labels": channel.labels,
            "select": arm.select,
            "hard": settings.texts - easy,
            "easy": easy,
            "shown": group,
        }


def write(
    opened: Iterable[Row], writer: Provider, player: Player, ledger: Ledger
) -> Iterator[tuple[Row, Written]]:
    """Yield each conversation as it ended, with its texts."""
    first = partial(conversation.analysis, player=player)
    answered = conversation.asked(ledger.entered(opened), writer, first, ledger)
    known = [{**talk, "reply": reply.text, "patterns": reply.value} for talk, reply in answered]
    second = partial(conversation.texts, player=player)
    for talk, reply in conversation.asked(known, writer, second, ledger):
        ledger.ok()
        ledger.note(reply.value.dropped)
        ledger.note(["missing"] * (talk["hard"] + talk["easy"] - len(reply.value.texts)))
        said = {"role": "assistant", "content": reply.text}
        yield {**talk, "messages": [*second(talk).messages, said]}, reply.value


def rows(talk: Row, texts: Iterable[Text]) -> Iterator[Row]:
    """Yield the written texts of a conversation."""
    notes = [pattern.note for pattern in talk["patterns"]]
    for number, one in enumerate(texts):
        has_note = one.pattern is not None and 0 <= one.pattern < len(notes)
        yield {
            "id": f"{talk['id']}-{number:02}",
            "conversation": talk["id"],
            "kind": one.kind,
            "text": one.text,
            "pattern": notes[one.pattern] if has_note else None,
            "meant": one.meant,
        }


def main() -> None:
    """Write data/written/<round>."""
    args = stage.parser(__doc__, "round").parse_args()
    params = evokd.load(args.params)
    name = stage.known("round", args.round, params.rounds)
    entry = params.rounds[name]
    used = [row["input"] for row in records.read(paths.dataset(entry.parent))]
    player = players.of(params, entry.channel, used)
    writer = connect(params, "write", params.write.llm)
    opened = list(talks(list(records.read(paths.probed(name))), params, name))
    with Ledger("write", name, params.write.max_quarantined, len(opened)) as ledger:
        ended = list(write(opened, writer, player, ledger))
        texts = (row for talk, written in ended for row in rows(talk, written.texts))
        records.write_shards(paths.written(name), texts, params.rows_per_shard)
        records.write(
            paths.conversations(name),
            ({key: talk[key] for key in ("id", "messages", "shown")} for talk, _ in ended),
        )


if __name__ == "__main__":
    stage.main(main)
