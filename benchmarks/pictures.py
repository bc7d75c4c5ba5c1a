"""Take the README's pictures: python benchmarks/pictures.py

Needs a finished `dvc repro` and a chromium; writes docs/report.png of metrics/report.html, and
docs/annotate.png of the page that `make workbench` opens.
"""

import sys
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests")]

import pages  # noqa: E402

SIZE = (1280, 800)
DOCS = REPO / "docs"


def main() -> None:
    """Write the pictures."""
    DOCS.mkdir(exist_ok=True)
    with pages.browsing() as browser:
        visitor = pages.Visitor(browser, *SIZE)
        visitor.tab.goto((REPO / "metrics/report.html").as_uri())
        visitor.tab.screenshot(path=DOCS / "report.png")
        with pages.serving(REPO) as server:
            visitor.go(f"{server.url}/?annotator=ana")
            visitor.tab.locator('input[type="checkbox"]').nth(7).wait_for(state="attached")
            visitor.tab.locator('[data-testid="stSkeleton"]').first.wait_for(state="detached")
            visitor.tab.screenshot(path=DOCS / "annotate.png")
    for picture in sorted(DOCS.glob("*.png")):
        print(f"{picture.relative_to(REPO)}: {picture.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
