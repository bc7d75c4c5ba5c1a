"""Values for the slots of the phrasings, of training or of the test."""

import calendar
import string
from collections.abc import Callable
from random import Random

from distill.offline.utterances.phrasings import LEARN, Part, words

TYPES = ("order", "product", "date", "amount", "place", "person", "company")


class Values:
    """The values of one message, in which a slot always has the same value."""

    def __init__(self, rng: Random, part: Part) -> None:
        self._rng = rng
        self._part = part
        self._drawn: dict[str, str] = {}

    def __getitem__(self, slot: str) -> str:
        if slot not in self._drawn:
            compose = COMPOSE.get(slot)
            drawn = compose(self._rng, self._part) if compose else self._listed(slot)
            self._drawn[slot] = drawn
        return self._drawn[slot]

    def _listed(self, slot: str) -> str:
        return self._rng.choice(words(slot, self._part))


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _order(rng: Random, part: Part) -> str:
    usual = f"{_digits(rng, 2)}-{_digits(rng, 5)}-{_digits(rng, 5)}"
    others = {
        "learn": [f"HG{_digits(rng, 6)}"],
        "test": [f"#{_digits(rng, 7)}", f"KX-{_digits(rng, 5)}"],
    }
    return rng.choice([usual, *others[part]])


def _date(rng: Random, part: Part) -> str:
    month, day = rng.randrange(1, 13), rng.randrange(1, 29)
    named = calendar.month_name[month]
    if part == LEARN:
        week = rng.choice(["Monday", "Wednesday", "Friday"])
        return rng.choice([f"{named} {day}", f"{month:02}/{day:02}/2025", f"{day} {named}", week])
    week = rng.choice(["Tuesday", "Thursday", "Saturday"])
    nth = f"{day}{_ordinal(day)}"
    return rng.choice([f"{named} {nth}", f"2025-{month:02}-{day:02}", f"{nth} of {named}", week])


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _amount(rng: Random, part: Part) -> str:
    whole, cents = rng.randrange(3, 400), rng.choice(["00", "50", "99", "95"])
    if part == LEARN:
        return rng.choice([f"${whole}.{cents}", f"{whole}.{cents} USD", f"£{whole}"])
    return rng.choice([f"${whole}.{cents}", f"€{whole},{cents}", f"{whole} dollars"])


COMPOSE: dict[str, Callable[[Random, Part], str]] = {
    "order": _order,
    "date": _date,
    "amount": _amount,
}
