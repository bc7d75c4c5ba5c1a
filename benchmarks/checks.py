"""How often each check is wrong about summaries that models wrote: python benchmarks/checks.py

SummEdits (Laban et al., 2023) has LLM-written summaries of calls and meetings that people found
faithful (label 1), and the same with planted factual errors (label 0). A flag on a faithful summary
is a false alarm, save for the codes of unnecessary content and sentiment, which its labels do not
cover; calls and meetings name no order, item or role. The offline teacher's summaries of the first
e-commerce chats of Cucom have no labels. benchmarks/summaries.jsonl has summaries of other chats
of Cucom, written by a language model, with the codes of their errors:

    {"id": "conv_0533", "codes": ["unn_content_requests_agent"],
     "points": ["Refund for return {1} has not been paid", "Customer asks for a supervisor"]}

{1} is the chat's first number, {1x} the same with another last digit. The folder of both data sets
is the first argument, or ../shared/data.
"""

import json
import lzma
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.params import load  # noqa: E402
from distill.stats.intervals import proportion  # noqa: E402
from distill.tasks import summarize  # noqa: E402
from distill.tasks.summarize import checks  # noqa: E402
from distill.tasks.summarize.format import render  # noqa: E402
from distill.tasks.summarize.reading.interaction import sentences  # noqa: E402

FAITHFUL = "sales_call, faithful"
CHATS = 300
CHANNELS = {"summedits": ("agentchat", "webform"), "cucom": ("agentchat",)}  # whose codes apply
NUMBER = re.compile(r"\d[\d-]{6,}\d")


@dataclass(frozen=True)
class Case:
    """One summary, its interaction, its set, and the codes of its errors where they are known."""

    of: str
    text: str
    summary: str
    channels: tuple[str, ...]
    codes: tuple[str, ...] | None = None

    def flagged(self) -> set[str]:
        """Return the codes that all checks report."""
        return {
            flaw.code
            for channel in self.channels
            for flaw in checks.find(self.summary, self.text, channel)
        }


def summedits(folder: Path, name: str) -> Iterator[Case]:
    """Yield the summaries of one domain; every sentence is a point, every speaker a customer."""
    path = folder / "summedits" / f"summedits_{name}.json.xz"
    for row in json.loads(lzma.decompress(path.read_bytes())):
        lines = [line.partition(":") for line in row["doc"].splitlines() if line.strip()]
        text = "\n".join(f"Customer: {said.strip() or who.strip()}" for who, _, said in lines)
        of = f"{name}, {'faithful' if row['label'] else 'with errors'}"
        yield Case(of, text, render(sentences(row["summary"])), CHANNELS["summedits"])


def chats(folder: Path) -> dict[str, str]:
    """Return id -> text of Cucom's chats."""
    roles = {"user": "Customer", "agent": "Agent"}
    found = {}
    with lzma.open(folder / "cucom" / "ecommerce_v0_1.first3000.jsonl.xz", "rt") as file:
        for row in map(json.loads, file):
            turns = ((roles[turn["role"]], turn["content"].split()) for turn in row["turns"])
            found[row["id"]] = "\n".join(f"{role}: {' '.join(words)}" for role, words in turns)
    return found


def extractive(texts: Mapping[str, str]) -> Iterator[Case]:
    """Yield the offline teacher's summaries of the first chats."""
    for text in list(texts.values())[:CHATS]:
        summary = summarize.rule({"channel": "agentchat", "input": text})
        yield Case("cucom, offline teacher", text, summary, CHANNELS["cucom"])


def written(texts: Mapping[str, str]) -> Iterator[Case]:
    """Yield the summaries of summaries.jsonl."""
    for line in (REPO / "benchmarks/summaries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = texts[row["id"]]
        numbers = dict(enumerate(dict.fromkeys(NUMBER.findall(text)), start=1))
        values = {f"{{{at}}}": number for at, number in numbers.items()}
        values |= {f"{{{at}x}}": _misread(number) for at, number in numbers.items()}
        points = [_filled(point, values) for point in row["points"]]
        of = f"cucom, LLM, {'with errors' if row['codes'] else 'faithful'}"
        yield Case(of, text, render(points), CHANNELS["cucom"], tuple(row["codes"]))


def _misread(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 3) % 10)


def _filled(point: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        point = point.replace(name, value)
    return point


def by_set(cases: Iterable[Case], default: Iterable[str]) -> str:
    """Return the shares of flagged summaries by code and set; **bold** codes are the default's."""
    default = list(default)
    counts: dict[str, Counter[str]] = {}
    sizes: Counter[str] = Counter()
    for case in cases:
        codes = case.flagged()
        joint = ["default list"] if codes.intersection(default) else []
        counts.setdefault(case.of, Counter()).update([*codes, *joint])
        sizes[case.of] += 1
    lines = [
        "| code | " + " | ".join(f"{name} (n = {n})" for name, n in sizes.items()) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for code in ("default list", *checks.CODES):
        if code == "default list" or any(counts[name][code] for name in sizes):
            cells = [_cell(counts[name][code], sizes[name]) for name in sizes]
            label = f"**{code}**" if code in ("default list", *default) else code
            lines.append(f"| {label} | {' | '.join(cells)} |")
    silent = [code for code in checks.CODES if not any(counts[name][code] for name in sizes)]
    return "\n".join([*lines, "", f"No flag at all: {', '.join(silent)}."])


def by_code(cases: Iterable[Case]) -> str:
    """Return precision and recall of each code on the summaries whose errors are known."""
    flagged: Counter[str] = Counter()
    right: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for case in cases:
        if case.codes is not None:
            codes = case.flagged()
            flagged.update(codes)
            right.update(codes.intersection(case.codes))
            known.update(case.codes)
    lines = ["| code | precision | found of the known errors |", "|---|---|---|"]
    for code in checks.CODES:
        if flagged[code] or known[code]:
            precision, recall = _cell(right[code], flagged[code]), _cell(right[code], known[code])
            lines.append(f"| {code} | {precision} | {recall} |")
    return "\n".join(lines)


def _cell(count: int, n: int) -> str:
    if not n:
        return "none"
    share = proportion(count, n)
    return f"{count} of {n}, {share.value:.0%} [{share.low:.0%}, {share.high:.0%}]"


def main() -> None:
    """Print two Markdown tables."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else REPO.parent / "shared" / "data")
    texts = chats(folder)
    cases = [case for name in ("sales_call", "qmsumm") for case in summedits(folder, name)]
    cases += [*written(texts), *extractive(texts)]
    print(by_set(cases, load(REPO / "params.yaml").analyze.checks))
    print("\n" + by_code(cases))


if __name__ == "__main__":
    main()
