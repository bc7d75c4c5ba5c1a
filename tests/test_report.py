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
from scipy import stats

import report
from distill import paths, records
from distill.errors import InputError
from distill.params import load
from distill.params.stages import stages
from distill.people import edit_verdicts
from distill.report import curves, plots, privacy, ratings
from distill.report.arf import cascade, comparisons, declared
from distill.report.page import numeric
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


def means(measure):
    """The mean ratings that `dvc metrics show` has: system -> channel -> mean."""
    files = Path("metrics/ratings", measure).glob("*.json")
    return {file.stem: json.loads(file.read_text()) for file in files}


def test_means_are_given_by_judge_and_by_truth(repository):
    params()
    run_report()
    judge, truth = means("judge"), means("truth")
    assert set(judge) == set(truth) == {"teacher", "tiny", *RUNS}
    assert judge["tiny-r1"] == truth["tiny-r1"] == {"botchat": 5.0, "webform": 5.0}
    assert judge["teacher"] == truth["teacher"] == {"botchat": 3.0, "webform": 3.0}
    assert judge["tiny"]["botchat"] == truth["tiny"]["botchat"] == 1.0


def test_the_ratings_of_a_system_that_is_gone_are_gone(repository):
    params()
    run_report()
    params(runs={}, systems=["teacher", "tiny"])
    run_report()
    assert set(means("judge")) == {"teacher", "tiny"}


def against(effects):
    return {(one["system"], one["against"]) for one in effects}


def test_effects_compare_runs_with_teacher_org_their_own_version_and_out_of_the_box(repository):
    params()
    effects = json.loads((run_report() / "effects.json").read_text())
    assert against(effects) == {
        ("tiny", "teacher"),
        ("tiny-org", "teacher"),
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
        "p_holm",
        "n",
        "seeds",
        "against_seeds",
        "p_noninferior",
        "p_equivalent",
    ]
    assert (one["delta"], one["n"], one["seeds"], one["against_seeds"]) == (2.0, 4, 1, 1)
    assert one["low"] < 2.0 < one["high"]  # four equal differences are not certain


def test_a_run_is_compared_with_the_parent_of_its_version_whatever_its_name(repository):
    first = load().revisions["r1"].model_dump()
    shutil.copytree("prompts/r1", "prompts/polite")
    again = first | {"parent": "fixed", "prompts": "polite"}
    versions = {"fixed": first, "again": again}
    runs = {
        f"tiny-{name}": {"student": "tiny", "version": name} for name in ("org", "fixed", "again")
    }
    changed = params(
        versions=["org", *versions],
        revisions=versions,
        runs=runs,
        systems=["teacher", "tiny", *runs],
    )
    assert list(comparisons.references(changed)["tiny-again"].items()) == [
        ("teacher", "teacher"),
        ("org", "tiny-org"),
        ("fixed", "tiny-fixed"),
        ("tiny", "tiny"),
    ]


def test_holms_correction_is_over_all_effects_of_a_measure(repository):
    params()
    effects = json.loads((run_report() / "effects.json").read_text())
    for measure in ("judge", "truth"):
        some = [one for one in effects if one["measure"] == measure]
        smallest = min(some, key=lambda one: one["p"])
        assert smallest["p_holm"] == min(1, round(smallest["p"] * len(some), 4))
        assert all(one["p"] <= one["p_holm"] for one in some)


def seeded(ratings):
    """Give tiny-r1 three trainings with these ratings of every chat, and report."""
    runs = RUNS | {f"tiny-r1-s{n}": RUNS["tiny-r1"] | {"seed": n} for n in (8, 9)}
    names = ["tiny-r1", "tiny-r1-s8", "tiny-r1-s9"]
    for name, rating in zip(names, ratings, strict=True):
        for place in (paths.predictions, paths.ratings):
            records.write_shards(place(name), list(records.read(place("tiny-r1"))))
        rows = list(records.read(paths.ratings(name)))
        rated = [one | {"rating": rating} if one["channel"] == "botchat" else one for one in rows]
        records.write_shards(paths.ratings(name), rated)
        if name != "tiny-r1":
            shutil.copytree(paths.curves("tiny-r1"), paths.curves(name))
    changed = params(runs=runs, systems=["teacher", "tiny", *runs])
    for one in stages(changed):
        if not paths.ledger(one.name, one.key).exists():
            counts = {"stage": one.name, "key": one.key, "in": 4, "ok": 4, "quarantined": {}}
            records.write_json(paths.ledger(one.name, one.key), counts)
    return run_report()


def test_runs_that_differ_in_their_seed_alone_are_trainings_of_one_system(repository):
    metrics = seeded([5, 4, 3])
    assert set(means("judge")) == {"teacher", "tiny", *RUNS}
    assert means("judge")["tiny-r1"]["botchat"] == 4.0
    effects = json.loads((metrics / "effects.json").read_text())
    assert {one["system"] for one in effects} == {"tiny", *RUNS}
    [one] = [
        one
        for one in effects
        if (one["system"], one["against"], one["channel"], one["measure"])
        == ("tiny-r1", "org", "botchat", "judge")
    ]
    assert (one["delta"], one["seeds"], one["against_seeds"], one["n"]) == (1.0, 3, 1, 4)
    half = 4.3027 / 3**0.5  # Student's t of 2 degrees of freedom times 1 / sqrt(3)
    assert one["p"] == pytest.approx(2 * stats.t.sf(3**0.5, 2), abs=1e-4)
    assert one["low"] < 1 - half / 2
    [noted] = [
        one
        for one in effects
        if (one["system"], one["against"], one["channel"], one["measure"])
        == ("tiny-r1-botchat", "r1", "botchat", "judge")
    ]
    assert (noted["seeds"], noted["against_seeds"]) == (1, 3)
    page = (metrics / "table2.md").read_text(encoding="utf-8")
    assert "n=4, 3 trainings" in page
    assert "| judge | botchat | tiny-r1 | 5.00, 4.00, 3.00 | 1.00 |" in page
    assert "tiny-r1-s8" not in page
    rows = {(one["system"], one["channel"]): one for one in table(metrics / "table2.csv")}
    assert rows["tiny-r1", "botchat"]["seeds"] == "3"
    assert "tiny-r1 (12)" in (metrics / "errors.md").read_text(encoding="utf-8")


def test_rows_that_a_judge_lost_are_in_no_difference_and_bound_the_mean(repository):
    rows = list(records.read(paths.ratings("tiny-r1")))
    records.write_shards(paths.ratings("tiny-r1"), rows[1:])
    params()
    metrics = run_report()
    rows = {
        (one["measure"], one["system"], one["channel"]): one["n"]
        for one in table(metrics / "table2.csv")
    }
    assert rows["judge", "teacher", "botchat"] == rows["judge", "tiny-r1", "botchat"] == "3"
    assert rows["truth", "teacher", "botchat"] == "4"
    page = (metrics / "table2.md").read_text(encoding="utf-8")
    assert "| judge | botchat | tiny-r1 | 1 | 4.00 to 5.00 |" in page  # (3 * 5 + 1) / 4


def test_a_version_is_tested_against_its_parent_with_the_margin(repository):
    params(report={"bootstrap": 200, "margin": 0.5})
    page = (run_report() / "table2.md").read_text(encoding="utf-8")
    assert "## Not worse than the parent by 0.5 or more" in page
    line = "| judge | botchat | tiny-r1 | tiny-org | +2.00 [-0.94, +2.98] | 0.062 | 1 | - |"
    assert line in page  # in four rows nothing is shown


def test_baselines_have_a_heading_of_their_own_and_the_edited_teacher_is_a_ceiling(repository):
    edited = {
        "teacher-r1": {"parent": "teacher", "revision": "r1", "llm": "rules", "prompts": "r1"}
    }
    for place in (paths.predictions, paths.ratings):
        records.write_shards(place("teacher-r1"), list(records.read(place("tiny-r1"))))
    for name in ("edit", "judge"):
        counts = {"stage": name, "key": "teacher-r1", "in": 4, "ok": 4, "quarantined": {}}
        records.write_json(paths.ledger(name, "teacher-r1"), counts)
    params(edited=edited, systems=["teacher", "tiny", "teacher-r1", *RUNS])
    metrics = run_report()
    page = (metrics / "table2.md").read_text(encoding="utf-8")
    _, _, below = page.partition("## By the judge: baselines")
    assert "| teacher-r1 |" in below
    effects = against(json.loads((metrics / "effects.json").read_text()))
    assert ("tiny-r1", "teacher-r1") in effects
    assert ("tiny-org", "teacher-r1") not in effects
    assert ("teacher-r1", "teacher") in effects


def test_errors_are_reduced_relative_to_the_teachers(repository):
    params()
    page = (run_report() / "errors.md").read_text(encoding="utf-8")
    assert "## Relative error reduction, by the judge: botchat" in page
    rows = {
        (one["measure"], one["of"], one["channel"], one["code"]): one
        for one in table(Path("metrics/errors.csv"))
        if one["reduction"]
    }
    assert rows["judge", "tiny-r1", "botchat", AGENT_CODE]["reduction"] == "1.0"
    assert rows["judge", "tiny-org", "botchat", "all errors"]["reduction"] == "0.0"


def test_declared_rates_stand_beside_measured_ones():
    shown = declared.table("Teacher", {"unn_other": 0.1, AGENT_CODE: 0.3}, {"unn_other": (30, 100)})
    assert shown.rows == [
        ["unn_other", "10.0%", "30.0% [21.9%, 39.6%], n=100", "outside"],
        [AGENT_CODE, "30.0%", "-", "-"],
    ]


def test_table_1_counts_each_error_once_a_summary(repository):
    params()
    rows = table(run_report() / "table1.csv")
    found = [one for one in rows if one["measure"] == "findings"]
    assert [(one["channel"], one["code"], one["count"], one["share"]) for one in found] == [
        ("botchat", "unn_content_requests_agent", "4", "1.0"),
        ("webform", "unn_content_webform_email_copy", "4", "1.0"),
    ]


def test_rows_drawn_from_feedback_are_left_out_of_table_1_and_counted_in_its_note(repository):
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
        "\n\nNot counted, as the rows were drawn from feedback and not at random: 1 error that"
        " experts marked in 1 summary.\n"
    ) in Path("metrics/table1.md").read_text()


def lose(*ids, version="org"):
    """Make the annotator fail on these rows of a version, as `annotate` and `analyze` would."""
    annotated = list(records.read(paths.annotated(version)))
    for one in annotated:
        if one["id"] in ids:
            one["findings"] = None
    records.write_shards(paths.annotated(version), annotated)
    found = [row for row in records.read(paths.findings(version)) if row["id"] not in ids]
    records.write_shards(paths.findings(version), found)


def test_rows_whose_annotation_was_quarantined_are_not_in_table_1s_denominator(repository):
    params()
    lose("botchat-000004", "botchat-000006")
    records.write(
        paths.ANNOTATIONS / "ana.jsonl",
        [{"id": "botchat-000006", "of": "org", "rating": 5, "codes": [], "note": ""}],
    )
    rows = {
        (one["measure"], one["channel"]): (one["count"], one["rows"])
        for one in table(run_report() / "table1.csv")
    }
    assert rows["findings", "botchat"] == ("2", "3")  # an expert annotated one of the two
    assert rows["findings", "webform"] == ("4", "4")
    assert rows["truth", "botchat"] == ("4", "4")
    assert "| Error | org (3) | r1 (4) |" in Path("metrics/errors.md").read_text()


def test_an_edit_that_lost_something_is_no_success_in_table_3(repository):
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


def test_table_4_compares_training_orders_with_joint_training(repository):
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
    found = {
        (one["version"], one["code"]): (one["count"], one["rate"])
        for one in table(plots / "errors.csv")
        if one["measure"] == "findings"
    }
    assert found["org", "unn_content_requests_agent"] == ("4", "1.0")
    assert found["r1", "unn_content_requests_agent"] == ("0", "0.0")


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
    assert not (metrics / "ratings/truth").exists()
    assert {one["measure"] for one in table(metrics / "table2.csv")} == {"judge"}
    for file in metrics.rglob("*"):
        assert file.is_dir() or "never came" not in file.read_text(encoding="utf-8")


def test_ten_interactions_are_shown_of_the_sample(repository):
    params()
    page = (run_report() / "summaries.md").read_text(encoding="utf-8")
    assert "My parcel 0 never came" in page
    assert page.count("\n## ") == 8


def test_a_student_without_a_run_on_org_is_compared_with_what_there_is(repository):
    runs = {"tiny-r1": RUNS["tiny-r1"]}
    params(runs=runs, systems=["teacher", "tiny", "tiny-r1"])
    effects = json.loads((run_report() / "effects.json").read_text())
    assert {one["against"] for one in effects} == {"teacher", "tiny"}
    assert table(Path("metrics/table4.csv")) == []


def test_one_channel_alone_and_systems_without_rows_leave_cells_empty(repository):
    values = load(REPO / "tests/params.yaml").model_dump()
    r1 = values["revisions"]["r1"] | {"fixes": {"botchat": ["unn_content_requests_agent"]}}
    only_chats = [one for one in records.read(paths.split("test")) if one["channel"] == "botchat"]
    records.write_shards(paths.split("test"), only_chats)
    for folder in Path("data").glob("[pdfr]*/*"):
        if any(folder.glob("part-*.jsonl")):
            records.write_shards(
                folder, [one for one in list(records.read(folder)) if one["channel"] == "botchat"]
            )
    records.write_shards(paths.ratings("tiny"), [])
    only = {"botchat": values["split"]["sizes"]["botchat"]}
    params(
        channels={"botchat": values["channels"]["botchat"]},
        split=values["split"] | {"sizes": only},
        revisions={"r1": r1},
    )
    metrics = run_report()
    assert means("judge")["tiny"] == {"botchat": None}
    assert "| tiny | - | - | - |" in (metrics / "table2.md").read_text(encoding="utf-8")


def test_rows_of_every_stage_are_accounted_for(repository):
    params()
    rows = json.loads((run_report() / "rows.json").read_text())
    assert {one["stage"] for one in rows} == {
        *("anonymize", "split", "label", "annotate", "analyze", "revise"),
        *("finetune", "predict", "judge"),
    }
    assert "| split | all | 4 | 3 | 0 | late 1 |" in Path("metrics/rows.md").read_text()


def test_rows_that_a_stage_left_over_are_accounted_for(repository):
    params()
    counts = {"stage": "split", "key": "all", "in": 9, "ok": 4, "quarantined": {}, "left_over": 5}
    records.write_json(paths.ledger("split", "all"), counts)
    assert "| split | all | 9 | 4 | 5 | - |" in (run_report() / "rows.md").read_text()


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


def test_verdicts_on_edits_that_have_changed_are_listed_and_do_not_count(repository, capsys):
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
    assert capsys.readouterr().err == (
        "data/edit_verdicts/ana.jsonl:1: r1 has no such edit of botchat-000004 for"
        f" {AGENT_CODE} now; the verdict is not counted\n"
        "Verdicts on edits that are not counted: 1\n"
    )


def test_a_verdict_on_a_revision_that_is_gone_does_not_end_the_report(repository, capsys):
    params()
    gone = {"id": "x", "of": "r9", "code": AGENT_CODE, "good": True, "digest": "0"}
    records.write(paths.EDIT_VERDICTS / "ana.jsonl", [gone])
    run_report()
    assert "data/edit_verdicts/ana.jsonl:1: r9 has no such edit of x" in capsys.readouterr().err


def test_without_marks_table_3_has_no_people(repository):
    params()
    assert {one["measure"] for one in table(run_report() / "table3.csv")} == {"checks", "truth"}


@pytest.mark.parametrize(
    ("mark", "problem"),
    [
        ({"good": "yes"}, r"ana\.jsonl:1: good must be true or false, not 'yes'"),
        ({"code": "no_such"}, r"ana\.jsonl:1: 'no_such' is not in taxonomy.yaml"),
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
    """The suggestion where these (channel, code, summaries) were found in the two versions."""
    for version, found in (("org", org), ("r1", r1)):
        rows = []
        for channel, code, count in found:
            ids = [
                row["id"]
                for row in records.read(paths.dataset(version))
                if row["channel"] == channel
            ]
            head = {"channel": channel, "split": "audit", "code": code, "source": "rules"}
            rows += [{"id": row_id, **head} for row_id in ids[:count]]
        records.write_shards(paths.findings(version), rows)
    _, found = report.report(load(), paths.METRICS)
    return found


def test_a_revision_is_suggested_of_errors_that_remain_and_can_be_edited(repository):
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
    assert [(one.code, one.against) for one in found.remaining["botchat"]] == [
        ("unn_content_courtesy", ""),
        ("content_missing", "only the interaction shows it"),
    ]
    assert [one.against for one in found.remaining["webform"]] == ["r1 was for it"]
    assert cascade.in_a_line(found) == (
        "suggested next revision, after r1: botchat unn_content_courtesy"
    )


def test_the_version_with_the_lowest_error_rate_counts_not_the_one_that_lost_rows(repository):
    params()
    lose("botchat-000004", "botchat-000006", "botchat-000007", version="r1")
    found = suggested(
        org=[("botchat", AGENT_CODE, 3)],  # of 4 summaries
        r1=[("botchat", AGENT_CODE, 2)],  # of the only one that was analyzed
    )
    assert found.version == "org"


def test_known_edits_rank_by_frequency_times_correctability(repository):
    params()
    found = suggested(
        org=[("botchat", "unn_content_courtesy", 3), ("botchat", AGENT_CODE, 2)],
        r1=[("botchat", AGENT_CODE, 4), ("botchat", "unn_other", 4)],
    )
    assert found.version == "org"
    first, second = found.remaining["botchat"]
    assert (first.code, first.gain) == (AGENT_CODE, 2 / 4 * 0.75)
    assert (second.code, second.gain) == ("unn_content_courtesy", None)
    page = Path("metrics/cascade.md").read_text(encoding="utf-8")
    assert f"| {AGENT_CODE} | 2 | 50.0% | 75% [30%, 95%], n=4 | 37.5% | - |" in page
    assert "| unn_content_courtesy | 3 | 75.0% | unknown | - | - |" in page
    assert "# prompts/r2/unn_content_courtesy.txt: to be written\n" in page
    assert f"# prompts/r2/{AGENT_CODE}.txt: copy prompts/r1/{AGENT_CODE}.txt" in page


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


def test_the_report_is_one_page_without_a_request_that_holds_the_tables(repository):
    params()
    page = (run_report() / "report.html").read_text(encoding="utf-8")
    for number, title in enumerate(("What does the teacher", "How good are", "Did the edits"), 1):
        assert re.search(rf"<h2>{title}[^<]*\? <small>Table {number}</small></h2>", page)
    numbered = [f"table{number}" for number in range(1, 5)]
    for name in (*numbered, "cost", "errors", "privacy", "rows"):
        titles = re.findall(r"^## (.+)$", (paths.METRICS / f"{name}.md").read_text(), re.MULTILINE)
        assert titles, name
        for title in titles:
            assert f"<h3>{html.escape(title)}</h3>" in page, name
    assert "<b>5.00* [3.04, 5.00], n=4</b>" in page  # the same cells as in Markdown, no markup
    assert not re.findall(r"(?:src|href)=[\"'](?!#)[^\"']*", page)
    assert "url(" not in page
    assert page.count("<svg") == page.count("</svg>") == 8
    assert "botchat: the judge&#39;s ratings against the truth&#39;s" in page
    shard = (paths.dataset("r1") / "part-00000.jsonl").read_bytes()
    assert hashlib.sha256(shard).hexdigest() in page


def test_the_report_names_errors_in_words_and_keeps_their_codes_for_params(repository):
    params()
    page = (run_report() / "report.html").read_text(encoding="utf-8")
    cell = f'<td data-head="Error" title="{AGENT_CODE}">reports the wish for a person</td>'
    assert cell in page
    assert f">{AGENT_CODE}<" not in page
    assert "reports the wish for a person" in page[page.index("<svg") :]  # the figures
    assert AGENT_CODE in Path("metrics/table1.md").read_text(encoding="utf-8")


def test_figures_stand_to_the_right():
    table = tables.Table("t", ["System", "Mean", "Known"], [["a", "3.1", "-"], ["b", "-", "$1"]])
    assert numeric(table) == [False, True, True]
    assert numeric(tables.Table("t", ["a", "b"], [])) == [False, False]
    assert numeric(tables.Table("t", ["a"], [["-"], [""]])) == [False]


def test_sections_without_anything_say_so(repository):
    for version in ("org", "r1"):
        records.write_shards(paths.findings(version), [])
    paths.CALIBRATION.write_text("channel,against,judge,rating,n\n")
    params(runs={}, systems=["teacher", "tiny"])
    page = (run_report() / "report.html").read_text(encoding="utf-8")
    for said in (
        "No run is trained in phases (runs in params.yaml).",
        "No student was trained.",
        "There is no rating to compare the judge&#39;s with.",
        "nothing is left to repair.",
        "No student was compared with its teacher.",
    ):
        assert said in page
    assert "No run is trained in phases" in Path("metrics/table4.md").read_text(encoding="utf-8")


def test_the_slim_table_has_the_difference_to_the_teacher_alone(repository):
    params()
    slim = (run_report() / "table2.md").read_text(encoding="utf-8")
    assert "| System | botchat | botchat: Δ teacher | webform | webform: Δ teacher |" in slim
    assert "| tiny-r1 | 5.00 | +2.00 [-0.94, +2.98] | 5.00 | +2.00 [-0.94, +2.98] |" in slim


def test_a_report_shows_markup_of_an_interaction_as_text(repository):
    params()
    tests = list(records.read(paths.split("test")))
    tests[0]["input"] += " <script>alert(1)</script>"
    records.write_shards(paths.split("test"), tests)
    shown = (run_report() / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script" not in shown


def test_markup_in_a_summary_stays_text_in_the_markdown_page(repository):
    params()
    rows = list(records.read(paths.predictions("tiny")))
    rows[0]["output"] = "# <b>one</b>\n[two](http://x) *three* `four`"
    records.write_shards(paths.predictions("tiny"), rows)
    shown = (run_report() / "summaries.md").read_text(encoding="utf-8")
    assert "- # &lt;b>one&lt;/b> \\[two](http://x) \\*three\\* \\`four\\`\n" in shown


def test_a_report_without_the_calibration_names_the_stage_that_makes_it(repository):
    params()
    paths.CALIBRATION.unlink()
    with pytest.raises(InputError, match=r"calibration\.csv: .*`dvc repro calibrate` makes it"):
        run_report()


# --- plots


def test_plots_have_the_fields_that_dvc_yaml_names():
    listed = yaml.safe_load((REPO / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    for plot in (plot for one in listed for plot in one.values()):
        known = plots.PLOTS[plot["template"]]
        assert known.x == plot["x"]
        assert [known.y] == list(plot["y"].values())


def test_a_plot_is_the_template_of_dvc_plots_filled_with_rows(repository):
    params()
    run_report()
    rows = table(Path("metrics/plots/ratings.csv"))
    filled = plots.spec("ratings", rows)
    assert [row["system"] for row in filled["data"]["values"]] == [row["system"] for row in rows]
    assert "<DVC_METRIC" not in json.dumps(filled)
    drawn = plots.svg(filled)
    assert drawn == plots.svg(filled)
    assert all(system in drawn for system in ("teacher", *RUNS))


def test_a_plot_without_rows_is_no_figure(repository):
    assert plots.figures("curves", []) == []
    assert plots.spec("curves", []) == {}


def test_a_loss_that_is_not_finite_is_left_out_of_the_plot(repository):
    losses = [1.0, float("nan"), float("inf"), 2.0]
    rows = [{"run": "r", "curve": "train", "step": n, "loss": x} for n, x in enumerate(losses)]
    [figure] = plots.figures("curves", rows)
    assert [row["loss"] for row in figure.spec["data"]["values"]] == [1.0, 2.0]
    assert plots.svg(figure.spec)


def test_markup_in_a_plots_rows_is_text(repository):
    row = {"run": "<script>", "curve": "<b>", "step": 1, "loss": 1.0}
    drawn = plots.svg(plots.spec("curves", [row]))
    assert "<script>" not in drawn
    assert "&lt;script" in drawn


# --- costs

MODEL = {"provider": "openai", "model": "gpt-x"}
ENDPOINT = {"base_url": "http://localhost:1/v1"}


def paid(stage, key, ok, usage):
    """Write a ledger of a stage that asked a model: calls, prompt and completion tokens."""
    names = ("calls", "prompt_tokens", "completion_tokens")
    models = {"gpt-x": dict(zip(names, usage, strict=True))}
    counts = {"stage": stage, "key": key, "in": 4, "ok": ok, "quarantined": {"late": 4 - ok}}
    paths.ledger(stage, key).write_text(json.dumps({**counts, "models": models}))


def endpoints(prices, student=None, **large):
    """Params whose teacher and judge are one endpoint, and the student where `student` names it."""
    changed = params(
        llms={"large": MODEL, "rules": {"provider": "rules"}},
        endpoints={"large": ENDPOINT | large},
        label={"llm": "large", "max_quarantined": 0.0},
        judge={"llm": "large", "max_quarantined": 0.0},
        costs={"prices": prices, "machine_hour": 1.8, "tokens_per_second": {"tiny": 250}},
    )
    if student:
        students = changed.model_dump()["students"]
        students["tiny"]["predict"]["endpoint"] = student
        values = yaml.safe_load(Path("params.yaml").read_text())
        Path("params.yaml").write_text(yaml.safe_dump(values | {"students": students}))


def costs():
    return json.loads((run_report() / "cost.json").read_text())


@pytest.fixture
def spent(repository):
    paid("label", "org", 4, (4, 4000, 400))
    paid("label", "teacher", 2, (2, 2000, 200))
    paid("judge", "tiny-r1", 4, (4, 8000, 100))
    paid("predict", "tiny-r1", 4, (4, 1500, 500))


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


def test_a_thousand_outputs_of_the_teacher_cost_tokens_and_a_students_its_declared_time(spent):
    endpoints({"large": {"prompt": 10, "completion": 30}})
    each = costs()["per_1000_outputs"]
    assert list(each) == ["teacher", "tiny", *RUNS]
    assert each["teacher"] == {"tokens": 1_100_000, "dollars": 13.0}
    # 125,000 generated tokens at 250 a second are 500 seconds of an hour that costs $1.80
    assert each["tiny-r1"] == {"tokens": 500_000, "dollars": 0.25}
    assert each["tiny"] == {"tokens": None, "dollars": None}  # its ledger counts no tokens
    page = Path("metrics/cost.md").read_text()
    assert "| teacher | 1,100,000 | $13.00 | - |" in page
    assert "| tiny-r1 | 500,000 | $0.25 | 98% |" in page
    assert "| tiny | - | - | - |" in page


@pytest.mark.parametrize("missing", ["machine_hour", "tokens_per_second"])
def test_a_student_without_a_declared_figure_has_no_price(spent, missing):
    endpoints({"large": {"prompt": 10, "completion": 30}})
    values = yaml.safe_load(Path("params.yaml").read_text())
    del values["costs"][missing]
    Path("params.yaml").write_text(yaml.safe_dump(values))
    assert costs()["per_1000_outputs"]["tiny-r1"] == {"tokens": 500_000, "dollars": None}
    assert "| tiny-r1 | 500,000 | - |" in Path("metrics/cost.md").read_text()


def test_a_served_student_costs_its_tokens(spent):
    paid("predict", "tiny-r1", 4, (4, 6000, 800))
    endpoints({"large": {"prompt": 10, "completion": 30}}, student="large")
    found = costs()
    assert found["stages"]["predict-tiny-r1"]["gpt-x"]["dollars"] == 0.084
    assert found["total"]["dollars"] == pytest.approx(0.161 + 0.084)
    assert found["per_1000_outputs"]["tiny-r1"] == {"tokens": 1_700_000, "dollars": 21.0}


def test_without_prices_there_are_tokens_and_no_dollars(spent):
    endpoints({})
    found = costs()
    assert found["stages"]["label-org"]["gpt-x"]["dollars"] is None
    assert found["total"] | {"dollars": None} == found["total"]
    assert found["per_1000_outputs"]["teacher"] == {"tokens": 1_100_000, "dollars": None}


def test_rules_cost_nothing(repository):
    params()
    found = costs()
    assert found["stages"] == {}
    assert found["total"] == {
        "calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "dollars": 0,
    }  # fmt: skip
    assert found["per_1000_outputs"]["teacher"]["dollars"] == 0


def test_nothing_that_the_report_writes_depends_on_a_clock(repository):
    params()
    written = "".join(
        path.read_text(encoding="utf-8") for path in run_report().rglob("*") if path.is_file()
    )
    assert "seconds" not in written.casefold()


# --- redaction and leakage

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
    ("text", "leaked"),
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
def test_leakage_of_a_planted_value_is_measured_on_the_text(text, leaked):
    found = privacy.compare(RAW, text, TRUTH)
    assert [value.leaked for value in found.values] == leaked
    assert [value.size for value in found.values] == [7, 11]
    assert found.changed == 0


def test_a_name_that_is_also_a_word_of_the_text_does_not_leak():
    truth = {"pii": [{"type": "PERSON", "value": "May"}], "entities": {}}
    raw = "Customer: I am May and it may take until may"
    assert privacy.compare(raw, "Customer: I am Eva and it may take until may", truth).leaked == 0
    assert privacy.compare(raw, "Customer: I am may and it may take until may", truth).leaked == 3


def test_over_redaction_counts_text_that_is_not_personal():
    found = privacy.compare(RAW, CLEAN.replace("late", "[UNKNOWN]"), TRUTH)
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
    assert found["over_redaction"] == 0
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
        curves.rows(params().runs)
