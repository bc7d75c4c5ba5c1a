"""The secret of a stage, which no process hands to another one."""

from functools import cached_property
from typing import Any

from distill.errors import ParamsError
from distill.privacy.seal import derived, key
from distill.privacy.settings import Anonymize


class Secret:
    """The secret that `settings` name; an unpickled one is read from its process's environment.

    Thus it is neither on the way to another machine nor in that machine's files. Raises ParamsError
    where the environment lacks it; where it has another than the process that pickled this, too,
    since the rows of the two would not go together.
    """

    def __init__(self, settings: Anonymize, on_sample: bool):
        self.settings, self.on_sample = settings, on_sample
        self.check = self._check(key(settings, on_sample))

    @cached_property
    def value(self) -> bytes:
        """The secret itself."""
        found = key(self.settings, self.on_sample)
        if self._check(found) != self.check:
            raise ParamsError(
                f"anonymize.secret_env: {self.settings.secret_env} has another value on this node"
                " of the cluster than where the stage runs; start the node with the same value"
            )
        return found

    def derived(self, use: str) -> bytes:
        """Return the key for one use."""
        return derived(self.value, use)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: all but the secret."""
        return {name: held for name, held in vars(self).items() if name != "value"}

    @staticmethod
    def _check(secret: bytes) -> str:
        return derived(secret, "check").hex()[:16]
