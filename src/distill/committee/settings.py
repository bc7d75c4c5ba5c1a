"""Settings of FAIR's stages, one class a section of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from distill.validation import Count, Section, Share, Slug

FEEDBACK, RATIONALE = "feedback", "rationale"
KINDS = (FEEDBACK, RATIONALE)
MATCHED, REVIEWED = ("match", "both"), ("peers", "both")  # gates that look at answer or at scores
Kept = Annotated[int, Field(ge=0)]


class Round(Section):
    """One round: the mistakes of a student, and what the teachers say about them.

    `student`: an entry of `students`. `model`: the folder of what answers, on which DVC's stage
    depends: that of the bases for the student without an adapter, models/<run> for a trained one.
    """

    student: Slug
    model: str


class Attempt(Section):
    """The student's attempts; some may not fit its context."""

    max_quarantined: Share


class Explain(Section):
    """`rationales`: samples of each teacher for a mistake; several need a temperature above 0."""

    rationales: Count
    max_quarantined: Share


class Gate(Section):
    """What is reviewed.

    `audit`: the share of rationales with another answer than the gold one that peers review all the
    same: 1 switches the gate off as the paper does, 0 spares all these calls, and a tenth suffices
    to measure the reviewers. `feedback`: whether feedback is reviewed, which the paper does not.
    """

    audit: Share
    feedback: bool


class Review(Section):
    """The peers' reviews; one without a usable reply does not count in the mean."""

    max_quarantined: Share


class Version(Section):
    """A dataset version: which texts of a round are accepted, and how many are trained on.

    `teachers`: the members of the committee; null for all. `gate`: a rationale needs the gold
    answer (match), a mean score above `threshold` (peers), both, or nothing (none). `weights`: of
    the reviewers' scores, equal or by measured reliability. `feedback` and `rationales`: the most
    texts of each kind for a mistake, drawn at random; a mistake without an accepted text of a kind
    that is asked for gives no row.
    """

    round: Slug
    teachers: list[Slug] | None = None
    gate: Literal["none", "match", "peers", "both"] = "both"
    threshold: Annotated[float, Field(ge=1, lt=5)] = 3
    weights: Literal["equal", "reliability"] = "equal"
    feedback: Kept = 1
    rationales: Kept = 1
    max_quarantined: Share = 0.1


class Extended(Version):
    """A version that holds its parent's rows, too: that of a later round."""

    parent: Slug


class Report(Section):
    """`version`: the one on whose round, committee and threshold the gates are compared.

    `against`: the systems with which all others are compared; `bootstrap`: the resamples.
    """

    version: Slug
    bootstrap: Annotated[int, Field(ge=100)]
    against: list[Slug]
