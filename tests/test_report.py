import csv
import hashlib
import html
import json
import re
import shutil
from pathlib import Path

import outputs
import pytest
import yaml
from conftest import REPO
from outputs import RUNS, params, row

import report
from distill import paths, records
from distill.errors import InputError
from distill.params import load
from distill.people import edit_verdicts
from distill.report import curves, page, privacy, ratings, results, summaries
from distill.report.arf import cascade, table3
from distill.stats import tables
from distill.tasks.summarize import format


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A folder in which every stage before report has run, on four test rows a channel."""
    monkeypatch.chdir(tmp_path)
    outputs.write(tmp_path)
    return tmp_path


def run_report():
    report.main()
    return Path("metrics")


def table(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_means_are_given_by_judge_and_by_truth(repository):
    params()
    metrics = run_report()
    judge = json.loads((metrics / "judge.json").read_text())
    truth = json.loads((metrics / "truth.json").read_text())
    assert list(judge) == ["teacher", "tiny", *RUNS]
    assert judge["tiny-r1"] == truth["tiny-r1"] == {"botchat": 5.0, "webform": 5.0}
    assert judge["teacher"] == truth["teacher"] == {"botchat": 3.0, "webform": 3.0}
    assert judge["tiny"]["botchat"] == truth["tiny"]["botchat"] == 1.0


def test_effects_set_every_run_against_teacher_org_r1_and_out_of_the_box(repository):
    params()
    effects = json.loads((run_report() / "effects.json").read_text())
    pairs = {(one["system"], one["against"]) for one in effects}
    assert pairs == {
        ("tiny-org", "teacher"),
        ("tiny-org", "r1"),
        ("tiny-org", "tiny"),
        ("tiny-r1", "teacher"),
        ("tiny-r1", "org"),
        ("tiny-r1", "tiny"),
        ("tiny-r1-botchat", "teacher"),
        ("tiny-r1-botchat", "org"),
        ("tiny-r1-botchat", "r1"),
        ("tiny-r1-botchat", "tiny"),
    }
    assert {one["measure"] for one in effects} == {"judge", "truth"}
    one = next(e for e in effects if (e["system"], e["against"]) == ("tiny-r1", "org"))
    assert list(one) == [
        "channel",
        "measure",
        "system",
        "against",
        "delta",
        "low",
        "high",
        "p",
        "n",
    ]
    assert (one["delta"], one["low"], one["high"], one["n"]) == (2.0, 2.0, 2.0, 4)


def test_table_1_counts_each_error_once_a_summary(repository):
    params()
    rows = table(run_report() / "table1.csv")
    found = [one for one in rows if one["measure"] == "findings"]
    assert [(one["channel"], one["code"], one["count"], one["share"]) for one in found] == [
        ("botchat", "unn_content_requests_agent", "4", "1.0"),
        ("webform", "unn_content_webform_email_copy", "4", "1.0"),
    ]


def test_rows_drawn_from_feedback_are_left_out_of_table_1_and_told_beside_it(repository):
    params()
    found = list(records.read(paths.findings("org")))
    before = table(run_report() / "table1.csv")
    assert "feedback" not in Path("metrics/table1.md").read_text()
    for finding in found:
        if finding["id"] == "botchat-000001":
            finding["source"] = "feedback"
    records.write_shards(paths.findings("org"), found)
    after = table(run_report() / "table1.csv")
    fell = [int(old["count"]) - int(new["count"]) for old, new in zip(before, after, strict=True)]
    assert sum(fell) == 1
    assert (
        "\n\nNot counted, for they were drawn from feedback and not at random: 1 error that"
        " experts marked in 1 summary.\n"
    ) in Path("metrics/table1.md").read_text()


def test_table_3_tells_edits_that_lost_something_from_those_that_worked(repository):
    params()
    rows = {
        (one["measure"], one["code"], one["channel"]): one
        for one in table(run_report() / "table3.csv")
    }
    for measure in ("checks", "truth"):
        agent = rows[measure, "unn_content_requests_agent", "botchat"]
        copy = rows[measure, "unn_content_webform_email_copy", "webform"]
        assert (agent["success"], agent["n"]) == ("0.75", "4")
        assert (copy["success"], copy["n"]) == ("1.0", "4")


def test_table_2_as_people_read_it(repository):
    params()
    found = (run_report() / "table2.md").read_text(encoding="utf-8")
    assert found == (REPO / "tests/golden/table2.md").read_text(encoding="utf-8")


def test_table_4_sets_training_orders_beside_joint_training(repository):
    params()
    systems = [one["system"] for one in table(run_report() / "table4.csv")]
    assert list(dict.fromkeys(systems)) == ["tiny", "tiny-r1-botchat", "tiny-r1"]


def test_plots_hold_curves_ratings_and_errors(repository):
    params()
    plots = run_report() / "plots"
    assert table(plots / "curves.csv")[:2] == [
        {"run": "tiny-org", "curve": "train", "step": "1", "loss": "2.5"},
        {"run": "tiny-org", "curve": "train", "step": "2", "loss": "1.25"},
    ]
    assert set(table(plots / "ratings.csv")[0]) == set(ratings.PLOT_FIELDS)
    errors = {
        (one["version"], one["code"]): one["count"]
        for one in table(plots / "errors.csv")
        if one["measure"] == "findings"
    }
    assert errors["org", "unn_content_requests_agent"] == "4"
    assert errors["r1", "unn_content_requests_agent"] == "0"


def test_same_input_gives_the_same_bytes(repository):
    params()

    def contents():
        files = sorted(path for path in run_report().rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in files}

    assert contents() == contents()


def test_of_real_interactions_no_text_and_no_truth_is_shown(repository):
    params(source="data/raw")
    metrics = run_report()
    page = (metrics / "summaries.md").read_text(encoding="utf-8")
    assert "parcel" not in page
    assert "botchat-000000" in page
    assert json.loads((metrics / "truth.json").read_text()) == {}
    assert {one["measure"] for one in table(metrics / "table2.csv")} == {"judge"}
    for file in metrics.rglob("*"):
        assert file.is_dir() or "never came" not in file.read_text(encoding="utf-8")


def test_ten_interactions_are_shown_of_the_sample(repository):
    found = results.load(params())
    page = summaries.page(found)
    assert "My parcel 0 never came" in page
    assert page.count("\n## ") == 8


def test_a_student_without_a_run_on_org_is_compared_with_what_there_is(repository):
    runs = {"tiny-r1": RUNS["tiny-r1"]}
    params(runs=runs, systems=["teacher", "tiny", "tiny-r1"])
    effects = json.loads((run_report() / "effects.json").read_text())
    assert {one["against"] for one in effects} == {"teacher", "tiny"}
    assert table(Path("metrics/table4.csv")) == []


def test_one_channel_alone_and_systems_without_rows_leave_cells_empty(repository):
    values = load(REPO / "params.yaml").model_dump()
    r1 = values["revisions"]["r1"] | {"fixes": {"botchat": ["unn_content_requests_agent"]}}
    only_chats = [one for one in records.read(paths.split("test")) if one["channel"] == "botchat"]
    records.write_shards(paths.split("test"), only_chats)
    for folder in Path("data").glob("[pdfr]*/*"):
        if any(folder.glob("part-*.jsonl")):
            records.write_shards(
                folder, [one for one in list(records.read(folder)) if one["channel"] == "botchat"]
            )
    records.write_shards(paths.ratings("tiny"), [])
    params(channels={"botchat": values["channels"]["botchat"]}, revisions={"r1": r1})
    metrics = run_report()
    assert json.loads((metrics / "judge.json").read_text())["tiny"] == {"botchat": None}
    assert "| tiny | - | - | - |" in (metrics / "table2.md").read_text(encoding="utf-8")


def test_rows_of_every_stage_are_accounted_for(repository):
    params()
    rows = json.loads((run_report() / "rows.json").read_text())
    assert {one["stage"] for one in rows} == {
        *("anonymize", "split", "label", "analyze", "revise", "finetune", "predict", "judge")
    }
    assert "| split | all | 4 | 3 | late 1 |" in Path("metrics/rows.md").read_text()


def marked(*said):
    """Save marks of r1's edits: annotator, number of the chat, good."""
    keys = {
        row["id"]: edit_verdicts.of_edit("r1", row["id"], edit)
        for row in records.read(paths.dataset("r1"))
        for edit in row["edits"]
        if edit["code"] == AGENT_CODE
    }
    for annotator, number, good in said:
        of, row_id, code, digest = keys[f"botchat-00000{number}"]
        mark = {"id": row_id, "of": of, "code": code, "good": good, "digest": digest}
        edit_verdicts.put(annotator, mark)


AGENT_CODE = "unn_content_requests_agent"


def test_edits_that_people_marked_are_a_measure_of_table_3(repository):
    params()
    marked(("ana", 4, True), ("ana", 6, False), ("ana", 7, True), ("ben", 7, False))
    metrics = run_report()
    people = {
        one["channel"]: (one["success"], one["n"])
        for one in table(metrics / "table3.csv")
        if one["measure"] == "people" and one["code"] == AGENT_CODE
    }
    assert people == {"botchat": ("0.3333", "3"), "overall": ("0.3333", "3")}  # a tie is not good
    assert "## By people" in (metrics / "table3.md").read_text(encoding="utf-8")


def test_marks_of_edits_that_were_made_anew_count_no_more_and_it_is_said(repository, capsys):
    params()
    marked(("ana", 4, True), ("ana", 6, False))
    rows = list(records.read(paths.dataset("r1")))
    [edit] = [
        edit
        for row in rows
        for edit in row["edits"]
        if row["id"] == "botchat-000004" and edit["code"] == AGENT_CODE
    ]
    edit["after"] = format.render(["Where is my order?"])
    records.write_shards(paths.dataset("r1"), rows)
    people = [one["n"] for one in table(run_report() / "table3.csv") if one["measure"] == "people"]
    assert people == ["1", "1"]  # of botchat and overall
    assert "data/edit_verdicts: 1 edits have changed since" in capsys.readouterr().err


def test_without_marks_table_3_has_no_people(repository):
    params()
    assert {one["measure"] for one in table(run_report() / "table3.csv")} == {"checks", "truth"}


@pytest.mark.parametrize(
    ("mark", "problem"),
    [
        ({"good": "yes"}, r"ana\.jsonl:1: good must be true or false, not 'yes'"),
        ({"code": "no_such"}, r"ana\.jsonl:1: 'no_such' is not in taxonomy.yaml"),
        ({"of": "r9"}, r"the verdict on x and .* is of 'r9', which is not under revisions"),
        ({"id": None}, r"ana\.jsonl:1: 'id' is missing"),
    ],
)
def test_a_mark_that_cannot_be_is_one_clear_line(repository, mark, problem):
    params()
    row = {"id": "x", "of": "r1", "code": AGENT_CODE, "good": True, "digest": "0", **mark}
    kept = {name: value for name, value in row.items() if value is not None}
    records.write(paths.EDIT_VERDICTS / "ana.jsonl", [kept])
    with pytest.raises(InputError, match=problem):
        run_report()


def suggested(org=(), r1=()):
    """The cascade where these (channel, code, summaries) were found in the two versions."""
    for version, found in (("org", org), ("r1", r1)):
        rows = [
            {"id": f"{channel}-{n}", "channel": channel, "split": "audit", "code": code}
            for channel, code, count in found
            for n in range(count)
        ]
        records.write_shards(paths.findings(version), rows)
    found = results.load(load())
    return cascade.cascade(found, table3.tally(found))


def test_the_next_cascade_is_of_what_is_left_and_can_be_edited(repository):
    params()
    found = suggested(
        org=[("botchat", AGENT_CODE, 4)],
        r1=[
            ("botchat", "unn_content_courtesy", 1),
            ("botchat", "content_missing", 1),
            ("webform", "unn_content_webform_email_copy", 1),
        ],
    )
    assert found.version == "r1"
    assert [(one.code, one.against) for one in found.left["botchat"]] == [
        ("unn_content_courtesy", ""),
        ("content_missing", "only the interaction shows it"),
    ]
    assert [one.against for one in found.left["webform"]] == ["r1 was for it"]
    assert cascade.in_a_line(found) == "next cascade, after r1: botchat unn_content_courtesy"


def test_known_edits_rank_by_frequency_times_correctability(repository):
    params()
    found = suggested(
        org=[("botchat", "unn_content_courtesy", 3), ("botchat", AGENT_CODE, 2)],
        r1=[("botchat", AGENT_CODE, 40)],
    )
    assert found.version == "org"
    first, second = found.left["botchat"]
    assert (first.code, first.gain) == (AGENT_CODE, 2 / 4 * 0.75)
    assert (second.code, second.gain) == ("unn_content_courtesy", None)
    page = cascade.page(load(), found)
    assert f"| {AGENT_CODE} | 2 | 50.0% | 75% [30%, 95%], n=4 | 37.5% | - |" in page
    assert "| unn_content_courtesy | 3 | 75.0% | unknown | - | - |" in page
    assert "- `prompts/r2/unn_content_courtesy.txt`\n" in page
    assert f"- `prompts/r2/{AGENT_CODE}.txt`, from `prompts/r1/{AGENT_CODE}.txt`" in page


def test_the_lines_of_the_next_cascade_are_params_that_work(repository):
    params()
    found = suggested(r1=[], org=[("webform", "unn_content_courtesy", 1)])
    assert cascade.lines(load(), found) == []
    found = suggested(
        r1=[("webform", "unn_content_courtesy", 1)], org=[("webform", "unn_other", 2)]
    )
    lines = yaml.safe_load("\n".join(cascade.lines(load(), found)))
    prompt = Path("prompts/r2/unn_content_courtesy.txt")
    prompt.parent.mkdir(exist_ok=True)
    prompt.write_text("Take it out: $summary")
    known = load()
    revision = {name: one.model_dump() for name, one in known.revisions.items()}
    params(versions=lines["versions"], revisions={**revision, **lines["revisions"]})
    assert load().revisions["r2"].parent == "r1"
    assert load().revisions["r2"].fixes == {"webform": ["unn_content_courtesy"]}


def test_a_page_of_tables_is_read_as_it_was_written(repository):
    params()
    metrics = run_report()
    found = tables.read_markdown(metrics / "table3.md")
    assert found.title == "Table 3: success of the revisions"
    assert found.note == table3.NOTE
    known = results.load(load())
    assert list(found.tables) == table3.tables(known, table3.tally(known))


def test_the_report_is_one_page_without_a_request_that_holds_the_tables(repository):
    params()
    records.put(
        paths.ANNOTATIONS / "ana.jsonl",
        {"id": "botchat-000000", "of": "tiny-r1", "rating": 4, "codes": [], "note": ""},
        ("id", "of"),
    )
    page = (run_report() / "report.html").read_text(encoding="utf-8")
    for title in ("Table 1", "Table 2", "Table 3", "Table 4", "Learning curves", "Costs"):
        assert f"<h2>{title}" in page
    pages = [f"table{number}" for number in range(1, 5)]
    for name in (*pages, "cascade", "cost", "errors", "privacy", "rows"):
        written = tables.read_markdown(paths.METRICS / f"{name}.md").tables
        assert written, name
        for found in written:
            assert f"<h3>{html.escape(found.title)}</h3>" in page, name
    assert "botchat: the judge against people, n=1" in page
    assert not re.findall(r"(?:src|href)=[\"'](?!#)[^\"']*", page)
    assert "url(" not in page
    assert page.count("<svg") == page.count("</svg>") == 10
    shard = (paths.dataset("r1") / "part-00000.jsonl").read_bytes()
    assert hashlib.sha256(shard).hexdigest() in page


def test_a_report_shows_markup_of_an_interaction_as_text(repository):
    params()
    tests = list(records.read(paths.split("test")))
    tests[0]["input"] += " <script>alert(1)</script>"
    records.write_shards(paths.split("test"), tests)
    found = results.load(load())
    tallies = table3.tally(found)
    suggested = cascade.cascade(found, tallies)
    shown = page.page(found, tallies, suggested, privacy.load(found.params))
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script" not in shown


REMOTE = {"provider": "openai", "model": "gpt-x", "base_url": "http://localhost:1/v1"}
SPEED = {"rows": 8, "prompt_tokens": 3000, "completion_tokens": 1000, "seconds": 4.0,
         "device": "cpu"}  # fmt: skip


def paid(stage, key, ok, usage):
    """Write a ledger of a stage that asked a model: calls, prompt and completion tokens."""
    names = ("calls", "prompt_tokens", "completion_tokens")
    models = {"gpt-x": dict(zip(names, usage, strict=True))}
    counts = {"stage": stage, "key": key, "in": 4, "ok": ok, "quarantined": {"late": 4 - ok}}
    paths.ledger(stage, key).write_text(json.dumps({**counts, "models": models}))


def endpoints(prices, **large):
    """Params whose teacher and judge are one endpoint."""
    return params(
        llms={"large": REMOTE | large, "rules": {"provider": "rules"}},
        label={"llm": "large", "max_quarantined": 0.0},
        judge={"llm": "large", "max_quarantined": 0.0},
        costs={"prices": prices, "machine_hour": 1.8},
    )


def costs():
    return json.loads((run_report() / "cost.json").read_text())


@pytest.fixture
def spent(repository):
    paid("label", "org", 4, (4, 4000, 400))
    paid("label", "teacher", 2, (2, 2000, 200))
    paid("judge", "tiny-r1", 4, (4, 8000, 100))
    paths.speed("tiny-r1").parent.mkdir(parents=True)
    paths.speed("tiny-r1").write_text(json.dumps(SPEED))


def test_costs_by_stage_and_model_are_the_ledgers_tokens_at_the_prices_given(spent):
    endpoints({"large": {"prompt": 10, "completion": 30}})
    found = costs()
    assert found["stages"] == {
        "label-org": {"gpt-x": {"calls": 4, "prompt_tokens": 4000, "completion_tokens": 400,
                                "dollars": 0.052}},
        "label-teacher": {"gpt-x": {"calls": 2, "prompt_tokens": 2000, "completion_tokens": 200,
                                    "dollars": 0.026}},
        "judge-tiny-r1": {"gpt-x": {"calls": 4, "prompt_tokens": 8000, "completion_tokens": 100,
                                    "dollars": 0.083}},
    }  # fmt: skip
    assert found["total"] == {
        "calls": 10, "prompt_tokens": 14000, "completion_tokens": 700, "dollars": 0.161,
    }  # fmt: skip
    page = Path("metrics/cost.md").read_text()
    assert "| label-org | gpt-x | 4 | 4,000 | 400 | $0.05 |" in page
    assert "| total |  | 10 | 14,000 | 700 | $0.16 |" in page


def test_the_batch_api_costs_its_share(spent):
    endpoints({"large": {"prompt": 10, "completion": 30, "batch": 0.25}}, batch=True)
    assert costs()["total"]["dollars"] == pytest.approx(0.161 / 4)


def test_a_thousand_summaries_of_the_teacher_stand_beside_each_students(spent):
    endpoints({"large": {"prompt": 10, "completion": 30}})
    each = costs()["per_1000_summaries"]
    assert list(each) == ["teacher", "tiny", *RUNS]
    assert each["teacher"] == {
        "tokens": 1_100_000, "seconds": None, "tokens_per_second": None, "dollars": 13.0,
    }  # fmt: skip
    assert each["tiny-r1"] == {
        "tokens": 500_000, "seconds": 500, "tokens_per_second": 250, "dollars": 0.25,
    }  # fmt: skip
    assert set(each["tiny"].values()) == {None}  # not measured
    page = Path("metrics/cost.md").read_text()
    assert "| teacher | 1,100,000 | - | - | $13.00 |" in page
    assert "| tiny-r1 | 500,000 | 500.0 | 250 | $0.25 |" in page
    assert "| tiny | - | - | - | - |" in page


def test_a_served_student_costs_its_tokens(spent):
    paid("predict", "tiny-r1", 4, (4, 6000, 800))
    endpoints({"large": {"prompt": 10, "completion": 30}})
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["students"]["tiny"]["predict"]["llm"] = "large"
    Path("params.yaml").write_text(yaml.safe_dump(values))
    found = costs()
    assert found["stages"]["predict-tiny-r1"]["gpt-x"]["dollars"] == 0.084
    assert found["total"]["dollars"] == pytest.approx(0.161 + 0.084)
    assert found["per_1000_summaries"]["tiny-r1"] == {
        "tokens": 1_700_000, "seconds": None, "tokens_per_second": None, "dollars": 21.0,
    }  # fmt: skip


def test_without_prices_tokens_and_seconds_are_told_and_no_dollars(spent):
    endpoints({})
    paths.speed("tiny").write_text(json.dumps(SPEED))
    found = costs()
    assert found["stages"]["label-org"]["gpt-x"]["dollars"] is None
    assert found["total"] | {"dollars": None} == found["total"]
    assert found["per_1000_summaries"]["teacher"]["tokens"] == 1_100_000
    assert found["per_1000_summaries"]["teacher"]["dollars"] is None


def test_rules_cost_nothing_and_a_student_its_seconds(repository):
    paths.speed("tiny").parent.mkdir(parents=True)
    paths.speed("tiny").write_text(json.dumps(SPEED))
    params()
    found = costs()
    assert found["stages"] == {}
    assert found["total"] == {
        "calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "dollars": 0,
    }  # fmt: skip
    assert found["per_1000_summaries"]["teacher"]["dollars"] == 0
    assert found["per_1000_summaries"]["tiny"]["seconds"] == 500
    assert found["per_1000_summaries"]["tiny"]["dollars"] is None


@pytest.mark.parametrize("content", ["{", "[]", '{"rows": 8}', '{"rows": "many"}'])
def test_a_damaged_speed_is_named_with_its_mend(spent, content):
    params()
    paths.speed("tiny-r1").write_text(content)
    with pytest.raises(InputError, match=r"speed/tiny-r1\.json: .*`dvc repro predict` makes"):
        run_report()


RAW = "Customer: I am Ana Ruiz of 12 Oak Street, my order 07-11223-45678 may be late"
TRUTH = {
    "pii": [
        {"type": "PERSON", "value": "Ana Ruiz"},
        {"type": "ADDRESS", "value": "12 Oak Street"},
    ],
    "entities": {"order_number": ["07-11223-45678"]},
}
CLEAN = "Customer: I am Eva Cole of 97 Elmwood Street, my order 93-44119-20318 may be late"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (CLEAN, [0, 0]),
        (CLEAN.replace("Eva Cole", "ANA RUIZ"), [7, 0]),
        (CLEAN.replace("Eva Cole", "Eva Ruiz"), [4, 0]),
        (CLEAN.replace("Eva Cole", "Mariana Ruizdael"), [0, 0]),
        (CLEAN.replace("97 Elmwood", "12 Elmwood"), [0, 0]),  # a short number tells nothing
        (CLEAN.replace("97 Elmwood", "12 Oak"), [0, 11]),
        (CLEAN.replace("97 Elmwood", "97 oak"), [0, 3]),
        (f"{CLEAN}, yours Ana", [3, 0]),  # wherever it stands
    ],
)
def test_what_is_left_of_a_planted_value_is_judged_on_the_text(text, left):
    found = privacy.judged(RAW, text, TRUTH)
    assert [value.left for value in found.values] == left
    assert [value.size for value in found.values] == [7, 11]
    assert found.changed == 0


def test_a_name_that_is_also_a_word_of_the_text_is_not_left():
    truth = {"pii": [{"type": "PERSON", "value": "May"}], "entities": {}}
    raw = "Customer: I am May and it may take until may"
    assert privacy.judged(raw, "Customer: I am Eva and it may take until may", truth).left == 0
    assert privacy.judged(raw, "Customer: I am may and it may take until may", truth).left == 3


def test_over_masking_counts_what_was_no_ones():
    found = privacy.judged(RAW, CLEAN.replace("late", "[UNKNOWN]"), TRUTH)
    assert (found.changed, found.other) == (4, len("CustomerIamofmyordermaybelate"))


def test_personal_data_by_channel_with_its_interval(repository):
    tests = [row("botchat", n, "test") for n in range(4)]
    chats = [{"id": f"00000{n}", "turns": [{"role": "customer", "text": RAW[10:]}]} for n in (0, 1)]
    records.write(paths.SAMPLE / "botchat/chats.jsonl", chats)
    texts = [CLEAN, CLEAN.replace("Eva Cole", "Ana Ruiz")]
    records.write(
        paths.anonymized("botchat"),
        [{**one, "input": text} for one, text in zip(tests, texts, strict=False)],
    )
    truths = [{**one, **TRUTH} for one in records.read(paths.TRUTH)]
    records.write(paths.TRUTH, truths)
    ledger = json.loads(paths.ledger("anonymize", "botchat").read_text())
    paths.ledger("anonymize", "botchat").write_text(json.dumps({**ledger, "found": {"PERSON": 2}}))
    params()
    found = json.loads((run_report() / "privacy.json").read_text())["botchat"]
    assert found["found"] == {"PERSON": 2}
    assert found["quarantined"] == {"late": 1}
    assert (found["planted"], found["recall"], found["leaking"]) == (4, 0.75, 0.5)
    assert found["leak"] == round(7 / 36, 4)
    assert (found["leak_low"], found["leak_high"]) == (0, round(7 / 18, 4))
    assert found["masked"] == 0
    page = Path("metrics/privacy.md").read_text(encoding="utf-8")
    assert "| PERSON | 2 | 2 | 1 |" in page
    assert "| botchat | late | 1 |" in page


def test_of_real_interactions_only_what_was_found_is_counted(repository):
    shutil.rmtree(paths.SAMPLE)
    shutil.rmtree("data/anonymized")
    params(source="data/raw")
    found = json.loads((run_report() / "privacy.json").read_text())
    assert found["botchat"] == {"found": {}, "quarantined": {"late": 1}}
    assert "Measures" not in Path("metrics/privacy.md").read_text(encoding="utf-8")


def test_an_anonymized_row_that_is_not_of_this_sample_is_named(repository):
    records.write(paths.anonymized("webform"), [row("webform", 9, "test")])
    params()
    with pytest.raises(InputError, match="webform-000009 is not in data/sample"):
        report.main()


def test_a_missing_folder_is_one_clear_line(repository):
    shutil.rmtree(paths.ratings("tiny-r1"))
    params()
    with pytest.raises(InputError, match="ratings/tiny-r1 does not exist"):
        report.main()


def test_a_damaged_curve_is_named_with_its_line(repository):
    path = paths.curves("tiny-r1") / "plots/metrics/train/loss.tsv"
    path.write_text("step\tloss\n1\toops\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"loss.tsv:2: not a step and a loss"):
        curves.rows(params())
