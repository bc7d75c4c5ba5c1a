"""The settings of the made-up corpus."""

from distill.validation import Count, Section


class Sample(Section):
    """The made-up corpus of the offline default."""

    rows: Count
