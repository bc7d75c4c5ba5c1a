"""Take pictures of the report and the workbench: python benchmarks/pictures.py

Needs a finished `dvc repro` and a chromium. docs/report.png and docs/annotate.png are those of the
documents; build/pictures/ has every page at 1280 and at 390 pixels, to be looked at.
"""

import shutil
import sys
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests")]

import pages  # noqa: E402

SIZES = ((1280, 800), (390, 844))
DOCS, ALL = REPO / "docs", REPO / "build/pictures"
SHOWN = ("report", "annotate")  # in the documents
METHODS = {"report": "", "report-fair": "fair", "report-evokd": "evokd"}
WORKBENCH = {"annotate": "", "revisions": "revisions", "results": "results", "try_it": "try_it"}


def take(browser, address: str, size: tuple[int, int]) -> None:
    """Take every page at one size."""
    visitor = pages.Visitor(browser, *size)
    for name, folder in METHODS.items():
        report = REPO / folder / "metrics/report.html"
        if report.exists():
            visitor.tab.goto(report.as_uri())
            _save(visitor, name)
    for name, place in WORKBENCH.items():
        visitor.tab.goto(f"{address}/{place}?annotator=ana")
        visitor.tab.get_by_role("button").nth(1).wait_for()
        visitor.tab.wait_for_function(pages.QUIET)
        if name == "try_it":
            visitor.tab.get_by_role("button", name="Ask").click()
            visitor.tab.get_by_text("The judge: ").first.wait_for(timeout=120_000)
        _save(visitor, name)
    assert visitor.alarms == []


def _save(visitor: pages.Visitor, name: str) -> None:
    width = visitor.tab.viewport_size["width"]
    visitor.tab.screenshot(path=ALL / f"{name}-{width}.png")
    print(f"{name} at {width}: {'scrolls sideways' if visitor.too_wide else 'fits'}")


def main() -> None:
    """Write the pictures."""
    ALL.mkdir(parents=True, exist_ok=True)
    with pages.browsing() as browser, pages.serving(REPO) as server:
        for size in SIZES:
            take(browser, server.url, size)
    for name in SHOWN:
        shutil.copy(ALL / f"{name}-{SIZES[0][0]}.png", DOCS / f"{name}.png")


if __name__ == "__main__":
    main()
