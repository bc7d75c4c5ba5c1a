"""A pipeline with other parameters in a clean clone, for dose.py and seeds.py.

A clone shares the DVC cache of this checkout, so stages that ran with the same inputs are not
repeated. Replies of endpoints are not shared: a profile with endpoints pays for each clone.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

REPO = Path(__file__).parents[1]
Params = dict[str, Any]
Effects = dict[tuple[str, str, str, str], Any]  # channel, measure, system, against


def clone(folder: Path, profile: Path | None) -> None:
    """Clone the last commit into `folder`, with a profile in place of params.yaml."""
    subprocess.run(["git", "clone", "--quiet", str(REPO), str(folder)], check=True)
    config = f"[cache]\n    dir = {REPO / '.dvc/cache'}\n"
    (folder / ".dvc").mkdir(exist_ok=True)
    (folder / ".dvc/config.local").write_text(config, encoding="utf-8")
    if profile:
        text = profile.read_text(encoding="utf-8")
        (folder / "params.yaml").write_text(text, encoding="utf-8")


def effects(folder: Path, change: Callable[[Params], None]) -> Effects:
    """Change the clone's parameters, run its pipeline, and return metrics/effects.json by pair."""
    path = folder / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(params)
    path.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "dvc", "repro"], cwd=folder, check=True)
    rows = json.loads((folder / "metrics/effects.json").read_text(encoding="utf-8"))
    keys = ("channel", "measure", "system", "against")
    return {tuple(row[key] for key in keys): row for row in rows}


def cell(row: Params | None) -> str:
    """Return "+0.62 [+0.45, +0.79], n=150"; "-" for a comparison that there is not."""
    if row is None or row["low"] is None:
        return "-" if row is None else f"{row['delta']:+.2f}, n={row['n']}"
    return f"{row['delta']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}], n={row['n']}"


def markdown(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(header)]
    lines.append(["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in [*lines, *map(list, rows)])
