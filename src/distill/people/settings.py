"""The settings of annotation by experts."""

from typing import Annotated

from pydantic import Field

from distill.validation import Section, Slug


class Annotation(Section):
    """Experts annotate a sample of versions' audit rows and of systems' test rows, in one queue.

    `of` names one version or system, or several, which are mixed. Every expert annotates `overlap`
    rows of each channel, an equal share of each source, of which inter-annotator agreement is
    measured; the others are distributed among the experts. `feedback` further rows are sampled from
    the thumbs down in data/feedback; Table 1 and the judge's calibration leave them out.
    """

    of: Slug | Annotated[list[Slug], Field(min_length=1)]
    overlap: Annotated[int, Field(ge=0)]
    feedback: Annotated[int, Field(ge=0)] = 0

    @property
    def sources(self) -> list[str]:
        """Return the versions and systems, each once."""
        return [self.of] if isinstance(self.of, str) else list(dict.fromkeys(self.of))
