"""The files and folders of the pipeline, relative to the repository's root."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

RAW = Path("data/raw")  # the user's own interactions
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")  # a name that becomes a file or a folder
SAMPLE = Path("data/sample")
TRUTH = SAMPLE / "truth.jsonl"
QUESTIONS_TRUTH = Path("data/questions/truth.jsonl")
PLAN = Path("data/plan")  # the channels, stages and prices of params.yaml
SPLIT = Path("data/split")
PREDICTIONS = Path("data/predictions")
QUARANTINE = Path("data/quarantine")
ANNOTATIONS = Path("data/annotations")
FEEDBACK = Path("data/feedback")  # readers' votes on summaries
LABELSTUDIO = Path("data/labelstudio")  # tasks for Label Studio projects
EDIT_VERDICTS = Path("data/edit_verdicts")  # of experts
METRICS = Path("metrics")
CALIBRATION = METRICS / "calibration.csv"  # how often the judge's and other ratings met
TEACHER = "teacher"  # the system whose predictions `label` writes
BASE = "base"  # the folder of models/ with the models that the stage `base` unpacks
EXPORTS = "exports"  # the folder of models/ with the models that the stage `export` writes
ORG = "org"  # the dataset version that `label` writes


def anonymized(channel: str) -> Path:
    """Return the file of a channel's anonymized interactions."""
    return Path("data/anonymized") / f"{channel}.jsonl"


def split(name: str) -> Path:
    """Return the folder of the split train, dev, test or audit, which holds all channels."""
    return SPLIT / name


def dataset(version: str) -> Path:
    """Return the folder of a dataset version's shards."""
    return Path("data/dataset") / version


def annotated(version: str) -> Path:
    """Return the folder of the annotator's findings in a dataset version."""
    return Path("data/annotated") / version


def findings(version: str) -> Path:
    """Return the folder of the errors found in a dataset version."""
    return Path("data/findings") / version


def probed(name: str) -> Path:
    """Return the folder of a student's answers to the rows that the round `name` is about."""
    return Path("data/probe") / name


def written(name: str) -> Path:
    """Return the folder of a round's texts without labels."""
    return Path("data/written") / name


def conversations(name: str) -> Path:
    """Return the file of the conversations in which a round's texts were written."""
    return written(name) / "conversations.jsonl"


def spent(version: str) -> Path:
    """Return the file of the texts and tokens that went into a version and its ancestors."""
    return Path("data/spent") / f"{version}.json"


def predictions(system: str) -> Path:
    """Return the folder of a system's outputs: of the test rows, unless it was run on others."""
    return PREDICTIONS / system


def ratings(system: str) -> Path:
    """Return the folder of the judge's ratings of a system's predictions."""
    return Path("data/ratings") / system


def attempted(name: str) -> Path:
    """Return the folder of a student's attempts at the training questions, in a FAIR round."""
    return Path("data/attempted") / name


def explained(name: str, teacher: str) -> Path:
    """Return the folder of a teacher's feedback and rationales in a FAIR round."""
    return Path("data/explained") / name / teacher


def gated(name: str) -> Path:
    """Return the folder of all teachers' texts in a FAIR round, with their answers matched."""
    return Path("data/gated") / name


def reviewed(name: str, teacher: str) -> Path:
    """Return the folder of a teacher's reviews in a FAIR round."""
    return Path("data/reviewed") / name / teacher


def decisions(version: str) -> Path:
    """Return the folder of the decisions on all texts for a dataset version of FAIR."""
    return Path("data/decisions") / version


def preferences(version: str) -> Path:
    """Return the folder of the preference pairs of a dataset version of FAIR."""
    return Path("data/preferences") / version


def model(run: str) -> Path:
    """Return the folder of a run's LoRA adapter."""
    return Path("models") / run


def exported(name: str) -> Path:
    """Return the folder of a run's model in a form for servers."""
    return Path("models") / EXPORTS / name


def curves(run: str) -> Path:
    """Return the folder of a run's learning curves."""
    return Path("data/curves") / run


def ledger(stage: str, key: str) -> Path:
    """Return the file of a stage's row counts."""
    return Path("data/ledger") / f"{stage}-{key}.json"


def quarantine(stage: str, key: str) -> Path:
    """Return the file of a stage's quarantined rows, which git and DVC ignore."""
    return QUARANTINE / f"{stage}-{key}.jsonl"


def replies() -> Path:
    """Return the SQLite file of all endpoints' cached replies and their costs."""
    return workspace() / "replies.sqlite"


def parts(stage: str, key: str) -> Path:
    """Return the folder of what a stage has made of its shards so far."""
    return workspace() / "parts" / f"{stage}-{key}"


def speed(system: str) -> Path:
    """The speed of a student's last predictions on this machine, which is no stage's output."""
    return workspace() / "speed" / f"{system}.json"


def workspace() -> Path:
    """Return the folder of what survives a killed stage: the reply cache, parts, checkpoints.

    DVC deletes a stage's outputs before it runs, so this folder is none of them. It lies below the
    repository's root, which DVC_ROOT names also for an experiment in a temporary folder.
    """
    return Path(os.environ.get("DVC_ROOT", ".")) / ".distill"


def left_behind(path: Path) -> str:
    """Return how an experiment's copy of the repository gets a file that only the original has.

    DVC copies what git tracks. "" where this is no such copy, or the original lacks the file, too.
    """
    root = Path(os.environ.get("DVC_ROOT", "."))
    if root.resolve() == Path.cwd() or path.is_absolute() or not (root / path).exists():
        return ""
    return (
        f"git does not track it, so this experiment lacks it; `git add {path}`, then run it again"
    )


def left_behind_in(folder: Path, pattern: str) -> Iterator[str]:
    """Yield a line for each file of a folder that this experiment's copy lacks; see above."""
    root = Path(os.environ.get("DVC_ROOT", "."))
    for file in sorted((root / folder).glob(pattern)):
        path = folder / file.name
        if not path.exists() and (remedy := left_behind(path)):
            yield f"{path}: {remedy}"
