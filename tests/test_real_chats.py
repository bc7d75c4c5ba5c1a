"""One command takes a folder of real chats from raw files to the tables."""

import json
import lzma
import os
import re
import subprocess
from itertools import islice
from pathlib import Path

import pytest
import warm
import yaml
from project import Project

FOLDER = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data")) / "cucom"
SIZES = {"test": 6, "dev": 2, "audit": 6, "train": 24}
RUN = "smollm2-r1"  # the fewest trainings

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason=f"{FOLDER} is missing; name the folder of test data in DISTILL_TEST_DATA",
)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The project's folder and the finished command, on the first chats and with a tiny student."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.forget_results()
    tiny = project.students()["tiny"]
    project.commit("without results, with a tiny student")
    chats = tmp_path_factory.mktemp("chats")
    [packed] = FOLDER.glob("*.jsonl.xz")
    with lzma.open(packed, "rt", encoding="utf-8") as lines:
        (chats / "first.jsonl").write_text("".join(islice(lines, 60)), encoding="utf-8")
    (chats / "LICENSE").write_text("Not a chat.")
    values = yaml.safe_load((project.folder / "profiles/chats.yaml").read_text())
    values["base"] = ["minilm"]  # which unpacks in a moment, and no student has
    values["split"]["sizes"]["agentchat"] = SIZES
    values["runs"], values["release"] = {RUN: values["runs"][RUN]}, RUN
    values["systems"] = ["teacher", *values["edited"], "smollm2", RUN]
    student = values["students"]["smollm2"]
    student["base"], student["max_length"] = tiny["base"], 4096
    student["train"]["epochs"], student["predict"]["max_new_tokens"] = 0.5, 48
    values["report"]["bootstrap"] = 200
    params = chats.parent / "params.yaml"
    params.write_text(yaml.safe_dump(values))
    command = [warm.python(), "benchmarks/real_chats.py", chats, "--params", params]
    finished = subprocess.run(
        command, cwd=project.folder, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return project.folder, finished


def test_the_student_is_compared_with_the_teacher_by_an_interval(done):
    _, finished = done
    number = r"-?\d\.\d\d"
    line = rf"\| judge \| {RUN} \| teacher \| [+-]\d\.\d\d \[{number}, {number}\] \| 6 \|"
    assert re.search(line, finished.stdout), finished.stdout


def test_the_tables_stay_in_a_folder_that_git_ignores(done):
    folder, _ = done
    metrics = folder / "build/chats/metrics"
    assert {"table1.md", "table2.md", "table3.md", "effects.json"} <= {
        path.name for path in metrics.iterdir()
    }
    git = ["git", "status", "--porcelain"]
    status = subprocess.run(git, cwd=folder, capture_output=True, text=True, check=True)
    assert status.stdout == ""


def test_every_chat_is_accounted_for(done):
    folder, _ = done
    ledgers = folder / "build/chats/data/ledger"
    chats = json.loads((ledgers / "anonymize-agentchat.json").read_text())
    assert chats["in"] == 60
    split = json.loads((ledgers / "split-all.json").read_text())
    assert split["ok"] == sum(SIZES.values())
    for system in ("teacher-r1", "teacher-r2-guarded"):
        edited = json.loads((ledgers / f"edit-{system}.json").read_text())
        assert (edited["in"], edited["ok"]) == (SIZES["test"], SIZES["test"])
