"""Where everything lives, relative to the repository's root."""

import os
import re
from pathlib import Path

RAW = Path("data/raw")  # your own interactions
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")  # of whatever becomes a file or a folder
SAMPLE = Path("data/sample")
TRUTH = SAMPLE / "truth.jsonl"
PLAN = Path("data/plan")  # the channels, stages and prices that params.yaml names
SPLIT = Path("data/split")
PREDICTIONS = Path("data/predictions")
QUARANTINE = Path("data/quarantine")
ANNOTATIONS = Path("data/annotations")
FEEDBACK = Path("data/feedback")  # your readers' votes on summaries
LABELSTUDIO = Path("data/labelstudio")  # tasks for projects there
EDIT_VERDICTS = Path("data/edit_verdicts")  # of experts
METRICS = Path("metrics")
CALIBRATION = METRICS / "calibration.csv"  # how often the judge's and other ratings met
TEACHER = "teacher"  # the system whose predictions `label` writes
BASE = "base"  # the folder of models/ with the offline student
ORG = "org"  # the dataset version that `label` writes


def anonymized(channel: str) -> Path:
    """One channel's cleared interactions."""
    return Path("data/anonymized") / f"{channel}.jsonl"


def split(name: str) -> Path:
    """The rows of train, dev, test or audit, both channels."""
    return SPLIT / name


def dataset(version: str) -> Path:
    """A dataset version's shards."""
    return Path("data/dataset") / version


def annotated(version: str) -> Path:
    """The annotator's findings in a dataset version."""
    return Path("data/annotated") / version


def findings(version: str) -> Path:
    """The errors found in a dataset version."""
    return Path("data/findings") / version


def predictions(system: str) -> Path:
    """A system's predictions: of the test rows, unless it was run on others."""
    return PREDICTIONS / system


def ratings(system: str) -> Path:
    """The judge's ratings of a system's predictions."""
    return Path("data/ratings") / system


def model(run: str) -> Path:
    """A run's LoRA adapter."""
    return Path("models") / run


def curves(run: str) -> Path:
    """A run's learning curves."""
    return Path("data/curves") / run


def ledger(stage: str, key: str) -> Path:
    """The counts of a stage's rows."""
    return Path("data/ledger") / f"{stage}-{key}.json"


def quarantine(stage: str, key: str) -> Path:
    """The rows that a stage could not use; ignored by git and by DVC."""
    return QUARANTINE / f"{stage}-{key}.jsonl"


def replies() -> Path:
    """The kept replies of all endpoints, and what they cost."""
    return workspace() / "replies.sqlite"


def speed(system: str) -> Path:
    """The speed of a student's last predictions on this machine, which is no stage's output."""
    return workspace() / "speed" / f"{system}.json"


def workspace() -> Path:
    """What survives a killed stage: the cache of replies and training checkpoints.

    DVC deletes a stage's outputs before it runs, so this lies outside them, below the
    repository's root, which DVC names in DVC_ROOT also for an experiment in a temporary folder.
    """
    return Path(os.environ.get("DVC_ROOT", ".")) / ".distill"
