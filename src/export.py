"""Write a run's model in the form that a server loads, and check that it answers as the run does.

in   models/smollm2-r1           adapter, tokenizer, chat template, generation settings, prompts
     data/split/test             {"id": "botchat-000123", "channel": "botchat", "input": "..."}
     data/predictions/smollm2-r1 {"id": "botchat-000123", "output": "<ul><li>...</li></ul>"}
out  models/exports/<name>       merged: config.json, model.safetensors, and the run's other files
                                 gguf: model.gguf, Modelfile;  gguf-adapter: adapter.gguf, Modelfile
     metrics/exports/<name>.json {"rows": 40, "equal": 1.0, "equal_to_predictions": 0.975}

Both answer the same test rows, greedily and on this machine. `equal` is the share of answers that
are alike, word for word; below `least_equal` the stage fails. `equal_to_predictions` compares with
the run's own predictions, which are those that were judged, and may come from another machine.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from distill import paths, records, stage
from distill.errors import ExportError
from distill.exports import merged  # first: it prepares torch

# isort: split
from transformers import GenerationConfig

from distill.exports import commands, gguf, modelfile, parity
from distill.exports.settings import Export
from distill.params import load
from distill.records import Row
from distill.students import bundle
from distill.students.generate import LocalStudent
from distill.students.settings import Student

Answers = dict[str, str]  # by row


class Job(NamedTuple):
    """What is exported, where to, and the test rows that both answer."""

    settings: Export
    student: Student
    folder: Path
    rows: list[Row]

    @property
    def run(self) -> Path:
        """The folder of the run's adapter."""
        return paths.model(self.settings.run)


def to_merged(job: Job) -> Answers:
    """Write the merged model; return its answers."""
    merged.write(job.run, job.student, job.settings.dtype, job.folder)
    student = job.student.model_copy(update={"base": str(job.folder)})
    return parity.local(LocalStudent(student), parity.chats(job.folder, job.rows))


def to_gguf(job: Job) -> Answers:
    """Write the merged model as one GGUF file; return its answers in llama.cpp."""
    gguf.server()  # before anything is computed
    file, dtype = job.folder / gguf.MODEL, job.settings.dtype
    with _scratch() as scratch:
        own = merged.write(job.run, job.student, None if dtype == "q8_0" else dtype, scratch)
        gguf.convert_model(scratch, dtype or own, file)
    _complete(job, f"./{gguf.MODEL}", None)
    return _served(job, file, None)


def to_gguf_adapter(job: Job) -> Answers:
    """Write the adapter as a GGUF file; return its answers in llama.cpp beside its base."""
    gguf.server()
    file = job.folder / gguf.ADAPTER
    base = commands.base_folder(job.student)
    gguf.convert_adapter(job.run, base, job.settings.dtype or "float32", file)
    _complete(job, "./base.gguf", f"./{gguf.ADAPTER}")
    with _scratch() as scratch:
        model = scratch / "base.gguf"
        gguf.convert_model(base, "float32", model)
        return _served(job, model, file)


FORMATS: dict[str, Callable[[Job], Answers]] = {
    "merged": to_merged,
    "gguf": to_gguf,
    "gguf-adapter": to_gguf_adapter,
}


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield a folder of .distill, on the disk that has room for models, and delete it."""
    paths.workspace().mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.workspace()) as folder:
        yield Path(folder)


def _complete(job: Job, source: str, adapter: str | None) -> None:
    """Write what lies beside a GGUF file."""
    tokens = job.student.predict.max_new_tokens
    found = modelfile.text(job.run, source, adapter, job.student.max_length, tokens)
    records.write_text(job.folder / "Modelfile", found)
    bundle.copy(job.run, job.folder)


def _served(job: Job, model: Path, adapter: Path | None) -> Answers:
    settings: dict[str, Any] = {"max_tokens": job.student.predict.max_new_tokens}
    settings |= modelfile.penalties(GenerationConfig.from_pretrained(job.run))
    template = job.run / bundle.TEMPLATE
    with gguf.served(model, template, job.student.max_length, adapter) as url:
        return dict(parity.remote(url, parity.chats(job.folder, job.rows), settings))


def compared(name: str, job: Job, answers: Answers, own: Answers, judged: Answers) -> Row:
    """Return the shares of equal answers: with the run's own, and with its predictions.

    Raises ExportError where no row was answered by both.
    """
    share, unlike = parity.equal(answers, own)
    if share is None:
        raise ExportError(f"export {name}: no test row of {paths.split('test')} was answered")
    for id in unlike:
        print(f"{id}: {own[id]!r} by the run, {answers[id]!r} by the export")
    return {
        "rows": len(answers.keys() & own.keys()),
        "equal": round(share, 4),
        "equal_to_predictions": _rounded(parity.equal(answers, judged)[0]),
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def check(name: str, settings: Export, found: Mapping[str, Any]) -> None:
    """Raise ExportError for an export that answers too few rows as its run does."""
    if found["equal"] < settings.least_equal:
        raise ExportError(
            f"export {name}: {found['equal']:.1%} of {found['rows']} answers equal those of"
            f" {settings.run}, and exports.{name}.least_equal is {settings.least_equal:.1%}; choose"
            " another dtype, or look at the answers above and lower it"
        )


def main() -> None:
    """Write the export that the command line names, and its metrics."""
    args = stage.parser(__doc__, "export").parse_args()
    params = load(args.params)
    name = stage.known("export", args.export, params.exports)
    settings = params.exports[name]
    rows = parity.drawn(records.read(paths.split("test")), settings.rows)
    job = Job(settings, params.student(settings.run), paths.exported(name), rows)
    shutil.rmtree(job.folder, ignore_errors=True)
    answers = FORMATS[settings.format](job)
    own = parity.local(LocalStudent(job.student, job.run), parity.chats(job.run, rows))
    predicted = records.read(paths.predictions(settings.run))
    judged = {row["id"]: row["output"] for row in predicted}
    found = compared(name, job, answers, own, judged)
    records.write_json(paths.METRICS / "exports" / f"{name}.json", found)
    print(f"{name}: {found['equal']:.1%} of {found['rows']} answers as those of {settings.run}")
    check(name, settings, found)


if __name__ == "__main__":
    stage.main(main)
