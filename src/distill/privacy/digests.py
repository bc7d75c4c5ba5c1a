"""Sets of words and values in eight bytes each, without the words and values themselves.

A member is a digest of 64 bits under a key. A text that is not in a set of n is taken for a member
with a probability of n / 2**64: one in 10**11 for a hundred million members.
"""

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distill.privacy.secret import Secret

Array = NDArray[np.uint64]
_HELD = 1 << 20  # digests that are held before they are sorted
_REMEMBERED = 1 << 16  # texts


def digest(text: str, key: bytes) -> int:
    """Return the digest of a text."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8, key=key).digest(), "big")


class Digests:
    """A set of texts, whose digests `of` are sorted."""

    def __init__(self, of: Array, secret: Secret):
        self.of, self._secret = of, secret

    def __call__(self, text: str) -> bool:
        """Return whether a text is in the set."""
        return self._holds(text)

    def __contains__(self, text: object) -> bool:
        return self._holds(str(text))

    @cached_property
    def _holds(self) -> Callable[[str], bool]:
        """Remember answers: the same artificial names are tried in row after row."""
        key = key_of(self._secret)

        @lru_cache(_REMEMBERED)
        def holds(text: str) -> bool:
            wanted = np.uint64(digest(text, key))
            place = int(np.searchsorted(self.of, wanted))
            return place < len(self.of) and bool(self.of[place] == wanted)

        return holds

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: all but the answers."""
        return {"of": self.of, "_secret": self._secret}


def key_of(secret: Secret) -> bytes:
    """Return the key of digests."""
    return secret.derived("digests")


def fingerprint(several: Iterable[Digests]) -> str:
    """Return the digest of sets, in hex."""
    whole = sha256()
    for one in several:
        whole.update(one.of.tobytes())
    return whole.hexdigest()


def united(several: Iterable[Iterable[int]]) -> Array:
    """Return the union of several sets, sorted."""
    whole, held = np.empty(0, np.uint64), [np.empty(0, np.uint64)]
    for one in several:
        held.append(np.fromiter(one, np.uint64))
        if sum(map(len, held)) > _HELD:
            whole, held = np.union1d(whole, np.concatenate(held)), held[:1]
    return np.union1d(whole, np.concatenate(held))
