"""Check digits and lengths of numbers; the check digits are python-stdnum's."""

import ipaddress
import re

from stdnum import luhn
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.iso7064 import mod_97_10


def digits(text: str) -> str:
    """The ASCII digits of a text."""
    return re.sub(r"[^0-9]", "", text)


def is_card(text: str) -> bool:
    """Whether a text is a card number: 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1).

    The first digit is 2 to 6, and the digits are not all the same.
    """
    number = digits(text)
    if not 13 <= len(number) <= 19 or len(set(number)) == 1:
        return False
    return number[0] in "23456" and luhn.is_valid(number)


def is_iban(text: str) -> bool:
    """Whether a text has 15 to 34 letters and digits with an IBAN's check digits (ISO 13616)."""
    iban = re.sub(r"[ -]", "", text).upper()
    return 15 <= len(iban) <= 34 and iban_digits(iban[:2], iban[4:]) == iban[2:4]


def iban_digits(country: str, account: str) -> str:
    """The two check digits of an IBAN (ISO 7064, modulo 97)."""
    return mod_97_10.calc_check_digits(f"{account}{country}".upper())


def is_ip6(text: str) -> bool:
    """Whether a text is an IP address of version 6 with at least two groups of digits."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return len(re.findall(r"[\da-fA-F]+", text)) >= 2


def is_dni(text: str) -> bool:
    """Whether a Spanish DNI or NIE has the right control letter."""
    return dni.is_valid(text) or nie.is_valid(text)


def is_nir(text: str) -> bool:
    """Whether a French social security number has the right key."""
    return nir.is_valid(text)


def has_phone_length(text: str) -> bool:
    """Whether a text has 7 to 15 digits, as phone numbers have (ITU-T E.164: at most 15)."""
    return 7 <= len(digits(text)) <= 15
