"""The settings of annotation by experts."""

from typing import Annotated

from pydantic import Field

from distill.validation import Section, Slug


class Annotation(Section):
    """Experts annotate a sample of a version's audit rows, or of a system's test rows.

    Every expert annotates the `overlap` first rows of each channel, of which inter-annotator
    agreement is measured; the others are distributed among the experts. `feedback` further rows are
    sampled from the thumbs down in data/feedback; Table 1 and the judge's calibration leave them
    out.
    """

    of: Slug
    overlap: Annotated[int, Field(ge=0)]
    feedback: Annotated[int, Field(ge=0)] = 0
