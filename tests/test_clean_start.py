"""From the demo to a project of one's own, with real git and DVC."""

import os
import subprocess
import sys

import pytest
import yaml
from project import Project

CHAT = '{"id": "7", "turns": [{"role": "customer", "text": "Where is order 07-11223-45678?"}]}\n'
FAIR = {"schema": "2.0", "stages": {"report": {"cmd": "", "outs": [{"path": "metrics/cost.md"}]}}}


def clean_start(project):
    return subprocess.run(
        [sys.executable, "tools/clean_start.py"],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )


def results(project):
    """What git knows or the disk holds of results."""
    left = [path for path in project.folder.rglob("dvc.lock") if ".dvc" not in path.parts]
    left += [path for path in project.folder.glob("**/metrics/**/*") if path.is_file()]
    return [str(path.relative_to(project.folder)) for path in left]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo, run as far as its anonymized chats; with a lock and metrics of all methods."""
    project = Project(tmp_path_factory.mktemp("demo"))
    values = project.params()
    fixes = values["revisions"]["r1"]["fixes"]["botchat"]
    sizes = {"test": 6, "dev": 2, "audit": 12, "train": 12}
    project.narrow("botchat", values["channels"]["botchat"], sizes, fixes)
    project.set_params(project.params() | {"sample": {"rows": 20}})
    (project.folder / "fair/dvc.lock").write_text(yaml.safe_dump(FAIR))
    (project.folder / "fair/metrics").mkdir(exist_ok=True)
    (project.folder / "fair/metrics/cost.md").write_text("# Costs\n")
    (project.folder / "metrics").mkdir(exist_ok=True)
    (project.folder / "metrics/verdict.md").write_text("# The verdict\n")
    project.dvc("repro", "-q", "anonymize@botchat")
    (project.folder / "data/annotations/ana.jsonl").write_text("")
    project.commit("demo")
    return project


def test_nothing_of_the_demo_stays_and_ones_own_project_starts(demo, monkeypatch):
    monkeypatch.setenv("DISTILL_SECRET", "long and random")
    settings = (demo.folder / "params.yaml").read_bytes()
    assert (demo.folder / "data/sample/truth.jsonl").exists()
    done = clean_start(demo)
    assert done.returncode == 0, done.stderr
    assert results(demo) == []
    assert not (demo.folder / "data/sample").exists()
    assert not (demo.folder / "data/anonymized/botchat.jsonl").exists()
    assert "data/annotations/ana.jsonl: kept" in done.stdout
    assert (demo.folder / "params.yaml").read_bytes() == settings
    gone = {line.split()[-1] for line in demo.git("status", "--porcelain").splitlines()}
    assert {path.split("/")[0] for path in gone} <= {"dvc.lock", "metrics", "fair", "data", "evokd"}
    assert clean_start(demo).returncode == 0  # a second time there is nothing to do
    demo.commit("clean start")

    raw = demo.folder / "data/raw/botchat"
    raw.mkdir(parents=True)
    (raw / "chats.jsonl").write_text(CHAT)
    demo.set_params(demo.params() | {"source": "data/raw"})
    demo.dvc("repro", "-q", "anonymize@botchat")
    lock = yaml.safe_load((demo.folder / "dvc.lock").read_text())
    assert set(lock["stages"]) == {"plan", "anonymize@botchat"}
    assert not (demo.folder / "data/sample").exists()
    refused = clean_start(demo)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: dvc.lock: has results of data/raw, data of your own")
    assert (demo.folder / "data/anonymized/botchat.jsonl").exists()
