"""The settings of ARF: analyze, revise, judge."""

from typing import Literal

from distill.llm.settings import RowStage
from distill.validation import Count, Section, Share, Slug


class Judge(RowStage):
    """One rating a row, unless `samples` asks for the mean of several, or `weighted` for G-Eval's.

    `weighted`: the ratings' mean by the probabilities that the model gives them (G-Eval, arXiv
    2303.16634, section 2.3), from an endpoint that offers log probabilities.
    """

    samples: Count = 1
    weighted: bool = False


class Analyze(RowStage):
    """The annotator looks at the rows of `splits`; the deterministic checks at every row."""

    splits: list[Literal["train", "dev", "audit"]]


class Revision(Section):
    """A dataset version made from its parent by a cascade of targeted fixes per channel.

    `prompts` is the folder of prompts/ that holds <code>.txt for every fix.

    `guard` verifies each edit and keeps the parent's text where it fails; `only_flagged` edits
    just the rows in which the error was found.
    """

    parent: Slug
    llm: str
    prompts: Slug
    fixes: dict[str, list[str]]
    guard: bool = False
    only_flagged: bool = False
    max_quarantined: Share = 0.02
