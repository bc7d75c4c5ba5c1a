"""The settings of students and of their training."""

from typing import Annotated

from pydantic import Field

from distill.validation import Count, Section, Share, Slug


class Lora(Section):
    """The adapter's shape (paper, section 5.4: r 8, alpha 16, dropout 0.1, all linear layers)."""

    r: Count
    alpha: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    target: str | list[str]


class Train(Section):
    """Training settings of our choice; `save_steps` sets how much a killed run repeats."""

    epochs: Annotated[float, Field(gt=0)]
    batch: Count
    learning_rate: Annotated[float, Field(gt=0)]
    warmup: Share
    accumulate: Count = 1
    save_steps: Count = 100


class Predict(Section):
    """Greedy generation: rows at once, and the longest answer in tokens.

    `endpoint` names a server, of `endpoints`, that runs the student in the place of this machine: a
    run's adapter under the run's name, the student out of the box under the name of its base.
    """

    batch: Count
    max_new_tokens: Count
    endpoint: Slug | None = None


class Student(Section):
    """A small model: `base` is a folder or a hub name."""

    base: str
    max_length: Count
    lora: Lora
    train: Train
    predict: Predict
    max_quarantined: Share = 0.05


class Run(Section):
    """One training: `phases` lists the channels of each phase in turn; one joint phase if empty."""

    student: Slug
    version: Slug
    phases: list[Annotated[list[str], Field(min_length=1)]] = []
