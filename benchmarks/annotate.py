"""Seconds an action of the page Annotate takes in the browser: python benchmarks/annotate.py [rows]

A version of that many made-up chats (20,000 by default), a tenth of them in the audit split; two
experts have annotated 300 each. Needs Playwright and a chromium.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests"), str(REPO / "benchmarks")]

import yaml  # noqa: E402
from experts import Expert  # noqa: E402
from pages import browsing, serving  # noqa: E402
from rows import rows  # noqa: E402

from distill import paths, records  # noqa: E402
from distill.people import annotations  # noqa: E402

TIMES = 30


def lay_out(folder: Path, count: int) -> None:
    """A project's folder with that version."""
    for name in ("taxonomy.yaml", ".streamlit/config.toml"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPO / name, folder / name)
    shutil.copytree(REPO / "prompts", folder / "prompts")
    values = yaml.safe_load((REPO / "params.yaml").read_text(encoding="utf-8"))
    values["split"]["sizes"]["botchat"]["audit"] = count // 10
    (folder / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    made = [
        {
            "id": f"{channel}-{number:06d}",
            "channel": channel,
            "split": "train" if number % 10 else "audit",
            "input": text,
            "target": summary,
            "edits": [],
        }
        for number, (channel, text, summary) in enumerate(rows(count))
    ]
    records.write_shards(folder / paths.dataset("org"), made)
    for at, name in enumerate(("ben", "eve")):
        audit = [row["id"] for row in made if row["split"] == "audit"][at * 300 :][:300]
        annotated = [
            {"id": one, "of": "org", "rating": 3, "codes": [], "note": ""} for one in audit
        ]
        records.write(folder / annotations.path(name), annotated)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seconds: dict[str, list[float]] = {}

    def timed(name: str, began: float) -> None:
        seconds.setdefault(name, []).append(time.perf_counter() - began)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, count)
        with serving(folder) as server, browsing() as browser:
            began = time.perf_counter()
            expert = Expert(browser, server, "ana")
            timed("first page of the server", began)
            for _ in range(5):
                began = time.perf_counter()
                expert.go()
                timed("page again", began)
            for _ in range(TIMES):
                began = time.perf_counter()
                expert.type("3", "a", "c")
                timed("rate, tick two codes", began)
                began = time.perf_counter()
                expert.step("Enter")
                timed("save, next", began)
            for key, action in (("s", "skip"), ("p", "back"), ("u", "undo")):
                for _ in range(5):
                    began = time.perf_counter()
                    expert.step(key)
                    timed(action, began)
            assert not expert.alarms, json.dumps(expert.alarms)
    print(f"| action ({count:,} rows, two experts' 600 annotations) | median, s | longest, s | n |")
    print("|---|---|---|---|")
    for action, found in seconds.items():
        middle = statistics.median(found)
        print(f"| {action} | {middle:.2f} | {max(found):.2f} | {len(found)} |")


if __name__ == "__main__":
    main()
