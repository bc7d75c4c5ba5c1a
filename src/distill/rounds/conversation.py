"""The requests of a round: two of the writer's conversation, one of the tagger's.

A conversation is a row of what a writer is shown:

    {"id": "errors-1-00", "task": "classify", "labels": ["refund_missing", "refund_amount"],
     "select": "errors", "hard": 8, "easy": 8,
     "shown": [{"id": "...", "input": "Where is my refund?", "answer": "refund_missing",
                "prediction": "refund_amount", "right": false}]}
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Messages, Provider, Reply, Request
from distill.prompts import render
from distill.records import Row
from distill.rounds import players, replies

CHARACTERS = 4  # a token of a rule's conversation, which no server counts
RULES = "rules"


def analysis(talk: Row, player: players.Player) -> Request:
    """Return the request for the patterns in what is shown; the prompt is that of `select`."""
    shown = "\n".join(_line(row, talk["select"] == "errors") for row in talk["shown"])
    prompt = render(f"write/{talk['select']}", labels="\n".join(talk["labels"]), rows=shown)
    return Request(
        id=talk["id"],
        task="analyze",
        messages=[{"role": "user", "content": prompt}],
        parse=replies.patterns,
        rule=partial(player.analyze, _told(talk)),
        rows=tuple(talk["shown"]),
    )


def texts(talk: Row, player: players.Player) -> Request:
    """Return the request for texts, which goes on after the `reply` to `analysis`.

    `patterns` are those of that reply.
    """
    prompt = render("write/texts", hard=str(talk["hard"]), easy=str(talk["easy"]))
    known = [{"note": one.note, "labels": list(one.labels)} for one in talk["patterns"]]
    asked = {**_told(talk), "patterns": known, "hard": talk["hard"], "easy": talk["easy"]}
    return Request(
        id=talk["id"],
        task="write",
        messages=[
            *analysis(talk, player).messages,
            {"role": "assistant", "content": talk["reply"]},
            {"role": "user", "content": prompt},
        ],
        parse=partial(replies.texts, most=talk["hard"] + talk["easy"]),
        rule=partial(player.write, asked),
        rows=tuple(talk["shown"]),
    )


def labels(talk: Row, player: players.Player, before: Messages | None) -> Request:
    """Return the request for the answers to `texts` of a conversation.

    In a conversation of their own the tagger reads the texts alone. `before` are the messages of
    the conversation that wrote them, which then goes on.
    """
    numbered = "\n".join(f"{n}. {one['text']}" for n, one in enumerate(talk["texts"], start=1))
    name = f"tag/{talk['task']}"
    prompt = render(name, labels="\n".join(talk["labels"]), texts=numbered)
    meant = None if before is None else [one["meant"] for one in talk["texts"]]
    asked = {
        "task": talk["task"],
        "labels": talk["labels"],
        "texts": [one["text"] for one in talk["texts"]],
        "meant": meant,
        "seed": talk["id"],
    }
    return Request(
        id=talk["id"],
        task="tag",
        messages=[*(before or ()), {"role": "user", "content": prompt}],
        parse=partial(replies.answers, count=len(talk["texts"])),
        rule=partial(player.tag, asked),
        rows=tuple(talk["shown"]),
    )


def asked(
    talks: Iterable[Row], model: Provider, request: Callable[[Row], Request], ledger: Ledger
) -> Iterator[tuple[Row, Reply]]:
    """Yield the conversations with a usable reply; the others are quarantined.

    The ledger also counts the tokens of rules, which take their part in a budget as a model would.
    """
    for talk, reply in ask(model, talks, request, ledger):
        assert reply is not None  # every conversation has a request
        if reply.error:
            ledger.quarantine(talk["id"], reply.error, reply.detail)
            continue
        if not reply.model:
            sizes = (request(talk).characters, len(reply.text))
            prompt, completion = (-(-size // CHARACTERS) for size in sizes)
            ledger.used(RULES, prompt, completion, 0.0)
        yield talk, reply


def _told(talk: Row) -> dict[str, Any]:
    """Return what a player is told, without ids."""
    keys = ("input", "answer", "prediction", "right")
    shown = [{key: row[key] for key in keys} for row in talk["shown"]]
    base = {key: talk[key] for key in ("task", "labels", "select")}
    return {**base, "shown": shown, "seed": talk["id"]}


def _line(row: Row, with_prediction: bool) -> str:
    told = {"text": row["input"], "answer": _quoted(row["answer"], row["input"])}
    if with_prediction:
        told["student"] = "right" if row["right"] else _quoted(row["prediction"], row["input"])
    return json.dumps(told, ensure_ascii=False)


def _quoted(answer: Any, text: str) -> Any:
    """Return an answer as it is written for a model: a label, or entities without offsets."""
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        return answer
    return [{"text": text[span["start"] : span["end"]], "type": span["type"]} for span in answer]
