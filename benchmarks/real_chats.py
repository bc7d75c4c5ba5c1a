"""Real support chats, from raw files to tables: python benchmarks/real_chats.py FOLDER

FOLDER holds chats as JSON lines (.jsonl, also .gz or .xz), at least 560 for the default profile:

    {"id": "conv_0001", "turns": [{"role": "user", "content": "my parcel never came"},
                                  {"role": "agent", "content": "I am sorry to hear that."}]}

CUCOM's e-commerce chats (https://github.com/vakyansh/cucom, Apache-2.0) have this form. The last
commit is cloned into build/chats, where `dvc repro` runs with profiles/chats.yaml. Prints the
differences between systems with 95% intervals; all tables stay in build/chats/metrics. A second
call continues a run that was interrupted.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPO = Path(__file__).parents[1]
CHANNEL = "agentchat"
SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.xz")


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the folder of chats")
    parser.add_argument(
        "--params", type=Path, default=REPO / "profiles/chats.yaml", help="another profile"
    )
    parser.add_argument(
        "--out", type=Path, default=REPO / "build/chats", help="the clone (default: %(default)s)"
    )
    return parser.parse_args()


def clone(out: Path, params: Path, chats: list[Path]) -> None:
    """Make a clone of the last commit with these parameters and chats."""
    subprocess.run(["git", "clone", "--quiet", REPO, out], check=True)
    shutil.copy(params, out / "params.yaml")
    raw = out / "data/raw" / CHANNEL
    raw.mkdir(parents=True)
    for path in chats:
        shutil.copy(path, raw)


def repro(out: Path) -> None:
    """Run the pipeline; the chats are public, so that a secret in code protects them enough."""
    bin_folder = Path(sys.executable).parent
    env = {
        "DISTILL_SECRET": "public chats",
        **os.environ,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run([sys.executable, "-m", "dvc", "repro"], cwd=out, env=env, check=False)
    if done.returncode:
        sys.exit(f"dvc repro failed with {done.returncode} in {out}; a second call continues there")


def table(effects: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a Markdown table of metrics/effects.json."""
    yield "| measure | system | against | difference | n |\n|---|---|---|---|---|"
    for effect in effects:
        interval = f"{effect['delta']:+.2f} [{effect['low']:.2f}, {effect['high']:.2f}]"
        names = (effect["measure"], effect["system"], effect["against"])
        yield f"| {' | '.join(names)} | {interval} | {effect['n']} |"


def main() -> None:
    """Run the pipeline on the folder's chats and print its effects."""
    args = arguments()
    chats = [path for path in sorted(args.folder.iterdir()) if path.name.endswith(SUFFIXES)]
    if not chats:
        sys.exit(f"{args.folder} holds no file that ends in {', '.join(SUFFIXES)}")
    if args.out.exists():
        print(f"Continues in {args.out}; delete it to begin again", file=sys.stderr)
    else:
        clone(args.out, args.params, chats)
    repro(args.out)
    metrics = args.out / "metrics"
    print(f"Tables: {metrics}\n")
    print(*table(json.loads((metrics / "effects.json").read_text())), sep="\n")


if __name__ == "__main__":
    main()
