"""EvoKD's arms over several seeds, without DVC: python benchmarks/evokd.py banking77 --seeds 1 2 3

    messages                       the made-up messages of the default, texts written by the rules
    banking77, wnut17, crossner-ai real texts (DISTILL_TEST_DATA names their folder)

Real texts are retrieved from a pool of unlabelled ones instead of written, and answered by their
own labels, one in twenty of them wrong: active learning with a noisy oracle, no language model.
The stages' own scripts run in one process, in --work, where a run that was stopped goes on; the
tables are in <work>/metrics. --profile prints a params.yaml of the same arms for evokd/ instead.
"""

import argparse
import csv
import importlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill import records  # noqa: E402

ARMS = {
    "errors": {},
    "random": {"select": "random"},
    "loss": {"select": "loss"},
    "no-easy": {"easy": 0},
    "no-correct": {"correct": False},
    "no-review": {"review": "continue"},
    "joint": {"separation": "joint"},
    "init": {},  # the first round's parent are paraphrases of the shots
}
BASELINES = ("eda", "paraphrase", "zeroshot")
ROUNDS = 3
SETS = {
    "banking77": ("classify", "banking77"),
    "wnut17": ("entities", "wnut17"),
    "crossner-ai": ("entities", "crossner/ai"),
}
WNUT17 = {
    "train": "wnut17train.conll",
    "dev": "emerging.dev.conll",
    "test": "emerging.test.annotated",
}

Row = dict[str, object]


def chains(
    channel: str, arms: Iterable[str], seeds: Iterable[int], baselines: Iterable[str]
) -> Row:
    """Return the sections shots, rounds and augmented of one channel."""
    shots, rounds, augmented = {}, {}, {}
    for seed in seeds:
        told = {"channel": channel, "student": "minilm", "seed": seed}
        start, end = f"shots-{channel}-s{seed}", f"{channel}-s{seed}"
        shots[start] = {**told, "number": 5}
        for by in baselines:
            like = f"errors-{end}-{ROUNDS}"
            augmented[f"{by}-{end}"] = {**told, "by": by, "parent": start, "like": like}
        for arm in arms:
            parent = f"paraphrase-{end}" if arm == "init" else start
            for number in range(1, ROUNDS + 1):
                name = f"{arm}-{end}-{number}"
                rounds[name] = {**told, "arm": arm, "parent": parent}
                parent = name
    return {"shots": shots, "rounds": rounds, "augmented": augmented}


def params(dataset: str, arms: list[str], seeds: list[int], full: bool, has_baselines: bool) -> Row:
    """Return the parameters of a run."""
    values = yaml.safe_load((REPO / "evokd/params.yaml").read_text(encoding="utf-8"))
    values["arms"] = {name: ARMS[name] for name in arms}
    is_made_up = dataset == "messages"
    channels = list(values["channels"]) if is_made_up else [dataset]
    may_have_them = is_made_up and "errors" in arms  # at the budget of errors
    baselines = BASELINES if may_have_them and has_baselines else ()
    found: dict[str, Row] = {"shots": {}, "rounds": {}, "augmented": {}}
    for channel in channels:
        for section, entries in chains(channel, arms, seeds, baselines).items():
            found[section] |= entries
        if full:
            student = "minilm" if is_made_up else "minilm-full"
            whole = {"channel": channel, "student": student, "number": None, "seed": seeds[0]}
            found["shots"][f"full-{channel}"] = whole
    values |= found
    if not is_made_up:
        few = values["students"]["minilm"]
        values["students"]["minilm-full"] = {**few, "train": {**few["train"], "epochs": 3}}
        values |= {"source": "data/pool", "egress": "public"}
        values["write"] |= {"rules": "pool", "conversations": 8, "shown": 16, "texts": 12}
        values["tag"]["noise"] = 0.05
    return values


def texts(dataset: str, split: str) -> Iterator[Row]:
    """Yield the rows of a real set: banking77 has no dev rows, so every tenth of train is one."""
    task, place = SETS[dataset]
    folder = Path(os.environ.get("DISTILL_TEST_DATA", REPO.parent / "shared/data")) / place
    read = _banking if task == "classify" else _conll
    for number, (text, gold) in enumerate(read(folder, split)):
        yield {
            "id": f"{dataset}-{split}-{number:06}",
            "channel": dataset,
            "split": split,
            "input": text,
            "gold": gold,
        }


def _banking(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    file = folder / f"{'test' if split == 'test' else 'train'}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            if split == "test" or (number % 10 == 0) == (split == "dev"):
                yield row["text"], row["category"]


def _conll(folder: Path, split: str) -> Iterator[tuple[str, list[Row]]]:
    file = folder / WNUT17[split] if "wnut17" in str(folder) else folder / f"{split}.txt"
    for block in file.read_text(encoding="utf-8").replace("\t\n", "\n").split("\n\n"):
        pairs = [line.split("\t") for line in block.splitlines() if "\t" in line]
        if pairs:
            yield _sentence([(pair[0], pair[1].strip()) for pair in pairs])


def _sentence(tokens: list[tuple[str, str]]) -> tuple[str, list[Row]]:
    text, spans = "", list[Row]()
    for token, tag in tokens:
        start = len(text) + bool(text)
        text = f"{text} {token}" if text else token
        if tag.startswith("I-") and spans and spans[-1]["type"] == tag[2:]:
            spans[-1]["end"] = len(text)
        elif tag != "O":
            spans.append({"start": start, "end": len(text), "type": tag[2:]})
    return text, spans


def prepare(work: Path, dataset: str, values: Row) -> None:
    """Write params.yaml, prompts, rows and the base into the folder, unless they are there."""
    work.mkdir(parents=True, exist_ok=True)
    if dataset in SETS:
        known = {split: list(texts(dataset, split)) for split in ("train", "dev", "test")}
        told = {"task": SETS[dataset][0], "labels": labels(known["train"])}
        values["channels"] = {dataset: told}
        for split, rows in known.items():
            folder = work / "data/pool" / dataset / split
            records.write_shards(folder, ({**row, **told} for row in rows))
    (work / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    shutil.copytree(REPO / "evokd/prompts", work / "prompts", dirs_exist_ok=True)


def labels(rows: Iterable[Row]) -> list[str]:
    """Return the labels of the train rows."""
    found: set[str] = set()
    for row in rows:
        gold = row["gold"]
        found |= {gold} if isinstance(gold, str) else {span["type"] for span in gold}
    return sorted(found)


def steps(values: Row) -> Iterator[tuple[str, list[str], str]]:
    """Yield (script, arguments, what it writes last) of all stages, in order."""
    yield "base", ["minilm"], "models/base/minilm/README.md"
    if values["source"] == "data/utterances":
        yield "utterances", [], "data/utterances/truth.jsonl"
    for name, entry in values["shots"].items():
        yield "shots", [name], f"data/spent/{name}.json"
        yield from _training(name, entry, values)
    waiting = {**values["rounds"], **values["augmented"]}
    done = set(values["shots"])
    while waiting:
        name = next(
            n for n, e in waiting.items() if {e["parent"], e.get("like", e["parent"])} <= done
        )
        entry = waiting.pop(name)
        if "by" in entry:
            yield "augment", [name], f"data/spent/{name}.json"
        else:
            yield "probe", [name], f"data/ledger/probe-{name}.json"
            yield "write", [name], f"data/written/{name}/conversations.jsonl"
            yield "tag", [name], f"data/spent/{name}.json"
        yield from _training(name, entry, values)
        done.add(name)
    yield "report_evokd", [], ""


def _training(name: str, entry: Row, values: Row) -> Iterator[tuple[str, list[str], str]]:
    tests = f"{values['source']}/{entry['channel']}/test"
    yield "finetune", [name], f"models/{name}/labels.json"
    yield "predict", [name, "--rows", tests, "--out", name], f"data/ledger/predict-{name}.json"


def run(work: Path, values: Row) -> None:
    os.chdir(work)
    for script, arguments, made in steps(values):
        if made and Path(made).exists():
            continue
        print(f"== {script} {' '.join(arguments)}", flush=True)
        sys.argv = [f"{script}.py", *arguments]
        importlib.import_module(script).main()


def logistic_regression(values: Row, dataset: str) -> None:
    """Print a reference: the macro F1 of TF-IDF and logistic regression on the shots."""
    tests = list(records.read(Path(values["source"]) / dataset / "test"))
    for name in values["shots"]:
        rows = [r for r in records.read(Path("data/dataset") / name) if r["split"] == "train"]
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=30, max_iter=2000)
        )
        model.fit([row["input"] for row in rows], [row["gold"] for row in rows])
        said = model.predict([row["input"] for row in tests])
        score = f1_score([row["gold"] for row in tests], said, average="macro")
        print(f"logistic regression on {name}: macro F1 {100 * score:.1f}, {len(rows)} rows")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", choices=["messages", *SETS])
    parser.add_argument("--arms", nargs="+", choices=ARMS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--full", action="store_true", help="train on all labelled rows too")
    parser.add_argument("--no-baselines", action="store_true", help="arms and shots alone")
    parser.add_argument("--work", type=Path, help="default: build/evokd-<dataset>")
    parser.add_argument("--profile", action="store_true", help="print parameters, run nothing")
    args = parser.parse_args()
    pool = ["errors", "loss", "random"]
    arms = args.arms or (list(ARMS) if args.dataset == "messages" else pool)
    values = params(args.dataset, arms, args.seeds, args.full, not args.no_baselines)
    if args.profile:
        print(yaml.safe_dump(values, sort_keys=False, default_flow_style=None, width=110))
        return
    work = (args.work or REPO / f"build/evokd-{args.dataset}").resolve()
    prepare(work, args.dataset, values)
    run(work, values)
    if args.dataset in SETS and SETS[args.dataset][0] == "classify":
        logistic_regression(values, args.dataset)
    print((work / "metrics/tables.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
