"""Label Studio's formats: the labelling configuration, tasks and results."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from distill.errors import InputError
from distill.people import annotations as stored
from distill.records import Row
from distill.tasks.summarize import format, taxonomy

CODES, RATING, NOTE = "codes", "rating", "note"  # names of the controls
_LISTS = {CODES: "choices", NOTE: "text"}  # control -> key of its values, a list or one of them


@dataclass(frozen=True)
class Annotation:
    """One annotator's annotation of one summary, and its place in the file."""

    id: str
    of: str
    rating: int | None
    codes: list[str]
    note: str
    digest: str | None
    where: str

    def row(self) -> Row:
        """Return the line of data/annotations."""
        return {
            "id": self.id,
            "of": self.of,
            "rating": self.rating,
            "codes": self.codes,
            "note": self.note,
            **({"digest": self.digest} if self.digest else {}),
        }


def config(channel: str) -> str:
    """Return the labelling configuration: the codes of the channel, the rating and a note."""
    view = ElementTree.Element("View")
    for name, title in (("text", "Interaction"), ("summary", "Summary")):
        ElementTree.SubElement(view, "Header", value=title)
        ElementTree.SubElement(view, "Text", name=name, value=f"${name}")
    ElementTree.SubElement(view, "Header", value="Errors")
    choices = ElementTree.SubElement(
        view, "Choices", name=CODES, toName="summary", choice="multiple"
    )
    for code in taxonomy.load().values():
        if code.applies_to(channel):
            ElementTree.SubElement(choices, "Choice", value=code.code, hint=code.definition)
    ElementTree.SubElement(view, "Header", value="Rating, from 1 to 5")
    ElementTree.SubElement(
        view, "Rating", name=RATING, toName="summary", maxRating="5", required="true"
    )
    ElementTree.SubElement(view, "Header", value="Note")
    ElementTree.SubElement(view, "TextArea", name=NOTE, toName="summary", maxSubmissions="1")
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def task(row: Row, of: str) -> Row:
    """Return the task of one summary; its points are lines of plain text, never HTML."""
    try:
        shown = "\n".join(f"• {point}" for point in format.bullets(row["target"]))
    except ValueError:
        shown = row["target"]
    head = {"id": row["id"], "of": of, "channel": row["channel"]}
    head |= {"digest": stored.digest(row["target"])}
    return {"data": {**head, "text": row["input"], "summary": shown}}


def annotations(path: Path, by: str | None = None) -> Iterator[Annotation]:
    """Yield the annotations of a project's JSON export; skipped and unfinished tasks are left out.

    Of several annotations of a task by the same annotator the latest counts. `by` chooses one
    annotator. Raises InputError naming the file and the task for a file that is no export of this
    project's tasks, and for annotations of several annotators without `by`.
    """
    tasks = _read(path)
    annotators = {_annotator(one) for task in tasks for one in _finished(task)}
    if by is None and len(annotators) > 1:
        raise InputError(
            f"{path}: holds annotations of {', '.join(sorted(annotators))}; name one with --by"
        )
    if by is not None and by not in annotators:
        raise InputError(
            f"{path}: holds no annotation of {by!r}; known:"
            f" {', '.join(sorted(annotators)) or 'nobody'}"
        )
    for number, task in enumerate(tasks, start=1):
        mine = [one for one in _finished(task) if by in {None, _annotator(one)}]
        if mine:
            latest = max(mine, key=lambda one: str(one.get("updated_at") or ""))
            yield _annotation(task["data"], latest, f"{path}: task {_number(task, number)}")


def _read(path: Path) -> list[Row]:
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); export the project as JSON") from error
    if not isinstance(tasks, list):
        raise InputError(f"{path}: not a list of tasks; export the project as JSON")
    for number, task in enumerate(tasks, start=1):
        where = f"{path}: task {_number(task, number)}"
        if isinstance(task, dict) and "completions" in task:  # before version 1.0
            task.setdefault("annotations", task["completions"])
        if not isinstance(task, dict) or not isinstance(task.get("annotations"), list):
            raise InputError(f"{where}: has no annotations; export as JSON, not as JSON-MIN")
        if not all(isinstance(one, dict | None) for one in task["annotations"]):
            raise InputError(f"{where}: has an annotation that is no object; export it again")
        data = task.get("data")
        if not isinstance(data, dict) or not {"id", "of"} <= data.keys():
            raise InputError(
                f"{where}: has no id and version in its data; the file is another project's, not"
                " one of tasks that `make labelstudio` wrote"
            )
    return tasks


def _number(task: object, number: int) -> object:
    """Return a task's id, or its number where it has none."""
    found = task.get("id") if isinstance(task, dict) else None
    return number if found is None else found


def _finished(task: Row) -> list[Row]:
    return [one for one in task["annotations"] if one and not one.get("was_cancelled")]


def _annotator(annotation: Row) -> str:
    """Return an annotator's id, or the e-mail address that newer exports give."""
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        who = who.get("email") or who.get("id")
    return "unknown" if who is None else str(who)


def _annotation(data: Mapping[str, Any], found: Row, where: str) -> Annotation:
    rating: Any = None
    values: dict[str, list[Any]] = {CODES: [], NOTE: []}
    for result in found.get("result") or []:
        if isinstance(result, dict) and result.get("type") == "relation":
            continue
        name = result.get("from_name") if isinstance(result, dict) else result
        value = (isinstance(result, dict) and result.get("value")) or {}
        kind = "rating" if name == RATING else _LISTS.get(name) if isinstance(name, str) else None
        if kind and isinstance(value, dict) and (not value or kind in value):
            said = value.get(kind)
            if name == RATING:
                rating = rating if said is None else said
            else:
                values[str(name)] += said if isinstance(said, list) else [said] if said else []
        else:
            raise InputError(
                f"{where}: a result of {name!r}, which is none of {CODES}, {RATING} and {NOTE}; the"
                " project has another labelling configuration"
            )
    if isinstance(rating, float) and rating.is_integer():
        rating = int(rating)  # JSON of other tools writes 3 as 3.0
    note = "\n".join(str(line) for line in values[NOTE] if line is not None)
    codes = values[CODES]
    codes = [code for at, code in enumerate(codes) if code not in codes[:at]]
    head = data["id"], data["of"], rating, codes, note
    annotation = Annotation(*head, data.get("digest"), where)
    stored.check(annotation.row(), where)
    return annotation


def check_codes(annotation: Annotation, channel: str) -> None:
    """Raise InputError for a code that the taxonomy does not have for the channel."""
    known = taxonomy.load()
    for code in annotation.codes:
        if code not in known or not known[code].applies_to(channel):
            raise InputError(
                f"{annotation.where}: {code!r} is no code of {channel} in {taxonomy.PATH}; correct"
                " it there or define it"
            )
