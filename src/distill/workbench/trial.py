"""One interaction, answered by any system and judged, as the pipeline's stages do it.

row = trial.own("I never got order 12-34567", "botchat", params)
{"id": "own-3f2a...", "channel": "botchat", "task": "summarize", "input": "Customer: I ...",
 "cleared": "9f86d081884c7d65..."}
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from distill import paths, providers, records, tasks
from distill.channels.speakers import CUSTOMER
from distill.errors import InputError
from distill.llm.ask import ask
from distill.llm.messages import Provider
from distill.params.arf import Params
from distill.people.queues import VOTES
from distill.privacy.seal import key, seal
from distill.production import personal
from distill.records import Row
from distill.tasks.summarize import questions

STAGE = "try"  # under which calls are booked
Connect = Callable[[str], Provider]  # from a system's name, or JUDGE
JUDGE = "the judge"


class Answer(NamedTuple):
    """A system's output with the judge's verdict; `fault` says why one of them is missing."""

    output: str = ""
    rating: int | None = None
    errors: tuple[tuple[str, str], ...] = ()  # code and quote
    fault: str = ""


def systems(params: Params) -> list[str]:
    """Return the systems that can answer now: models of endpoints, and students that are there."""
    trained = [run for run in params.runs if (paths.model(run) / "adapter_config.json").is_file()]
    untrained = [name for name, one in params.students.items() if _is_there(one.base)]
    return [paths.TEACHER, *params.asked, *untrained, *trained]


def _is_there(base: str) -> bool:
    return Path(base).is_dir() or not base.startswith(("models/", "../", "/"))


def connect(params: Params, system: str) -> Provider:
    """Return the provider of a system, or the judge's."""
    if system == JUDGE:
        return providers.connect(params, STAGE, params.judge.llm)
    if system == paths.TEACHER:
        return providers.connect(params, STAGE, params.label.llm)
    if system in params.asked:
        return providers.connect(params, STAGE, params.asked[system].llm)
    return providers.student(params, system)


def own(text: str, channel: str, params: Params) -> Row:
    """Return a text that somebody pasted as a row, anonymized and sealed.

    A line without the label of a turn or a field is the customer's. Raises RowError where
    something personal is left.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if not lines:
        raise InputError("the interaction is empty")
    if ": " not in lines[0]:
        lines[0] = f"{CUSTOMER}: {lines[0]}"
    id = f"own-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"
    seen = personal.anonymized("\n".join(lines), params.anonymize, params.on_sample, id)
    row = {"id": id, "channel": channel, "task": "summarize", "input": seen.text}
    secret = key(params.anonymize, params.on_sample)
    return row | {"cleared": seal(row, params.anonymize, secret)}


def answer(row: Row, system: str, params: Params, connected: Connect) -> Answer:
    """Return a system's output for a row, as `predict` and `label` get it, and its verdict."""
    request = replace(tasks.request(row, _prompts(params, system)), parse=None)
    [(_, reply)] = ask(connected(system), [row], lambda _: request)
    if reply is None or reply.error:
        return Answer(fault=f"no output: {reply.error if reply else 'no reply'}")
    output = str(reply.value)
    judged = questions.judge({**row, "output": output}, direct=params.judge.direct)
    [(_, found)] = ask(connected(JUDGE), [row], lambda _: judged)
    if found is None or found.error:
        return Answer(output, fault=f"not judged: {found.error if found else 'no reply'}")
    errors = tuple((error.code, error.quote) for error in found.value.errors)
    return Answer(output, found.value.rating, errors)


def _prompts(params: Params, system: str) -> str | None:
    if system in params.asked:
        return params.asked[system].prompts
    return params.students[system].prompts if system in params.students else None


def vote(row: Row, system: str, output: str, found: str) -> None:
    """Save a reader's vote, up or down, on an output; a later one takes its place."""
    if found not in VOTES:
        raise InputError(f"a vote is {' or '.join(VOTES)}, not {found!r}")
    said = {"id": row["id"], "vote": found, "system": system, "output": output}
    records.put(paths.FEEDBACK / "workbench.jsonl", said, ("id", "system"))
