"""Settings of the edits of summaries."""

from typing import Annotated

from pydantic import Field

from distill.validation import Section, Slug


class Cascade(Section):
    """Targeted edits of a summary, one after the other, by channel.

    `prompts`: the folder below prompts/ with a file <code>.txt for every fix. `guard`: verify each
    edit, and undo it where the check fails. `only_flagged`: edit only the rows with a finding of
    the error.
    """

    prompts: Slug
    fixes: Annotated[dict[str, list[str]], Field(min_length=1)]
    guard: bool = False
    only_flagged: bool = False
