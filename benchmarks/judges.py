"""Checks and the judge's rules on LLM summaries: python benchmarks/judges.py <folder> [part]

The folder holds summedits_sales_call.json.xz and summedits_qmsumm.json.xz (SummEdits, Laban et al.
2023, arXiv 2305.14540): summaries by an LLM, with and without a planted factual edit, and people's
labels. A summary is rated by the number of errors found in it. Printed are the area under the ROC
curve with which this number tells edited summaries from faithful ones, and the share of faithful
summaries in which anything is found. Thresholds were chosen on the part "evaluation" (4 documents
each); the default part is "test".

Every speaker of a transcript is rendered as the customer, since the transcripts have none: whatever
somebody said can support a summary. Each sentence of a summary is a point of the list. The interval
is a bootstrap over documents, because summaries of one document are alike.
"""

import json
import lzma
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.tasks.summarize import checks  # noqa: E402
from distill.tasks.summarize.format import render  # noqa: E402
from distill.tasks.summarize.rules import judge as rules  # noqa: E402
from distill.tasks.summarize.taxonomy import load  # noqa: E402

SETS = ("sales_call", "qmsumm")
RESAMPLES = 2_000
CHANNEL = "agentchat"
_SPEAKER = re.compile(r"^[^:\n]{1,40}: ", re.M)
# What a factual edit can cause: something said that the transcript does not say.
_SAID = re.compile(r"content_(?:hallucination|inaccurate)|.*_inaccurate")


def transcript(doc: str) -> str:
    """A document with every speaker as the customer."""
    return _SPEAKER.sub("Customer: ", doc.strip())


def points(summary: str) -> str:
    """A summary as a list, a sentence a point."""
    return render(re.split(r"(?<=[.!?])\s+", summary.strip()))


def checked(text: str, summary: str) -> list[str]:
    return [flaw.code for flaw in checks.find(summary, text, CHANNEL)]


def judged(text: str, summary: str) -> list[str]:
    return [error["code"] for error in json.loads(rules.judge(CHANNEL, text, summary))["errors"]]


DETECTORS: dict[str, Callable[[str, str], list[str]]] = {"checks": checked, "judge's rules": judged}


def area(edited: list[int], counts: list[int], documents: list[int]) -> tuple[float, float, float]:
    """The area under the curve and its 95% interval over documents."""
    members = defaultdict(list)
    for at, document in enumerate(documents):
        members[document].append(at)
    groups = [np.array(group) for group in members.values()]
    labels, scores = np.array(edited), np.array(counts)
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([groups[at] for at in rng.integers(len(groups), size=len(groups))])
        if 0 < labels[rows].sum() < len(rows):
            drawn.append(roc_auc_score(labels[rows], scores[rows]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(roc_auc_score(labels, scores)), float(low), float(high)


def flagged(numbers: list[int], edited: list[int], wanted: int) -> str:
    """The share of faithful (0) or edited (1) summaries with an error found."""
    group = [number > 0 for number, label in zip(numbers, edited, strict=True) if label == wanted]
    return f"{np.mean(group):.1%} of {len(group)}"


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    part = sys.argv[2] if len(sys.argv) > 2 else "test"
    load(REPO / "taxonomy.yaml")
    print(
        "| set | rules | codes | n (documents) | AUC [95%] "
        "| faithful flagged | edited flagged | ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in SETS:
        with lzma.open(Path(sys.argv[1]) / f"summedits_{name}.json.xz", "rt") as stream:
            rows = [row for row in json.load(stream) if row["split"] == part]
        texts = list(dict.fromkeys(row["doc"] for row in rows))
        edited = [1 - row["label"] for row in rows]
        documents = [texts.index(row["doc"]) for row in rows]
        for detector, find in DETECTORS.items():
            start = time.process_time()
            found = [find(transcript(row["doc"]), points(row["summary"])) for row in rows]
            spent = 1000 * (time.process_time() - start) / len(rows)
            counts = {
                "all": [len(codes) for codes in found],
                "what is said": [sum(map(bool, map(_SAID.fullmatch, codes))) for codes in found],
            }
            for codes, numbers in counts.items():
                auc, low, high = area(edited, numbers, documents)
                print(
                    f"| {name} | {detector} | {codes} | {len(rows)} ({len(texts)}) "
                    f"| {auc:.3f} [{low:.3f}, {high:.3f}] "
                    f"| {flagged(numbers, edited, 0)} | {flagged(numbers, edited, 1)} "
                    f"| {spent:.0f} |"
                )


if __name__ == "__main__":
    main()
