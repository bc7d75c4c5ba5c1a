import csv
import json
import re
import shutil
from functools import partial
from pathlib import Path

import outputs
import pages
import pytest
from conftest import REPO

import report
from distill import paths, records
from distill.errors import InputError
from distill.params import load
from distill.params.stages import stages
from distill.report.arf import words
from distill.tasks.summarize import format
from distill.workbench import markup, revisions, trial
from distill.workbench.try_it import THUMBS

pytestmark = pytest.mark.skipif(not pages.CHROMIUM, reason="no chromium here to show pages in")
pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("streamlit", reason="streamlit is not installed")

AGENT = "unn_content_requests_agent"
AGENT_WORDS = "reports the wish for a person"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> **bold** [x](javascript:alert(3))"
SECTIONS = [
    *("verdict", "table2", "table1", "table3", "calibration", "cascade", "cost", "privacy"),
    *("errors", "table4", "curves", "rows", "summaries"),
]
FOLDED = ["errors", "table4", "curves", "rows"]
HIGHEST = 8000  # pixels of the report at 1280, with nothing unfolded
CUT = """() => [...document.querySelectorAll('body *')].filter(one => {
  const box = one.getBoundingClientRect(), drawn = one.closest('svg') && one.tagName !== 'text';
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && !drawn;
}).map(one => one.outerHTML.slice(0, 80))"""
SIZES = ((1280, 900), (390, 844))
HOSTILE_ROW = "botchat-000002"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A reported project with a refused edit, markup in its texts and a person's ratings."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        outputs.write(folder)
        outputs.params()
        rows = list(records.read(paths.dataset("r1")))
        for row in rows:
            if row["id"] == "botchat-000006":
                row["edits"][0] |= {"accepted": False, "reason": "content_cut"}
                row["target"] = row["edits"][0]["before"]
            if row["id"] == "botchat-000007":
                row["input"] += HOSTILE
        records.write_shards(paths.dataset("r1"), rows)
        tests = [
            {
                **row,
                "task": "summarize",
                "input": row["input"] + HOSTILE * (row["id"] == HOSTILE_ROW),
            }
            for row in records.read(paths.split("test"))
        ]
        records.write_shards(paths.split("test"), tests)
        rated = [
            {**row, "output": HOSTILE} if row["id"] == "botchat-000002" else row
            for row in records.read(paths.predictions("tiny"))
        ]
        records.write_shards(paths.predictions("tiny"), rated)
        said = {"id": "webform-000003", "of": "teacher", "rating": 1, "codes": [], "note": ""}
        records.write(paths.ANNOTATIONS / "ana.jsonl", [said])
        report.main()
    return folder


@pytest.fixture(scope="module")
def server(project):
    with pages.serving(project, REPO / "tests/app.py") as server:
        yield server.url


@pytest.fixture(scope="module")
def browser():
    with pages.browsing() as found:
        yield found


@pytest.fixture
def visit(browser):
    """Opens tabs; in the end nothing may have alarmed them."""
    opened = []

    def visit(address, *size):
        opened.append(pages.Visitor(browser, *size))
        opened[-1].go(address)
        return opened[-1]

    yield visit
    for visitor in opened:
        visitor.tab.close()
        assert visitor.alarms == []


def verdicts(project, name):
    return list(records.read(project / paths.EDIT_VERDICTS / f"{name}.jsonl"))


def test_an_edit_is_shown_word_by_word_and_not_by_colour_alone(server, visit):
    visitor = visit(server)
    gone = visitor.tab.locator("del").first
    assert gone.inner_text().strip() == "• I want to talk to a real person"
    assert "line-through" in gone.evaluate("one => getComputedStyle(one).textDecoration")
    visitor.choose("Guard", "accepted (7)")
    assert visitor.tab.locator("ins").count() == 0


def test_a_point_goes_with_its_own_beginning():
    before, after = format.render(["one", "two", "three"]), format.render(["one", "three"])
    assert "• one<del><br>• two</del><br>• three" in markup.difference(before, after)
    assert "• one<ins><br>• two</ins><br>• three" in markup.difference(after, before)


def test_texts_of_edits_are_read_where_they_are_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    edit = {"code": AGENT, "before": "a wish", "after": "none", "accepted": True, "reason": ""}
    rows = [
        {"id": f"é-{n}", "channel": "botchat", "input": f"text {n}", "edits": [edit] * (n % 3)}
        for n in range(5)
    ]
    records.write_shards(paths.dataset("r1"), rows, rows_per_shard=2)
    found = revisions.indexed("r1")
    assert [(edit.key[1], edit.place.number) for edit in found] == [
        ("é-1", 0), ("é-2", 0), ("é-2", 1), ("é-4", 0),
    ]  # fmt: skip
    assert not re.search("wish|text", repr(found))
    read = [records.read_at(edit.place.shard, edit.place.line) for edit in found]
    assert [row["input"] for row in read] == ["text 1", "text 2", "text 2", "text 4"]
    with pytest.raises(InputError, match=r"part-00000.jsonl: changed while it was read"):
        records.read_at(found[0].place.shard, 3)


def test_edits_are_found_by_channel_code_verdict_and_reason(server, visit):
    visitor = visit(server)
    assert "edits: 8)" in visitor.text
    visitor.choose("Channel", "webform")
    assert "edits: 4)" in visitor.text
    visitor.choose("Channel", "all")
    visitor.choose("Error", AGENT_WORDS)
    visitor.choose("Guard", "refused: content_cut (1)")
    assert "edits: 1)" in visitor.text
    assert "botchat-000006" in visitor.text
    assert "refused: content_cut" in visitor.text


def test_success_rates_are_folded_and_as_in_table_3(server, visit, project):
    with (project / "metrics/table3.csv").open() as lines:
        rate = next(csv.DictReader(lines))
    visitor = visit(server)
    visitor.tab.get_by_text("Success rates and verdicts").click()
    rows = visitor.tab.locator("table").first.locator("tbody tr")
    rows.first.wait_for()
    cells = rows.first.locator("td").all_inner_texts()
    assert cells[:3] == ["By the checks", words.of(rate["code"]), rate["channel"]]
    assert cells[3].startswith(f"{float(rate['success']):.0%} [")


def test_a_verdict_is_saved_and_counts_in_table_3(server, visit, project, monkeypatch):
    visitor = visit(server)
    visitor.fill("Your name", "eva")
    visitor.choose("Error", AGENT_WORDS)
    visitor.pick("bad")
    visitor.fill("Note", "still there", 0)
    visitor.pick("good", 1)
    saved = verdicts(project, "eva")
    assert [(one["of"], one["code"], one["good"], one["note"]) for one in saved] == [
        ("r1", AGENT, False, "still there"),
        ("r1", AGENT, True, ""),
    ]
    visitor.pick("good")  # a later verdict replaces the first
    assert [one["good"] for one in verdicts(project, "eva")] == [True, True]
    visitor.go(f"{server}/?annotator=eva")
    visitor.choose("My verdict", "good by me")
    assert "edits: 2)" in visitor.text
    monkeypatch.chdir(project)
    report.main()
    with Path("metrics/table3.csv").open() as lines:
        people = {
            row["channel"]: (row["success"], row["n"])
            for row in csv.DictReader(lines)
            if row["measure"] == "people" and row["code"] == AGENT
        }
    assert people == {"botchat": ("1.0", "2"), "overall": ("1.0", "2")}
    visitor.go(server)
    visitor.tab.get_by_text("Success rates and verdicts").click()
    visitor.tab.get_by_text("By people").first.wait_for()


def test_y_and_n_mark_the_first_edit_without_a_verdict(server, visit, project):
    visitor = visit(f"{server}/?annotator=kit")
    assert visitor.tab.locator("del").first.bounding_box()["y"] < 900  # the page opens on an edit
    for keys in ("y", "n"):
        with visitor._answered():
            visitor.tab.keyboard.press(keys)
    assert [one["good"] for one in verdicts(project, "kit")] == [True, False]
    assert len({(one["id"], one["code"]) for one in verdicts(project, "kit")}) == 2
    visitor.tab.get_by_role("textbox", name="Note").nth(2).fill("yes, no")
    assert len(verdicts(project, "kit")) == 2


def test_without_a_name_that_can_be_a_files_nobody_judges(server, visit, project):
    visitor = visit(server)
    visitor.fill("Your name", "../eva")
    assert "A name is made of a-z" in visitor.text
    assert visitor.tab.get_by_text("This edit is").count() == 0


def test_every_systems_summary_stands_beside_the_others(server, visit):
    visitor = visit(f"{server}/?page=results")
    visitor.pick("Interactions")
    for system in ("teacher", "tiny", *outputs.RUNS):
        assert visitor.tab.get_by_text(f"{system}: judge", exact=False).count() >= 1
    assert "reports the wish for a person: a wish" in visitor.text


def test_results_open_with_the_verdict_of_the_report(server, visit, project):
    visitor = visit(f"{server}/?page=results")
    for one in json.loads((project / "metrics/verdict.json").read_text(encoding="utf-8")):
        assert visitor.tab.get_by_text(one["answer"]).is_visible()
    assert visitor.tab.get_by_text("botchat: mean rating, 95% interval").is_visible()


def test_interactions_are_sorted_by_disagreement(server, visit):
    visitor = visit(f"{server}/?page=results")
    visitor.pick("Interactions")
    visitor.choose("Order", "disagreement between judge and experts")
    assert "webform-000003" in visitor.text
    assert "teacher: judge 3, experts 1" in visitor.text
    visitor.choose("Order", "disagreement between systems")
    visitor.fill("Interaction", "2")
    assert "botchat-000001" in visitor.text


def test_tables_and_plots_of_the_metrics_are_shown(server, visit):
    visitor = visit(f"{server}/?page=results")
    visitor.pick("Tables")
    assert "How good are the students and their teacher? (Table 2)" in visitor.text
    assert re.search(r"3\.00 \[[1-5]\.\d\d, [1-5]\.\d\d\], n=4", visitor.text)
    visitor.choose("Table", "What does the teacher get wrong? (Table 1)")
    assert "reports the wish for a person" in visitor.text
    assert AGENT not in visitor.text
    visitor.pick("Plots")
    assert visitor.tab.get_by_text("botchat: mean rating, 95% interval").is_visible()
    chart = visitor.tab.locator("[data-testid=stVegaLiteChart] .marks").first
    assert chart.bounding_box()["width"] > 100


def test_markup_in_an_interaction_is_shown_as_text_and_never_runs(server, visit):
    visitor = visit(server)
    visitor.choose("Channel", "botchat")
    for place in range(4):
        visitor.tab.get_by_text("Interaction", exact=True).nth(place).click()
    assert HOSTILE in visitor.text
    visitor.go(f"{server}/?page=results")
    visitor.pick("Interactions")
    visitor.choose("Order", "by id")
    visitor.fill("Interaction", "3")
    assert visitor.text.count(HOSTILE) == 2  # the interaction's and the summary's
    assert visitor.tab.locator("img[src=x]").count() == 0


def votes(project):
    saved = records.read(project / paths.FEEDBACK / "workbench.jsonl")
    return [(row["id"], row["system"], row["vote"]) for row in saved]


def test_a_test_interaction_is_answered_and_judged_and_a_thumb_is_saved(server, visit, project):
    visitor = visit(f"{server}/?page=try")
    visitor.press("Ask")
    assert visitor.tab.get_by_role("heading", name="teacher", exact=True).is_visible()
    assert re.search(r"The judge: [1-5] of 5", visitor.text)
    visitor.press(THUMBS["down"])
    assert votes(project) == [("botchat-000000", "teacher", "down")]
    visitor.fill("Interaction (of", "2")
    assert "The judge: " not in visitor.text  # the answer was one to another interaction
    visitor.press("Ask")
    visitor.press(THUMBS["up"])
    assert ("botchat-000001", "teacher", "up") in votes(project)


def test_errors_that_the_judge_finds_are_told_in_words(server, visit, project, monkeypatch):
    monkeypatch.chdir(project)
    params = load()
    texts = [f"I want to talk to a real person about chair {n}. It broke." for n in range(20)]

    def errors(text):
        row = trial.own(text, "botchat", params)
        return trial.answer(row, "teacher", params, partial(trial.connect, params)).errors

    text = next(text for text in texts if errors(text))
    visitor = visit(f"{server}/?page=try")
    visitor.pick("a text of my own")
    visitor.write("Text, a turn or a field on each line", text)
    visitor.press("Ask")
    for code, quote in errors(text):
        assert visitor.tab.get_by_text(f"{words.of(code)}: “{quote}”").is_visible()


def test_a_pasted_text_is_anonymized_and_its_markup_never_runs(server, visit):
    visitor = visit(f"{server}/?page=try")
    visitor.pick("a text of my own")
    text = f"I am Ana Ruiz, ana@ruiz.example. My order never came. {HOSTILE}"
    visitor.write("Text, a turn or a field on each line", text)
    shown = visitor.text.replace(text, "")  # of the field itself
    assert "personal data is replaced" in shown
    assert "ana@ruiz.example" not in shown
    assert "<script>alert(1)</script>" in shown
    visitor.press("Ask")
    assert re.search(r"The judge: [1-5] of 5", visitor.text)
    assert visitor.tab.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_their_window(server, visit, size, tmp_path):
    visitor = visit(f"{server}/?annotator=eva", *size)
    assert not visitor.too_wide
    visitor.tab.screenshot(path=tmp_path / "revisions.png")
    visitor.go(f"{server}/?page=results")
    assert not visitor.too_wide
    for part in ("Tables", "Plots", "Interactions", "Verdict"):
        visitor.pick(part)
        assert not visitor.too_wide
        visitor.tab.screenshot(path=tmp_path / f"{part}.png")
    visitor.go(f"{server}/?page=try")
    visitor.press("Ask")
    assert not visitor.too_wide
    visitor.tab.screenshot(path=tmp_path / "try.png")


@pytest.mark.parametrize("size", SIZES)
def test_the_report_opens_without_a_network(project, browser, size, tmp_path):
    visitor = pages.Visitor(browser, *size)
    asked = []
    visitor.tab.on("request", lambda request: asked.append(request.url))
    visitor.tab.goto((project / "metrics/report.html").as_uri())
    assert asked == [(project / "metrics/report.html").as_uri()]
    assert visitor.alarms == []
    assert not visitor.too_wide
    sections = visitor.tab.locator("section").all()
    assert [section.get_attribute("id") for section in sections] == SECTIONS
    assert visitor.tab.locator("svg").first.is_visible()
    assert HOSTILE in visitor.tab.locator("#summaries details pre").nth(2).text_content()
    visitor.tab.screenshot(path=tmp_path / "report.png", full_page=True)
    visitor.tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_report_opens_with_the_verdict_and_cuts_nothing(project, browser, size, scheme):
    visitor = pages.Visitor(browser, *size)
    visitor.tab.emulate_media(color_scheme=scheme)
    visitor.tab.goto((project / "metrics/report.html").as_uri())
    height = visitor.tab.evaluate("document.documentElement.scrollHeight")
    assert height <= HIGHEST or size != SIZES[0]
    answer = visitor.tab.locator("#verdict .answer").first
    assert answer.bounding_box()["y"] < 200
    assert (
        luminance(answer.evaluate("one => getComputedStyle(one).color")) > 128 or scheme != "dark"
    )
    assert visitor.tab.locator("details[open]").count() == 0
    for name in FOLDED:
        section = visitor.tab.locator(f"#{name}")
        assert not section.locator("details > :not(summary)").first.is_visible()
        section.locator("summary").first.click()
        assert section.locator("details > :not(summary)").first.is_visible()
    visitor.tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert not visitor.too_wide
    assert size == SIZES[0] or visitor.tab.evaluate(CUT) == []
    visitor.tab.close()


def test_a_report_on_many_systems_is_not_much_higher(browser, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outputs.write(tmp_path)
    tiny = outputs.params().model_dump()["students"]["tiny"]
    students = {f"s{n}": tiny for n in range(10)}
    runs = {f"{name}-r1": {"student": name, "version": "r1"} for name in students}
    copies = dict.fromkeys(students, "tiny") | dict.fromkeys(runs, "tiny-r1")
    for name, source in copies.items():
        for place in (paths.predictions, paths.ratings):
            shutil.copytree(place(source), place(name))
    for name in runs:
        shutil.copytree(paths.curves("tiny-r1"), paths.curves(name))
    changed = outputs.params(students=students, runs=runs, systems=["teacher", *students, *runs])
    for one in stages(changed):
        counts = {"stage": one.name, "key": one.key, "in": 4, "ok": 4, "quarantined": {}}
        records.write_json(paths.ledger(one.name, one.key), counts)
    report.main()
    visitor = pages.Visitor(browser, *SIZES[0])
    visitor.tab.goto((tmp_path / "metrics/report.html").as_uri())
    assert visitor.tab.evaluate("document.documentElement.scrollHeight") <= HIGHEST
    assert not visitor.too_wide
    visitor.tab.close()


def luminance(color):
    """The mean of red, green and blue in "rgb(230, 230, 230)"."""
    return sum(map(float, re.findall(r"[\d.]+", color)[:3])) / 3


def test_the_report_prints(project, browser, tmp_path):
    visitor = pages.Visitor(browser)
    visitor.tab.goto((project / "metrics/report.html").as_uri())
    visitor.tab.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    visitor.tab.emulate_media(media="print")
    assert not visitor.tab.locator("nav").is_visible()
    visitor.tab.close()
