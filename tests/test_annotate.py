"""The page Annotate, in a real browser, and what `dvc repro` makes of it."""

import json
import shutil

import pages
import pytest
import yaml
from conftest import REPO
from experts import Expert
from pages import browsing, serving
from project import Project

from distill import paths, records
from distill.people import annotations
from distill.tasks.summarize import format, taxonomy

pytestmark = pytest.mark.skipif(not pages.CHROMIUM, reason="no chromium on this machine")

LETTERS = "abcdefgh"
HOSTILE = [
    "<script>window.hacked = 1; alert(1)</script>",
    "<img src=x onerror=\"window.hacked = 1; alert(1)\">",
    "</div></main><h1>Every row is annotated</h1><iframe srcdoc='<script>alert(1)</script>'>",
    "# Heading\n\n**bold** [link](javascript:alert(1)) ![](http://192.0.2.1/x.png) `code`",
    "$\\href{javascript:alert(1)}{x}$ :material/home: :red[red] <style>*{display:none}</style>",
    "&lt;b&gt; &amp; \u202etxet\u202c {{ 7*7 }} ' \" \x00 \\",
]  # fmt: skip


def codes(channel):
    """The channel's codes by the letters beside them, where nothing was found yet."""
    known = [code.code for code in taxonomy.load().values() if code.applies_to(channel)]
    return dict(zip(LETTERS, known, strict=False))


def saved(folder, name):
    file = folder / annotations.path(name)
    return list(records.read(file)) if file.exists() else []


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture
def expert(browser):
    """Opens pages; nothing may ever run, fail or be asked of another host in one of them."""
    opened = []

    def open_page(server, name, **size):
        opened.append(Expert(browser, server, name, **size))
        return opened[-1]

    yield open_page
    for one in opened:
        one.tab.close()
    assert [alarm for one in opened for alarm in one.alarms] == []


def row(number, channel="botchat", text=None, summary=None, split="audit"):
    text = text or f"Customer: Lamp {number} of order 07-11223-4567{number % 10} is broken."
    return {
        "id": f"{channel}-{number:06d}",
        "channel": channel,
        "split": split,
        "input": text,
        "target": summary or format.render([f"Lamp {number} is broken."]),
    }


def lay_out(folder, rows, **review):
    """A folder in which the page finds its version."""
    shutil.copy(REPO / "taxonomy.yaml", folder)
    shutil.copytree(REPO / "prompts", folder / "prompts")
    values = yaml.safe_load((REPO / "tests/params.yaml").read_text())
    values["annotation"] |= review
    (folder / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    records.write_shards(folder / paths.dataset("org"), rows)
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Thirty rows, of which everyone annotates the first three."""
    folder = lay_out(tmp_path_factory.mktemp("desk"), map(row, range(30)), overlap=3)
    with serving(folder) as server:
        yield server


def test_ten_rows_by_keyboard_alone_then_reload_go_back_and_change_one(desk, expert):
    ana = expert(desk, "ana")
    for number in range(10):  # as fast as keys can be struck: none falls on another row
        ana.type(str(1 + number % 5), "a", LETTERS[1 + number % 7], "Enter")
    ana.wait(10)
    made = saved(desk.folder, "ana")
    letters = codes("botchat")
    assert [one["rating"] for one in made] == [1, 2, 3, 4, 5] * 2
    assert [one["codes"] for one in made] == [
        [letters["a"], letters[LETTERS[1 + number % 7]]] for number in range(10)
    ]
    assert {one["of"] for one in made} == {"org"}
    ana.tab.reload()
    ana.tab.locator("#distill-desk").wait_for(state="attached")
    ana.wait(0)
    assert "10 of 30 done, 10 by you" in ana.status
    assert ana.row not in {one["id"] for one in made}
    assert (ana.rating(), ana.ticked()) == (None, [])
    ana.step("p")
    ana.step("p")
    assert ana.row == made[8]["id"]
    assert (ana.rating(), ana.ticked()) == (4, ["a", LETTERS[2]])
    ana.type("2", "a", "/")
    ana.tab.keyboard.type("Not so bad, n p s u 5")
    ana.step("Enter")
    changed = saved(desk.folder, "ana")
    expected = {**made[8], "rating": 2, "codes": made[8]["codes"][1:]}
    assert changed[8] == {**expected, "note": "Not so bad, n p s u 5"}
    assert changed[:8] + changed[9:] == made[:8] + made[9:]


def test_undo_reverts_an_annotation_and_a_skipped_row_comes_again(desk, expert):
    una = expert(desk, "una")
    first = una.row
    una.step("s")
    second = una.row
    una.step("3", "c", "n")
    assert [one["id"] for one in saved(desk.folder, "una")] == [second]
    una.step("u")
    assert saved(desk.folder, "una") == []
    assert (una.row, una.rating(), una.ticked()) == (second, 3, ["c"])
    una.step("u")
    assert una.row == first
    una.step("Enter")
    assert "Rate the summary first" in una.tab.get_by_role("alert").inner_text()
    assert una.row == first


def test_a_killed_server_loses_the_open_row_at_most(desk, expert):
    kim = expert(desk, "kim")
    kim.step("4", "Enter")
    kim.step("2", "d", "Enter")
    kim.type("1", "e")  # the open row
    opened = kim.row
    desk.kill()
    desk.start()
    kim.go()
    assert [one["rating"] for one in saved(desk.folder, "kim")] == [4, 2]
    assert "2 by you" in kim.status
    assert kim.row == opened


def test_two_experts_at_once_share_the_overlap_and_never_overwrite_each_other(desk, expert):
    eva, leo = expert(desk, "eva"), expert(desk, "leo")
    again = expert(desk, "eva")  # and one of them in two windows
    for number in range(5):
        eva.type("5", "a", "Enter")
        leo.type("1", "c", "Enter")
        if number == 1:
            again.type("3", "Enter")
    eva.wait(5)
    leo.wait(5)
    again.wait(1)
    evas, leos = saved(desk.folder, "eva"), saved(desk.folder, "leo")
    assert len(evas) == 5
    assert {one["rating"] for one in evas} <= {3, 5}
    assert [one["rating"] for one in leos] == [1] * 5
    assert {one["id"] for one in evas[:3]} == {one["id"] for one in leos[:3]}
    both = {one["id"] for one in evas[3:]} & {one["id"] for one in leos[3:]}
    assert len(both) <= 1  # their orders may cross where both have the row open


def test_hostile_rows_are_text_and_never_run(tmp_path, expert):
    rows = [
        row(number, text=f"Customer: {text}", summary=format.render([text]))
        for number, text in enumerate(HOSTILE)
    ]
    rows += [row(10 + number, summary=text) for number, text in enumerate(HOSTILE[:4])]  # no list
    rows.append({**row(20), "id": HOSTILE[1]})
    by_id = {one["id"]: one for one in rows}
    with serving(lay_out(tmp_path, rows)) as server:
        eve = expert(server, "eve")
        for _ in rows:
            shown = by_id[eve.row]
            text, summary = eve.tab.locator(".distill-text").all()
            assert squeezed(text.text_content()) == squeezed(shown["input"])
            assert squeezed(summary.text_content()) == squeezed(plain(shown["target"]))
            eve.step("3", "Enter")
        assert eve.tab.evaluate("window.hacked") is None
        assert {one["id"] for one in saved(tmp_path, "eve")} == set(by_id)
        eve.tab.goto(f"{server.url}/?annotator=../../params")
        eve.tab.get_by_role("textbox", name="Your name").wait_for()
        eve.tab.get_by_role("textbox", name="Your name").fill("<b>Anna</b> ../x")
        eve.tab.get_by_role("button", name="Start").click()
        eve.tab.locator("#distill-desk").wait_for(state="attached")
        assert eve.status.startswith("b-anna-b-x · ")


def plain(summary):
    try:
        return " ".join(format.bullets(summary))
    except ValueError:
        return summary


def squeezed(text):
    """Blanks aside, and NUL, which no browser keeps."""
    return "".join(text.split()).replace("\x00", "").replace("\ufffd", "")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_in_order_on_a_desk_and_on_a_phone(desk, expert, width, tmp_path):
    mia = expert(desk, "mia", width=width, height=900)
    text, summary = (one.bounding_box() for one in mia.tab.locator(".distill-text").all())
    rating = mia.tab.locator(".st-key-rating").bounding_box()
    groups = mia.tab.locator(".st-key-codes").bounding_box()
    assert mia.tab.evaluate("document.documentElement.scrollWidth") <= width
    if width > 1000:
        assert text["y"] == summary["y"]
        assert rating["y"] + rating["height"] < 900  # without scrolling
    else:
        assert text["y"] + text["height"] < summary["y"]
    for box in (text, summary, rating, groups):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert summary["y"] < rating["y"] < groups["y"]
    assert mia.tab.get_by_text("no distinct error, but could be tighter").is_visible()
    assert "org" not in mia.tab.locator(".stMain").inner_text().split()  # whose it is, is hidden
    mia.tab.screenshot(path=tmp_path / f"annotate-{width}.png", full_page=True)


def test_a_channels_own_codes_are_offered_and_what_it_lacks_is_highlighted(tmp_path, expert):
    text = "Role: buyer\nMessage: order 07-11223-45678, $20.00"
    summary = format.render(
        ["order 07-11223-45678 for 20 dollars", "order 99-11223-45678, March 3"]
    )
    with serving(lay_out(tmp_path, [row(1, "webform", text, summary)])) as server:
        page = expert(server, "ina").tab
        highlighted = page.locator(".distill-text mark").all_inner_texts()
        assert highlighted == ["99-11223-45678", "March 3"]
        page.get_by_text("What the errors mean").click()
        offered = page.locator(".distill-codes").inner_text()
        assert "leaves buyer or seller out" in offered
        assert "reports the wish for a person" not in offered
        page.locator(".st-key-codes [data-testid=stTooltipIcon]").first.hover()
        page.get_by_text("A point that the next agent needs is left out.").wait_for()


def test_frequent_errors_have_letters_and_a_search_finds_the_others(tmp_path, expert):
    folder = lay_out(tmp_path, [row(1), row(2)])
    found = {"id": "botchat-000009", "channel": "botchat", "code": "unn_content_courtesy"}
    records.write_shards(folder / paths.findings("org"), [found])
    with serving(folder) as server:
        page = expert(server, "fay")
        assert page.tab.locator(".st-key-codes label").count() == 8
        first = page.tab.locator(".st-key-codes label").first.inner_text()
        assert first.split("\n")[0].strip() == "a reports greetings or thanks"
        page.type("2", "b", ".")  # a letter of a command that no longer is one
        page.tab.keyboard.type("wrong price")
        page.tab.get_by_role("option", name="wrong price").wait_for()
        page.type("Enter", "Escape")
        page.step("Enter")
        [made] = saved(folder, "fay")
        assert made["codes"] == [codes("botchat")["a"], "entity_inaccurate_price"]
        page.step("p")
        assert page.ticked() == ["b"]
        assert "wrong price" in page.tab.locator(".st-key-others").inner_text()


def test_the_first_page_says_what_the_task_is(tmp_path, expert):
    with serving(lay_out(tmp_path, map(row, range(7)), overlap=3)) as server:
        page = expert(server, "gil").tab
        page.goto(server.url)
        page.get_by_role("textbox", name="Your name").wait_for()
        said = page.locator(".stMain").inner_text()
        assert "There are 7 summaries; the first 3 of each channel" in " ".join(said.split())
        assert "a single minor error" in said
        page.get_by_text("What the errors mean").click()
        page.get_by_text("A point that the next agent needs is left out.").wait_for()


def test_a_torn_line_is_one_clear_line_on_the_page_and_is_kept(tmp_path, expert):
    folder = lay_out(tmp_path, [row(1), row(2)])
    file = folder / annotations.path("ana")
    with serving(folder) as server:
        ana = expert(server, "ana")
        ana.step("4", "Enter")
        torn = file.read_bytes() + b'{"id": "botchat-000002", "of": "o'
        file.write_bytes(torn)
        ana.type("3", "Enter")
        alert = ana.tab.get_by_role("alert")
        alert.wait_for()
        assert "data/annotations/ana.jsonl:2: not a line of JSON" in alert.inner_text()
        assert file.read_bytes() == torn


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The smallest project that has all tables: one channel, and no student."""
    project = Project(tmp_path_factory.mktemp("project"))
    values = project.params()
    chats = values["channels"]["botchat"]
    sizes = {"test": 6, "dev": 2, "audit": 12, "train": 12}
    project.narrow("botchat", chats, sizes, values["revisions"]["r1"]["fixes"]["botchat"])
    values = project.params() | {"sample": {"rows": 60}}
    project.set_params(values | {"annotation": {"of": "org", "overlap": 4}})
    project.dvc("repro")
    project.commit("results")
    return project


def metrics(project, name):
    return json.loads((project.folder / f"metrics/{name}.json").read_text())


def test_repro_picks_annotations_up_and_runs_only_what_reads_them(project, expert):
    table1 = (project.folder / "metrics/table1.md").read_text()
    assert metrics(project, "agreement") == {"annotators": {}, "pairs": {}, "alpha": {}, "rows": []}
    with serving(project.folder, project.folder / "tools/workbench.py") as server:
        for name, ratings in (("ana", "1234"), ("ben", "1235")):
            one = expert(server, name)
            for rating, code in zip(ratings, "aacc", strict=True):
                one.step(rating, code, "Enter")
        values = project.params()
        values["annotation"]["of"] = "teacher"
        project.set_params(values)
        one.go()
        for rating in "5432":
            one.step(rating, "Enter")
    # The plan reads params.yaml, in which annotation.of has changed.
    changed = {"plan", "analyze@org", "analyze@r1", "calibrate"}
    assert project.ran(project.dvc("repro")) == {*changed, "report"}
    assert (project.folder / "metrics/table1.md").read_text() != table1
    agreement = metrics(project, "agreement")
    assert agreement["annotators"] == {"ana": 4, "ben": 8}
    pair = agreement["pairs"]["ana, ben"]
    assert pair["n"] == 4
    assert pair["codes"]["kappa"] == 1.0
    assert 0.9 < pair["ratings"]["weighted_kappa"] < 1
    assert [sorted(row["ratings"].values()) for row in agreement["rows"]] == [[4, 5]]
    details = metrics(project, "calibration_details").values()
    assert sum(channel["people"]["n"] for channel in details) == 4
    tracked = project.git("status", "--porcelain").splitlines()
    assert [line for line in tracked if "annotations" in line] == [
        "?? data/annotations/ana.jsonl",
        "?? data/annotations/ben.jsonl",
    ]
