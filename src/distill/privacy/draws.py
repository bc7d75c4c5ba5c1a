"""Deterministic random choices, keyed by HMAC-SHA256, for the artificial values of one interaction.

Equal values get equal choices within an interaction; nobody without the secret can try values until
one fits; and nothing needs to be stored to repeat them.
"""

import hmac
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from distill.privacy.find import lexicon

Taken = Callable[[str], bool]  # whether a text in lower case occurs in the corpus
_TRIES = 500  # options tried before a taken one is used


class Draw:
    """An endless stream of choices that the secret and `parts` alone decide."""

    def __init__(self, secret: bytes, *parts: str):
        self._secret = secret
        self._seed = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        self._state, self._block = 0, 0

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        if self._state < 1 << 64:
            block = self._seed + self._block.to_bytes(4, "big")
            self._state = int.from_bytes(hmac.digest(self._secret, block, "sha256"), "big")
            self._block += 1
        self._state, choice = divmod(self._state, n)
        return choice

    def other(self, options: Sequence[str], than: str, taken: Taken | None = None) -> str:
        """One of the options that differs from `than` by more than case.

        A taken option only where the next 500 are taken as well.
        """
        start, found = self.below(len(options)), ""
        for step in range(min(_TRIES, len(options))):
            option = options[(start + step) % len(options)]
            if option.casefold() != than.casefold():
                found = found or option
                if taken is None or not taken(option.casefold()):
                    return option
        return found

    def digits(self, template: str) -> str:
        """The template with random digits for its digits; the first one stays zero or non-zero."""
        drawn, first = [], True
        for c in template:
            if not c.isdecimal():
                drawn.append(c)
                continue
            if first:
                drawn.append("0" if c == "0" else str(1 + self.below(9)))
            else:
                drawn.append(str(self.below(10)))
            first = False
        return "".join(drawn)


class Draws:
    """The choices of one interaction, and which value each of its surrogates stands for."""

    def __init__(self, secret: bytes, interaction_id: str, taken: Taken | None = None):
        self._secret, self._id, self._taken = secret, interaction_id, taken
        self._owners: dict[str, str] = {}  # surrogate, or name in one -> the value it stands for
        self._attempt = 0

    def draw(self, *parts: str) -> Draw:
        """Choices for a value or a part of one; the same for the same parts."""
        again = (str(self._attempt),) if self._attempt else ()
        return Draw(self._secret, self._id, *parts, *again)

    def name(self, word: str) -> str:
        """An artificial name; the same word gets the same name, alone or within a full name."""
        key = word.casefold()
        made = self.draw("name", key).other(
            names_like(key), word, lambda option: not self._is_free(option, key)
        )
        self._owners[made.casefold()] = key
        return cased_like(word, made)

    def _is_free(self, made: str, plain: str) -> bool:
        """Whether a text in lower case stands for no other value and is not in the corpus."""
        if made in self._owners:
            return self._owners[made] == plain
        return self._taken is None or not self._taken(made)


@cache
def artificial_names(kind: str) -> tuple[str, ...]:
    """US names without everyday words; `kind` is "female", "male", "first" (either) or "last"."""
    kinds = {"first": lexicon.FIRST_KINDS, "last": lexicon.LAST_KINDS}
    listed = lexicon.names_of("en_US", kinds.get(kind, (f"first_names_{kind}",)))
    everyday = lexicon.everyday_words()
    return tuple(sorted(n for n in listed if n.isalpha() and n.casefold() not in everyday))


@lru_cache(lexicon.REMEMBERED)
def names_like(name: str) -> tuple[str, ...]:
    """The artificial names of a name's kind: last names, or first names of its gender if known."""
    if name not in lexicon.first_names():
        return artificial_names("last")
    female = name in lexicon.names_everywhere(("first_names_female",))
    male = name in lexicon.names_everywhere(("first_names_male",))
    return artificial_names("first" if female == male else "female" if female else "male")


def cased_like(original: str, word: str) -> str:
    """The word in capitals, in small letters or capitalised, as the original is."""
    if original.isupper() and len(original) > 1:
        return word.upper()
    if original.islower():
        return word.lower()
    return word if original[:1].isupper() else word[:1].lower() + word[1:]
