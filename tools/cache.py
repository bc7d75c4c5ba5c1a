"""The replies that are kept, and what was spent: `make cache [ARGS="--prune DAYS"]`.

in   .distill/replies.sqlite
out  kept    model   replies      MB   last used
             gpt-x     1,448     2.1   2025-03-01
     spent   stage   model   calls   prompt tokens   completion tokens   dollars
             label   gpt-x   1,448         612,000             173,760     $0.57

--prune forgets the replies that no stage used for so many days: they would be paid for again.
What was spent stays, for a budget counts it.
"""

import argparse
from collections.abc import Iterator
from datetime import datetime

from distill import paths, stage
from distill.errors import ParamsError
from distill.llm.store import Store
from distill.stats.tables import aligned, dollar_cell

KEPT = ["kept", "model", "replies", "MB", "last used"]
SPENT = ["spent", "stage", "model", "calls", "prompt tokens", "completion tokens", "dollars"]
MB = 1e6


def kept(store: Store) -> Iterator[list[str]]:
    """Yield a line a model."""
    for size in store.sizes():
        used = datetime.fromtimestamp(size.last_used).date().isoformat()
        yield ["", size.model, f"{size.replies:,}", f"{size.bytes / MB:.1f}", used]


def spent(store: Store) -> Iterator[list[str]]:
    """Yield a line a stage and model, and the sum."""
    found = store.spent()
    for paid in found:
        tokens = [f"{paid.prompt_tokens:,}", f"{paid.completion_tokens:,}"]
        yield ["", paid.stage, paid.model, f"{paid.calls:,}", *tokens, dollar_cell(paid.dollars)]
    if found:
        yield ["total", "", "", "", "", "", dollar_cell(sum(paid.dollars for paid in found))]


def file_size() -> float:
    """The MB that the file takes, with the log of its last writes."""
    path = paths.replies()
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists()) / MB


def prune(days: float) -> str:
    """Forget what was unused for so many days, and say what became of it."""
    before = file_size()
    store = Store()
    count = store.prune(days)
    store.close()
    return (
        f"{count:,} replies unused for {days:g} days were forgotten;"
        f" {paths.replies()} had {before:.1f} MB and has {file_size():.1f} MB"
    )


def show() -> Iterator[str]:
    """Yield the tables line by line."""
    store = Store(looking=True)
    replies, payments = list(kept(store)), list(spent(store))
    store.close()
    yield from aligned([KEPT, *replies], left=2) if replies else ["No reply is kept"]
    yield ""
    yield from aligned([SPENT, *payments], left=3) if payments else ["Nothing was spent"]


def main() -> None:
    """Prune if asked to; show what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--prune", type=float, metavar="DAYS", help="forget what was unused so long"
    )
    days = parser.parse_args().prune
    if days is not None and not days >= 0:
        raise ParamsError(f"--prune {days:g}: days are counted from 0 up")
    if not paths.replies().exists():
        print(f"{paths.replies()} does not exist: no reply is kept and nothing was spent yet")
        return
    if days is not None:
        print(prune(days), end="\n\n")
    print(*show(), sep="\n")


if __name__ == "__main__":
    stage.main(main)
