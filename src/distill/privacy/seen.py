"""Which values a corpus holds, in memory that does not grow with it: a Bloom filter."""

from collections.abc import Iterable
from hashlib import blake2b

from distill.privacy.find import names

_BITS = 1 << 27  # 16 MiB; of ten million values, fewer than one in fifty others seems to be one
_HASHES = 4


class Seen:
    """Values that were seen. One that was not may seem so, which costs but another draw."""

    def __init__(self) -> None:
        self._bits = bytearray(_BITS // 8)

    def add(self, type: str, value: str) -> None:
        """See a value, and each word of a person's name."""
        plain = " ".join(value.casefold().split())
        for text in {plain, *(names.words(plain) if type == "PERSON" else ())}:
            for bit in _places(text):
                self._bits[bit >> 3] |= 1 << (bit & 7)

    def __call__(self, value: str) -> bool:
        """Whether a value, in lower case, was seen."""
        return all(self._bits[bit >> 3] >> (bit & 7) & 1 for bit in _places(value))


def _places(value: str) -> Iterable[int]:
    digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8 * _HASHES).digest()
    return (int.from_bytes(digest[i : i + 8], "big") % _BITS for i in range(0, 8 * _HASHES, 8))
