"""The settings of the questions."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from distill.validation import Section, Share

Limit = Annotated[int, Field(ge=0)]


class Questions(Section):
    """Where questions with gold answers come from, and how many.

    `format`: `made` for those of the generator, or the data set whose files `source` names: the
    folder of GSM8K's train and test files, or the file of SVAMP; .xz files are read, too. `train`,
    `dev` and `test`: numbers of questions, at most those that the data set has. `max_quarantined`:
    the share of a data set's records that may lack a question or an answer.
    """

    format: Literal["made", "gsm8k", "svamp"] = "made"
    source: str | None = None
    train: Limit
    dev: Limit
    test: Limit
    max_quarantined: Share = 0.0

    @model_validator(mode="after")
    def _source_fits(self) -> "Questions":
        if (self.format == "made") != (self.source is None):
            raise ValueError("made questions have no `source`; other formats need one")
        return self
