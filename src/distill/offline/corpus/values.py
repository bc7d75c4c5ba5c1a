"""Values for the slots of the phrasings: entities, personal data and plain words.

No value is a real person's: names are drawn from lists, numbers at random with valid check digits,
and mail domains are those reserved for examples (RFC 2606).
"""

import calendar
import string
import unicodedata
from collections.abc import Callable
from random import Random

from stdnum import luhn
from stdnum.es import dni
from stdnum.iso7064 import mod_97_10

from distill.offline.corpus import phrasings

ENTITIES = (
    "item_number",
    "item_name",
    "order_number",
    "return_number",
    "case_number",
    "username",
    "price",
    "transaction_id",
    "date",
)
PII = {
    "name": "PERSON",
    "first_name": "PERSON",
    "email": "EMAIL",
    "phone": "PHONE",
    "address": "ADDRESS",
    "credit_card": "CREDIT_CARD",
    "iban": "IBAN",
    "ip": "IP",
    "username": "USERNAME",
    "dob": "DATE_OF_BIRTH",
    "ssn": "NATIONAL_ID",
    "nino": "NATIONAL_ID",
    "dni": "NATIONAL_ID",
}


def kind_of(slot: str) -> str:
    """Return the kind of a slot's value: "order_number" for "other_order_number"."""
    return slot.removeprefix("other_").removeprefix("third_")


class Values:
    """The values of one interaction, in which a slot always has the same value.

    "other_<slot>" and "third_<slot>" are further values of the same kind.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._drawn: dict[str, str] = {}

    def __getitem__(self, slot: str) -> str:
        if kind_of(slot) == "first_name":
            return self[slot.replace("first_name", "name")].split()[0]
        while slot not in self._drawn:
            value = self._draw(slot)
            if value not in self._of_kind(kind_of(slot)):
                self._drawn[slot] = value
        return self._drawn[slot]

    def _of_kind(self, kind: str) -> set[str]:
        return {value for slot, value in self._drawn.items() if kind_of(slot) == kind}

    def _draw(self, slot: str) -> str:
        kind = kind_of(slot)
        if kind == "email":
            return _email(self._rng, self["name"])
        if kind in DRAW:
            return DRAW[kind](self._rng)
        return _word(self._rng, kind)


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _word(rng: Random, kind: str) -> str:
    return str(rng.choice(phrasings.read("words")[kind]))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum())


def _name(rng: Random) -> str:
    return f"{_word(rng, 'given')} {_word(rng, 'family')}"


def _item_name(rng: Random) -> str:
    made = f"{_word(rng, 'make')} {_word(rng, 'thing')}"
    return rng.choice([_word(rng, "item_name"), made])


def _email(rng: Random, name: str) -> str:
    given, *family = (_fold(part) for part in name.split())
    last = "".join(family)
    user = rng.choice(
        [f"{given}.{last}", f"{given[0]}{last}{rng.randrange(10, 99)}", f"{given}_{last}", last]
    )
    return f"{user}@{_word(rng, 'mail')}"


def _username(rng: Random) -> str:
    number = rng.randrange(10, 1000)
    thing, trade = _word(rng, "handle"), _word(rng, "trade")
    given, family = _fold(_word(rng, "given")), _fold(_word(rng, "family"))
    personal = [f"{given}_{number}", f"{given[0]}{family}-{number}", f"{given}_{thing}"]
    of_shop = [f"{thing}.{trade}", f"{thing}_{trade}_{number}", f"{thing}{number}"]
    return rng.choice(personal + of_shop)


def _price(rng: Random) -> str:
    whole = rng.choice([rng.randrange(3, 60), rng.randrange(20, 900)])
    amount = f"{whole}.{rng.choice(['00', '50', '99', '95', _digits(rng, 2)])}"
    return rng.choice([f"${amount}", f"${amount}", f"{amount} USD", f"£{amount}"])


def _date(rng: Random) -> str:
    month, day = rng.randrange(1, 13), rng.randrange(1, 29)
    return rng.choice([f"{calendar.month_name[month]} {day}", f"{month:02}/{day:02}/2025"])


def _dob(rng: Random) -> str:
    year, month, day = rng.randrange(1945, 2006), rng.randrange(1, 13), rng.randrange(1, 29)
    named = calendar.month_name[month]
    american = [f"{named} {day}, {year}", f"{month:02}/{day:02}/{year}"]
    return rng.choice([*american, f"{day} {named} {year}", f"{year}-{month:02}-{day:02}"])


def _phone(rng: Random) -> str:
    area, local = _word(rng, "area"), f"{rng.randrange(200, 999)}-{_digits(rng, 4)}"
    american = [f"({area}) {local}", f"{area}-{local}", f"+1 {area}-{local}"]
    british = f"+44 7{_digits(rng, 3)} {_digits(rng, 6)}"
    german = f"+49 30 {rng.randrange(2, 10)}{_digits(rng, 6)}"
    spanish = f"+34 6{_digits(rng, 2)} {_digits(rng, 3)} {_digits(rng, 3)}"
    return rng.choice([*american, british, german, spanish])


def _address(rng: Random) -> str:
    house = rng.randrange(1, 2400)
    flat = f", Apt {rng.randrange(1, 60)}" if rng.random() < 0.2 else ""
    us_city, state, zip3 = _word(rng, "us_city").split("/")
    gb_city, outward = _word(rng, "gb_city").split("/")
    de_city, plz = _word(rng, "de_city").split("/")
    inward = f"{rng.randrange(1, 10)}{''.join(rng.choices('ABDEFGHJLNPQRSTUWXYZ', k=2))}"
    american = f"{house} {_word(rng, 'street')}{flat}, {us_city}, {state} {zip3}{_digits(rng, 2)}"
    british = f"{house % 120 + 1} {_word(rng, 'gb_street')}, {gb_city} {outward} {inward}"
    german = f"{_word(rng, 'de_street')} {house % 90 + 1}, {plz}{_digits(rng, 2)} {de_city}"
    return rng.choice([american, american, british, german])


def _credit_card(rng: Random) -> str:
    prefix, length = rng.choice([("4", 16), ("5" + rng.choice("12345"), 16), ("37", 15)])
    body = prefix + _digits(rng, length - 1 - len(prefix))
    number = body + luhn.calc_check_digit(body)
    sizes = (4, 4, 4, 4) if length == 16 else (4, 6, 5)
    return rng.choice([" ", " ", "-", ""]).join(_groups(number, sizes))


def _groups(text: str, sizes: tuple[int, ...]) -> list[str]:
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return [text[start : start + size] for start, size in zip(starts, sizes, strict=True)]


def _iban(rng: Random) -> str:
    letters = "".join(rng.choices(string.ascii_uppercase, k=4))
    country, bban = rng.choice(
        [
            ("DE", _digits(rng, 18)),
            ("ES", _digits(rng, 20)),
            ("FR", _digits(rng, 23)),
            ("IT", letters[0] + _digits(rng, 22)),
            ("GB", letters + _digits(rng, 14)),
            ("NL", letters + _digits(rng, 10)),
        ]
    )
    iban = f"{country}{mod_97_10.calc_check_digits(bban + country)}{bban}"
    if rng.random() < 0.5:
        return iban
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))


def _ip(rng: Random) -> str:
    if rng.random() < 0.15:
        return "2001:db8:" + ":".join(f"{rng.randrange(1, 65536):x}" for _ in range(6))
    return f"{rng.randrange(11, 224)}." + ".".join(str(rng.randrange(1, 255)) for _ in range(3))


def _ssn(rng: Random) -> str:
    return f"{rng.randrange(100, 666)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"


def _nino(rng: Random) -> str:
    return f"{rng.choice(['AB', 'CE', 'JK', 'PN', 'SR'])}{_digits(rng, 6)}{rng.choice('ABCD')}"


def _dni(rng: Random) -> str:
    number = str(rng.randrange(10_000_000, 99_999_999))
    return number + dni.calc_check_digit(number)


DRAW: dict[str, Callable[[Random], str]] = {
    "item_number": lambda rng: rng.choice("123") + _digits(rng, 11),
    "item_name": _item_name,
    "order_number": lambda rng: f"{_digits(rng, 2)}-{_digits(rng, 5)}-{_digits(rng, 5)}",
    "return_number": lambda rng: "5" + _digits(rng, 9),
    "case_number": lambda rng: rng.choice("12346789") + _digits(rng, 9),
    "transaction_id": lambda rng: f"2{_digits(rng, 12)}T",
    "username": _username,
    "price": _price,
    "date": _date,
    "name": _name,
    "phone": _phone,
    "address": _address,
    "credit_card": _credit_card,
    "iban": _iban,
    "ip": _ip,
    "dob": _dob,
    "ssn": _ssn,
    "nino": _nino,
    "dni": _dni,
}
