"""The settings of ARF: all sections of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from distill.channels.settings import Channel
from distill.llm.settings import RowStage
from distill.offline.settings import Sample
from distill.params.shared import Shared
from distill.people.settings import Annotation
from distill.privacy.settings import Anonymize
from distill.validation import Count, Section, Share, Slug


class Judge(RowStage):
    """The judge's ratings.

    `samples`: the number of ratings per row, of which the mean counts. `weighted`: the mean of the
    ratings 1 to 5, weighted by their token probabilities (G-Eval, arXiv 2303.16634, section 2.3);
    the endpoint must return log probabilities.
    """

    samples: Count = 1
    weighted: bool = False


class Annotate(RowStage):
    """The annotator's findings; it reads the rows of `splits`."""

    splits: Annotated[list[Literal["train", "dev", "audit"]], Field(min_length=1)]


class Revision(Section):
    """A dataset version, made from its parent by a cascade of targeted edits per channel.

    `prompts`: the folder below prompts/ with a file <code>.txt for every fix. `guard`: verify each
    edit, and undo it where the check fails. `only_flagged`: edit only the rows with a finding of
    the error.
    """

    parent: Slug
    llm: str
    prompts: Slug
    fixes: Annotated[dict[str, list[str]], Field(min_length=1)]
    guard: bool = False
    only_flagged: bool = False
    max_quarantined: Share = 0.02


class Sizes(Section):
    """The rows of one channel's splits; `train` is an upper limit."""

    test: Count
    dev: Count
    audit: Count
    train: Count


class Split(Section):
    """`near_duplicate`: the least Jaccard similarity of two rows that must share a split."""

    near_duplicate: Annotated[float, Field(gt=0, le=1)]
    sizes: dict[Slug, Sizes]


class Report(Section):
    """`bootstrap`: the number of resamples for each interval."""

    bootstrap: Annotated[int, Field(ge=100)]


class Params(Shared):
    """All sections of params.yaml.

    `base`: the models that the stage of this name unpacks into models/base.
    `launch`: the command that starts a training, python or accelerate launch with its options.
    `release`: the run whose adapter DVC registers as an artifact.
    """

    source: str
    egress: Literal["cleared"] = "cleared"
    sample: Sample
    base: list[Slug]
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
