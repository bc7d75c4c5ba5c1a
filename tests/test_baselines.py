"""filter, ask and edit: versions and systems that a distilled student is compared with."""

import json
import re
import shutil

import pytest
import yaml
from endpoint import completion, serve
from stages import GOOD, configure, edited, stage, summarized

from distill import paths, records

ALONE = {"students": {}, "runs": {}, "release": None}
ASKED = {"told": {"llm": "remote", "prompts": "informed", "max_quarantined": 0.5}}
EDITED = {
    "teacher-r1": {"parent": "teacher", "revision": "r1", "llm": "remote", "prompts": "r1"},
    "teacher-r2": {"parent": "teacher-r1", "revision": "r2", "llm": "remote", "prompts": "r2"},
}
RULES = "List what the customer wants, and no moods."


@pytest.fixture(autouse=True)
def informed(workspace):
    """Another folder of prompts for summaries."""
    folder = workspace / "prompts/informed"
    if not folder.exists():
        shutil.copytree(workspace / "prompts/summarize", folder)
    for prompt in folder.iterdir():
        prompt.write_text(f"{RULES}\n{prompt.read_text()}")


@pytest.fixture
def answered(split):
    """A project whose test rows have the teacher's summaries."""
    summaries = [
        {"id": row["id"], "channel": row["channel"], "output": GOOD.format(n=number)}
        for number, row in enumerate(records.read(paths.split("test")), 62)
    ]
    records.write_shards(paths.predictions("teacher"), summaries)


def with_systems(url, **changes):
    configure(url, asked=ASKED, edited=EDITED, systems=["teacher", *ASKED, *EDITED],
              **ALONE, **changes)  # fmt: skip


def outputs(system):
    return {row["id"]: row["output"] for row in records.read(paths.predictions(system))}


def ledger(script, key):
    return json.loads(paths.ledger(script, key).read_text())


@pytest.fixture
def flawless(org):
    """A project whose 60 summaries have no error."""
    target = "<ul><li>hi, I'm order 07-11223-4567{n} man</li><li>Where is it?</li></ul>"
    right = [
        {**row, "target": target.format(n=number)}
        for number, row in enumerate(records.read(paths.dataset("org")))
    ]
    records.write_shards(paths.dataset("org"), right)


def annotated(*with_error, unread=()):
    """Have the annotator find an error in these rows of org and give no usable reply on others."""
    finding = {"code": "content_other", "evidence": "odd"}
    rows = [
        {"id": row["id"], "source": "m", "findings": [finding] if number in with_error else []}
        | ({"findings": None} if number in unread else {})
        for number, row in enumerate(records.read(paths.dataset("org")))
    ]
    records.write_shards(paths.annotated("org"), rows)


def filtered(**changes):
    versions = ["org", "r1", "r2", "r2-guarded", "clean"]
    configure("http://localhost:1", filtered={"clean": {"parent": "org"}}, versions=versions,
              **changes)  # fmt: skip
    return stage("filter", "clean")


# ask: a model by other prompts


def test_ask_has_the_test_rows_answered_by_prompts_of_its_own(split):
    with serve(summarized) as (url, received):
        with_systems(url)
        assert stage("ask", "told").returncode == 0
    rows = list(records.read(paths.predictions("told")))
    assert rows == [
        {"id": f"botchat-0000{n}", "channel": "botchat", "output": GOOD.format(n=n)}
        for n in (62, 63)
    ]
    assert all(body["messages"][0]["content"].startswith(RULES) for body in received)
    assert ledger("ask", "told")["models"] == {
        "m": {"calls": 2, "prompt_tokens": 20, "completion_tokens": 10}
    }


def test_ask_quarantines_what_label_would(split):
    def one_refused(body):
        refused = "456762 " in body["messages"][0]["content"]
        return completion("I cannot help with that.") if refused else summarized(body)

    with serve(one_refused) as (url, _):
        with_systems(url)
        assert stage("ask", "told").returncode == 0
    assert outputs("told").keys() == {"botchat-000063"}
    assert ledger("ask", "told")["quarantined"] == {"unparsable": 1}


def test_the_rules_of_the_offline_teacher_answer_ask_too(split, workspace):
    values = yaml.safe_load((workspace / "params.yaml").read_text())
    values |= {"asked": {"told": {"llm": "rules", "prompts": "informed"}}}
    values["systems"].append("told")
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    assert stage("ask", "told").returncode == 0
    assert outputs("told").keys() == {"botchat-000062", "botchat-000063"}


# edit: outputs edited at inference


def test_edit_applies_a_revisions_fixes_to_a_systems_outputs(answered):
    with serve(edited) as (url, received):
        with_systems(url)
        assert stage("edit", "teacher-r1").returncode == 0
    assert outputs("teacher-r1") == {
        f"botchat-0000{n}": f"<ul><li>Where is order 07-11223-4567{n}?</li></ul>" for n in (62, 63)
    }
    assert len(received) == 2 * 2  # rows, fixes
    counts = ledger("edit", "teacher-r1")
    assert (counts["in"], counts["ok"], counts["quarantined"]) == (2, 2, {})


def test_an_edited_system_is_edited_further_by_the_fixes_of_its_own_revision_alone(answered):
    with serve(edited) as (url, received):
        with_systems(url)
        assert stage("edit", "teacher-r1").returncode == 0
        received.clear()
        assert stage("edit", "teacher-r2").returncode == 0
    assert len(received) == 2
    quoted = [re.search(r"<summary>\n(.*)\n</summary>", body["messages"][0]["content"])[1]
              for body in received]  # fmt: skip
    assert sorted(quoted) == sorted(outputs("teacher-r1").values())


def test_what_a_guard_rejects_or_cannot_use_leaves_the_output_as_it_was(answered):
    def useless(body):
        first = "456762" in body["messages"][0]["content"]
        return completion("<ul><li>Where is the order?</li></ul>" if first else "Sorry.")

    with serve(useless) as (url, _):
        with_systems(url, revisions__r1__guard=True)
        assert stage("edit", "teacher-r1").returncode == 0
    assert outputs("teacher-r1") == outputs("teacher")


def test_an_unusable_edit_is_quarantined_without_a_guard(answered):
    with serve(lambda body: completion("Sorry.")) as (url, _):
        with_systems(url)
        failed = stage("edit", "teacher-r1")
    assert failed.returncode == 1
    assert "edit teacher-r1: 2 of 2 rows could not be used (unparsable 2)" in failed.stderr


def test_edit_reads_the_outputs_that_there_are(answered):
    kept = list(records.read(paths.predictions("teacher")))[1:]
    records.write_shards(paths.predictions("teacher"), kept)
    with serve(edited) as (url, _):
        with_systems(url)
        assert stage("edit", "teacher-r1").returncode == 0
    assert outputs("teacher-r1").keys() == {"botchat-000063"}
    assert ledger("edit", "teacher-r1")["in"] == 1


def test_a_killed_stage_pays_for_no_answer_again(answered):
    with serve(edited) as (url, received):
        with_systems(url)
        assert stage("edit", "teacher-r1").returncode == 0
        asked = len(received)
        shutil.rmtree(paths.predictions("teacher-r1"))
        assert stage("edit", "teacher-r1").returncode == 0
    assert len(received) == asked


# filter: a version of the rows without a found error


def test_filter_leaves_out_the_rows_in_which_the_annotator_finds_an_error(flawless):
    annotated(3, 5)
    assert filtered().returncode == 0
    rows = list(records.read(paths.dataset("clean")))
    assert [row["id"] for row in rows] == [f"botchat-{n:06d}" for n in range(60) if n not in (3, 5)]
    assert rows == [row for row in records.read(paths.dataset("org")) if row in rows]
    assert ledger("filter", "clean") == {
        "stage": "filter", "key": "clean", "in": 60, "ok": 58, "quarantined": {}, "left_over": 2,
    }  # fmt: skip


def test_filter_leaves_out_the_rows_in_which_a_check_finds_an_error(org):
    annotated()
    assert filtered().returncode == 0
    assert list(records.read(paths.dataset("clean"))) == []  # each infers a frustration
    assert ledger("filter", "clean")["left_over"] == 60


def test_a_row_that_the_annotator_could_not_read_is_not_taken_for_flawless(flawless):
    annotated(3, unread=(7,))
    assert filtered(annotate__max_quarantined=0.02).returncode == 0
    left = {row["id"] for row in records.read(paths.dataset("clean"))}
    assert not left & {"botchat-000003", "botchat-000007"}
    assert ledger("filter", "clean")["quarantined"] == {"not_annotated": 1}


def test_an_experts_annotation_does_not_change_a_filtered_version(flawless, workspace):
    annotated(3)
    note = {"id": "botchat-000001", "of": "org", "codes": ["content_order"], "rating": 3}
    records.write(workspace / paths.ANNOTATIONS / "ana.jsonl", [note])
    assert filtered().returncode == 0
    assert ledger("filter", "clean")["ok"] == 59


def test_filter_needs_an_annotator_that_reads_the_rows_to_train_on(flawless):
    annotated(3)
    failed = filtered(annotate__splits=["audit"])
    assert failed.stderr.startswith(
        "error: params.yaml: filtered.clean: leaves errors in train rows, which the annotator does"
        " not read; add train to annotate.splits"
    )
