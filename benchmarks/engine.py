"""Rows on several nodes, and the memory of many rows.

    python benchmarks/engine.py nodes 20000            # anonymize on one and two Ray nodes
    python benchmarks/engine.py memory 20000 1000000   # anonymize and split
    python benchmarks/engine.py split 20000 1000000    # split alone, of texts as they were made up

The interactions are made up one at a time. A node is a raylet on this machine with one core, so
`nodes` needs two cores of its own, and `memory` about 15 GB of disk and an hour and a half for a
million. Memory is that of the largest process; every process of a stage counts.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.offline import corpus  # noqa: E402

MEBI = 1024  # KiB
SIZES = {"test": 1_000, "dev": 500, "audit": 1_000, "train": 10**9}


def project(folder: Path, engine: dict[str, object]) -> None:
    """Write the parameters of a project with one channel."""
    values = yaml.safe_load((REPO / "params.yaml").read_text())
    values["channels"] = {"botchat": values["channels"]["botchat"]}
    values["split"] = {"near_duplicate": 0.8, "sizes": {"botchat": SIZES}}
    revisions = {name: one | {"fixes": {"botchat": one["fixes"]["botchat"]}}
                 for name, one in values["revisions"].items()}  # fmt: skip
    values["anonymize"]["max_quarantined"] = 1.0  # speed, not quality, is measured
    values |= {"source": "data/raw", "engine": engine, "revisions": revisions}
    (folder / "params.yaml").write_text(yaml.safe_dump(values))
    for name in ("taxonomy.yaml", "prompts"):
        if not (folder / name).exists():
            (folder / name).symlink_to(REPO / name)


def chats(count: int) -> Iterator[dict]:
    """Yield made-up chats in the format of the channel botchat."""
    return (made.raw for made in corpus.interactions("botchat", 1, count))


def write(path: Path, rows: Iterator[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def texts(count: int) -> Iterator[dict]:
    """Yield made-up chats as anonymize writes rows, personal values included."""
    for raw in chats(count):
        lines = (f"{turn['role'].capitalize()}: {turn['text']}" for turn in raw["turns"])
        yield {"id": f"botchat-{raw['id']}", "channel": "botchat", "input": "\n".join(lines)}


def run(folder: Path, *command: str) -> tuple[float, float]:
    """Run a stage; return seconds, and MiB of its largest process."""
    start = time.monotonic()
    environment = os.environ | {"DISTILL_SECRET": "benchmarks, 7391 rows"}
    process = subprocess.Popen([sys.executable, *command], cwd=folder, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return time.monotonic() - start, used.ru_maxrss / MEBI


def nodes(count: int) -> None:
    """Print rows per second of anonymize on one node and on two."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "DISTILL_SECRET": "benchmarks, 7391 rows"}
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - only these figures need Ray

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
    )
    print("| nodes of one core | rows | seconds | rows/s | times one node |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "data/raw/botchat/chats.jsonl", chats(count))
        project(folder, {"kind": "ray", "address": cluster.address, "rows": 250})
        first = 0.0
        for number in (1, 2):
            cluster.add_node(num_cpus=1)
            seconds, _ = run(folder, str(REPO / "src/anonymize.py"), "botchat")
            first = first or seconds
            speed, ratio = count / seconds, first / seconds
            print(
                f"| {number} | {count:,} | {seconds:.0f} | {speed:,.0f} | {ratio:.2f} |", flush=True
            )
    cluster.shutdown()


def memory(counts: list[int], stages: list[str]) -> None:
    """Print seconds and memory of the stages for each number of interactions."""
    print("| stage | rows | seconds | rows/s | largest process, MiB |\n|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory(dir=".") as name:
            folder = Path(name)
            project(folder, {"kind": "local"})
            if "anonymize" in stages:
                write(folder / "data/raw/botchat/chats.jsonl", chats(count))
            else:
                write(folder / "data/anonymized/botchat.jsonl", texts(count))
            for stage in stages:
                arguments = ["botchat"] if stage == "anonymize" else []
                seconds, peak = run(folder, str(REPO / f"src/{stage}.py"), *arguments)
                speed = count / seconds
                print(
                    f"| {stage} | {count:,} | {seconds:.0f} | {speed:,.0f} | {peak:.0f} |",
                    flush=True,
                )


def main() -> None:
    """Print a Markdown table."""
    what, counts = sys.argv[1], [int(count) for count in sys.argv[2:]]
    if what == "nodes":
        nodes(counts[0])
    else:
        memory(counts, ["split"] if what == "split" else ["anonymize", "split"])


if __name__ == "__main__":
    main()
