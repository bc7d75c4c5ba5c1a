"""A `dvc repro` that is killed resumes, and ends with the bytes of one that was not killed."""

import re
import shutil
from typing import NamedTuple

import pytest
import yaml
from endpoint import completion, said, serve
from project import Project

from distill.tasks.summarize.rules import teacher

CONCURRENCY = 4
STAGES = ("label", "revise@r1")
# What the trainer writes last of a checkpoint.
CHECKPOINT = ".distill/checkpoints/tiny-r1-*/phase-0/checkpoint-4/trainer_state.json"


class Ran(NamedTuple):
    """The output of the last run, the requests of all runs, and DVC's hashes of their files."""

    printed: str
    summaries: int
    edits: int
    made: dict[str, dict[str, str]]


def answer(body):
    """The teacher's summary by the rules; of the editor, the same list without its last point."""
    prompt = said(body)
    if is_edit(body):
        listed = re.search(r"<summary>\n(.*)\n</summary>", prompt)[1]
        return completion(re.sub(r"(?<=</li>)<li>[^<]*</li></ul>$", "</ul>", listed))
    return completion(
        teacher.summarize(re.search(r"<interaction>\n(.*)\n<", prompt, re.DOTALL)[1], "botchat")
    )


def is_edit(body):
    return "<interaction>" not in said(body)


def prepare(project, url):
    """Sixty chats, the teacher and the editor behind the server, a checkpoint every four steps."""
    students, chats = project.students(), project.params()["channels"]["botchat"]
    students["tiny"]["train"]["save_steps"] = 4
    sizes = {"test": 6, "dev": 2, "audit": 4, "train": 24}
    project.narrow("botchat", chats, sizes, ["sentiment_inferred_frustrated"])
    values = project.params()
    values["llms"]["remote"] = {"provider": "openai", "model": "m"}
    values["endpoints"]["remote"] = {"base_url": url, "concurrency": CONCURRENCY}
    values["label"]["llm"] = values["revisions"]["r1"]["llm"] = "remote"
    values |= {
        "sample": {"rows": 60},
        "students": students,
        "runs": {"tiny-r1": {"student": "tiny", "version": "r1"}},
        "systems": ["teacher", "tiny", "tiny-r1"],
    }
    project.set_params(values)


def ran(project, received, *arguments):
    printed = project.dvc("repro", *arguments)
    locked = yaml.safe_load((project.folder / "dvc.lock").read_text())["stages"]
    made = {stage: {out["path"]: out["md5"] for out in locked[stage]["outs"]} for stage in STAGES}
    edits = sum(map(is_edit, received))
    return Ran(printed, len(received) - edits, edits, made)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One project: killed in label, revise and finetune; then its data made anew without a kill."""
    project = Project(tmp_path_factory.mktemp("project"))
    with pytest.MonkeyPatch.context() as patch, serve(answer, latency=0.02) as (url, received):
        patch.setenv("DISTILL_DEVICE", "cpu/float32/1")
        prepare(project, url)
        for ready in (
            lambda: len(received) >= 12,
            lambda: sum(map(is_edit, received)) >= 12,
            lambda: any(file.stat().st_size for file in project.folder.glob(CHECKPOINT)),
        ):
            project.kill(ready, "repro", "finetune@tiny-r1")
        killed = ran(project, received, "finetune@tiny-r1")
        shutil.rmtree(project.folder / ".distill")
        received.clear()
        whole = ran(project, received, "--force", "--single-item", *STAGES)
    assert project.ran(whole.printed) == set(STAGES)
    return killed, whole


def test_a_killed_label_asks_again_no_more_than_what_was_in_flight(runs):
    killed, whole = runs
    assert whole.summaries == 36
    assert whole.summaries <= killed.summaries <= whole.summaries + CONCURRENCY
    assert killed.made["label"] == whole.made["label"]


def test_a_killed_revise_asks_again_no_more_than_what_was_in_flight(runs):
    killed, whole = runs
    assert whole.edits > 2 * CONCURRENCY
    assert whole.edits <= killed.edits <= whole.edits + CONCURRENCY
    assert killed.made["revise@r1"] == whole.made["revise@r1"]


def test_a_killed_training_resumes_from_its_last_checkpoint(runs):
    killed, _ = runs
    assert re.search(r"^resuming from checkpoint-\d+ of phase-0$", killed.printed, re.MULTILINE)
