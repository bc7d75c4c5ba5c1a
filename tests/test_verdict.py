"""The verdict: each sentence follows from the figures, and says what is not shown."""

import json
from dataclasses import replace
from pathlib import Path

import outputs
import pytest

import report
from distill import paths, records
from distill.ledger import Usage
from distill.report import page
from distill.report.arf import conclusions, standings, verdict, words
from distill.report.arf.standings import Compared
from distill.report.arf.table3 import Tally
from distill.report.arf.verdict import Fix
from distill.report.costs import Cost, Costs, Spent
from distill.report.page import BAD, GOOD, OPEN, Conclusion
from distill.report.ratings import Effect
from distill.stats.intervals import Estimate
from distill.stats.significance import Equivalence
from distill.tasks.summarize import taxonomy


def effect(delta, low, high, holm=0.001, tests=(0.9, 0.9)):
    """A difference; `tests` are the p-values of "not worse" and "equivalent"."""
    return Effect(Estimate(delta, low, high, 150), holm, Equivalence(*tests))


WON, LOST = effect(0.74, 0.53, 0.94), effect(-0.92, -1.26, -0.57)
OPEN_ENDED = effect(0.1, -0.2, 0.4, holm=1.0)


def compared(judge, truth=None, system="tiny-r1", channel="botchat", against="teacher"):
    by = {"judge": judge, **({"truth": truth} if truth else {})}
    return Compared(channel, system, against, by)


# --- where a system stands


@pytest.mark.parametrize(
    ("found", "where"),
    [
        (WON, standings.ABOVE),
        (LOST, standings.BELOW),
        (OPEN_ENDED, standings.UNKNOWN),
        (effect(0.2, 0.01, 0.4, holm=0.3), standings.UNKNOWN),  # one of many comparisons
        (effect(0.02, -0.1, 0.14, 1.0, (0.001, 0.001)), standings.LEVEL_WITH),
        (effect(0.2, -0.1, 0.5, 1.0, (0.001, 0.5)), standings.NOT_WORSE),
        (effect(None, None, None, None, (None, None)), standings.UNKNOWN),
        (effect(0.5, None, None, None, (None, None)), standings.UNKNOWN),  # a single row
    ],
)
def test_a_difference_is_shown_only_where_its_interval_and_the_corrected_p_say_so(found, where):
    assert standings.standing(found) == where


# --- students


def test_a_student_that_beats_its_teacher_is_named_with_interval_and_n():
    found = verdict.students([compared(WON)])
    assert found.answer == ("tiny-r1 beats its teacher on botchat, +0.74 [+0.53, +0.94], n=150.")
    assert found.tone == GOOD


def test_the_sentence_changes_once_the_interval_crosses_zero():
    found = verdict.students([compared(OPEN_ENDED)])
    assert found.answer == (
        "No student is shown to beat its teacher."
        " On botchat the best, tiny-r1, is not shown to differ from it."
    )
    assert found.tone == OPEN
    assert "+0.10 [-0.20, +0.40], n=150 by the judge" in found.details[0]


def test_below_and_level_are_said_as_such():
    level = effect(0.02, -0.1, 0.14, 1.0, (0.001, 0.001))
    found = verdict.students([compared(LOST), compared(level, channel="webform")])
    assert found.answer == (
        "No student is shown to beat its teacher. On botchat the best, tiny-r1, is below it;"
        " on webform the best, tiny-r1, is level with it."
    )
    assert found.tone == BAD


def test_a_win_by_the_judge_that_the_truth_denies_is_no_win():
    found = verdict.students([compared(WON, LOST)])
    assert found.answer.startswith("No student is shown to beat its teacher.")
    assert "above it by the judge, below it by the hidden truth" in found.answer


def test_the_best_of_several_students_speaks_for_a_channel_and_others_beside_them():
    better = effect(0.9, 0.6, 1.2)
    baseline = compared(WON, system="teacher-r1")
    found = verdict.students([compared(WON), compared(better, system="tiny-r2")], [baseline])
    assert found.answer.startswith("tiny-r2 beats its teacher on botchat, +0.90")
    assert found.details[1].startswith("Without a student: botchat: teacher-r1 is above")


def test_one_training_is_said_to_be_one_and_several_are_counted():
    assert "One training each" in verdict.students([compared(WON)]).details[-1]
    thrice = WON._replace(estimate=replace(WON.estimate, seeds=3))
    several = verdict.students([compared(thrice)])
    assert "n=150, 3 trainings" in several.answer
    assert not any("One training" in line for line in several.details)


def test_without_a_student_nothing_is_claimed():
    assert verdict.students([]).answer == "No student was compared with its teacher."
    lost = compared(effect(None, None, None, None, (None, None)))  # the judge rated nothing
    assert verdict.students([lost]).answer == "No student was compared with its teacher."


def test_repairs_are_compared_with_the_teachers_own_summaries():
    found = verdict.repairs([compared(WON, against="tiny-org")])
    assert found.answer.startswith(
        "tiny-r1 beats the same student trained on the teacher's own summaries on botchat"
    )
    assert verdict.repairs([compared(OPEN_ENDED)]).answer.startswith(
        "Training on repaired summaries is not shown to help."
    )
    assert verdict.repairs([]).answer.startswith("Not known")


# --- the judge


def with_people(n, low=0.53):
    people = {"n": n, "spearman": 0.71, "spearman_low": low, "spearman_high": 0.83}
    return {"people": people | {"difference": 0.27} if n else {"n": 0}}


def test_a_judge_without_people_is_said_to_be_without_and_how_many_would_do():
    found = verdict.judge({"botchat": with_people(0), "webform": with_people(0)}, "tiny-r1")
    assert found.answer == (
        "The judge was not compared with people yet; 100 annotations of tiny-r1 would do"
        " (50 on botchat, 50 on webform)."
    )
    assert found.tone == OPEN


def test_a_judge_with_few_people_needs_the_rest():
    found = verdict.judge({"botchat": with_people(60), "webform": with_people(30)}, "tiny-r1")
    assert found.answer == (
        "The judge was compared with people on few summaries (60 on botchat, 30 on webform);"
        " 20 more annotations of tiny-r1 would do (20 on webform)."
    )


def test_a_judge_that_was_compared_has_its_agreement_with_interval_and_n():
    found = verdict.judge({"botchat": with_people(60)}, "tiny-r1")
    assert found.answer == (
        "The judge agrees with people, Spearman's rho: botchat 0.71 [0.53, 0.83],"
        " judge 0.27 higher, n=60."
    )
    assert found.tone == GOOD


def test_a_judge_that_people_contradict_is_said_to_be_contradicted():
    part = verdict.judge({"botchat": with_people(60), "webform": with_people(60, 0.3)}, "tiny-r1")
    assert part.answer.startswith("The judge agrees with people in part")
    assert part.tone == OPEN
    none = verdict.judge({"botchat": with_people(60), "webform": with_people(60, -0.1)}, "tiny-r1")
    assert none.answer.startswith("The judge is not shown to agree with people")
    assert none.tone == BAD


def test_what_only_an_unproven_judge_shows_is_not_shown():
    won = verdict.students([compared(WON)])
    unproven = verdict.judge({"botchat": with_people(0)}, "tiny-r1")
    found = verdict.doubted(won, unproven)
    assert found.answer.endswith("But the judge is not shown to agree with people yet.")
    assert found.tone == OPEN
    assert verdict.doubted(won, verdict.judge({"botchat": with_people(60)}, "tiny-r1")) == won
    lost = verdict.students([compared(LOST)])
    assert verdict.doubted(lost, unproven) == lost


def test_a_judge_that_rates_everything_alike_is_no_good_judge():
    alike = ["tiny on botchat (5, n=40)"]
    found = verdict.judge({"botchat": with_people(60)}, "tiny-r1", alike)
    assert found.tone == OPEN
    assert found.details[-1] == (
        "It rated all summaries alike of tiny on botchat (5, n=40): look at some of them."
    )


def test_an_agreement_that_is_not_defined_is_told_as_such():
    known = {"botchat": {"people": {"n": 60, "spearman": None, "difference": None}}}
    found = verdict.judge(known, "tiny-r1")
    assert "botchat not defined, n=60" in found.answer
    assert found.tone == BAD


# --- costs


def test_costs_are_compared_where_both_are_known():
    costs = Costs([], {"teacher": Cost(1e6, 13.0), "tiny-r1": Cost(5e5, 0.25)})
    found = verdict.cost(costs, "teacher", "tiny-r1")
    assert found.answer == "1,000 summaries cost $0.25 by tiny-r1 and $13.00 by teacher, 98% less."
    assert found.tone == GOOD
    dear = Costs([], {"teacher": Cost(1e6, 0.1), "tiny-r1": Cost(5e5, 0.25)})
    assert verdict.cost(dear, "teacher", "tiny-r1").tone == BAD


def test_a_price_that_is_not_declared_is_named_and_tokens_stand_in():
    spent = [Spent("label-org", "gpt-x", Usage(1448, 10, 5), None)]
    costs = Costs(spent, {"teacher": Cost(1e6, 13.0), "tiny-r1": Cost(5e5, None)})
    found = verdict.cost(costs, "teacher", "tiny-r1")
    assert found.answer == "Not known: costs in params.yaml declares no price of tiny-r1."
    assert found.details[0] == "1,000 summaries of tiny-r1 take 500,000 tokens."
    assert found.details[-1] == "The results took 1,448 calls of models."
    assert found.tone == OPEN


def test_without_a_student_no_cost_is_compared():
    costs = Costs([], {"teacher": Cost(1e6, 13.0)})
    assert "no price of a student" in verdict.cost(costs, "teacher", None).answer


# --- harm

CODE = "sentiment_inferred_frustrated"


def fix(measure="checks", channel="email", version="r1", **tally):
    return Fix(measure, version, CODE, channel, Tally(**tally))


def test_a_fix_that_harms_more_than_it_repairs_is_named_in_words():
    found = verdict.harm([fix(met=20, succeeded=0, unmet=80, harmed=80)])
    assert found.answer == "More harm than good did r1's “infers frustration”."
    assert found.details == [
        "r1's “infers frustration” on email harmed 80 of 80 summaries without the error"
        " (100% [95%, 100%]) and repaired 0 of 20 with it, by the checks"
    ]
    assert found.tone == BAD


def test_a_fix_with_little_harm_is_told_with_its_share():
    found = verdict.harm([fix(met=68, succeeded=47, unmet=272, harmed=14)])
    assert found.answer == "No fix did more harm than good."
    assert found.details[0].startswith("The most harm: r1's “infers frustration” on email")
    assert found.tone == GOOD


def test_harm_by_one_kind_of_evidence_is_harm():
    fine = fix("checks", met=20, succeeded=20, unmet=80)
    assert verdict.harm([fine, fix("people", met=0, unmet=10, harmed=9)]).tone == BAD


def test_one_accident_among_many_is_no_verdict_on_a_fix():
    assert verdict.harm([fix(met=0, unmet=300, harmed=1)]).tone == GOOD


def test_without_edits_there_is_no_harm():
    assert verdict.harm([]).answer == "No edit was made."
    assert verdict.harm([fix(met=3, succeeded=3)]).answer == "No harm of a fix was found."


# --- the next step


def told(students, judge):
    return {
        verdict.STUDENTS: Conclusion(verdict.STUDENTS, "", "", tone=students),
        page.JUDGE: Conclusion(page.JUDGE, "", "", tone=judge),
    }


def test_a_harmful_fix_comes_before_everything():
    harmful = [fix(met=20, unmet=80, harmed=80)]
    found = verdict.next_step(told(GOOD, GOOD), harmful, "after r1, ...", real=True)
    assert found.answer.startswith(f"Correct the prompt of r1's “infers frustration” ({CODE})")
    assert not any("Release" in line for line in found.details)


def test_people_come_before_a_release_and_a_release_needs_them():
    asked = verdict.next_step(told(GOOD, OPEN), [], "", real=True)
    assert asked.answer == "Compare the judge with people on more summaries: make workbench."
    assert asked.details == []
    bad = verdict.next_step(told(GOOD, BAD), [], "", real=True)
    assert bad.answer.startswith("Improve the judge's prompts")
    released = verdict.next_step(told(GOOD, GOOD), [], "", real=True)
    assert released.answer.startswith("Release the student")


def test_the_sample_leads_to_ones_own_interactions():
    found = verdict.next_step(told(BAD, OPEN), [], "after r1, on botchat “x”", real=False)
    assert found.answer == "Repair what remains: after r1, on botchat “x”."
    assert found.details == ["Use your own interactions: these are made up."]


def test_nothing_left_to_repair_is_said():
    assert verdict.next_step(told(BAD, GOOD), [], "", real=True).answer.startswith("Train on more")


# --- codes in words


@pytest.mark.usefixtures("workspace")
def test_every_code_has_words_of_its_own():
    assert words.missing() == []
    assert len({words.of(code) for code in taxonomy.load()}) == len(taxonomy.load())
    assert words.of("all errors") == "all errors"


@pytest.mark.usefixtures("workspace")
def test_a_code_that_a_user_adds_is_shown_without_its_underscores():
    added = "\n  unn_content_promise:\n    severity: minor\n    definition: A.\n    example: B.\n"
    text = taxonomy.PATH.read_text(encoding="utf-8")
    head = "unnecessary_information:"
    taxonomy.PATH.write_text(text.replace(head, head + added, 1), encoding="utf-8")
    taxonomy.load.cache_clear()
    assert words.of("unn_content_promise") == "promise"


# --- the whole


@pytest.fixture
def reported(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    outputs.write(tmp_path)
    outputs.params()
    report.main()
    return capsys.readouterr().out.splitlines()


def test_the_report_prints_the_verdict_in_lines(reported):
    assert reported[0].startswith("Does a student beat its teacher? No student is shown to beat")
    assert reported[1] == (
        "What is the judge worth? The judge was not compared with people yet; 100 annotations of"
        " test summaries would do (50 on botchat, 50 on webform)."
    )
    assert reported[2].startswith("suggested next revision")


@pytest.mark.usefixtures("reported")
def test_one_verdict_is_shown_everywhere():
    found = page.read_verdict(Path("metrics/verdict.json"))
    html = Path("metrics/report.html").read_text(encoding="utf-8")
    markdown = Path("metrics/verdict.md").read_text(encoding="utf-8")
    assert [one.name for one in found] == [
        *("students", "repairs", "judge", "cost", "harm", "next"),
    ]
    for one in found:
        assert one.question in html
        assert one.question in markdown
    assert page.verdict_html(found).strip() in html
    judged = next(one.answer for one in found if one.name == page.JUDGE)
    for name in ("table2", "table4", "errors"):
        assert judged in Path(f"metrics/{name}.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("reported")
def test_markup_in_a_systems_name_or_answer_is_text():
    shown = page.verdict_html([Conclusion("x", "<b>q</b>", "<script>", ["<i>"], OPEN)])
    assert "<script>" not in shown
    assert "<b>q" not in shown
    assert "<i>" not in shown


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("text", ["", "{", '[{"name": "x", "colour": "red"}]'])
def test_a_damaged_verdict_names_the_stage_that_makes_it(text):
    path = Path("metrics/verdict.json")
    path.write_text(text)
    with pytest.raises(Exception, match=r"verdict\.json: .*`dvc repro report` makes it"):
        page.read_verdict(path)


def test_systems_that_the_judge_rates_alike_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(conclusions, "ALIKE", 4)
    outputs.write(tmp_path)
    outputs.params()
    report.main()
    shown = Path("metrics/verdict.md").read_text(encoding="utf-8")
    assert "It rated all summaries alike of teacher on botchat (3, n=4): look at some" in shown


def test_people_who_annotated_are_in_the_verdict(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outputs.write(tmp_path)
    details = {"botchat": with_people(60), "webform": with_people(60)}
    records.write_json(paths.METRICS / "calibration_details.json", details)
    outputs.params()
    report.main()
    found = json.loads(Path("metrics/verdict.json").read_text())
    [judged] = [one for one in found if one["name"] == page.JUDGE]
    assert judged["tone"] == GOOD
    assert judged["answer"] in Path("metrics/table2.md").read_text(encoding="utf-8")
