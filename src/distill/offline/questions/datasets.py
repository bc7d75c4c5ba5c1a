"""Questions of public data sets as rows of the task `reason`.

gsm8k   {"question": "A robe takes 2 bolts ...", "answer": "It takes 2/2 = 1 bolt ...\\n#### 3"}
        one a line, in <source>/train.jsonl and <source>/test.jsonl
svamp   [{"ID": "chal-1", "Body": "Each pack costs 76 dollars", "Question": "How much ...?",
          "Answer": 51.0}, ...] in the file <source>, without splits of its own
row     {"id": "gsm8k-train-000123", "channel": "gsm8k", "split": "train", "task": "reason",
         "input": "A robe takes 2 bolts ...", "gold": {"kind": "number", "answer": "3"}}

A file may be compressed by xz, with .xz at the end of its name.
"""

import json
import lzma
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from distill.errors import InputError
from distill.ledger import Ledger
from distill.offline.questions.settings import Questions
from distill.records import Row


class Record(NamedTuple):
    """A record of a file: its id, where it stands, its value, and the gold answer in it."""

    id: str
    where: str
    value: Any
    answer: str


def rows(settings: Questions, seed: int, ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of all splits, drawn by the seed; ids are numbered by the place in the file.

    The ledger quarantines records without a question or a gold answer, and counts those that are
    not needed. Raises InputError for a missing or damaged file.
    """
    source = Path(str(settings.source))
    counts = {"train": settings.train, "dev": settings.dev, "test": settings.test}
    if settings.format == "gsm8k":
        learned = {name: counts[name] for name in ("train", "dev")}
        yield from _drawn(_gsm8k(source, "train", ledger), learned, seed, ledger)
        yield from _drawn(_gsm8k(source, "test", ledger), {"test": counts["test"]}, seed, ledger)
    else:
        yield from _drawn(_svamp(source, ledger), counts, seed, ledger)


def _drawn(
    found: Iterator[Row], counts: dict[str, int], seed: int, ledger: Ledger
) -> Iterator[Row]:
    """Yield the rows of each split in the order of their ids, drawn without replacement."""
    usable = list(found)
    left = iter(Random(seed).sample(usable, len(usable)))
    for split, count in counts.items():
        drawn = sorted(islice(left, count), key=lambda row: str(row["id"]))
        ledger.ok(len(drawn))
        yield from ({**row, "split": split} for row in drawn)
    ledger.left_over(len(list(left)))


def _gsm8k(folder: Path, name: str, ledger: Ledger) -> Iterator[Row]:
    path = _existing(folder / f"{name}.jsonl")
    for number, line in enumerate(_text(path).splitlines()):
        ledger.enter()
        row_id, where = f"gsm8k-{name}-{number:06}", f"{path}:{number + 1}"
        record = _parsed(line, where)
        solution = record.get("answer") if isinstance(record, dict) else None
        answer = str(solution).rpartition("####")[2].strip() if solution else ""
        if "####" not in str(solution):
            answer = ""
        yield from _row(Record(row_id, where, record, answer), ["question"], ledger)


def _svamp(path: Path, ledger: Ledger) -> Iterator[Row]:
    path = _existing(path)
    listed = _parsed(_text(path), str(path))
    if not isinstance(listed, list):
        raise InputError(f"{path}: expected a JSON list of questions, found another value")
    for number, record in enumerate(listed):
        ledger.enter()
        value = record.get("Answer") if isinstance(record, dict) else None
        answer = str(value).removesuffix(".0")
        row_id, where = f"svamp-{number:06}", f"{path}: entry {number}"
        yield from _row(Record(row_id, where, record, answer), ["Body", "Question"], ledger)


def _row(record: Record, parts: list[str], ledger: Ledger) -> Iterator[Row]:
    """Yield the record's row; quarantine a record without question or answer."""
    value = record.value if isinstance(record.value, dict) else {}
    texts = [value.get(part) for part in parts]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        ledger.quarantine(record.id, "no_question", record.where)
    elif not any(sign.isdigit() for sign in record.answer):
        ledger.quarantine(record.id, "no_gold_answer", record.where)
    else:
        row = {"id": record.id, "channel": record.id.partition("-")[0], "split": ""}
        gold = {"kind": "number", "answer": record.answer}
        question = _joined([str(text).strip() for text in texts])
        yield {**row, "task": "reason", "input": question, "gold": gold}


def _joined(texts: list[str]) -> str:
    *first, last = texts
    return " ".join([*(text if text[-1] in ".?!," else f"{text}." for text in first), last])


def _existing(path: Path) -> Path:
    """Return the file, or the compressed one beside it."""
    found = [one for one in (path, path.with_name(f"{path.name}.xz")) if one.is_file()]
    if not found:
        raise InputError(f"{path} does not exist; name the place in `questions.source` of params")
    return found[0]


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return (lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8")
    except (lzma.LZMAError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{where}: not JSON ({error})") from error
