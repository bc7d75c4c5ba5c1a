"""The estimate of calls, tokens and dollars before anything is paid."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from endpoint import completion, serve
from stages import (
    CALL,
    GOOD,
    LEARNED,
    PRICES,
    configure,
    edited,
    estimate,
    new,
    process,
    rows,
    stage,
    summarized,
)  # fmt: skip

import label
from distill import paths, records, tasks
from distill.params import load
from distill.params.shared import Stage
from distill.report.estimates import Dollars, Line, Rates, page


def answered(body, summarized=summarized):
    """Answer as teacher, editor, annotator and judge, depending on the prompt."""
    content = body["messages"][0]["content"]
    if '"concise"' in content:
        return completion('{"errors": [], "concise": true}')
    if '"errors"' in content:
        found = {"code": "sentiment_inferred_frustrated", "quote": "07-11223-456711"}
        mine = "07-11223-456711 " in content
        return completion(json.dumps({"errors": [found] if mine else []}))
    return edited(body) if "<summary>" in content else summarized(body)


def number(cell):
    return float(cell.strip("$").replace(",", ""))


def test_the_dry_run_sends_no_request_and_writes_no_file(split, workspace):
    before = sorted(workspace.rglob("*"))
    with serve(answered) as (url, received):
        configure(url, endpoints__remote__api_key_env="NOT_SET", costs={"prices": PRICES})
        estimate()
    assert received == []
    assert sorted(workspace.rglob("*")) == before


def test_calls_tokens_and_dollars_are_estimated_for_each_stage(split):
    configure("http://localhost:1/v1", costs={"prices": PRICES})
    lines, notes = estimate()
    prompts = [
        tasks.request(row).messages[0]["content"]
        for name in label.LEARNED
        for row in records.read(paths.split(name))
    ]
    tokens = round(sum(map(len, prompts)) / 4)
    dollars = tokens * 0.001 + LEARNED * 120 * 0.002
    most = tokens * 0.001 + LEARNED * 1024 * 0.002
    assert lines["label org"] == [
        str(LEARNED), "0", f"{tokens:,}", f"{LEARNED * 120:,}", f"${dollars:,.2f}", f"${most:,.2f}",
    ]  # fmt: skip
    assert {name: new(cells) for name, cells in lines.items() if name.startswith("revise")} == {
        "revise r1*": 2 * LEARNED, "revise r2*": LEARNED, "revise r2-guarded*": LEARNED,
    }  # fmt: skip
    assert len([name for name in lines if re.fullmatch(r"judge .*\*", name)]) == 10
    assert "* estimated with stand-ins for outputs that do not exist yet" in notes
    assert "m: 4.00 characters per token (assumed)" in notes
    assert "m: 120 tokens per reply of label (assumed)" in notes
    assert "no budget" in notes


def test_the_total_is_the_sum_of_the_lines(split):
    configure("http://localhost:1/v1", costs={"prices": PRICES})
    lines, _ = estimate()
    *parts, whole = ([number(cell) for cell in cells] for cells in lines.values())
    for column, summed in enumerate(map(sum, zip(*parts, strict=True))):
        assert whole[column] == pytest.approx(summed, rel=1e-3)


def test_the_estimated_calls_are_the_calls_that_the_stages_make(split):
    with serve(answered) as (url, received):
        configure(url, revisions__r1__only_flagged=True)
        for script, key in (
            ("label", "org"), ("annotate", "org"), ("revise", "r1"), ("annotate", "r1"),
            ("revise", "r2-guarded"), ("judge", "teacher"),
        ):  # fmt: skip
            lines, _ = estimate()
            asked = len(received)
            assert stage(script, *([] if script == "label" else [key])).returncode == 0
            if script == "annotate":
                assert stage("analyze", key).returncode == 0
            expected = new(lines[f"{script} {key}"])
            assert expected > 0
            if script == "label":
                expected += new(lines["label teacher"])
            assert len(received) - asked == expected


def test_a_model_asked_otherwise_and_edits_at_inference_are_estimated(split, workspace):
    own = shutil.copytree(workspace / "prompts/summarize", workspace / "prompts/own")
    for prompt in own.iterdir():
        prompt.write_text(f"Leave out moods.\n{prompt.read_text()}")
    asked = {"told": {"llm": "remote", "prompts": "own"}}
    edited = {"better": {"parent": "told", "revision": "r1", "llm": "remote", "prompts": "r1"}}
    systems = {"students": {}, "runs": {}, "release": None, "systems": ["teacher", *asked, *edited]}
    calls = {"ask told": 2, "edit better": 2 * 2, "judge better": 2}  # rows, fixes
    with serve(answered) as (url, received):
        configure(url, asked=asked, edited=edited, **systems)
        for name, count in calls.items():
            lines, _ = estimate()
            found = {line.removesuffix("*"): new(cells) for line, cells in lines.items()}
            assert found[name] == count
            assert stage(*name.split()).returncode == 0
            assert len(received) == count
            received.clear()


def test_a_filtered_version_is_estimated_with_all_rows_until_their_errors_are_found(split):
    target = "<ul><li>hi, I'm order 07-11223-4567{n} man</li><li>Where is it?</li></ul>"

    def summarized(body):
        number = re.search(r"07-11223-4567(\d+)", body["messages"][0]["content"]).group(1)
        return completion(target.format(n=number))

    versions = ["org", "r1", "r2", "r2-guarded", "clean"]
    with serve(lambda body: answered(body, summarized)) as (url, _):
        configure(url, filtered={"clean": {"parent": "org"}}, versions=versions)
        assert stage("label").returncode == 0
        before, _ = estimate()
        assert stage("annotate", "org").returncode == 0
        assert stage("filter", "clean").returncode == 0
        after, _ = estimate()
    assert new(before["annotate clean*"]) == LEARNED
    assert after["annotate clean"][:2] == [str(LEARNED - 1), str(LEARNED - 1)]


def test_cached_replies_are_free_and_determine_the_rates(split):
    with serve(answered) as (url, _):
        configure(url, costs={"prices": PRICES})
        assert stage("label").returncode == 0
    lines, notes = estimate()
    assert lines["label org"] == [str(LEARNED), str(LEARNED), "0", "0", "$0.00", "$0.00"]
    assert lines["annotate org"][:2] == [str(LEARNED), "0"]
    assert "m: 5 tokens per reply of label (observed)" in notes
    assert "m: 120 tokens per reply of annotate (assumed)" in notes
    assert re.search(r"m: \d+\.\d\d characters per token \(observed\)", notes)
    assert f"Spent so far: ${(LEARNED + 2) * CALL:.2f}" in notes


def test_rows_with_unknown_findings_count_as_flagged(split):
    configure("http://localhost:1/v1", revisions__r1__only_flagged=True)
    lines, _ = estimate()
    assert new(lines["revise r1*"]) == 2 * LEARNED


def test_a_star_marks_calls_that_depend_on_unknown_findings(split):
    with serve(answered) as (url, _):
        configure(url, revisions__r1__only_flagged=True)
        assert stage("label").returncode == 0
        before, _ = estimate()
        assert stage("annotate", "org").returncode == 0
        assert stage("analyze", "org").returncode == 0
        after, _ = estimate()
    assert new(before["annotate org"]) == LEARNED
    assert new(before["revise r1*"]) == 2 * LEARNED
    assert 0 < new(after["revise r1"]) <= LEARNED


def test_existing_predictions_are_used(split):
    made = [{**row, "output": GOOD.format(n=62)} for row in rows("test", [62])]
    records.write_shards(paths.predictions("tiny-r1"), made)
    configure("http://localhost:1/v1")
    lines, _ = estimate()
    assert lines["judge tiny-r1"][0] == "1"
    assert lines["judge tiny*"][0] == "2"


def test_a_served_student_is_estimated_like_other_models(split):
    weights = paths.model("tiny-r1") / "adapter_model.safetensors"
    weights.parent.mkdir(parents=True)
    with serve(summarized) as (url, received):
        configure(url, students__tiny__predict__endpoint="remote", costs={"prices": PRICES})
        weights.write_bytes(b"trained")
        before, _ = estimate()
        assert stage("predict", "tiny-r1").returncode == 0
        after, notes = estimate()
        weights.write_bytes(b"trained again")
        retrained, _ = estimate()
        weights.unlink()
        untrained, _ = estimate()
    calls = [new(lines["predict tiny-r1"]) for lines in (before, after, retrained, untrained)]
    assert calls == [2, 0, 2, 2]
    assert new(after["predict tiny"]) == 2
    assert len(received) == 2
    assert "tiny-r1: 5 tokens per reply of predict (observed)" in notes
    most = 2 * 192 * 0.002  # dollars of replies of max_new_tokens
    assert number(before["predict tiny-r1"][5]) > most > number(before["predict tiny-r1"][4])


def test_without_a_price_there_are_no_dollars(split):
    configure("http://localhost:1/v1")
    lines, notes = estimate()
    assert lines["total"][-2:] == ["-", "-"]
    assert "remote: no price; add it to costs.prices in params.yaml" in notes


def test_the_batch_api_halves_the_dollars(split):
    configure("http://localhost:1/v1", costs={"prices": PRICES})
    full, _ = estimate()
    configure("http://localhost:1/v1", costs={"prices": PRICES}, endpoints__remote__batch=True)
    half, _ = estimate()
    for column in (4, 5):
        whole = number(full["label org"][column])
        assert number(half["label org"][column]) == pytest.approx(whole / 2, rel=1e-2)


def test_rules_among_endpoints_are_free(split):
    configure("http://localhost:1/v1")
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["llms"]["rules"] = {"provider": "rules"}
    for section in ("label", "annotate"):
        values[section]["llm"] = "rules"
    for revision in values["revisions"].values():
        revision["llm"] = "rules"
    Path("params.yaml").write_text(yaml.safe_dump(values))
    lines, notes = estimate()
    assert set(lines) == {*(f"judge {name}*" for name in values["systems"][1:]), "judge teacher",
                          "total"}  # fmt: skip
    assert "label, annotate, revise: by rules, which are free" in notes


def test_a_paid_stage_without_a_dry_run_is_named_and_ends_nothing(workspace):
    configure("http://localhost:1/v1")
    params = load()
    stages = [Stage("label", "org", "remote"), Stage("polish", "r1", "remote")]
    line = Line("label", "org", "remote", "m", 1024, calls=2, characters=80, answers=2)
    said = list(page([line], params, stages, Rates([]), Dollars()))
    assert "polish: not estimated, as there is no dry run of it" in said


def test_the_default_is_free(workspace):
    done = process("estimate")
    assert done.stdout == "All stages use rules, which are free: no endpoint is called\n"


def test_missing_rows_are_reported_with_the_remedy(workspace):
    configure("http://localhost:1/v1")
    done = stage("estimate")
    assert done.returncode == 1
    assert done.stderr == (
        "error: data/split does not exist; run `dvc repro split`, which is free\n"
    )  # fmt: skip
