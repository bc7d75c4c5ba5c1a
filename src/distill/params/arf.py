"""The settings of ARF, the whole of params.yaml."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from distill import paths
from distill.channels.settings import Channel
from distill.llm.settings import RowStage
from distill.offline.settings import Sample
from distill.params.shared import Shared
from distill.people.settings import Annotation
from distill.privacy.settings import Anonymize
from distill.validation import Count, Section, Share, Slug


class Judge(RowStage):
    """One rating a row, unless `samples` asks for the mean of several, or `weighted` for G-Eval's.

    `weighted`: the ratings' mean by the probabilities that the model gives them (G-Eval, arXiv
    2303.16634, section 2.3), from an endpoint that offers log probabilities.
    """

    samples: Count = 1
    weighted: bool = False


class Annotate(RowStage):
    """The annotator lists the errors of the rows of `splits`."""

    splits: Annotated[list[Literal["train", "dev", "audit"]], Field(min_length=1)]


class Revision(Section):
    """A dataset version made from its parent by a cascade of targeted fixes per channel.

    `prompts` is the folder of prompts/ that holds <code>.txt for every fix.

    `guard` verifies each edit and keeps the parent's text where it fails; `only_flagged` edits
    just the rows in which the error was found.
    """

    parent: Slug
    llm: str
    prompts: Slug
    fixes: Annotated[dict[str, list[str]], Field(min_length=1)]
    guard: bool = False
    only_flagged: bool = False
    max_quarantined: Share = 0.02


class Sizes(Section):
    """Rows of one channel's splits: the held-out ones, and the most to train on."""

    test: Count
    dev: Count
    audit: Count
    train: Count


class Split(Section):
    """`near_duplicate`: the Jaccard similarity from which two rows share a split."""

    near_duplicate: Annotated[float, Field(gt=0, le=1)]
    sizes: dict[Slug, Sizes]


class Report(Section):
    """`bootstrap`: resamples behind every interval."""

    bootstrap: Annotated[int, Field(ge=100)]


class Params(Shared):
    """The whole of params.yaml.

    `launch` starts a training: python, or accelerate launch with its options. `release` names the
    run that DVC registers as an artifact.
    """

    source: str
    sample: Sample
    channels: Annotated[dict[Slug, Channel], Field(min_length=1)]
    anonymize: Anonymize
    split: Split
    label: RowStage
    versions: list[Slug]
    annotate: Annotate
    revisions: dict[Slug, Revision]
    systems: list[Slug]
    judge: Judge
    report: Report
    annotation: Annotation
    launch: str
    release: Slug | None

    @property
    def on_sample(self) -> bool:
        """Whether the interactions are the made-up ones, whose truth is known."""
        return Path(self.source) == paths.SAMPLE
