"""A small project of EvoKD: few made-up messages, a tiny encoder, short chains."""

from pathlib import Path

import encoders
import yaml

LABELS = ("intents", "mentions")
SIZES = {"train": 200, "dev": 32, "test": 40}


def params(project) -> dict:
    return yaml.safe_load((project.folder / "evokd/params.yaml").read_text())


def set_params(project, values: dict) -> None:
    (project.folder / "evokd/params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))


def shrink(project, rounds: dict, arms: dict | None = None) -> dict:
    """Few rows and steps; the rounds named, of intents alone; return the parameters."""
    values = params(project)
    channels = {"intents": values["channels"]["intents"]}
    encoders.save(project.folder / "evokd/models/base/tiny")
    project.git("add", "--force", "evokd/models/base/tiny")
    values |= {
        "base": [],
        "utterances": SIZES,
        "channels": channels,
        "students": {"tiny": encoders.STUDENT},
        "shots": {"shots": {"channel": "intents", "student": "tiny", "number": 2}},
        "rounds": {
            name: {"channel": "intents", "student": "tiny", **entry}
            for name, entry in rounds.items()
        },
        "arms": arms or values["arms"],
        "augmented": {},
        "write": {"llm": "rules", "conversations": 2, "shown": 8, "texts": 8},
        "report": {"bootstrap": 200},
    }
    set_params(project, values)
    project.forget_results("evokd")
    project.commit("a small project")
    return values


def data(project, *parts: str) -> Path:
    return project.folder.joinpath("evokd", "data", *parts)
