"""The errors a user can meet. Each message names the file, line, key or row, and the mend.

DistillError
├── ParamsError     params.yaml, taxonomy.yaml or a prompt is not as it must be
├── InputError      a file cannot be read
├── RowError        too many rows of a stage could not be used
├── EgressError     a text that anonymize has not cleared was about to leave
├── BudgetError     the calls cost as much as they may
├── BatchError      the batch API takes no batch, or its answer cannot be had
├── StoreError      what was paid for cannot be kept
└── ModelError      no rule answers a question
"""


class DistillError(Exception):
    """Base of all errors that end a stage with one clear line."""


class ParamsError(DistillError):
    """A configuration file holds something that cannot work."""


class InputError(DistillError):
    """A file is missing, damaged or not in the format that params.yaml names."""


class RowError(DistillError):
    """More rows were quarantined than the stage's `max_quarantined` allows."""


class EgressError(DistillError):
    """A request to a host elsewhere was refused: its text does not carry anonymize's seal."""


class BudgetError(DistillError):
    """The rest of a stage's rows was not asked about, for the budget is spent or would be."""


class BatchError(DistillError):
    """A server takes no batches, or does not answer about those that it took.

    `void`: what was asked for cannot be done, now or later, as it was asked for.
    """

    def __init__(self, message: str, void: bool = False):
        super().__init__(message)
        self.void = void


class StoreError(DistillError):
    """The file of kept replies cannot be read or written."""


class ModelError(DistillError):
    """A question that no rule answers was put to the rules."""
