"""Seconds an action takes on Revisions, Results and Try it: python benchmarks/workbench.py [rows]

Shows a revision of that many made-up chats (20,000 by default), edited and guarded by the rules,
a tenth as many test interactions with ten systems' summaries, all of them to be tried, in a real
browser.
"""

import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests")]

import pages  # noqa: E402

from distill import paths, records  # noqa: E402
from distill.offline import corpus  # noqa: E402
from distill.params import load  # noqa: E402
from distill.people import edit_verdicts  # noqa: E402
from distill.tasks.summarize import guard  # noqa: E402
from distill.tasks.summarize.rules.editor import fix  # noqa: E402
from distill.tasks.summarize.rules.teacher import summarize  # noqa: E402
from distill.workbench import try_it  # noqa: E402

FIX, VERSION, TIMES = "unn_content_redundant", "r1", 5


def write(count: int) -> None:
    """Write the project's data into the current folder."""
    params, draw = load(), random.Random(1)
    rows = []
    for number, made in enumerate(corpus.interactions("botchat", 1, count)):
        turns = made.raw["turns"]
        text = "\n".join(f"{turn['role'].capitalize()}: {turn['text']}" for turn in turns)
        before = summarize(text, "botchat")
        after = fix(FIX, before)
        reason = guard.verify(FIX, before, after, text)
        edit = {"code": FIX, "before": before, "after": after}
        edits = [{**edit, "accepted": not reason, "reason": reason}]
        head = {"id": f"botchat-{number:06d}", "channel": "botchat", "split": "train"}
        rows.append({**head, "input": text, "target": after, "edits": edits})
    records.write_shards(paths.dataset(VERSION), rows)
    tests = rows[: count // 10]
    records.write_shards(paths.split("test"), tests)
    for system in params.systems:
        predicted = ({**row, "output": row["target"]} for row in tests)
        records.write_shards(paths.predictions(system), predicted)
        found = {"errors": [{"code": FIX, "quote": "twice"}]}
        rated = ({**row, **found, "rating": draw.randint(1, 5)} for row in tests)
        records.write_shards(paths.ratings(system), rated)
    for row in draw.sample(rows, min(500, count)):
        *_, digest = edit_verdicts.of_edit(VERSION, row["id"], row["edits"][0])
        verdict = {"id": row["id"], "of": VERSION, "code": FIX, "good": True, "digest": digest}
        records.put(paths.EDIT_VERDICTS / "ana.jsonl", verdict, edit_verdicts.KEY)


def seconds(action: Callable[[int], object], times: int = TIMES) -> list[float]:
    """How long each turn of an action took."""
    found = []
    for turn in range(times):
        start = time.perf_counter()
        action(turn)
        found.append(time.perf_counter() - start)
    return found


def measured(address: str) -> dict[str, list[float]]:
    """Every action's times, in one browser."""
    filters, orders = ("without my verdict", "all"), ("by id", "disagreement between systems")
    with pages.browsing() as browser:
        visitor = pages.Visitor(browser)
        found = {
            "Revisions: open, first of all": seconds(lambda _: visitor.go(address), 1),
            "Revisions: open again": seconds(lambda _: visitor.go(address)),
            "Revisions: filter": seconds(
                lambda turn: visitor.choose("My verdict", filters[turn % 2])
            ),
            "Revisions: another page": seconds(lambda turn: visitor.fill("Page", str(turn + 2))),
        }
        visitor.fill("Your name", "eva")
        results = f"{address}/?page=results"
        found |= {
            "Revisions: judge an edit": seconds(lambda turn: visitor.pick("good", turn)),
            "Results: open, first of all": seconds(lambda _: visitor.go(results), 1),
            "Results: show the interactions": seconds(lambda _: visitor.pick("Interactions"), 1),
            "Results: another interaction": seconds(
                lambda turn: visitor.fill("Interaction", str(turn + 2))
            ),
            "Results: another order": seconds(
                lambda turn: visitor.choose("Order", orders[turn % 2])
            ),
        }
        found |= tried(visitor, f"{address}/?page=try")
        assert visitor.alarms == []
    return found


def tried(visitor: pages.Visitor, address: str) -> dict[str, list[float]]:
    """The times of Try it, where rules answer; a model takes its own time besides."""
    found = {
        "Try it: open, first of all": seconds(lambda _: visitor.go(address), 1),
        "Try it: another interaction": seconds(
            lambda turn: visitor.fill("Interaction (of", str(turn + 2))
        ),
        "Try it: ask the teacher": seconds(lambda _: visitor.press("Ask")),
        "Try it: a thumb": seconds(lambda _: visitor.press(try_it.THUMBS["down"])),
    }
    visitor.pick(try_it.OWN)
    return found | {
        "Try it: a pasted text": seconds(
            lambda turn: visitor.write("Text, a turn", f"I am Ana Ruiz. Order {turn} never came.")
        )
    }


def main() -> None:
    """Print a Markdown table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        for name in ("params.yaml", "taxonomy.yaml"):
            shutil.copy(REPO / name, folder)
        shutil.copytree(REPO / "prompts", Path(folder) / "prompts")
        if (REPO / "metrics").exists():
            shutil.copytree(REPO / "metrics", Path(folder) / "metrics")
        os.chdir(folder)
        write(count)
        with pages.serving(Path(folder), REPO / "tests/app.py") as server:
            found = measured(server.url)
        os.chdir(REPO)
    print(f"| action ({count:,} rows) | seconds, median | slowest |\n|---|---|---|")
    for name, times in found.items():
        print(f"| {name} | {statistics.median(times):.2f} | {max(times):.2f} |")


if __name__ == "__main__":
    main()
