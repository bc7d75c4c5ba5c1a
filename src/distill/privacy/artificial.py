"""Makers of artificial values, one for each type: the same format, with valid check digits.

A maker takes a value, the choices for it, and those of its interaction for the value's parts.
"""

import re
from collections.abc import Callable

from stdnum import luhn
from stdnum.es import dni

from distill.privacy.draws import Draw, Draws, cased_like
from distill.privacy.find import numbers
from distill.privacy.kinds import IDENTIFIERS

DOMAINS = ("example.com", "example.net", "example.org")  # reserved for examples: RFC 2606
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")  # reserved for documentation: RFC 5737
_STATES_WORDS = """
    AL AR AZ CA CO CT FL GA IA IL KS KY LA MA MD MI MN MO NC NJ NM NV NY OH PA SC TN TX UT VA WA
    WI
"""
_STREETS_WORDS = """
    Acorn Alder Amber Aspen Birch Bramble Cedarwood Clover Copper Cypress Elmwood Fernwood
    Foxglove Hazelnut Heron Juniper Kestrel Larkspur Linden Lupine Maplewood Meadowlark
    Nightingale Oakwood Orchardview Pinewood Quarry Rowan Sparrow Sycamore Thistle Tulip Walnut
    Willowmere
"""
_STAYS_WORDS = """
    street st avenue ave road rd lane ln drive dr boulevard blvd court ct place pl square sq
    terrace ter way parkway pkwy circle cir highway hwy close crescent row trail apt apartment
    unit suite ste flat floor box po no n s e w north south east west calle avenida avda paseo
    plaza carrera via viale piazza corso rua travessa rue chemin allée impasse quai cours bis
    straße strasse str weg platz allee gasse de la le les los las del des du di da postfach
    apartado correos st nd rd th
"""
_MONTHS_WORDS = """
    january february march april may june july august september october november december
"""
STATES = tuple(_STATES_WORDS.split())
STREETS = tuple(_STREETS_WORDS.split())
_STAYS = frozenset(_STAYS_WORDS.split())  # words of an address that identify nobody
_PARTICLE_WORDS = "de la le les los las del des du di da van der den von al bin"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_MONTHS = tuple(_MONTHS_WORDS.split())

_AT = r"((?i: ?[(\[]at[)\]] ?| at |@))"
_SAID = r"((?i: (?:dot|underscore|dash|hyphen) ))"  # between the words of a spoken e-mail address


def has_form(type: str, value: str) -> bool:
    """Whether the maker of a type can work on a value, which is scrambled otherwise."""
    plain = re.sub(r"[^\w]|_", "", value)
    forms = {
        "CREDIT_CARD": r"[0-9]{2,}",
        "IBAN": r"(?i:[A-Z]{2}[0-9]{2}[A-Z0-9]+)",
        "NATIONAL_ID": r"[A-Za-z0-9]+",
    }
    if type == "EMAIL":
        return re.search(_AT, value) is not None
    return re.fullmatch(forms.get(type, r"(?s:.*)"), plain, re.ASCII) is not None


def scrambled(value: str, draw: Draw, own: Draws) -> str:
    """A random digit for each digit and a random letter for each letter."""
    return _same_kind(value, draw)


def _name_word(word: str, own: Draws) -> str:
    if word.casefold() in _PARTICLES:
        return word
    return own.name(word) if len(word) > 1 else _letter(word, own.draw("name", word.casefold()))


def _letter(letter: str, draw: Draw) -> str:
    if not letter.isalpha():
        return letter
    made = draw.other("abcdefghijklmnoprstuvwy", letter)
    return made.upper() if letter.isupper() else made


def _person(value: str, draw: Draw, own: Draws) -> str:
    titles = r"(?i:mr|mrs|ms|miss|dr|prof|herr|frau|señora?|sra?|monsieur|madame|mme|signora?)\b\.?"
    return re.sub(
        rf"{titles}|[^\W\d_]+(?:['’-][^\W\d_]+)*|\d",
        lambda m: m[0] if re.fullmatch(titles, m[0]) else _name_word(m[0], own),
        value,
    )


def _username(value: str, draw: Draw, own: Draws) -> str:
    made = re.sub(r"[^\W\d_]+", lambda m: _handle_word(m[0], own), value)
    return draw.digits(made)


def _handle_word(word: str, own: Draws) -> str:
    return (
        _name_word(word, own) if len(word) > 1 else _letter(word, own.draw("name", word.casefold()))
    )


def _email(value: str, draw: Draw, own: Draws) -> str:
    local, at, domain = re.split(_AT, value, maxsplit=1)
    made = DOMAINS[draw.below(len(DOMAINS))]
    if re.search(r"\bdot\b", domain, re.IGNORECASE):
        made = made.replace(".", " dot ")
    said = re.split(_SAID, local) if at.strip().casefold() == "at" else [local]
    words = [part if re.fullmatch(_SAID, part) else _username(part, draw, own) for part in said]
    return "".join(words) + at + (made.upper() if domain.isupper() else made)


def _phone(value: str, draw: Draw, own: Draws) -> str:
    plain = numbers.digits(value)
    draw = own.draw("PHONE", plain)
    country = re.match(r"\+\d{1,3}(?=[ .\-/(])", value) or re.match(r"\+(?:1|[2-9]\d)", value)
    head = country[0] if country else ""
    made = head + draw.digits(value[len(head) :])
    return made if numbers.digits(made) != plain else head + draw.digits(value[len(head) :])


def _card(value: str, draw: Draw, own: Draws) -> str:
    plain = numbers.digits(value)
    draw = own.draw("CREDIT_CARD", plain)
    made = plain[0] + "".join(str(draw.below(10)) for _ in plain[1:-1])
    made += luhn.calc_check_digit(made)
    if made == plain:
        made = plain[0] + "".join(str((int(c) + 1) % 10) for c in plain[1:-1])
        made += luhn.calc_check_digit(made)
    return _filled(value, made)


def _filled(template: str, characters: str) -> str:
    """The template with its letters and digits replaced in order."""
    following = iter(characters)
    return "".join(next(following) if c.isalnum() else c for c in template)


def _iban(value: str, draw: Draw, own: Draws) -> str:
    plain = re.sub(r"[^A-Za-z\d]", "", value).upper()
    account = _same_kind(plain[4:], own.draw("IBAN", plain))
    made = plain[:2] + numbers.iban_digits(plain[:2], account) + account
    filled = _filled(value, made)
    return filled.lower() if value.islower() else filled


def _same_kind(text: str, draw: Draw) -> str:
    return "".join(str(draw.below(10)) if c.isdecimal() else _letter(c, draw) for c in text)


def _ip(value: str, draw: Draw, own: Draws) -> str:
    if ":" not in value:
        return f"{NETWORKS[draw.below(3)]}.{1 + draw.below(254)}"
    return "2001:db8:" + ":".join(f"{1 + draw.below(65535):x}" for _ in range(6))


def _address(value: str, draw: Draw, own: Draws) -> str:
    def part(match: re.Match[str]) -> str:
        word = match[0]
        if word[0].isdecimal():
            return own.draw("ADDRESS", word).digits(word)
        if word.casefold() in _STAYS:
            return word
        if len(word) == 2 and word.isupper():
            return own.draw("ADDRESS", word).other(STATES, word)
        if len(word) == 1:
            return _letter(word, own.draw("ADDRESS", word))
        ending = re.search(r"(?:stra(?:ß|ss)e|str|weg|platz|allee|gasse|straat|laan|plein)$", word)
        stem = word[: ending.start()] if ending and ending.start() > 1 else word
        made = cased_like(stem, own.draw("ADDRESS", stem.casefold()).other(STREETS, stem))
        return made + word[len(stem) :]

    return re.sub(r"\d+|[^\W\d_]+", part, value)


def _date_of_birth(value: str, draw: Draw, own: Draws) -> str:
    groups = re.findall(r"\d+", value)

    def number(match: re.Match[str]) -> str:
        text, last = match[0], match.start() == value.rfind(groups[-1])
        if len(text) == 4:
            return str(1945 + draw.below(60))
        if last and len(groups) > 1 and len(groups[0]) < 4:
            return f"{45 + draw.below(55):02d}"
        low, high = (13, 28) if int(text) > 12 else (1, 9 if len(text) == 1 else 12)
        return str(low + draw.below(high - low + 1)).zfill(len(text))

    def month(match: re.Match[str]) -> str:
        word = match[0].casefold()
        known = [name for name in _MONTHS if name.startswith(word[:3])]
        if not known:
            return match[0]
        made = draw.other(_MONTHS, known[0])
        return cased_like(match[0], (made if word in _MONTHS else made[:3]).capitalize())

    return re.sub(r"[^\W\d_]{3,}", month, re.sub(r"\d+", number, value))


def _national_id(value: str, draw: Draw, own: Draws) -> str:
    plain = re.sub(r"[^A-Za-z\d]", "", value).upper()
    draw = own.draw("NATIONAL_ID", plain)
    made = draw.digits(_same_kind(plain, draw))
    if re.fullmatch(r"\d{8}[A-Z]", plain):
        made = made[:8] + dni.calc_check_digit(made[:8])
    filled = _filled(value, made)
    return filled.lower() if value.islower() else filled


def _identifier(value: str, draw: Draw, own: Draws) -> str:
    """Random digits and letters behind the same prefix and before the same last letter: "RMA-".

    A first digit stays within 0, 1 to 3 or 4 to 9, since item numbers begin with 1 to 3.
    """
    plain = re.sub(r"[^A-Za-z0-9]", "", value).casefold()
    draw = own.draw("ID", plain)
    head = re.match(r"[A-Za-z]{1,6}[-_](?=.*\d)", value)
    tail = re.search(r"(?<=\d\d\d)[A-Za-z]$", value)
    start, end = head.end() if head else 0, tail.start() if tail else len(value)
    body = value[start:end]
    made = _same_kind(body, draw)
    if body[:1] == "0":
        made = "0" + made[1:]
    elif body[:1].isdecimal():
        low, high = (1, 3) if body[0] in "123" else (4, 9)
        made = str(low + draw.below(high - low + 1)) + made[1:]
    return value[:start] + made + value[end:]


def _answer(value: str, draw: Draw, own: Draws) -> str:
    return re.sub(r"[^\W\d_]+", lambda m: own.name(m[0]), value)


MAKERS: dict[str, Callable[[str, Draw, Draws], str]] = {
    "PERSON": _person,
    "EMAIL": _email,
    "PHONE": _phone,
    "ADDRESS": _address,
    "CREDIT_CARD": _card,
    "IBAN": _iban,
    "IP": _ip,
    "USERNAME": _username,
    "DATE_OF_BIRTH": _date_of_birth,
    "NATIONAL_ID": _national_id,
    "PASSWORD": scrambled,
    "SECURITY_ANSWER": _answer,
    "LOCATION": scrambled,
    "UNKNOWN": scrambled,
    **dict.fromkeys(IDENTIFIERS, _identifier),
}
