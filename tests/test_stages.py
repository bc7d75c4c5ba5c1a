"""label, annotate, analyze, revise and judge as DVC runs them, with a real HTTP server."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import REPO
from endpoint import completion, serve, wait_until
from stages import (
    GOOD,
    LEARNED,
    configure,
    edited,
    rows,
    stage,
    summarized,
    three_unusable,
)

from distill import paths, records


def test_label_writes_org_and_the_teachers_predictions(split):
    with serve(summarized) as (url, received):
        configure(url)
        assert stage("label").returncode == 0
    org = list(records.read(paths.dataset("org")))
    assert [row["id"] for row in org] == [f"botchat-{n:06d}" for n in range(62)]
    assert {row["split"] for row in org} == {"train", "dev", "audit"}
    assert org[7]["target"] == GOOD.format(n=7)
    assert org[7]["edits"] == []
    predicted = list(records.read(paths.predictions("teacher")))
    assert [row["output"] for row in predicted] == [GOOD.format(n=62), GOOD.format(n=63)]
    assert "Where is it?" in received[0]["messages"][0]["content"]


def test_rows_without_a_usable_summary_are_quarantined(split):
    with serve(three_unusable) as (url, _):
        configure(url, label__max_quarantined=0.1)
        assert stage("label").returncode == 0
        assert json.loads(paths.ledger("label", "org").read_text()) == {
            "stage": "label", "key": "org", "in": 62, "ok": 59,
            "quarantined": {"refused": 1, "truncated": 1, "unparsable": 1},
            "models": {"m": {"calls": 62, "prompt_tokens": 620, "completion_tokens": 310}},
        }  # fmt: skip
        configure(url, label__max_quarantined=0.01)
        failed = stage("label")
    assert failed.returncode == 1
    assert re.match(r"error: label org: [123] of 62 rows could not be used", failed.stderr)
    assert "nothing more was asked" in failed.stderr
    assert failed.stderr.count("\n") == 1


def killed_halfway(script, arguments, received, count):
    """Start a stage, and kill it (SIGKILL) once the server has received `count` requests."""
    process = subprocess.Popen(
        [sys.executable, str(REPO / "src" / f"{script}.py"), *arguments], start_new_session=True
    )
    wait_until(lambda: len(received) >= count)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_a_killed_label_resumes_and_writes_the_same_bytes(split, workspace):
    with serve(summarized, latency=0.02) as (url, received):
        configure(url)
        killed_halfway("label", [], received, 30)
        assert not paths.dataset("org").exists() or not list(paths.dataset("org").glob("part*"))
        assert stage("label").returncode == 0
        sent = len(received)
        interrupted = (paths.dataset("org") / "part-00000.jsonl").read_bytes()
        (workspace / ".distill/replies.sqlite").unlink()
        assert stage("label").returncode == 0
        assert (paths.dataset("org") / "part-00000.jsonl").read_bytes() == interrupted
    assert sent <= 64 + 4  # only requests in flight at the kill were repeated


def test_the_next_run_sends_only_the_quarantined_rows(split):
    failing = {"45675 ", "45676 "}

    def sometimes(body):
        text = body["messages"][0]["content"]
        return (500, {}, "") if any(part in text for part in failing) else summarized(body)

    with serve(sometimes) as (url, received):
        configure(url, label__max_quarantined=0.1)
        assert stage("label").returncode == 0
        assert json.loads(paths.ledger("label", "org").read_text())["quarantined"] == {
            "server_error": 2
        }
        failing.clear()
        received.clear()
        assert stage("label").returncode == 0
        assert json.loads(paths.ledger("label", "org").read_text())["ok"] == 62
    assert len(received) == 2


def test_concurrent_stages_send_each_request_once(split, workspace, tmp_path_factory):
    """The experiments of `dvc exp run --jobs` share one DVC_ROOT."""
    with serve(summarized, latency=0.02) as (url, received):
        configure(url)
        folders = [tmp_path_factory.mktemp("experiment") / "copy" for _ in range(3)]
        for folder in folders:
            shutil.copytree(workspace, folder)
        environment = {**os.environ, "DVC_ROOT": str(workspace)}
        command = [sys.executable, str(REPO / "src/label.py")]
        running = [subprocess.Popen(command, cwd=folder, env=environment) for folder in folders]
        assert [process.wait() for process in running] == [0, 0, 0]
    assert len(received) == LEARNED + 2
    made = {(folder / "data/dataset/org/part-00000.jsonl").read_bytes() for folder in folders}
    assert len(made) == 1


def test_a_stopped_stage_does_not_block_another_one(split, workspace):
    with serve(summarized, latency=0.1) as (url, received):
        configure(url, endpoints__remote__patience=1)
        stopped = subprocess.Popen([sys.executable, str(REPO / "src/label.py")])
        wait_until(lambda: len(received) > 20)
        stopped.send_signal(signal.SIGSTOP)
        try:
            assert stage("label").returncode == 0
            assert len(received) <= LEARNED + 2 + 4  # only requests in flight were repeated
        finally:
            stopped.kill()
            stopped.wait()


def test_revise_edits_each_row_and_records_before_and_after(org):
    with serve(edited) as (url, received):
        configure(url)
        assert stage("revise", "r1").returncode == 0
    revised = list(records.read(paths.dataset("r1")))
    after = "<ul><li>Where is order 07-11223-45673?</li></ul>"
    assert revised[3]["target"] == after
    assert revised[3]["edits"] == [
        {
            "code": "sentiment_inferred_frustrated",
            "before": GOOD.format(n=3),
            "after": after,
            "accepted": True,
            "reason": "",
        },
        {
            "code": "unn_content_requests_agent",
            "before": after,
            "after": after,
            "accepted": True,
            "reason": "",
        },
    ]
    assert len(received) == 120


def test_only_flagged_edits_only_the_rows_with_the_error(org):
    finding = {"code": "content_other", "evidence": "odd"}
    row = {"id": "botchat-000003", "source": "remote", "findings": [finding]}
    records.write_shards(paths.annotated("org"), [row])
    Path("prompts/r1/content_other.txt").write_text("<summary>\n$summary\n</summary>")
    with serve(edited) as (url, received):
        fixes = {"botchat": ["content_other"]}
        configure(url, revisions__r1__only_flagged=True, revisions__r1__fixes=fixes)
        assert stage("revise", "r1").returncode == 0
    revised = list(records.read(paths.dataset("r1")))
    assert [row["id"] for row in revised if row["edits"]] == ["botchat-000003"]
    assert len(received) == 1


def test_guard_undoes_a_rejected_edit(org):
    with serve(lambda body: completion("<ul><li>Where is the order?</li></ul>")) as (url, _):
        configure(url, revisions__r1__guard=True)
        assert stage("revise", "r1").returncode == 0
    row = next(iter(records.read(paths.dataset("r1"))))
    assert row["target"] == GOOD.format(n=0)
    assert not row["edits"][0]["accepted"]
    assert row["edits"][0]["reason"] == "entity_lost:order_number"


def test_an_edit_with_the_interaction_in_its_prompt_may_add_its_content(org, workspace):
    prompt = workspace / "prompts/own/content_missing.txt"
    prompt.parent.mkdir()
    texts = "<interaction>\n$interaction\n</interaction>\n<summary>\n$summary\n</summary>"
    prompt.write_text(f"Add what is missing.\n{texts}")

    def complete(body):
        text = body["messages"][0]["content"]
        number = re.search(r"<interaction>\n.*order 07-11223-4567(\d+) man", text).group(1)
        point = f"hi, I'm order 07-11223-4567{number} man"
        return completion(GOOD.format(n=number).replace("<ul>", f"<ul><li>{point}</li>"))

    fixes = {"botchat": ["content_missing"]}
    with serve(complete) as (url, _):
        configure(url, revisions__r1__guard=True, revisions__r1__prompts="own",
                  revisions__r1__fixes=fixes)  # fmt: skip
        done = stage("revise", "r1")
    assert done.returncode == 0, done.stderr
    row = next(iter(records.read(paths.dataset("r1"))))
    assert row["edits"][0]["reason"] == ""
    assert "hi, I'm order 07-11223-45670 man" in row["target"]


def test_revise_reports_the_errors_that_the_rules_cannot_repair(org, workspace):
    (workspace / "prompts/r1/content_missing.txt").write_text("Add what is missing.\n$summary")
    values = yaml.safe_load((workspace / "params.yaml").read_text())
    values["revisions"]["r1"]["fixes"]["botchat"].append("content_missing")
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    done = stage("revise", "r1")
    assert done.returncode == 0
    assert done.stderr == (
        "revise r1: the rules cannot repair content_missing and do not change these summaries;"
        " name an endpoint in revisions.r1.llm\n"
    )


def test_a_malformed_edit_is_quarantined_without_guard(org):
    with serve(lambda body: completion("Sorry.")) as (url, _):
        configure(url)
        failed = stage("revise", "r1")
    assert failed.returncode == 1
    assert re.search(r"\d of 60 rows could not be used \(unparsable \d+\)", failed.stderr)


def test_a_killed_revise_resumes_and_writes_the_same_bytes(org, workspace):
    with serve(edited, latency=0.02) as (url, received):
        configure(url)
        killed_halfway("revise", ["r1"], received, 60)
        assert stage("revise", "r1").returncode == 0
        sent = len(received)
        interrupted = (paths.dataset("r1") / "part-00000.jsonl").read_bytes()
        (workspace / ".distill/replies.sqlite").unlink()
        assert stage("revise", "r1").returncode == 0
        assert (paths.dataset("r1") / "part-00000.jsonl").read_bytes() == interrupted
    in_flight = 2 * 2 * 4  # two fixes, each with twice the concurrency in flight
    assert sent <= 120 + in_flight


def test_an_experts_annotation_replaces_the_other_findings(org, workspace):
    answer = json.dumps({"errors": [{"code": "content_other", "quote": "customer"}]})
    folder = workspace / paths.ANNOTATIONS
    folder.mkdir(parents=True)
    note = {"id": "botchat-000001", "of": "org", "codes": ["content_order"], "rating": 3}
    records.write(folder / "ana.jsonl", [note])
    with serve(lambda body: completion(answer)) as (url, received):
        configure(url)
        assert stage("annotate", "org").returncode == 0
        assert stage("analyze", "org").returncode == 0
    found = list(records.read(paths.findings("org")))
    first = [(row["code"], row["source"]) for row in found if row["id"] == "botchat-000000"]
    assert ("content_other", "remote") in first
    assert ("sentiment_inferred_frustrated", "rules") in first
    assert [(row["code"], row["source"]) for row in found if row["id"] == "botchat-000001"] == [
        ("content_order", "experts (1 of 1)")
    ]
    assert len(received) == 60


def test_an_annotation_of_an_earlier_summary_is_ignored(org, workspace):
    note = {"id": "botchat-000001", "of": "org", "codes": ["content_order"], "digest": "0" * 12}
    records.write(workspace / paths.ANNOTATIONS / "ana.jsonl", [note])
    with serve(lambda body: completion('{"errors": []}')) as (url, received):
        configure(url)
        assert stage("annotate", "org").returncode == 0
        done = stage("analyze", "org")
    assert "ana.jsonl:1: the summary of botchat-000001 in org has changed" in done.stderr
    assert len(received) == 60
    found = list(records.read(paths.findings("org")))
    assert {row["source"] for row in found if row["id"] == note["id"]} == {"rules"}


def test_a_finding_has_the_source_feedback_of_its_annotation(org, workspace):
    note = {"id": "botchat-000001", "of": "org", "codes": ["content_order"], "source": "feedback"}
    records.write(workspace / paths.ANNOTATIONS / "ana.jsonl", [note])
    with serve(lambda body: completion('{"errors": []}')) as (url, _):
        configure(url)
        assert stage("annotate", "org").returncode == 0
        assert stage("analyze", "org").returncode == 0
    found = list(records.read(paths.findings("org")))
    assert [(row["code"], row["source"]) for row in found if row["id"] == note["id"]] == [
        ("content_order", "feedback")
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"id": "x", "of": "org"}', r"ana\.jsonl:1: 'codes' is missing"),
        ('{"id": "x", "of": "org", "codes": ["typo"]}', r"ana\.jsonl:1: 'typo' is not in taxonomy"),
        ('{"id": "x", "of": "org", "codes": [], "rating": 9}', "must be 1 to 5, not 9"),
        ('{"id": "x", "of": "org", "codes": [], "rating": 3.0}', "must be 1 to 5, not 3.0"),
        ('{"id": "x", "of": "org", "codes": null}', "codes must be a list, not None"),
        ('{"id": "x", "of": "org", "codes": [], "source": "me"}', "must be 'feedback' or left"),
        ('{"id": "x", "of"', r"ana\.jsonl:1: not a line of JSON"),
    ],
)
def test_an_invalid_annotation_is_reported_with_its_line(org, workspace, line, problem):
    folder = workspace / paths.ANNOTATIONS
    folder.mkdir(parents=True)
    (folder / "ana.jsonl").write_text(line + "\n")
    with serve(lambda body: completion('{"errors": []}')) as (url, _):
        configure(url)
        assert stage("annotate", "org").returncode == 0
        failed = stage("analyze", "org")
    assert failed.returncode == 1
    assert re.search(problem, failed.stderr)


def test_judge_rates_each_prediction_without_the_systems_name(split):
    predictions = [
        {"id": row["id"], "channel": "botchat", "output": GOOD.format(n=62)}
        for row in rows("test", [62, 63])
    ]
    records.write_shards(paths.predictions("tiny-r1"), predictions)
    errors = [{"code": "sentiment_inferred_frustrated", "quote": "is frustrated"}]
    answer = json.dumps({"errors": errors, "concise": True})
    with serve(lambda body: completion(answer)) as (url, received):
        configure(url)
        assert stage("judge", "tiny-r1").returncode == 0
    assert next(iter(records.read(paths.ratings("tiny-r1")))) == {
        "id": "botchat-000062", "channel": "botchat", "system": "tiny-r1",
        "rating": 3, "errors": errors,
    }  # fmt: skip
    assert "tiny-r1" not in json.dumps(received)


def test_a_verdict_in_free_text_is_quarantined(split):
    prediction = {"id": "botchat-000062", "channel": "botchat", "output": GOOD.format(n=62)}
    records.write_shards(paths.predictions("tiny-r1"), [prediction])
    with serve(lambda body: completion("I would say 5.")) as (url, _):
        configure(url, judge__max_quarantined=1.0)
        assert stage("judge", "tiny-r1").returncode == 0
    assert list(records.read(paths.ratings("tiny-r1"))) == []
    assert json.loads(paths.ledger("judge", "tiny-r1").read_text())["quarantined"] == {
        "unparsable": 1
    }
