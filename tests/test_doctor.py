"""`make doctor` finds raw data that could leave the machine, and its remedies work."""

import gzip
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from contextlib import chdir
from pathlib import Path

import pytest
import stages
import yaml
from conftest import REPO

pytestmark = pytest.mark.filterwarnings("default")  # of DVC, which the doctor imports
RAW = '{"id": "1", "turns": [{"role": "customer", "text": "I am Ana Ruiz"}]}\n'


class OwnData:
    """A project with interactions of its own, in a git and a DVC of its own."""

    def __init__(self, folder: Path):
        self.folder = folder

    def start(self) -> None:
        for name in ("dvc.yaml", ".gitignore", ".dvcignore"):
            shutil.copy(REPO / name, self.folder)
        for name in ("taxonomy.yaml", "prompts"):
            (self.folder / name).symlink_to(REPO / name)
        self.set_source("data/raw")
        self.run("git init -q -b main")
        self.run("dvc init -q")
        self.commit("start")
        self.write("data/raw")
        self.add("data/raw")

    def run(self, command: str) -> str:
        done = subprocess.run(
            shlex.split(command), cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def write(self, source: str) -> None:
        file = self.folder / source / "botchat/chats.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(RAW)

    def set_source(self, source: str) -> None:
        values = yaml.safe_load((REPO / "tests/params.yaml").read_text())
        values["source"] = source
        del values["channels"]["webform"], values["split"]["sizes"]["webform"]
        for revision in values["revisions"].values():
            revision["fixes"].pop("webform")
        for name in list(values["runs"]):
            if "phases" in values["runs"][name]:
                del values["runs"][name]
        values["systems"] = ["teacher", *values["students"], *values["runs"]]
        (self.folder / "params.yaml").write_text(yaml.safe_dump(values))

    def add(self, source: str) -> None:
        """What README says: track the folder, never push it."""
        self.run(f"dvc add -q {source}")
        self.never_push(f"{source}.dvc")
        self.commit("my data")

    def never_push(self, file: str) -> None:
        path = self.folder / file
        values = yaml.safe_load(path.read_text())
        values["outs"][0]["push"] = False
        path.write_text(yaml.safe_dump(values))

    def commit(self, message: str) -> None:
        self.run("git add -A")
        self.run(f"git commit -q --allow-empty -m '{message}'")

    def doctor(self) -> stages.Done:
        with chdir(self.folder):
            return stages.stage("doctor")

    def problems(self) -> list[str]:
        """The doctor's PROBLEM lines; nobody's message is among what it says."""
        done = self.doctor()
        assert done.stderr == ""
        assert "Ruiz" not in done.stdout
        lines = [
            line
            for line in done.stdout.splitlines()
            if not line.startswith(("note     ", "warning  "))
        ]
        found = [line for line in lines if line.startswith("PROBLEM  ")]
        assert all(line.startswith("ok       ") for line in lines if line not in found)
        assert done.returncode == (1 if found else 0)
        return found


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("DISTILL_SECRET", "long and random")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}", prepend=":")
    monkeypatch.setenv("PYTHONPATH", str(REPO / "src"))  # as `make doctor` does


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """What every test starts from, made once."""
    project = OwnData(tmp_path_factory.mktemp("started"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}", prepend=":")
        project.start()
    return project.folder


@pytest.fixture
def project(started, tmp_path):
    shutil.copytree(started, tmp_path, symlinks=True, dirs_exist_ok=True)
    return OwnData(tmp_path)


def remedy(project, problem):
    """Run the command that a problem's remedy starts with."""
    command = re.search(r"; remedy: `([^`]+)`", problem).group(1)
    project.run(command)


def test_data_added_as_the_readme_says_has_no_problem(project):
    assert project.problems() == []


def test_the_sample_needs_nothing(project, monkeypatch):
    monkeypatch.delenv("DISTILL_SECRET")
    project.set_source("data/sample")
    assert project.problems() == []


def test_rows_of_ones_own_amid_the_sample(project):
    file = project.folder / "data/sample/botchat/mine.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text('{"id": "1"}')
    (problem,) = project.problems()
    assert problem.startswith(
        "PROBLEM  data/sample/botchat/mine.jsonl is not what the stage `sample` wrote, and"
        " `dvc push` would copy it; remedy: move interactions of your own to data/raw"
    )


def test_a_staged_file(project):
    project.run("git add --force data/raw/botchat/chats.jsonl")
    (problem,) = project.problems()
    assert problem.startswith("PROBLEM  git tracks files of data/raw; remedy: ")
    remedy(project, problem.replace("git rm -r", "git rm -rq"))
    assert project.problems() == []


@pytest.mark.parametrize("folder", ["data/quarantine", ".distill"])
def test_a_private_folder_on_another_disk_is_ignored_or_its_remedy_works(project, tmp_path, folder):
    (tmp_path / "disk").mkdir()
    (project.folder / folder).symlink_to(tmp_path / "disk")
    problems = project.problems()
    if folder == ".distill":  # as docs/scale.md says
        assert problems == []
    else:
        (problem,) = problems
        line = f"/{folder}"
        assert problem == (
            f"PROBLEM  {folder} is not ignored by git; remedy: add the line {line} to .gitignore"
        )
        with (project.folder / ".gitignore").open("a") as ignored:
            ignored.write(f"{line}\n")
        assert project.problems() == []
    assert folder not in project.run("git status --porcelain -uall")


@pytest.mark.parametrize("folder", ["data/raw", "data/quarantine", ".distill"])
def test_a_committed_file_stays_a_problem_in_history(project, folder):
    file = project.folder / folder / "rows.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text(RAW)
    start = project.run("git rev-parse HEAD").strip()
    project.run("git checkout -q -b side")
    project.run(f"git add --force {folder}")
    project.commit("too much")
    index, history = project.problems()
    assert index.startswith(f"PROBLEM  git tracks files of {folder}; remedy: `git rm -r --cached")
    remedy(project, index)
    project.commit("taken out")
    (history,) = project.problems()
    assert history.startswith(f"PROBLEM  git's history holds files of {folder}, for example commit")
    project.run("git checkout -q main")
    project.run("git merge -q --no-ff --no-edit side")
    project.run("git branch -q -D side")
    assert project.problems() == [history]
    project.run(f"git reset -q --hard {start}")
    assert project.problems() == []


def test_a_tag_reaches_history_too(project):
    project.run("git add --force data/raw/botchat")
    project.commit("too much")
    project.run("git tag old")
    project.run("git reset -q --soft HEAD~1")
    project.run("git rm -rq --cached data/raw")
    (problem,) = project.problems()
    assert "git's history holds files of data/raw" in problem
    project.run("git tag -d old")
    assert project.problems() == []


def test_a_stash_below_the_top(project):
    project.run("git add --force data/raw/botchat")
    project.run("git stash push -q --staged")
    (project.folder / "params.yaml").write_text((project.folder / "params.yaml").read_text() + "\n")
    project.run("git stash push -q")
    project.write("data/raw")
    (problem,) = project.problems()
    assert (
        problem == "PROBLEM  stash@{1} holds files of data/raw; remedy: `git stash drop stash@{1}`"
    )
    remedy(project, problem)
    assert project.problems() == []


def test_an_experiment_that_took_the_raw_data_along(project):
    """DVC commits a dependency that git neither tracks nor ignores into the experiment."""
    project.run("git reset -q --hard HEAD~1")
    ignore = project.folder / ".gitignore"
    ignore.write_text(ignore.read_text().replace("/data/raw/\n", "/rows\n"))
    (project.folder / "dvc.yaml").write_text(
        "stages:\n  read:\n    cmd: wc -c data/raw/botchat/chats.jsonl > rows\n"
        "    deps: [data/raw]\n    params: [seed]\n    outs: [rows]\n"
    )
    project.run("git commit -q -a -m 'no care'")
    exposed, *_ = project.problems()
    assert exposed == (
        "PROBLEM  data/raw is not ignored by git; remedy: add the line /data/raw/ to .gitignore"
    )
    project.run("dvc exp run --name leaky -S seed=8")
    (leak,) = [line for line in project.problems() if "experiment" in line]
    assert re.fullmatch(
        r"PROBLEM  the experiment refs/exps/\S+/leaky holds files of data/raw;"
        r" remedy: `dvc exp remove leaky`",
        leak,
    )
    remedy(project, leak)
    ignore.write_text(ignore.read_text() + "/data/raw/\n")
    project.run("git checkout -q -- params.yaml")
    project.add("data/raw")
    assert project.problems() == []


@pytest.mark.parametrize("folder", ["data/raw", "data/quarantine", ".distill"])
def test_a_folder_that_git_would_take(project, folder):
    ignore = project.folder / ".gitignore"
    lines = [line for line in ignore.read_text().splitlines() if line.rstrip("/") != f"/{folder}"]
    ignore.write_text("\n".join(lines) + "\n")
    (project.folder / "data/.gitignore").unlink(missing_ok=True)
    (problem,) = project.problems()
    line = re.search(r"; remedy: add the line (\S+) to .gitignore", problem).group(1)
    ignore.write_text(f"{ignore.read_text()}{line}\n")
    assert project.problems() == []


def test_an_output_that_dvc_would_push(project):
    file = project.folder / "data/raw.dvc"
    file.write_text(file.read_text().replace("push: false", "push: true"))
    (problem,) = project.problems()
    assert problem == (
        "PROBLEM  `dvc push` would push data/raw;"
        " remedy: add `push: false` to this output in data/raw.dvc"
    )
    project.never_push("data/raw.dvc")
    assert project.problems() == []


def test_a_past_commit_whose_data_dvc_would_push(project):
    start = project.run("git rev-parse HEAD~1").strip()
    project.run("git checkout -q -b careless " + start)
    project.write("data/raw")
    project.run("dvc add -q data/raw")
    project.commit("my data")
    project.never_push("data/raw.dvc")
    project.commit("never to be pushed")
    (problem,) = project.problems()
    commit = project.run("git rev-parse --short HEAD~1").strip()
    assert problem.startswith(
        "PROBLEM  `dvc push --all-commits` would push the data of data/raw.dvc, for example of"
        f" commit {commit}, which lacks `push: false`; remedy: delete the branches and tags"
    )
    project.run("git checkout -q main")
    assert project.problems() == [problem]
    project.run("git branch -q -D careless")
    assert project.problems() == []


def test_an_experiment_whose_data_dvc_would_push(project):
    (project.folder / "dvc.yaml").write_text(
        "stages:\n  read:\n    cmd: echo > rows\n    params: [seed]\n    outs: [rows]\n"
    )
    project.commit("one stage")
    file = project.folder / "data/raw.dvc"
    file.write_text(file.read_text().replace("push: false", "push: true"))
    project.run("dvc exp run --name leaky -S seed=8")
    project.run("git checkout -q -- data/raw.dvc params.yaml")
    (problem,) = project.problems()
    assert re.fullmatch(
        r"PROBLEM  `dvc exp push` would push the data of data/raw.dvc in refs/exps/\S+/leaky;"
        r" remedy: `dvc exp remove leaky`",
        problem,
    )
    remedy(project, problem)
    assert project.problems() == []


def test_more_raw_data_added_later_is_not_pushed_either(project):
    (project.folder / "data/raw/botchat/more.jsonl").write_text(RAW)
    project.run("dvc add -q data/raw")
    assert project.problems() == []


def test_a_stage_whose_output_is_the_quarantine(project):
    path = project.folder / "dvc.yaml"
    values = yaml.safe_load(path.read_text())
    values["stages"]["split"]["outs"].append("data/quarantine/split-all.jsonl")
    path.write_text(yaml.safe_dump(values))
    (problem,) = project.problems()
    assert problem == (
        "PROBLEM  `dvc push` would push data/quarantine/split-all.jsonl;"
        " remedy: add `push: false` to this output in dvc.yaml"
    )


def test_raw_data_that_dvc_does_not_know(project):
    (project.folder / "data/raw.dvc").unlink()
    (problem,) = project.problems()
    assert problem == (
        "PROBLEM  data/raw is not tracked by DVC; remedy: `dvc add data/raw`,"
        " then add `push: false` to its output in data/raw.dvc"
    )
    remedy(project, problem)
    project.never_push("data/raw.dvc")
    assert project.problems() == []


def test_a_source_of_another_name(project):
    project.set_source("data/interactions")
    project.write("data/interactions")
    ignored, added = project.problems()
    assert ignored.startswith("PROBLEM  data/interactions is not ignored by git; remedy: ")
    assert added.startswith("PROBLEM  data/interactions is not tracked by DVC; remedy: ")
    project.add("data/interactions")
    assert project.problems() == []


def test_a_part_of_the_raw_data_as_the_source(project):
    project.set_source("data/raw/2024")
    project.write("data/raw/2024")
    project.run("dvc add -q data/raw")
    project.never_push("data/raw.dvc")
    assert project.problems() == []


def test_a_missing_secret(project, monkeypatch):
    monkeypatch.delenv("DISTILL_SECRET")
    (problem,) = project.problems()
    assert "the environment variable DISTILL_SECRET is not set; remedy: set it to a long" in problem


def test_a_folder_without_git_is_one_clear_line(project):
    shutil.rmtree(project.folder / ".git")
    with chdir(project.folder):
        done = stages.process("doctor")
    assert done.returncode == 1
    assert done.stderr.startswith("error: git ls-files: fatal: not a git repository")
    assert done.stderr.count("\n") == 1


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inner.txt", content)
    return file.getvalue()


LONG = (
    '{"id": "2", "turns": [{"role": "customer", "text": "I am Ana Ruiz and the blue kettle that my'
    ' sister ordered for me in the spring never came to our house by the old mill"}]}\n'
)
COPIES = {
    "a renamed file": ("notes.txt", LONG.encode()),
    "a zip": ("share.zip", zipped(LONG.encode())),
    "a zip in a zip": ("share.zip", zipped(zipped(LONG.encode()))),
    "a compressed file": ("share.gz", gzip.compress(LONG.encode())),
    "a notebook": (
        "look.ipynb",
        json.dumps({"cells": [{"source": [json.loads(LONG)["turns"][0]["text"]]}]}).encode(),
    ),
    "a patch": ("change.patch", b"--- a\n+++ b\n@@ -0,0 +1 @@\n+" + LONG.encode()),
}


@pytest.mark.parametrize(("name", "content"), COPIES.values(), ids=COPIES)
def test_raw_data_under_another_name(project, name, content):
    (project.folder / "data/raw/botchat/chats.jsonl").write_text(LONG)
    project.run("dvc add -q data/raw")
    (project.folder / name).write_bytes(content)
    project.run(f"git add --force {name}")
    (problem,) = project.problems()
    assert problem.startswith(f"PROBLEM  git holds raw data in {name} (object ")
    project.run(f"git rm -q --cached {name}")
    assert project.problems() == []


def test_a_note_and_a_tag_that_quote_raw_data(project):
    (project.folder / "data/raw/botchat/chats.jsonl").write_text(LONG)
    project.run("dvc add -q data/raw")
    text = json.loads(LONG)["turns"][0]["text"]
    project.run(f"git notes add -m '{text}'")
    project.run(f"git tag -a old -m '{text}'")
    note, tag = project.problems()
    assert note.startswith("PROBLEM  git holds raw data in ")
    assert tag.startswith("PROBLEM  the message of refs/tags/old quotes raw data")


def test_an_output_that_is_a_copy_of_raw_data(project):
    (project.folder / "copy").write_text(RAW)
    project.run("dvc add -q copy")
    (problem,) = project.problems()
    assert problem == (
        "PROBLEM  `dvc push` would push raw data in copy;"
        " remedy: add `push: false` to this output in copy.dvc"
    )
    project.never_push("copy.dvc")
    assert project.problems() == []


def test_an_old_commit_whose_output_is_a_copy_of_raw_data(project):
    (project.folder / "report.jsonl").write_text(RAW)
    project.run("dvc add -q report.jsonl")
    project.commit("a copy")
    project.run("dvc remove -q report.jsonl.dvc")
    (project.folder / "report.jsonl").unlink()
    project.commit("without it")
    (problem,) = project.problems()
    assert "would push raw data that report.jsonl.dvc names" in problem


def test_it_says_what_it_does_not_look_at_and_warns_of_endpoints(project):
    path = project.folder / "params.yaml"
    values = yaml.safe_load(path.read_text())
    for name in ("far", "here"):
        values["llms"][name] = {"provider": "openai", "model": "m"}
    values["endpoints"] = {
        "far": {"base_url": "http://llm.example/v1", "allow_hosts": ["0.0.0.0/0"]},
        "here": {"base_url": "http://127.0.0.1:8000/v1"},
    }
    path.write_text(yaml.safe_dump(values))
    done = project.doctor()
    warned = [line for line in done.stdout.splitlines() if line.startswith("warning  ")]
    assert [line.split(":")[0] for line in warned] == [
        "warning  endpoints.far.allow_hosts",
        "warning  endpoints.far",
        "warning  endpoints.here",
    ]
    assert "note     not looked at: " in done.stdout
    assert done.returncode == 0
