"""Annotation in Label Studio: writes tasks for a project there, and imports its results.

    make labelstudio ARGS="export org botchat"       # data/labelstudio/org-botchat/
    make labelstudio ARGS="import results.json ana"  # the project's export as JSON

in   data/dataset/org  {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                        "input": "Customer: ...", "target": "<ul><li>wants a refund</li></ul>", ...}
out  tasks.json        [{"data": {"id": "botchat-000123", "of": "org", "channel": "botchat",
                                  "text": "Customer: ...", "summary": "• wants a refund"}}, ...]
     config.xml        the labelling configuration: the channel's codes, the rating, a note

in   results.json      [{"data": {"id": "botchat-000123", "of": "org", ...}, "annotations":
                         [{"completed_by": 1, "result": [{"from_name": "codes", "value":
                           {"choices": ["unn_content_redundant"]}, ...}, ...]}]}, ...]
out  data/annotations/ana.jsonl  {"id": "botchat-000123", "of": "org", "rating": 3,
                                  "codes": ["unn_content_redundant"], "note": ""}
"""

import argparse
from pathlib import Path

from distill import paths, records, stage
from distill.errors import InputError
from distill.params import load
from distill.people import annotations, labelstudio


def export(version: str, channel: str) -> None:
    """Write the tasks and the configuration of one version's audit rows of a channel."""
    params = load()
    for kind, name, known in (
        ("version", version, params.versions),
        ("channel", channel, list(params.channels)),
    ):
        if name not in known:
            raise InputError(f"{name!r} is no {kind} of params.yaml; known: {', '.join(known)}")
    rows = (
        row
        for row in records.read(paths.dataset(version))
        if row["channel"] == channel and row["split"] == "audit"
    )
    tasks = [labelstudio.task(row, version) for row in rows]
    folder = paths.LABELSTUDIO / f"{version}-{channel}"
    folder.mkdir(parents=True, exist_ok=True)
    records.write_json(folder / "tasks.json", tasks)
    config = labelstudio.config(channel)
    (folder / "config.xml").write_text(config, encoding="utf-8", newline="\n")
    print(f"{folder}: {len(tasks)} tasks; make a project with config.xml, then import tasks.json")


def import_(file: Path, annotator: str, by: str | None) -> None:
    """Import one annotator's results; annotations of other summaries stay as they are."""
    params = load()
    if not paths.NAME.fullmatch(annotator):
        raise InputError(f"{annotator!r}: an annotator's name is made of a-z, 0-9, - and _")
    found = list(labelstudio.annotations(file, by))
    known: dict[str, dict[str, str]] = {}
    for one in found:
        if one.of not in params.versions:
            raise InputError(
                f"{one.where}: {one.of!r} is no version of params.yaml; the file is another"
                " project's, or the version is to be added"
            )
        if one.of not in known:
            rows = records.read(paths.dataset(one.of))
            known[one.of] = {row["id"]: row["channel"] for row in rows}
        if one.id not in known[one.of]:
            raise InputError(
                f"{one.where}: id {one.id!r} is not in {paths.dataset(one.of)}; the file is another"
                " project's, or its row is gone"
            )
        labelstudio.check_codes(one, known[one.of][one.id])
    for one in found:  # after the last check, so that a file is imported whole or not at all
        annotations.put(annotator, one.row())
    print(f"{annotations.path(annotator)}: {len(found)} annotations imported")


def main() -> None:
    """Export or import."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    outward = commands.add_parser("export", help="write tasks.json and config.xml")
    outward.add_argument("version", help="a dataset version, such as org")
    outward.add_argument("channel")
    inward = commands.add_parser("import", help="read a project's export in the format JSON")
    inward.add_argument("file", type=Path)
    inward.add_argument("annotator", help="names the file below data/annotations")
    inward.add_argument("--by", help="whose annotations, where the file holds several people's")
    given = parser.parse_args()
    if given.command == "export":
        export(given.version, given.channel)
    else:
        import_(given.file, given.annotator, given.by)


if __name__ == "__main__":
    stage.main(main)
