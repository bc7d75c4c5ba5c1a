"""What a model hub reads at the head of a run's card: base, licence, languages, ratings.

base_model: HuggingFaceTB/SmolLM2-135M-Instruct
license: apache-2.0
model-index: [{name: smollm2-r1, results: [{task: ..., dataset: ..., metrics: [...]}]}]
"""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from distill.records import Row

NOTICES = {  # what the licences of usual bases ask of who passes a model on
    "apache-2.0": "Pass on the licence and the notices, and say that the weights were changed.",
    "mit": "Pass on the licence and the copyright notice.",
}
READ_IT = (
    "Read what it asks of models made from it, such as a name, an attribution or a use policy."
)


class Base(NamedTuple):
    """A base as the hub knows it: its name, and its licence, None where its card tells none."""

    name: str
    license: str | None


def base(place: str) -> Base:
    """Return a base of a folder by the card that lies there, or of the hub by its name."""
    card = Path(place) / "README.md"
    told = _head(card.read_text(encoding="utf-8")) if card.is_file() else {}
    return Base(str(told.get("base_model", place)), told.get("license"))


def _head(text: str) -> dict[str, Any]:
    parts = text.split("---\n", 2)
    try:
        found = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0] else {}
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def head(name: str, of: Base, version: str, means: list[Row]) -> str:
    """Return the card's head; `means` are the run's lines of metrics/plots/ratings.csv."""
    told: dict[str, Any] = {"base_model": of.name}
    if of.license:
        told["license"] = of.license
    told |= {
        "language": ["en"],
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["lora", "sft", "summarization", f"dataset-version-{version}"],
    }
    if results := [_result(row) for row in means if row["mean"] not in {"", None}]:
        told["model-index"] = [{"name": name, "results": results}]
    return f"---\n{yaml.safe_dump(told, sort_keys=False, width=1000)}---\n"


def _result(row: Row) -> dict[str, Any]:
    spread = (
        "" if row["low"] in {"", None} else f"{_number(row['low'])} to {_number(row['high'])}, "
    )
    interval = f"95% interval: {spread}n={row['n']}" if spread else f"n={row['n']}"
    metric = {
        "type": "rating",
        "name": f"mean rating, 1 to 5, by the {row['measure']} ({interval})",
        "value": round(float(row["mean"]), 4),
    }
    dataset = {"name": f"test interactions, {row['channel']}", "type": row["channel"]}
    return {
        "task": {"type": "summarization"},
        "dataset": dataset,
        "metrics": [metric],
    }


def _number(value: Any) -> str:
    return f"{float(value):.2f}"


def licence(of: Base) -> str:
    """Return the paragraph on the base's licence."""
    if of.license is None:
        told = f"The card of the base, {of.name}, names no licence here; look it up on the hub."
        return f"{told} {READ_IT}"
    return f"The base, {of.name}, is under {of.license}. {NOTICES.get(of.license, READ_IT)}"
