"""The settings of ARF: all sections of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from distill.channels.settings import Channel
from distill.exports.settings import Export
from distill.llm.settings import RowStage
from distill.offline.settings import Sample
from distill.params.shared import Shared
from distill.people.settings import Annotation
from distill.privacy.settings import Anonymize
from distill.tasks.summarize.settings import Cascade
from distill.validation import Count, Section, Share, Slug


class Judge(RowStage):
    """The judge's ratings.

    A rating is computed from the errors that the judge lists. `direct`: the judge gives the rating
    itself, after the errors, with a reason. `samples`: the number of verdicts per row, of whose
    ratings the mean counts. `weighted`: the mean of the direct ratings 1 to 5, weighted by their
    token probabilities (G-Eval, arXiv 2303.16634, section 2.3); the endpoint must return log
    probabilities.
    """

    direct: bool = False
    samples: Count = 1
    weighted: bool = False


class Annotate(RowStage):
    """The annotator's findings; it reads the rows of `splits`."""

    splits: Annotated[list[Literal["train", "dev", "audit"]], Field(min_length=1)]


class Analyze(Section):
    """The deterministic checks whose findings count in rows that no expert annotated.

    `checks`: their codes. benchmarks/checks.py measures how often each flags summaries that are
    faithful.
    """

    checks: list[str]
    max_quarantined: Share = 0.02


class Revision(Cascade):
    """A dataset version, made from its parent by a cascade of targeted edits per channel."""

    parent: Slug
    llm: str
    max_quarantined: Share = 0.02


class Filtered(Section):
    """A dataset version of the parent's rows in which no error was found."""

    parent: Slug


class Asked(Section):
    """A system that answers the test rows without training: a model of `llms`.

    `prompts`: the folder below prompts/ with a file for each channel.
    """

    llm: str
    prompts: Slug
    max_quarantined: Share = 0.02


class Edited(Section):
    """A system whose outputs are those of the system `parent`, edited as `revision` edits.

    `llm` and `prompts` repeat the revision's, because DVC cannot look them up by its name.
    """

    parent: Slug
    revision: Slug
    llm: str
    prompts: Slug


class Sizes(Section):
    """The rows of one channel's splits; `train` is an upper limit."""

    test: Count
    dev: Count
    audit: Count
    train: Count


class Split(Section):
    """`near_duplicate`: the least Jaccard similarity of two rows that must share a split.

    `test_ids`: a shell pattern of row ids; matching rows are used for test and nothing else is.
    """

    near_duplicate: Annotated[float, Field(gt=0, le=1)]
    test_ids: Annotated[str, Field(min_length=1)] | None = None
    sizes: dict[Slug, Sizes]


class Report(Section):
    """`bootstrap`: the number of resamples for each interval.

    `margin`: the difference of ratings below which a system counts as not worse than another.
    """

    bootstrap: Annotated[int, Field(ge=100)]
    margin: Annotated[float, Field(gt=0, lt=4)] = 0.2


class Params(Shared):
    """All sections of params.yaml.

    `base`: the models that the stage of this name unpacks into models/base.
    `release`: the run whose adapter DVC registers as an artifact.
    `exports`: models for servers.
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
    analyze: Analyze
    revisions: dict[Slug, Revision]
    filtered: dict[Slug, Filtered]
    asked: dict[Slug, Asked]
    edited: dict[Slug, Edited]
    systems: list[Slug]
    judge: Judge
    report: Report
    annotation: Annotation
    release: Slug | None
    exports: dict[Slug, Export]

    @property
    def parents(self) -> dict[str, str]:
        """The parent of each dataset version but org."""
        revised = {name: revision.parent for name, revision in self.revisions.items()}
        return revised | {name: version.parent for name, version in self.filtered.items()}
