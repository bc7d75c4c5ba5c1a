"""predict: summaries of the test rows by one run, or by a student out of the box.

in   {"id": "botchat-000123", "channel": "botchat", "split": "test",
      "input": "Customer: my order 07-11223-45678 never came\\nBot: ..."}
out  {"id": "botchat-000123", "channel": "botchat",
      "output": "<ul><li>my order 07-11223-45678 never came</li></ul>"}

     data/speed/<system>.json {"rows": 200, "prompt_tokens": 61234, "completion_tokens": 9876,
      "seconds": 31.4}

The summary is the text as generated, be it a list or not: the judge sees what a user would.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from distill import paths, records, tasks, usage
from distill.errors import reported
from distill.ledger import Ledger, Usage
from distill.llm.ask import ask
from distill.llm.messages import Provider, Request
from distill.params import load
from distill.params.arf import Params
from distill.providers import remote
from distill.records import Row


def request(row: Row) -> Request:
    """The question to the student, in the words of its training; any text is its answer."""
    return replace(tasks.request(row), parse=None)


def predict(rows: Iterable[Row], student: Provider, ledger: Ledger) -> Iterator[Row]:
    """Yield a prediction for each row; rows that do not fit are quarantined."""
    for row, reply in ask(student, ledger.entered(rows), request, ledger):
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail)
            continue
        ledger.ok()
        yield {"id": row["id"], "channel": row["channel"], "output": reply.text}


def connected(params: Params, system: str, adapter: Path | None) -> Provider:
    """The student on this machine, or where its `predict.endpoint` says that it is served."""
    config = params.served(system)
    student = params.student(system)
    if config is None:
        from distill.students.generate import Transformers  # noqa: PLC0415 - torch is not needed else

        return Transformers(student, adapter)
    return remote(config, params, "predict", str(student.predict.endpoint), digest(adapter))


def digest(adapter: Path | None) -> str:
    """What tells an adapter from one that was trained anew under the same name."""
    if adapter is None:
        return ""
    with weights(adapter).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def weights(adapter: Path) -> Path:
    """The file that is there once the adapter is trained."""
    return adapter / "adapter_model.safetensors"


def main() -> None:
    """Write data/predictions/<system> of the system that the command line names."""
    params = load()
    bare = sys.argv[1:2] == ["--student"]  # out of the box, without an adapter
    system = (
        usage.named("student", params.students, "--student")
        if bare
        else usage.named("run", params.runs)
    )
    student = params.student(system)
    model = connected(params, system, None if bare else paths.model(system))
    tests = paths.split("test")
    began = time.monotonic()
    with Ledger("predict", system, student.max_quarantined, records.count(tests)) as ledger:
        records.write_shards(
            paths.predictions(system),
            predict(records.read(tests), model, ledger),
            params.rows_per_shard,
        )
    served = student.predict.endpoint is not None
    _write_speed(system, ledger, None if served else time.monotonic() - began)


def _write_speed(system: str, ledger: Ledger, seconds: float | None) -> None:
    """A served student's seconds are not known: its replies may have been kept."""
    usage = next(iter(ledger.models.values()), Usage())
    speed = {"rows": usage.calls, **vars(usage), "seconds": seconds and round(seconds, 1)}
    del speed["calls"]
    paths.speed(system).parent.mkdir(parents=True, exist_ok=True)
    paths.speed(system).write_text(json.dumps(speed, indent=1) + "\n", encoding="utf-8")
    if seconds:
        tokens = usage.completion_tokens
        print(f"{tokens} tokens in {seconds:.1f} s, {tokens / seconds:.0f} tokens/s")


if __name__ == "__main__":
    reported(main)
