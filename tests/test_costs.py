"""What calls cost: foretold, shown while they run, limited by a budget, kept and pruned."""

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
import termios
from pathlib import Path

import pytest
import yaml
from conftest import REPO
from endpoint import completion, serve
from project import Project
from test_stages import GOOD, configure, edited, rows, stage, summarized

import label
from arf import paths, records

PRICES = {"remote": {"prompt": 1000.0, "completion": 2000.0}}  # dollars per million tokens
CALL = 10 * 0.001 + 5 * 0.002  # dollars of one call: the server counts 10 and 5 tokens
LEARNED = 62  # rows of train, dev and audit


@pytest.fixture
def split(workspace):
    for name, numbers in (("train", range(60)), ("dev", [60]), ("audit", [61]), ("test", [62, 63])):
        records.write_shards(paths.split(name), rows(name, numbers))


def answered(body):
    """What a model that plays all parts would say."""
    content = body["messages"][0]["content"]
    if '"findings"' in content:
        found = {"code": "sentiment_inferred_frustrated", "evidence": "frustrated"}
        mine = "07-11223-456711 " in content
        return completion(json.dumps({"findings": [found] if mine else []}))
    if '"rating"' in content:
        return completion('{"rating": 3, "codes": [], "reason": "fine"}')
    return edited(body) if "<summary>" in content else summarized(body)


def estimate():
    """The lines of `make estimate` by stage: calls, kept, prompt, completion, dollars, most."""
    done = stage("estimate")
    assert done.returncode == 0, done.stderr
    table, _, notes = done.stdout.partition("\n\n")
    _, *lines = (re.split(r" {2,}", line) for line in table.splitlines())
    return {name: cells[-6:] for name, *cells in lines}, notes


def new(cells):
    """The calls of a line that are not kept."""
    return int(cells[0]) - int(cells[1])


def number(cell):
    return float(cell.strip("$").replace(",", ""))


def keeps():
    """How many replies are kept."""
    with sqlite3.connect(paths.replies()) as db:
        return db.execute("SELECT count(*) FROM replies").fetchone()[0]


# --- the estimate


def test_nothing_is_asked_or_written_before_anything_is_paid(split, workspace):
    before = sorted(workspace.rglob("*"))
    with serve(answered) as (url, received):
        configure(url, llms__remote__api_key_env="NOT_SET", costs={"prices": PRICES})
        estimate()
    assert received == []
    assert sorted(workspace.rglob("*")) == before


def test_each_stages_calls_tokens_and_dollars_are_told(split):
    configure("http://localhost:1/v1", costs={"prices": PRICES})
    lines, notes = estimate()
    prompts = [
        label.request(row).messages[0]["content"]
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
    assert "* about summaries or findings that are not there yet: stand-ins take" in notes
    assert "m: 4.00 characters a token, assumed" in notes
    assert "m: 120 tokens a reply of label, assumed" in notes
    assert "no budget" in notes


def test_the_total_is_the_sum_of_the_lines(split):
    configure("http://localhost:1/v1", costs={"prices": PRICES})
    lines, _ = estimate()
    *parts, whole = ([number(cell) for cell in cells] for cells in lines.values())
    for column, summed in enumerate(map(sum, zip(*parts, strict=True))):
        assert whole[column] == pytest.approx(summed, rel=1e-3)


def test_what_was_foretold_is_what_is_then_asked(split):
    with serve(answered) as (url, received):
        configure(url, revisions__r1__only_flagged=True)
        for script, key in (
            ("label", "org"), ("analyze", "org"), ("revise", "r1"), ("analyze", "r1"),
            ("revise", "r2-guarded"), ("judge", "teacher"),
        ):  # fmt: skip
            lines, _ = estimate()
            asked = len(received)
            assert stage(script, *([] if script == "label" else [key])).returncode == 0
            expected = new(lines[f"{script} {key}"])
            assert expected > 0
            if script == "label":
                expected += new(lines["label teacher"])
            assert len(received) - asked == expected


def test_kept_replies_cost_nothing_and_set_the_rates(split):
    with serve(answered) as (url, _):
        configure(url, costs={"prices": PRICES})
        assert stage("label").returncode == 0
    lines, notes = estimate()
    assert lines["label org"] == [str(LEARNED), str(LEARNED), "0", "0", "$0.00", "$0.00"]
    assert lines["analyze org"][:2] == [str(LEARNED), "0"]
    assert "m: 5 tokens a reply of label, as observed" in notes
    assert "m: 120 tokens a reply of analyze, assumed" in notes
    assert re.search(r"m: \d+\.\d\d characters a token, as observed", notes)
    assert f"Spent so far: ${(LEARNED + 2) * CALL:.2f}" in notes


def test_unknown_errors_count_as_being_there(split):
    configure("http://localhost:1/v1", revisions__r1__only_flagged=True)
    lines, _ = estimate()
    assert new(lines["revise r1*"]) == 2 * LEARNED


def test_what_rests_on_unknown_errors_alone_has_a_star(split):
    with serve(answered) as (url, _):
        configure(url, revisions__r1__only_flagged=True)
        assert stage("label").returncode == 0
        before, _ = estimate()
        assert stage("analyze", "org").returncode == 0
        after, _ = estimate()
    assert new(before["analyze org"]) == LEARNED
    assert new(before["revise r1*"]) == 2 * LEARNED
    assert 0 < new(after["revise r1"]) <= LEARNED


def test_students_summaries_are_read_where_they_are(split):
    made = [{**row, "summary": GOOD.format(n=62)} for row in rows("test", [62])]
    records.write_shards(paths.predictions("tiny-r1"), made)
    configure("http://localhost:1/v1")
    lines, _ = estimate()
    assert lines["judge tiny-r1"][0] == "1"
    assert lines["judge tiny*"][0] == "2"


def test_without_a_price_there_are_no_dollars(split):
    configure("http://localhost:1/v1")
    lines, notes = estimate()
    assert lines["total"][-2:] == ["-", "-"]
    assert "remote: no price; add it to costs.prices in params.yaml" in notes


def test_half_price_by_the_batch_api(split):
    configure("http://localhost:1/v1", costs={"prices": PRICES})
    full, _ = estimate()
    configure("http://localhost:1/v1", costs={"prices": PRICES}, llms__remote__batch=True)
    half, _ = estimate()
    for column in (4, 5):
        whole = number(full["label org"][column])
        assert number(half["label org"][column]) == pytest.approx(whole / 2, rel=1e-2)


def test_rules_beside_endpoints_cost_nothing(split):
    configure("http://localhost:1/v1")
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["llms"]["rules"] = {"provider": "rules"}
    for section in ("label", "analyze"):
        values[section]["llm"] = "rules"
    for revision in values["revisions"].values():
        revision["llm"] = "rules"
    Path("params.yaml").write_text(yaml.safe_dump(values))
    lines, notes = estimate()
    assert set(lines) == {*(f"judge {name}*" for name in values["systems"][1:]), "judge teacher",
                          "total"}  # fmt: skip
    assert "label, analyze, revise: by rules, which cost nothing" in notes


def test_the_default_costs_nothing(workspace):
    done = stage("estimate")
    assert done.stdout == "Rules answer every stage: no call, no token, no dollar\n"


def test_without_rows_the_mend_is_told(workspace):
    configure("http://localhost:1/v1")
    done = stage("estimate")
    assert done.returncode == 1
    assert done.stderr == (
        "error: data/split does not exist; `dvc repro split` makes it, unpaid\n"
    )  # fmt: skip


# --- the budget


def test_a_spent_budget_stops_the_stage_and_a_raised_one_pays_the_rest_only(split):
    with serve(summarized, latency=0.01) as (url, received):
        configure(url, costs={"prices": PRICES, "budget": 20 * CALL})
        stopped = stage("label")
        paid = len(received)
        assert 20 <= paid <= 20 + 4  # what was in flight ends
        assert keeps() == paid
        counts = json.loads(paths.ledger("label", "org").read_text())
        assert counts["in"] == LEARNED
        assert counts["quarantined"] == {"over_budget": LEARNED - counts["ok"]}
        assert counts["ok"] == paid
        assert stopped.returncode == 1
        assert stopped.stderr == (
            f"error: label org: {LEARNED - paid} of 62 rows were not asked about, for the budget of"
            " $0.40 is spent; raise costs.budget in params.yaml and run `dvc repro` again: it pays"
            " for these rows only (`python src/cache.py` shows what was spent)\n"
        )
        lines, notes = estimate()
        assert new(lines["label org"]) == LEARNED - paid
        assert "of a budget of $0.40: it will not last to the end" in notes
        configure(url, costs={"prices": PRICES, "budget": 100})
        assert stage("label").returncode == 0
        assert len(received) == LEARNED + 2
    assert records.count(paths.dataset("org")) == LEARNED


@pytest.fixture
def org(workspace):
    made = [
        {**row, "summary": GOOD.format(n=n), "edits": []}
        for n, row in enumerate(rows("train", range(60)))
    ]
    records.write_shards(paths.dataset("org"), made)
    records.write_shards(paths.findings("org"), [])


def test_a_cascade_that_a_budget_stops_counts_every_row_once(org):
    with serve(edited, latency=0.01) as (url, received):
        configure(url, costs={"prices": PRICES, "budget": 50 * CALL})
        assert stage("revise", "r1").returncode == 1
        counts = json.loads(paths.ledger("revise", "r1").read_text())
        assert counts["in"] == counts["ok"] + counts["quarantined"]["over_budget"] == 60
        assert len(received) <= 50 + 4
        configure(url, costs={"prices": PRICES})
        assert stage("revise", "r1").returncode == 0
        assert len(received) == 120
    assert json.loads(paths.ledger("revise", "r1").read_text())["ok"] == 60


def dvc(project, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=project.folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def listed(body):
    return completion("<ul><li>The customer wrote</li></ul>")


def test_dvc_goes_on_when_the_budget_is_raised(tmp_path):
    project = Project(tmp_path)
    project.shrink()
    values = project.params()
    with serve(listed, latency=0.01) as (url, received):
        entry = {"provider": "openai", "model": "m", "base_url": url, "concurrency": 4}
        values["llms"]["remote"] = entry
        values["label"]["llm"] = "remote"
        values["costs"] = {"prices": PRICES, "budget": 10 * CALL}
        project.set_params(values)
        stopped = dvc(project, "repro", "label")
        assert stopped.returncode != 0
        assert "raise costs.budget in params.yaml and run `dvc repro` again" in stopped.stderr
        paid = len(received)
        assert 10 <= paid <= 14
        values["costs"]["budget"] = 1000
        project.set_params(values)
        output = project.dvc("repro", "label")
    assert project.ran(output) == {"label"}
    counts = [json.loads((project.folder / paths.ledger("label", key)).read_text())
              for key in ("org", "teacher")]  # fmt: skip
    assert len(received) == sum(count["ok"] for count in counts)
    values["costs"]["budget"] = 2000
    project.set_params(values)
    assert project.ran(project.dvc("repro", "label")) == set()


# --- the progress


def on_a_terminal(script, *arguments):
    """What a stage prints to a terminal of 120 columns."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (40, 120))
    process = subprocess.Popen(
        [sys.executable, str(REPO / "src" / f"{script}.py"), *arguments], stderr=its
    )
    os.close(its)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # the terminal's other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    return said.decode()


def test_rows_failures_dollars_and_time_left_are_shown(split):
    def sometimes(body):
        refused = "45675 " in body["messages"][0]["content"]
        return (400, {}, "no") if refused else summarized(body)

    with serve(sometimes, latency=0.05) as (url, _):
        configure(url, label__max_quarantined=0.1, costs={"prices": PRICES})
        said = on_a_terminal("label")
    assert re.search(r"label org: .*\d+/62 \[\d\d:\d\d<\d\d:\d\d, .*failed, \$0\.\d\d\]", said)
    assert f"62/62 [00:0{re.search('62/62 .00:0(.)', said)[1]}<00:00" in said
    assert f"1 failed, ${61 * CALL:.2f}]" in said
    assert re.search(r"label teacher: .*2/2 .*0 failed, \$0.04\]", said)


def test_the_rows_of_a_cascade_are_counted_while_they_come(org):
    with serve(edited, latency=0.05) as (url, _):
        configure(url)
        said = on_a_terminal("revise", "r1")
    counts = [int(count) for count in re.findall(r"(\d+)/60 ", said)]
    assert counts[-1] == 60
    assert len({count for count in counts if 0 < count < 60}) > 3


def test_what_is_kept_already_is_shown_as_free(split):
    with serve(summarized) as (url, _):
        configure(url, costs={"prices": PRICES})
        assert stage("label").returncode == 0
        assert re.search(r"62/62 .*0 failed, \$0.00\]", on_a_terminal("label"))


def test_without_a_terminal_nothing_is_shown(split):
    with serve(summarized) as (url, _):
        configure(url)
        assert stage("label").stderr == ""


# --- the kept replies


def test_kept_replies_and_what_was_spent_are_shown(split):
    with serve(summarized) as (url, _):
        configure(url, costs={"prices": PRICES})
        assert stage("label").returncode == 0
    shown = stage("cache").stdout
    assert re.search(r"m +64 +0\.0 +\d{4}-\d\d-\d\d$", shown, re.MULTILINE)
    assert re.search(r"label +m +64 +640 +320 +\$1\.28$", shown, re.MULTILINE)
    assert re.search(r"^total +\$1\.28$", shown, re.MULTILINE)


def test_unused_replies_are_pruned_and_paid_for_again(split):
    with serve(summarized) as (url, received):
        configure(url)
        assert stage("label").returncode == 0
        with sqlite3.connect(paths.replies()) as db:
            db.execute("UPDATE replies SET used = used - 40 * 86400 WHERE key > '8'")
            old = db.execute("SELECT count(*) FROM replies WHERE key > '8'").fetchone()[0]
        estimate()  # looks at the replies and uses none
        said = stage("cache", "--prune", "30").stdout
        assert re.match(rf"{old} replies unused for 30 days were forgotten; \S+ had 0\.\d MB", said)
        assert re.search(rf"m +{64 - old} ", said)
        assert stage("label").returncode == 0
    assert len(received) == 64 + old


def test_pruning_makes_the_file_smaller(split):
    with serve(lambda body: completion(f"<ul><li>{'very ' * 2000}</li></ul>")) as (url, _):
        configure(url)
        assert stage("label").returncode == 0
    said = stage("cache", "--prune", "0").stdout
    before, after = map(float, re.search(r"had (\S+) MB and has (\S+) MB", said).groups())
    assert before > 0.5 > after
    assert "No reply is kept" in said
    assert keeps() == 0


def test_of_no_replies_nothing_is_made(workspace):
    done = stage("cache", "--prune", "7")
    assert done.stdout == (
        ".arf/replies.sqlite does not exist: no reply is kept and nothing was spent yet\n"
    )
    assert not paths.replies().exists()
    refused = stage("cache", "--prune", "-1").stderr
    assert refused == "error: --prune -1: days are counted from 0 up\n"
