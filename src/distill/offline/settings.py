"""The settings of the synthetic corpus."""

from distill.validation import Count, Section


class Sample(Section):
    """The synthetic corpus; `rows` is the number of interactions per channel."""

    rows: Count
