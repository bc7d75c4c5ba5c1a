"""Shows, prunes and hands over the reply cache: `make cache [ARGS="--prune DAYS"]`.

in   .distill/replies.sqlite
out  cached  model   replies      MB   last used
             gpt-x     1,448     2.1   2025-03-01
     spent   stage   model   calls   prompt tokens   completion tokens   dollars
             label   gpt-x   1,448         612,000             173,760     $0.57

--prune deletes the replies that no stage has used for so many days: they would be paid for again.
The record of what was spent stays, since a budget counts it.

--export FILE writes all replies to a file, and --import FILE adds those of a colleague's, so that
nobody pays for them again. A reply that is there is never replaced, and what a colleague spent is
not counted here. A key covers the endpoint's base_url, so both must use the same.
"""

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from distill import paths, stage
from distill.errors import ParamsError
from distill.llm import transfer
from distill.llm.store import Store
from distill.stats.tables import aligned, dollar_cell

CACHED = ["cached", "model", "replies", "MB", "last used"]
SPENT = ["spent", "stage", "model", "calls", "prompt tokens", "completion tokens", "dollars"]
MB = 1e6  # bytes


def cached_rows(store: Store) -> Iterator[list[str]]:
    """Yield the table row of each model's cached replies."""
    for size in store.cache_sizes():
        used = datetime.fromtimestamp(size.last_used).date().isoformat()
        yield ["", size.model, f"{size.replies:,}", f"{size.bytes / MB:.1f}", used]


def spent_rows(store: Store) -> Iterator[list[str]]:
    """Yield the table row of each stage and model, and the total."""
    costs = store.spent()
    for cost in costs:
        tokens = [f"{cost.prompt_tokens:,}", f"{cost.completion_tokens:,}"]
        yield [
            "",
            cost.stage,
            cost.model,
            f"{cost.calls:,}",
            *tokens,
            dollar_cell(cost.dollars or None),
        ]
    if costs:
        yield [
            "total",
            "",
            "",
            "",
            "",
            "",
            dollar_cell(sum(cost.dollars for cost in costs) or None),
        ]


def file_size() -> float:
    """Return the MB of the file and its write-ahead log."""
    path = paths.replies()
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists()) / MB


def prune(days: float) -> str:
    """Delete the replies unused for so many days; return a report."""
    before = file_size()
    store = Store()
    count = store.prune(days)
    store.close()
    return (
        f"deleted {count:,} replies unused for {days:g} days;"
        f" {paths.replies()} shrank from {before:.1f} MB to {file_size():.1f} MB"
    )


def exported(path: Path) -> str:
    """Write the replies to a file; return a report."""
    store = Store()
    count = transfer.export(store, path)
    store.close()
    return f"exported {count:,} replies to {path}, which may quote interactions: keep it private"


def imported(path: Path) -> str:
    """Add the replies of a file; return a report."""
    store = Store()
    added, present = transfer.import_(store, path)
    store.close()
    return f"imported {added:,} replies of {path}; {present:,} were there already and stay"


def tables() -> Iterator[str]:
    """Yield the tables line by line."""
    store = Store()
    cached, spent = list(cached_rows(store)), list(spent_rows(store))
    store.close()
    yield from aligned([CACHED, *cached], left=2) if cached else ["The cache is empty"]
    yield ""
    yield from aligned([SPENT, *spent], left=3) if spent else ["Nothing was spent"]


def main() -> None:
    """Import, prune and export if asked to, then show what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--prune", type=float, metavar="DAYS", help="delete replies unused for so many days"
    )
    for verb, help in (("export", "write all replies to a file"), ("import", "add a file's")):
        parser.add_argument(f"--{verb}", type=Path, metavar="FILE", help=help)
    asked = vars(parser.parse_args())
    days = asked["prune"]
    if days is not None and not days >= 0:
        raise ParamsError(f"--prune {days:g}: the number of days must be 0 or more")
    if not paths.replies().exists() and asked["import"] is None:
        print(f"{paths.replies()} does not exist: the cache is empty and nothing was spent")
        return
    for act, value in ((imported, asked["import"]), (prune, days), (exported, asked["export"])):
        if value is not None:
            print(act(value), end="\n\n")
    print(*tables(), sep="\n")


if __name__ == "__main__":
    stage.main(main)
