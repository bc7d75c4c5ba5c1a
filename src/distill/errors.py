"""The errors that users meet. Each message names the file, line, key or row, and the remedy.

DistillError
├── ParamsError     the configuration is invalid: correct params.yaml, taxonomy.yaml or a prompt
├── InputError      an input file is missing or malformed: correct the file or run its stage
├── RowError        too many rows were quarantined: correct the rows or raise max_quarantined
├── EgressError     a text without anonymize's seal would leave: anonymize it or allow its host
├── EndpointError   no server answers at an address: start it or correct base_url
├── BudgetError     the budget is spent: raise costs.budget and run again
├── BatchError      the batch API failed: run again, or set the endpoint's batch to false
├── EngineError     shards cannot be computed: free memory, start the cluster or correct its address
├── StoreError      the reply cache is unusable: free disk space or correct its permissions
├── TrainingError   a process of a training failed: see what it said, and run again
├── DiskError       a file cannot be written: free disk space or mount it for writing
├── GenerationError an engine lost rows: choose another one
└── ModelError      no offline rule answers a request: configure an endpoint
"""


class DistillError(Exception):
    """The base of all errors that end a stage with a one-line message."""


class ParamsError(DistillError):
    """Raised before a stage starts, for an invalid configuration.

    Causes: a wrong key or value in params.yaml or taxonomy.yaml, names that do not exist, settings
    that contradict one another, a prompt with wrong placeholders, an unset environment variable.
    Remedy: correct the key that the message names.
    """


class InputError(DistillError):
    """Raised for a file that is missing, damaged or not in the format that params.yaml declares.

    Remedy: correct the file at the line that the message names, or run the stage that writes it.
    """


class RowError(DistillError):
    """Raised as soon as more rows are quarantined than a stage's `max_quarantined` allows.

    Also raised where most of the first replies have the wrong form, and where the counts of a
    stage's rows do not add up. Remedy: see the rows in data/quarantine/, or raise the limit.
    """


class EgressError(DistillError):
    """Raised where a request to an external endpoint holds a text without anonymize's seal.

    Nothing was sent. Remedy: run `anonymize` on the rows, or list a trusted host in `allow_hosts`.
    """


class EndpointError(DistillError):
    """Raised where nobody answers at an endpoint's address. Remedy: start it, correct base_url."""


class BudgetError(DistillError):
    """Raised at a stage's end where the budget did not suffice for all of its rows.

    Replies paid so far are cached. Remedy: raise `costs.budget` and run the stage again.
    """


class BatchError(DistillError):
    """Raised where a server rejects a batch, or does not return the state or results of one.

    `void`: the request is invalid, so that repeating it cannot succeed. Remedy: run the stage
    again, which resumes pending batches, or set `batch: false` for the endpoint.
    """

    def __init__(self, message: str, void: bool = False):
        super().__init__(message)
        self.void = void


class EngineError(DistillError):
    """Raised where a process or node that computes a stage's shards is missing or has died.

    Finished parts are kept. Remedy: free memory, start the cluster, or correct `engine`.
    """


class StoreError(DistillError):
    """Raised where the cache of paid replies cannot be read, written or locked.

    Remedy: free disk space, correct the permissions of .distill/, or wait for another stage.
    """


class DiskError(DistillError):
    """Raised where a disk is full, its quota is used up, or it is read-only.

    No output was replaced by a part of itself. Remedy: free space, and run the stage again.
    """


class ModelError(DistillError):
    """Raised where a request has no offline rule. Remedy: name an endpoint for the stage."""


class TrainingError(DistillError):
    """Raised where one of the processes of a training failed.

    Remedy: see what it said. The next run resumes from the last checkpoint.
    """


class GenerationError(DistillError):
    """Raised where an engine of generation did not answer every row. Remedy: `predict.engine`."""


class ExportError(DistillError):
    """Raised where a model cannot be converted or served, or answers otherwise than its run.

    Remedy: the message names the program that failed, or the setting to change.
    """
