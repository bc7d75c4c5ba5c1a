"""Rows per second and peak memory of the row stages: python benchmarks/rows.py [rows]

Takes that many made-up interactions per channel (2,000 by default) through anonymize, label,
analyze, revise and judge with the rules, in this process and on one core.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.offline import corpus  # noqa: E402
from distill.privacy.find.detect import find  # noqa: E402
from distill.privacy.replace import replace, second_look  # noqa: E402
from distill.privacy.seal import SAMPLE_KEY  # noqa: E402
from distill.privacy.surrogates import Surrogates  # noqa: E402
from distill.tasks.summarize import checks, guard  # noqa: E402
from distill.tasks.summarize.rules.editor import fix  # noqa: E402
from distill.tasks.summarize.rules.judge import judge  # noqa: E402
from distill.tasks.summarize.rules.teacher import summarize  # noqa: E402

FIX = "unn_content_redundant"
Row = tuple[str, str, str]  # channel, text, summary


def rows(count: int) -> list[Row]:
    """Made-up chats with the teacher's summaries."""
    found = []
    for made in corpus.interactions("botchat", 1, count):
        turns = made.raw["turns"]
        text = "\n".join(f"{turn['role'].capitalize()}: {turn['text']}" for turn in turns)
        found.append(("botchat", text, summarize(text, "botchat")))
    return found


def anonymized(row: Row) -> None:
    """Replace and look again, as anonymize does."""
    text, inserted = replace(row[1], find(row[1]), Surrogates(SAMPLE_KEY, "row"))
    second_look(text, inserted)


STEPS: dict[str, Callable[[Row], object]] = {
    "anonymize (replace, look again)": anonymized,
    "label (teacher)": lambda row: summarize(row[1], row[0]),
    "analyze (checks)": lambda row: checks.find(row[2], row[1], row[0]),
    "revise (redundancy)": lambda row: fix(FIX, row[2]),
    "guard (redundancy)": lambda row: guard.verify(FIX, row[2], fix(FIX, row[2]), row[1]),
    "judge": lambda row: json.loads(judge(row[0], row[1], row[2])),
}


def speed(step: Callable[[Row], object], given: Iterable[Row]) -> float:
    """Rows per second of CPU time."""
    start, count = time.process_time(), 0
    for row in given:
        step(row)
        count += 1
    return count / (time.process_time() - start)


def main() -> None:
    """Print a Markdown table."""
    given = rows(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print(f"| step | rows/s of one core (n = {len(given)}) |\n|---|---|")
    for name, step in STEPS.items():
        print(f"| {name} | {speed(step, given):,.0f} |")
    print(f"\nPeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB.")


if __name__ == "__main__":
    main()
