"""The settings of what experts annotate."""

from typing import Annotated

from pydantic import Field

from distill.validation import Section, Slug


class Annotation(Section):
    """What experts annotate: rows of a version's audit split, or of a system's test rows.

    Every expert annotates the `overlap` first rows of each channel, so that their agreement can be
    measured; the rest is dealt out. `feedback` further rows are drawn from the thumbs down of
    data/feedback; Table 1 and the judge's calibration leave them out.
    """

    of: Slug
    overlap: Annotated[int, Field(ge=0)]
    feedback: Annotated[int, Field(ge=0)] = 0
