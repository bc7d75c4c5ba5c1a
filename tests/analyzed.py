"""A dataset version with replies of an annotator and an expert's annotation, for tests."""

from pathlib import Path

import yaml
from conftest import REPO
from outputs import items, row

from distill import paths, records

COUNT = 20  # rows of each channel, every other with an error that a check finds
LOST, BY_EXPERT = "botchat-000003", "botchat-000004"  # without a usable reply; annotated
UNREAD = "webform-000019"  # the annotator was not asked
SCRIPTS = {"analyze": "org", "filter": "clean", "revise": "r1"}


def dataset():
    """The rows of org, in the order of their ids."""
    rows = [row(channel, n, "audit") for channel in ("botchat", "webform") for n in range(COUNT)]
    for n, one in enumerate(rows):
        one["id"] = f"{one['channel']}-{n % COUNT:06d}"
    return [
        one | {"target": items(one["id"], n % 2 == 0), "edits": []} for n, one in enumerate(rows)
    ]


def replies():
    """The annotator's replies, in the same order."""
    finding = {"code": "content_missing", "evidence": "the parcel\u2019s value"}
    return [
        {
            "id": one["id"],
            "source": "gpt",
            "findings": None if one["id"] == LOST else [finding] * (n % 5 == 0),
        }
        for n, one in enumerate(dataset())
        if one["id"] != UNREAD
    ]


def project(engine, **changes):
    """Write what analyze, filter and revise read into the current folder."""
    values = yaml.safe_load((REPO / "tests/params.yaml").read_text())
    values |= {"engine": engine, "versions": ["org", "r1", "clean"], "rows_per_shard": 7}
    values |= {"filtered": {"clean": {"parent": "org"}}, "runs": {}, "systems": ["teacher"]}
    values |= {"revisions": {"r1": values["revisions"]["r1"]}, "students": {}, "release": None}
    values["analyze"]["max_quarantined"] = 0.1
    values["analyze"] |= changes
    Path("params.yaml").write_text(yaml.safe_dump(values))
    records.write_shards(paths.dataset("org"), dataset())
    records.write_shards(paths.annotated("org"), replies())
    annotation = {"id": BY_EXPERT, "of": "org", "codes": ["content_order"], "note": "odd"}
    records.write(paths.ANNOTATIONS / "ana.jsonl", [annotation])


def written():
    """The bytes of all that stages write."""
    folders = [paths.findings("org"), paths.dataset("clean"), paths.dataset("r1")]
    folders.append(paths.ledger("analyze", "org").parent)
    return {str(file): file.read_bytes() for folder in folders for file in folder.glob("*.json*")}
