"""Surrogates: artificial values in the place of personal ones, of the same type and format."""

from distill.privacy.artificial import MAKERS, has_form, scrambled
from distill.privacy.draws import Draws
from distill.privacy.kinds import IDENTIFIERS

_ATTEMPTS = 100  # draws before a value is crossed out


class Surrogates(Draws):
    """The surrogates of one interaction.

    Equal values get equal surrogates and unequal ones unequal; values that differ in case or spaces
    only are equal. A surrogate is never its original, nor a value for which `taken` is true.
    """

    def of(self, type: str, value: str) -> str:
        """The surrogate of a value; raises KeyError for a type without surrogates."""
        make = MAKERS[type] if has_form(type, value) else scrambled
        family = "ID" if type in IDENTIFIERS else type
        plain = " ".join(value.casefold().split())
        for self._attempt in range(_ATTEMPTS):
            made = make(value, self.draw(family, plain), self)
            small = made.casefold()
            if small != value.casefold() and self._is_free(small, plain):
                self._owners[small] = plain
                return made
        return "x" * max(len(value), 1) if value.strip("xX") else "y" * max(len(value), 1)
