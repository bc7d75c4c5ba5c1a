"""Personal values planted in raw interactions are nowhere but in the raw interactions.

A thousand interactions go from anonymize to judge under real DVC, in a project of their own, with
every model behind a server that keeps what it gets.
"""

import json
import os
import re
import secrets
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from endpoint import serve
from project import Project
from stages import played

import sample
from distill import records
from distill.offline import corpus
from distill.offline.corpus.values import PII
from distill.offline.truth.rows import TYPE_OF_ENTITY

ROWS = 500  # of each channel
SEED = 20_260
STAGES = ["plan", "anonymize", "split", "label", "annotate", "analyze", "revise", "judge@teacher"]
KEY = f"sk-{secrets.token_hex(16)}"  # made anew, for the project holds a copy of this file
WRITTEN = [
    "data/anonymized", "data/split", "data/dataset", "data/findings", "data/predictions",
    "data/ratings", "data/ledger", "data/quarantine", "data/curves", "metrics", ".distill",
    ".dvc/tmp",
]  # fmt: skip
MAY_BE_EMPTY = {"data/quarantine", "data/curves", ".dvc/tmp"}


class Ran(NamedTuple):
    """A project after the run: what was planted, where git began, and what could leave it."""

    project: Project
    planted: dict[str, set[str]]  # type -> values
    began: set[str]
    received: list[dict]
    printed: str


def plant(folder: Path) -> dict[str, set[str]]:
    """Write data/raw; return the personal values in it by type."""
    planted = defaultdict(set)
    made = {name: list(corpus.interactions(name, SEED, ROWS)) for name in corpus.COMPOSE}
    for one in (one for interactions in made.values() for one in interactions):
        for pii in one.truth["pii"]:
            planted[pii["type"]].add(pii["value"])
        for kind, type in TYPE_OF_ENTITY.items():
            planted[type] |= set(one.truth["entities"][kind])
    records.write(folder / "botchat/chats.jsonl", (one.raw for one in made["botchat"]))
    forms = folder / "webform/forms.xml"
    forms.parent.mkdir()
    forms.write_text("".join(sample.xml((one.raw for one in made["webform"]), SEED)), "utf-8")
    return planted


def settings(project: Project, url: str) -> dict:
    """Every model behind the server; two versions are enough to ask every kind of question."""
    values = project.params()
    values["source"] = "data/raw"
    sizes = {"test": 20, "dev": 10, "audit": 10, "train": ROWS}
    values["split"]["sizes"] = dict.fromkeys(values["channels"], sizes)
    values["llms"] = {"large": {"provider": "openai", "model": "m"}}
    values["endpoints"] = {"large": {"base_url": url, "api_key_env": "CANARY_KEY"}}
    for stage in ("label", "annotate", "judge"):
        values[stage]["llm"] = "large"
    values["versions"] = ["org", "r1"]
    values["revisions"] = {"r1": values["revisions"]["r1"] | {"llm": "large"}}
    values["runs"], values["students"], values["systems"] = {}, {}, ["teacher"]
    values["release"] = None
    return values


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("canary"))
    for name in ("metrics", "data/annotations"):
        for path in (project.folder / name).rglob("*"):
            if path.is_file():
                path.unlink()
    project.commit("no results of others")
    began = objects(project)
    planted = plant(project.folder / "data/raw")
    project.dvc("add", "-q", "data/raw")
    pointer = project.folder / "data/raw.dvc"
    tracked = yaml.safe_load(pointer.read_text())
    tracked["outs"][0]["push"] = False
    pointer.write_text(yaml.safe_dump(tracked))
    with serve(played) as (url, received):
        project.set_params(settings(project, url))
        printed = run(project, "-m", "dvc", "repro", "--verbose", *STAGES)
        printed += run(project, "src/calibrate.py") + run(project, "src/report.py")
    project.commit("results")
    return Ran(project, planted, began, received, printed)


def run(project: Project, *command: str) -> str:
    """What a command of Python printed, errors included."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, *command],
        cwd=project.folder,
        env={**os.environ, "PATH": path, "DISTILL_SECRET": "long and random", "CANARY_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def objects(project: Project) -> set[str]:
    listed = project.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return set(listed.split())


class Canaries:
    """Whole values, word by word in whatever case, whatever stands between the words."""

    def __init__(self, planted: dict[str, set[str]]):
        self.by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self.types = {}
        for type, values in planted.items():
            for value in values:
                # An artificial "Noah Marsh" does not come from a customer who is only "Noah".
                if len(value) >= 4 and (type != "PERSON" or " " in value):
                    self.types[words(value)] = type
        for value in self.types:
            self.by_first[value[0]].append(value)

    def __len__(self) -> int:
        return len(self.types)

    def inside(self, text: str) -> set[str]:
        """The planted values that stand in a text, each as "TYPE words"."""
        found, said = set(), words(text)
        for at, word in enumerate(said):
            for value in self.by_first.get(word, ()):
                if said[at : at + len(value)] == value:
                    found.add(f"{self.types[value]} {' '.join(value)}")
        return found

    def inside_file(self, path: Path) -> set[str]:
        return self.inside(path.read_bytes().decode("utf-8", "replace"))


def words(text: str) -> tuple[str, ...]:
    """The words of a text; what JSON escapes is read."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return tuple(re.findall(r"[^\W_]+", re.sub(r"\\[nrt]", " ", text).casefold()))


@pytest.fixture(scope="module")
def canaries(ran):
    return Canaries(ran.planted)


def test_every_kind_is_planted_and_the_search_finds_it(ran, canaries):
    assert ran.planted.keys() == {*PII.values(), *TYPE_OF_ENTITY.values()}
    assert len({*PII.values()}) == 10
    assert min(map(len, ran.planted.values())) >= 5
    assert len(canaries) > 1500
    raw = [path for path in (ran.project.folder / "data/raw").rglob("*") if path.is_file()]
    found = set().union(*map(canaries.inside_file, raw))
    assert len(found) > 0.95 * len(canaries)  # some stand in character references


def test_no_request_holds_one(ran, canaries):
    asked = 2 * ROWS + 2 * (2 * ROWS - 40) + 40  # label, analyze of two versions, judge
    assert len(ran.received) > asked
    assert all(f"Bearer {KEY}" in request["request"] for request in ran.received)
    assert canaries.inside("\n".join(map(json.dumps, ran.received))) == set()


def test_nothing_printed_holds_one(ran, canaries):
    assert all(f"{stage.partition('@')[0]}.py" in ran.printed for stage in STAGES)
    assert canaries.inside(ran.printed) == set()


@pytest.mark.parametrize("place", WRITTEN)
def test_no_file_written_holds_one(ran, canaries, place):
    files = [path for path in (ran.project.folder / place).rglob("*") if path.is_file()]
    assert files or place in MAY_BE_EMPTY
    assert set().union(*map(canaries.inside_file, files)) == set()


def test_no_object_of_git_holds_one(ran, canaries):
    new = objects(ran.project) - ran.began
    assert len(new) > 3
    said = "\n".join(ran.project.git("cat-file", "-p", name) for name in new)
    assert "push: false" in said
    assert canaries.inside(said) == set()


def test_no_entry_of_the_cache_that_would_be_pushed_holds_one(ran, canaries):
    folder = ran.project.folder
    [raw] = yaml.safe_load((folder / "data/raw.dvc").read_text())["outs"]
    cache = folder / ".dvc/cache"
    listed = json.loads(entry(cache, raw["md5"]).read_text())
    kept = {entry(cache, md5) for md5 in (raw["md5"], *(one["md5"] for one in listed))}
    every = {path for path in cache.rglob("*") if path.is_file()}
    assert kept < every
    assert all(map(canaries.inside_file, kept - {entry(cache, raw["md5"])}))
    assert len(every - kept) > 10
    assert set().union(*map(canaries.inside_file, every - kept)) == set()


def test_the_key_is_written_nowhere(ran):
    for path in ran.project.folder.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path
    said = [ran.project.git("cat-file", "-p", name) for name in objects(ran.project) - ran.began]
    assert KEY not in ran.printed + "\n".join(said)


def entry(cache: Path, md5: str) -> Path:
    return cache / "files/md5" / md5[:2] / md5[2:]
