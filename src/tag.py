"""Label a round's texts in another conversation, refuse the bad ones, and write the version.

in   data/written/errors-2   {"id": "errors-2-00-03", "conversation": "errors-2-00", "kind": "hard",
                              "text": "Where is my refund?", "meant": "refund_missing", ...}
     data/dataset/errors-1   the parent's version
out  data/dataset/errors-2   the parent's rows, and {"id": "errors-2-00-03", "channel": "intents",
                              "split": "train", "task": "classify", "labels": ["refund_missing"],
                              "input": "Where is my refund?", "target": "refund_missing",
                              "made": {"round": "errors-2", "kind": "hard", "pattern": "...",
                                       "meant": "refund_missing"}}
     data/spent/errors-2.json  {"texts": 118, "tokens": 24310}   of the round and its ancestors

Refused are labels that the channel does not have, entities that are not in the text, near
duplicates of rows of dev or test, and texts near to one that the version has. The ledger counts
them by reason. With `review: continue` a version has the new rows alone.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from distill import paths, records, stage, tasks
from distill.errors import RowError
from distill.ledger import Ledger
from distill.llm.messages import Provider, Request
from distill.near_duplicates import Known
from distill.params import evokd
from distill.params.evokd import Channel, EvoKD
from distill.privacy.seal import is_cleared, key, seal
from distill.providers import connect
from distill.records import Row
from distill.rounds import conversation, players


def tag(
    talks: Iterable[Row], tagger: Provider, request: Any, ledger: Ledger
) -> Iterator[tuple[Row, Any]]:
    """Yield each text with its answer; those of a conversation without a reply are quarantined."""
    waiting = {talk["id"]: talk for talk in talks}
    spoken = Ledger("tag", "conversations")  # a row of the stage is a text, not a conversation
    for talk, reply in conversation.asked(list(waiting.values()), tagger, request, spoken):
        del waiting[talk["id"]]
        yield from zip(talk["texts"], reply.value, strict=True)
    ledger.models = spoken.models
    reasons = {row["id"]: (row["reason"], row["where"]) for row in spoken.quarantined}
    for talk in waiting.values():
        for text in talk["texts"]:
            ledger.quarantine(text["id"], *reasons[talk["id"]])


def guarded(
    labelled: Iterable[tuple[Row, Any]], channel: Channel, guards: dict[str, Known], ledger: Ledger
) -> Iterator[Row]:
    """Yield the texts that may be learnt, with their `target`; the others are quarantined.

    `guards` maps a reason to the texts to which none may be near; what is yielded is added to
    those of "repeated".
    """
    for text, answer in labelled:
        row = {"task": channel.task, "labels": channel.labels, "input": text["text"]}
        said = answer if isinstance(answer, str) else json.dumps(answer)
        near = next((name for name, known in guards.items() if known.has(row["input"])), "")
        try:
            tasks.parser(row)(said)
        except ValueError as error:
            ledger.quarantine(text["id"], reason(channel.task, str(error)), str(error))
            continue
        if near:
            ledger.quarantine(text["id"], near)
            continue
        guards["repeated"].add(row["input"])
        ledger.ok()
        yield {**text, "target": said}


def reason(task: str, error: str) -> str:
    """Return the ledger's name of an answer that cannot be used."""
    if task == "classify":
        return "no_class" if error.startswith("no class") else "unknown_label"
    return "unknown_label" if error.startswith("unknown type") else "wrong_offsets"


def near(params: EvoKD, channel: str, version: Iterable[Row]) -> dict[str, Known]:
    """Return the texts to which none of a version may be near, by the reason of a refusal."""
    least = params.tag.near_duplicate
    held = {
        f"near_{split}": Known(
            (row["input"] for row in records.read(params.rows(channel, split))), least
        )
        for split in ("test", "dev")
    }
    return {**held, "repeated": Known((row["input"] for row in version), least)}


def learnt(text: Row, name: str, channel: str, entry: Channel) -> Row:
    """Return the row of a version."""
    made = {key: text[key] for key in ("kind", "pattern", "meant")}
    return {
        "id": text["id"],
        "channel": channel,
        "split": "train",
        "task": entry.task,
        "labels": entry.labels,
        "input": text["text"],
        "target": text["target"],
        "made": {"round": name, **made},
    }


def spent(name: str, parent: str, new: int, stages: Iterable[str]) -> None:
    """Write data/spent/<version>.json: what the ledgers of `stages` say, on top of the parent's."""
    before = json.loads(paths.spent(parent).read_text(encoding="utf-8"))
    counts = [json.loads(paths.ledger(one, name).read_text(encoding="utf-8")) for one in stages]
    tokens = sum(
        usage["prompt_tokens"] + usage["completion_tokens"]
        for count in counts
        for usage in count.get("models", {}).values()
    )
    total = {"texts": before["texts"] + new, "tokens": before["tokens"] + tokens}
    records.write_json(paths.spent(name), total)


def talks(texts: Iterable[Row], conversations: Iterable[Row], channel: Channel) -> list[Row]:
    """Return the conversations that have texts, with them."""
    by_talk: dict[str, list[Row]] = defaultdict(list)
    for text in texts:
        by_talk[text["conversation"]].append(text)
    told = {"task": channel.task, "labels": channel.labels}
    return [
        {**talk, **told, "texts": by_talk[talk["id"]]}
        for talk in conversations
        if by_talk[talk["id"]]
    ]


def sealer(params: EvoKD, opened: Iterable[Row]) -> Callable[[Row, Row], Row]:
    """Return a function that seals the row of a text whose writer was shown cleared rows alone.

    Such a text holds nothing that anonymize has not cleared, and may be shown in the next round.
    """
    policy = params.anonymize
    if policy is None:
        return lambda row, text: row
    secret = key(policy, params.on_sample)
    cleared = {
        talk["id"]
        for talk in opened
        if all(is_cleared(row, policy, secret) for row in talk["shown"])
    }

    def sealed(row: Row, text: Row) -> Row:
        is_clear = text["conversation"] in cleared
        return {**row, "cleared": seal(row, policy, secret)} if is_clear else row

    return sealed


def question(talk: Row, player: players.Player, joint: bool) -> Request:
    """Return the request for the labels of a conversation's texts."""
    return conversation.labels(talk, player, talk["messages"] if joint else None)


def main() -> None:
    """Write the dataset version of one round."""
    args = stage.parser(__doc__, "round").parse_args()
    params = evokd.load(args.params)
    name = stage.known("round", args.round, params.rounds)
    entry = params.rounds[name]
    channel, arm = params.channels[entry.channel], params.arms[entry.arm]
    before = list(records.read(paths.dataset(entry.parent)))
    texts = list(records.read(paths.written(name)))
    player = players.of(params, entry.channel)
    ask = partial(question, player=player, joint=arm.separation == "joint")
    tagger = connect(params, "tag", params.tag.llm)
    opened = talks(texts, records.read(paths.conversations(name)), channel)
    with Ledger("tag", name, params.tag.max_quarantined, len(texts)) as ledger:
        list(ledger.entered(texts))
        guards = near(params, entry.channel, before)
        usable = guarded(tag(opened, tagger, ask, ledger), channel, guards, ledger)
        seals = sealer(params, opened)
        new = [seals(learnt(text, name, entry.channel, channel), text) for text in usable]
        kept = before if arm.review == "cumulative" else [r for r in before if r["split"] == "dev"]
        records.write_shards(paths.dataset(name), [*kept, *new], params.rows_per_shard)
    if not new:
        raise RowError(f"tag {name}: no text is left; see {paths.quarantine('tag', name)}")
    spent(name, entry.parent, len(new), ("write", "tag"))


if __name__ == "__main__":
    stage.main(main)
