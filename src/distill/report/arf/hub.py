"""What a model hub reads at the head of a run's card: base, licence, languages, ratings.

base_model: HuggingFaceTB/SmolLM2-135M-Instruct
license: apache-2.0
model-index: [{name: smollm2-r1, results: [{task: ..., dataset: ..., metrics: [...]}]}]
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

from distill.records import Row

CARD = "README.md"
TERMS = ("license", "license_name", "license_link")  # keys of a card
NOTICES = {  # what the licences of usual bases ask of who passes a model on, by their beginning
    "apache-2.0": "Pass on the licence and the notices, and say that the weights were changed.",
    "mit": "Pass on the licence and the copyright notice.",
    "llama": "Pass on the licence, its notice and its use policy; Llama 3 and later also ask for an"
    " attribution and for a name that begins with Llama.",
    "gemma": "Pass on its terms with a notice, and its limits of use.",
}
READ_IT = (
    "Read what it asks of models made from it, such as a name, an attribution or a use policy."
)
NAMELESS = (
    "Its name on a hub is not known here: before you push this model, write it into the head as"
    " base_model."
)


class Base(NamedTuple):
    """A base: its place in params.yaml, its name on the hub, and what its card says of its licence.

    `id` is None for a folder that does not tell of which model of the hub it is a copy.
    """

    place: str
    id: str | None
    terms: dict[str, Any]

    @property
    def license(self) -> str:
        """Return "apache-2.0", "qwen-research (https://...)", or "" where the card tells none."""
        told = self.terms.get("license", "")
        name = told if isinstance(told, str) else ", ".join(map(str, told))
        if name == "other":
            name = str(self.terms.get("license_name", name))
        link = self.terms.get("license_link")
        return f"{name} ({link})" if name and link else name


def base(place: str) -> Base:
    """Return a base of a folder by the card that lies there, or of the hub by its card there."""
    if Path(place).is_dir():
        text = _text(Path(place) / CARD)
        told = _head(text)
        return Base(place, _copied(told, text), _terms(told))
    return Base(place, _valid(place), _terms(_head(_text(_downloaded(place)))))


def _text(card: Path | None) -> str:
    if card is None or not card.is_file():
        return ""
    return card.read_text(encoding="utf-8-sig", errors="replace")


def _downloaded(name: str) -> Path | None:
    """The card of a model of the hub; None where the hub is not reached and it is not cached."""
    try:
        return Path(hf_hub_download(name, CARD))
    except (OSError, ValueError):
        return None


def _valid(name: str) -> str | None:
    try:
        validate_repo_id(name)
    except HFValidationError:
        return None
    return name


def _head(text: str) -> dict[str, Any]:
    parts = text.split("---\n", 2)
    try:
        found = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0].strip() else {}
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _terms(told: dict[str, Any]) -> dict[str, Any]:
    found = {key: told.get(key) for key in TERMS}
    return {key: value for key, value in found.items() if value and isinstance(value, str | list)}


def _copied(told: dict[str, Any], text: str) -> str | None:
    """The hub's name of the model in a folder: its card's base_model, where the heading agrees.

    The card of a model that was trained further names another model there: the one it began from.
    """
    name, heading = told.get("base_model"), re.search(r"^# +(.*\S)", text, re.MULTILINE)
    same = isinstance(name, str) and heading and heading[1] == name.rpartition("/")[2]
    return str(name) if same else None


def head(name: str, of: Base, version: str, means: list[Row]) -> str:
    """Return the card's head; `means` are the run's lines of metrics/plots/ratings.csv.

    A hub refuses a base_model that is no name of its own, so there is none where it is not known.
    """
    told: dict[str, Any] = {"base_model": of.id} if of.id else {}
    told |= of.terms
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
    """Return the paragraph on the base: its licence, and what to do where its name is unknown."""
    name = of.id or of.place
    told = f"The base, {name}, is under {of.license}. {_notice(of.license)}"
    if not of.license:
        lacking = f"The card of the base, {name}, names no licence here; look it up on the hub."
        told = f"{lacking} {READ_IT}"
    return told if of.id else f"{told} {NAMELESS}"


def _notice(license: str) -> str:
    known = [notice for name, notice in NOTICES.items() if license.startswith(name)]
    return known[0] if known else READ_IT
