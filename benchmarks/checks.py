"""How often each check flags summaries that models wrote: python benchmarks/checks.py [folder]

SummEdits (Laban et al., 2023) has LLM-written summaries of calls and meetings that people found
faithful (label 1), and the same with planted factual errors (label 0). A flag on a faithful summary
is a false alarm, save for the codes of unnecessary content and sentiment, which its labels do not
cover. The share of flagged label-0 summaries says whether a check sees errors at all. Cucom has
e-commerce chats; their summaries are those of the offline teacher. `folder` holds `summedits` and
`cucom` (../shared/data by default).
"""

import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.params import load  # noqa: E402
from distill.stats.intervals import proportion  # noqa: E402
from distill.tasks import summarize  # noqa: E402
from distill.tasks.summarize import checks  # noqa: E402
from distill.tasks.summarize.format import render  # noqa: E402
from distill.tasks.summarize.reading.interaction import sentences  # noqa: E402

SETS = ("sales_call", "qmsumm")
CHATS = 300
CHANNELS = ("agentchat", "webform")  # together they have every code


@dataclass(frozen=True)
class Case:
    """One summary as a list, its interaction as lines of the customer, and its set."""

    of: str
    text: str
    summary: str


def summedits(folder: Path, name: str) -> Iterator[Case]:
    """Yield the summaries of one domain; every sentence is a point, every speaker a customer."""
    path = folder / "summedits" / f"summedits_{name}.json.xz"
    for row in json.loads(lzma.open(path).read()):
        lines = [line.partition(":") for line in row["doc"].splitlines() if line.strip()]
        text = "\n".join(f"Customer: {said.strip() or who.strip()}" for who, _, said in lines)
        of = f"{name}, {'faithful' if row['label'] else 'with errors'}"
        yield Case(of, text, render(sentences(row["summary"])))


def cucom(folder: Path) -> Iterator[Case]:
    """Yield the offline teacher's summaries of the first chats."""
    with lzma.open(folder / "cucom" / "ecommerce_v0_1.first3000.jsonl.xz", "rt") as file:
        for line in islice(file, CHATS):
            turns = json.loads(line)["turns"]
            roles = {"user": "Customer", "agent": "Agent"}
            text = "\n".join(
                f"{roles[turn['role']]}: {' '.join(turn['content'].split())}" for turn in turns
            )
            row: dict[str, Any] = {"channel": "agentchat", "input": text}
            yield Case("cucom, offline teacher", text, summarize.rule(row))


def flagged(case: Case) -> set[str]:
    """Return the codes that the checks of all channels report."""
    return {
        flaw.code for channel in CHANNELS for flaw in checks.find(case.summary, case.text, channel)
    }


def table(cases: Iterable[Case], default: Sequence[str]) -> str:
    """Return the shares by code and set, "default" for the default list as a whole."""
    counts: dict[str, Counter[str]] = {}
    sizes: Counter[str] = Counter()
    for case in cases:
        codes = flagged(case)
        joint = {"default list"} if codes.intersection(default) else set()
        counts.setdefault(case.of, Counter()).update([*codes, *joint])
        sizes[case.of] += 1
    lines = [
        "| code | " + " | ".join(f"{name} (n = {n})" for name, n in sizes.items()) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for code in ("default list", *checks.CHECKS):
        cells = [_cell(counts[name][code], sizes[name]) for name in sizes]
        label = f"**{code}**" if code in default or code == "default list" else code
        if code in default or any(counts[name][code] for name in sizes):
            lines.append(f"| {label} | {' | '.join(cells)} |")
    silent = [code for code in checks.CHECKS if not any(counts[name][code] for name in sizes)]
    return "\n".join([*lines, "", f"No flag at all: {', '.join(silent)}."])


def _cell(count: int, n: int) -> str:
    share = proportion(count, n)
    return f"{count} ({share.value:.1%}) [{share.low:.1%}, {share.high:.1%}]" if n else ""


def main() -> None:
    """Print a Markdown table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else REPO.parent / "shared" / "data")
    cases = [case for name in SETS for case in summedits(folder, name)]
    cases += cucom(folder)
    print(table(cases, []))


if __name__ == "__main__":
    main()
