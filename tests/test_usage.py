"""A stage that is called wrongly ends with one line that says how to call it."""

import pytest
from stages import stage

RUNS = "tiny-org, tiny-r1, tiny-r2, tiny-r2-guarded, tiny-r1-botchat, tiny-r1-webform,"


@pytest.mark.parametrize(
    ("script", "usage"),
    [
        ("anonymize", "anonymize.py <channel>; channels: botchat, webform"),
        ("analyze", "analyze.py <version>; versions: org, r1, r2, r2-guarded"),
        ("revise", "revise.py <version>; versions: r1, r2, r2-guarded"),
        ("finetune", f"finetune.py <run>; runs: {RUNS}"),
        ("predict", f"predict.py <run>; runs: {RUNS}"),
        ("judge", "judge.py <system>; systems: teacher, tiny, tiny-org"),
        ("card", f"card.py <run>; runs: {RUNS}"),
    ],
)
def test_an_unknown_name_is_answered_by_the_usage(workspace, script, usage):
    done = stage(script, "nobody")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: usage: {usage}")
    assert done.stderr.count("\n") == 1


def test_so_is_a_name_that_is_missing(workspace):
    done = stage("analyze")
    assert done.returncode == 1
    assert done.stderr == (
        "error: usage: analyze.py <version>; versions: org, r1, r2, r2-guarded\n"
    )


@pytest.mark.parametrize("arguments", [[], ["nobody"], ["tiny", "tiny"]])
def test_a_student_out_of_the_box_is_named_after_an_option(workspace, arguments):
    done = stage("predict", "--student", *arguments)
    assert done.stderr == "error: usage: predict.py --student <student>; students: tiny\n"


def test_asked_for_help_a_stage_tells_what_it_reads_and_writes_and_the_names(workspace):
    done = stage("predict", "--help")
    assert done.returncode == 0
    assert "data/speed/<system>.json" in done.stdout
    assert "usage: predict.py <run>; runs: tiny-org" in done.stdout
