"""Check digits, by which a card, an account or an id is told from other numbers."""

import ipaddress
import re

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def digits(text: str) -> str:
    """The ASCII digits of a text."""
    return re.sub(r"[^0-9]", "", text)


def luhn_digit(payload: str) -> str:
    """The digit that makes payload + digit pass the Luhn check (ISO/IEC 7812-1)."""
    doubled = [int(c) * (2 - i % 2) for i, c in enumerate(reversed(payload))]
    return str(-sum(n // 10 + n % 10 for n in doubled) % 10)


def is_card(text: str) -> bool:
    """Whether 13 to 19 digits pass the Luhn check and are not all alike."""
    number = digits(text)
    if not 13 <= len(number) <= 19 or len(set(number)) == 1:
        return False
    return number[0] in "23456" and luhn_digit(number[:-1]) == number[-1]


def iban_digits(country: str, account: str) -> str:
    """The two check digits of an IBAN (ISO 13616, modulo 97)."""
    letters = f"{account}{country}00".upper()
    return f"{98 - int(''.join(str(int(c, 36)) for c in letters)) % 97:02d}"


def is_iban(text: str) -> bool:
    """Whether an IBAN's length and check digits are right."""
    iban = re.sub(r"[ -]", "", text).upper()
    return 15 <= len(iban) <= 34 and iban_digits(iban[:2], iban[4:]) == iban[2:4]


def is_ip(text: str) -> bool:
    """Whether a text is an address of IP version 6 with at least two groups."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return len(re.findall(r"[\da-fA-F]+", text)) >= 2


def dni_letter(number: str) -> str:
    """The control letter of a Spanish DNI, or of an NIE whose first letter became a digit."""
    return _DNI_LETTERS[int(number) % 23]


def is_dni(text: str) -> bool:
    """Whether a Spanish DNI or NIE has the right control letter."""
    plain = text.replace("-", "")
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return dni_letter(number) == plain[-1]


def is_nir(text: str) -> bool:
    """Whether a French social security number has the right key (97 minus the rest)."""
    plain = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return len(plain) == 15 and 97 - int(plain[:13]) % 97 == int(plain[13:])


def phone_length(text: str) -> bool:
    """Whether a text has as many digits as a telephone number (ITU-T E.164: at most 15)."""
    return 7 <= len(digits(text)) <= 15
