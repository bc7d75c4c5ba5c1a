"""The settings of the synthetic corpus."""

from typing import Annotated

from pydantic import Field

from distill.validation import Count, Section


class Sample(Section):
    """The synthetic corpus, per channel.

    `rows`: interactions for all splits; `heldout`: interactions in phrasings that no other row has,
    for the test; `rates`: the factor of the shares of interactions with noise, 1.0 for those of the
    paper (arXiv 2511.03005, Table 1).
    """

    rows: Count
    heldout: Annotated[int, Field(ge=0)] = 0
    rates: Annotated[float, Field(ge=0, le=20)] = 1.0
