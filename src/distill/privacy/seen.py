"""The personal values of a channel, so that no surrogate is somebody else's value."""

from distill.privacy.find.lexicon import words_of


def forms(type: str, value: str) -> set[str]:
    """Return a value in lower case; of a person also each word of the name.

    Case and runs of spaces do not matter.
    """
    plain = " ".join(value.casefold().split())
    return {plain, *words_of(plain)} if type == "PERSON" else {plain}


class Seen:
    """A set of values in lower case; of persons also each word of the name."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, type: str, value: str) -> None:
        """Add a value; case and runs of spaces do not matter."""
        self._values |= forms(type, value)

    def __call__(self, value: str) -> bool:
        """Whether a value, in lower case, was added."""
        return value in self._values
