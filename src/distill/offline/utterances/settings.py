"""The settings of the made-up messages."""

from distill.validation import Count, Section


class Utterances(Section):
    """Rows of each channel: the labelled pool for training, and those of dev and test."""

    train: Count
    dev: Count
    test: Count
