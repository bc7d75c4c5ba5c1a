"""Make a version by a baseline that knows nothing of the student, at the budget of another version.

in   data/dataset/shots        the shots
     data/spent/errors-3.json  {"texts": 180, "tokens": 41200}   what the version `like` took
out  data/dataset/paraphrased  the shots, and {"id": "paraphrased-00012-03", "input": "...",
                               "target": "refund_missing", "made": {"round": "paraphrased",
                               "kind": "paraphrase", "meant": "refund_missing", ...}, ...}
     data/spent/paraphrased.json

eda changes words, and makes as many texts; paraphrase and zeroshot ask the writer until as many
tokens are spent. Texts are refused as in `tag`. Their label is that of the shot, or the one asked.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from random import Random
from typing import Any

import tag
from distill import paths, records, stage, tasks
from distill.errors import RowError
from distill.ledger import Ledger
from distill.llm.messages import Reply, Request
from distill.params import evokd
from distill.params.evokd import Channel
from distill.prompts import render
from distill.providers import connect
from distill.records import Row
from distill.rounds import conversation, eda, players, replies
from distill.rounds.players import Player
from distill.tasks import entities

NUMBER = 6  # texts of one request, as AugGPT asks for
AT_ONCE = 8  # requests between two looks at the budget
TURNS = 50  # most requests about the same shot or label
Ask = Callable[..., Iterator[tuple[Row, Reply]]]  # conversation.asked, but for rows and ledger


def changed(shots: list[Row], texts: int, seed: str, name: str) -> Iterator[tuple[Row, Any]]:
    """Yield texts of EDA with their answers, without end."""
    rng, inputs = Random(seed), [row["input"] for row in shots]
    for number, row in zip(range(texts * 4), cycle(shots), strict=False):
        answer = tasks.parser(row)(row["target"])
        spans = entities.spans(answer) if row["task"] == "entities" else []
        text, moved = eda.changed(row["input"], spans, inputs, rng)
        made = _text(f"{name}-{number:05}", text, "eda", answer)
        yield made, json.loads(entities.reply(text, moved)) if row["task"] == "entities" else answer


def paraphrase(row: Row, player: Player) -> Request:
    """Return the request for other versions of a shot; its `turn` tells requests apart."""
    answer = row["target"] if row["task"] == "entities" else json.dumps(row["target"])
    told = {"number": str(NUMBER), "turn": str(row["turn"])}
    prompt = render("paraphrase", text=row["input"], answer=answer, **told)
    asked = {
        "task": row["task"],
        "text": row["input"],
        "answer": row["gold"],
        "number": NUMBER,
        "seed": row["turn"],
    }
    return _request(row, prompt, "paraphrase", partial(player.paraphrase, asked))


def zeroshot(row: Row, player: Player) -> Request:
    """Return the request for texts of a label, by its name alone."""
    listed = "\n".join(row["labels"])
    told = {"number": str(NUMBER), "turn": str(row["turn"])}
    prompt = render("zeroshot", label=row["label"], labels=listed, **told)
    named = {key: row[key] for key in ("task", "label", "labels")}
    asked = {**named, "number": NUMBER, "seed": row["turn"]}
    return _request(row, prompt, "zeroshot", partial(player.zeroshot, asked))


def _request(row: Row, prompt: str, task: str, rule: Callable[[], str]) -> Request:
    return Request(
        id=row["id"],
        task=task,
        messages=[{"role": "user", "content": prompt}],
        parse=partial(replies.texts, most=NUMBER),
        rule=rule,
        rows=(row["of"],),
    )


def asked(
    subjects: list[Row], ask: Ask, tokens: int, spoken: Ledger, ledger: Ledger
) -> Iterator[tuple[Row, Any]]:
    """Yield texts with their answers until so many tokens are spent.

    Subjects take turns. `spoken` counts requests, and raises its errors where too many have no
    usable reply or one was not sent; `ledger`, of the texts, notes those without one.
    """
    turns = (
        {**row, "id": f"{row['id']}/{turn}", "turn": turn, "of": row}
        for turn in range(TURNS)
        for row in subjects
    )
    spoken.models = ledger.models
    while _tokens(ledger) < tokens and (batch := list(islice(turns, AT_ONCE))):
        for row, reply in spoken.checked(ask(spoken.entered(batch), ledger=spoken)):
            spoken.ok()
            ledger.note(reply.value.dropped)
            for number, text in enumerate(reply.value.texts):
                made = _text(f"{ledger.key}-{row['id']}-{number}", text.text, row["by"], text.meant)
                yield made, text.meant if row["task"] == "entities" else _label(row)
    ledger.note(row["reason"] for row in spoken.quarantined)


def _tokens(ledger: Ledger) -> int:
    return sum(use.prompt_tokens + use.completion_tokens for use in ledger.models.values())


def _label(row: Row) -> str:
    return str(row.get("label") or row["target"])


def _text(text_id: str, text: str, kind: str, meant: Any) -> Row:
    return {"id": text_id, "text": text, "kind": kind, "pattern": None, "meant": meant}


REQUESTS = {"paraphrase": paraphrase, "zeroshot": zeroshot}


def of_kind(row: Row, player: Player) -> Request:
    """Return the request of the baseline that the row's `by` names."""
    return REQUESTS[row["by"]](row, player)


def named(channel: Channel) -> list[Row]:
    """Return a subject for each label."""
    told = {"task": channel.task, "labels": channel.labels}
    return [{**told, "id": label, "label": label} for label in channel.labels]


def entered(texts: Iterator[tuple[Row, Any]], ledger: Ledger) -> Iterator[tuple[Row, Any]]:
    """Count the texts that enter, and yield them."""
    for text, answer in texts:
        ledger.enter()
        yield text, answer


def main() -> None:
    """Write the version that the command line names."""
    args = stage.parser(__doc__, "version").parse_args()
    params = evokd.load(args.params)
    name = stage.known("version", args.version, params.augmented)
    entry = params.augmented[name]
    channel = params.channels[entry.channel]
    shots = list(records.read(paths.dataset(entry.parent)))
    learnt = [row for row in shots if row["split"] == "train"]
    budget = json.loads(paths.spent(entry.like).read_text(encoding="utf-8"))
    player = players.of(params, entry.channel)
    with Ledger("augment", name, params.tag.max_quarantined) as ledger:
        if entry.by == "eda":
            made = changed(learnt, budget["texts"], f"{params.seed_of(name)}/{name}", name)
        else:
            subjects = learnt if entry.by == "paraphrase" else named(channel)
            model = connect(params, "augment", params.write.llm)
            ask = partial(conversation.asked, model=model, request=partial(of_kind, player=player))
            spoken = Ledger("augment", name, params.write.max_quarantined)
            asking = [{**row, "by": entry.by} for row in subjects]
            made = asked(asking, ask, budget["tokens"], spoken, ledger)
        most = budget["texts"] if entry.by == "eda" else None
        guards = tag.near(params, entry.channel, shots)
        usable = tag.guarded(entered(made, ledger), channel, guards, ledger)
        new = [tag.learnt(text, name, entry.channel, channel) for text in islice(usable, most)]
        if not new:
            raise RowError(
                f"augment {name}: no text is left, at the budget of {entry.like}; see"
                f" {paths.quarantine('augment', name)}"
            )
        records.write_shards(paths.dataset(name), [*shots, *new], params.rows_per_shard)
    tag.spent(name, entry.parent, len(new), ["augment"])


if __name__ == "__main__":
    stage.main(main)
