"""Artificial values in the place of personal ones: same kind, same format, never the same value.

Each is drawn by HMAC-SHA256 from the secret, the interaction's id, the type and the value, so
that equal values get equal surrogates within an interaction, nobody without the secret can try
values until one fits, and nothing needs to be written down to do it again.
"""

import hmac
import re
from collections.abc import Callable, Sequence

from distill.privacy.find import names, numbers
from distill.privacy.kinds import IDENTIFIERS

# The sample corpus is made up and public, and so is its key: the same values in every clone.
SAMPLE_KEY = b"public: sample corpus only"

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
_STAYS = frozenset(_STAYS_WORDS.split())  # parts of an address that are no one's own
_PARTICLE_WORDS = "de la le les los las del des du di da van der den von al bin"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_MONTHS = tuple(_MONTHS_WORDS.split())


Taken = Callable[[str], bool]
_LOOKED_AT = 500  # names tried before a taken one is used


class Draw:
    """An endless stream of choices that secret, interaction, type and value alone decide."""

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
        """One of the options, whatever its case another than the given one.

        A taken one only where nearly all are.
        """
        start, found = self.below(len(options)), ""
        for step in range(min(_LOOKED_AT, len(options))):
            option = options[(start + step) % len(options)]
            if option.casefold() != than.casefold():
                found = found or option
                if taken is None or not taken(option.casefold()):
                    return option
        return found

    def digits(self, template: str, first_nonzero: bool = True) -> str:
        """The template with every digit drawn anew; a leading zero stays one."""
        drawn, first = [], True
        for c in template:
            if not c.isdecimal():
                drawn.append(c)
                continue
            keep_zero = first and c == "0"
            drawn.append(
                "0"
                if keep_zero
                else str(1 + self.below(9) if first and first_nonzero else self.below(10))
            )
            first = False
        return "".join(drawn)


class Surrogates:
    """The artificial values of one interaction.

    Equal values get equal surrogates and unequal ones unequal; values that differ in case or in
    blanks only are the same value. A surrogate is never its original, nor any value that `taken`
    (of text in lower case) knows to occur in the corpus.
    """

    def __init__(self, secret: bytes, interaction_id: str, taken: Taken | None = None):
        self._secret, self._id, self._taken = secret, interaction_id, taken
        self._owners: dict[str, str] = {}  # surrogate, or name in one -> what it stands for
        self._attempt = 0

    def of(self, type: str, value: str) -> str:
        """The surrogate of a value; raises KeyError for a type without surrogates."""
        make = _MAKERS[type] if _has_form(type, value) else _scrambled
        family = "ID" if type in IDENTIFIERS else type
        plain = " ".join(value.casefold().split())
        for self._attempt in range(100):
            made = make(value, self.draw(family, plain), self)
            small = made.casefold()
            if small != value.casefold() and self._is_free(small, plain):
                self._owners[small] = plain
                return made
        return "x" * max(len(value), 1) if value.strip("xX") else "y" * max(len(value), 1)

    def _is_free(self, made: str, plain: str) -> bool:
        if made in self._owners:
            return self._owners[made] == plain
        return self._taken is None or not self._taken(made)

    def draw(self, *parts: str) -> Draw:
        """Choices for a value or a part of one; the same for the same parts."""
        again = (str(self._attempt),) if self._attempt else ()
        return Draw(self._secret, self._id, *parts, *again)

    def name(self, word: str) -> str:
        """One name for another: the same word gets the same name, alone or not."""
        key = word.casefold()
        made = self.draw("name", key).other(
            names.pool_for(key), word, lambda option: not self._is_free(option, key)
        )
        self._owners[made.casefold()] = key
        return _cased(word, made)


def surrogate(secret: bytes, interaction_id: str, type: str, value: str) -> str:
    """The artificial value for one value alone; see Surrogates."""
    return Surrogates(secret, interaction_id).of(type, value)


_AT = r"((?i: ?[(\[]at[)\]] ?| at |@))"

_SAID = r"((?i: (?:dot|underscore|dash|hyphen) ))"  # between the words of an address as it is said


def _has_form(type: str, value: str) -> bool:
    """Whether a value is written as its type is; it is else replaced sign by sign."""
    plain = re.sub(r"[^\w]|_", "", value)
    forms = {
        "CREDIT_CARD": r"[0-9]{2,}",
        "IBAN": r"(?i:[A-Z]{2}[0-9]{2}[A-Z0-9]+)",
        "NATIONAL_ID": r"[A-Za-z0-9]+",
    }
    if type == "EMAIL":
        return re.search(_AT, value) is not None
    return re.fullmatch(forms.get(type, r"(?s:.*)"), plain, re.ASCII) is not None


def _scrambled(value: str, draw: Draw, own: Surrogates) -> str:
    return _same_kind(value, draw)


def _cased(like: str, word: str) -> str:
    if like.isupper() and len(like) > 1:
        return word.upper()
    if like.islower():
        return word.lower()
    return word if like[:1].isupper() else word[:1].lower() + word[1:]


def _name_word(word: str, own: Surrogates) -> str:
    if word.casefold() in _PARTICLES:
        return word
    return own.name(word) if len(word) > 1 else _letter(word, own.draw("name", word.casefold()))


def _letter(letter: str, draw: Draw) -> str:
    if not letter.isalpha():
        return letter
    made = draw.other("abcdefghijklmnoprstuvwy", letter)
    return made.upper() if letter.isupper() else made


def _person(value: str, draw: Draw, own: Surrogates) -> str:
    titles = r"(?i:mr|mrs|ms|miss|dr|prof|herr|frau|sr|sra)\b\.?"
    return re.sub(
        rf"{titles}|[^\W\d_]+(?:['’-][^\W\d_]+)*|\d",
        lambda m: m[0] if re.fullmatch(titles, m[0]) else _name_word(m[0], own),
        value,
    )


def _username(value: str, draw: Draw, own: Surrogates) -> str:
    made = re.sub(r"[^\W\d_]+", lambda m: _handle_word(m[0], own), value)
    return draw.digits(made)


def _handle_word(word: str, own: Surrogates) -> str:
    return (
        _name_word(word, own) if len(word) > 1 else _letter(word, own.draw("name", word.casefold()))
    )


def _email(value: str, draw: Draw, own: Surrogates) -> str:
    local, at, domain = re.split(_AT, value, maxsplit=1)
    made = DOMAINS[draw.below(len(DOMAINS))]
    if re.search(r"\bdot\b", domain, re.IGNORECASE):
        made = made.replace(".", " dot ")
    said = re.split(_SAID, local) if at.strip().casefold() == "at" else [local]
    words = [part if re.fullmatch(_SAID, part) else _username(part, draw, own) for part in said]
    return "".join(words) + at + (made.upper() if domain.isupper() else made)


def _phone(value: str, draw: Draw, own: Surrogates) -> str:
    plain = numbers.digits(value)
    draw = own.draw("PHONE", plain)
    country = re.match(r"\+\d{1,3}(?=[ .\-/(])", value) or re.match(r"\+(?:1|[2-9]\d)", value)
    head = country[0] if country else ""
    made = head + draw.digits(value[len(head) :])
    return made if numbers.digits(made) != plain else head + draw.digits(value[len(head) :])


def _card(value: str, draw: Draw, own: Surrogates) -> str:
    plain = numbers.digits(value)
    draw = own.draw("CREDIT_CARD", plain)
    made = plain[0] + "".join(str(draw.below(10)) for _ in plain[1:-1])
    made += numbers.luhn_digit(made)
    if made == plain:
        made = plain[0] + "".join(str((int(c) + 1) % 10) for c in plain[1:-1])
        made += numbers.luhn_digit(made)
    return _filled(value, made)


def _filled(template: str, characters: str) -> str:
    """The template with its letters and digits replaced in order."""
    fresh = iter(characters)
    return "".join(next(fresh) if c.isalnum() else c for c in template)


def _iban(value: str, draw: Draw, own: Surrogates) -> str:
    plain = re.sub(r"[^A-Za-z\d]", "", value).upper()
    account = _same_kind(plain[4:], own.draw("IBAN", plain))
    made = plain[:2] + numbers.iban_digits(plain[:2], account) + account
    filled = _filled(value, made)
    return filled.lower() if value.islower() else filled


def _same_kind(text: str, draw: Draw) -> str:
    """A digit for a digit, a letter for a letter."""
    return "".join(str(draw.below(10)) if c.isdecimal() else _letter(c, draw) for c in text)


def _ip(value: str, draw: Draw, own: Surrogates) -> str:
    if ":" not in value:
        return f"{NETWORKS[draw.below(3)]}.{1 + draw.below(254)}"
    return "2001:db8:" + ":".join(f"{1 + draw.below(65535):x}" for _ in range(6))


def _address(value: str, draw: Draw, own: Surrogates) -> str:
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
        made = _cased(stem, own.draw("ADDRESS", stem.casefold()).other(STREETS, stem))
        return made + word[len(stem) :]

    return re.sub(r"\d+|[^\W\d_]+", part, value)


def _date_of_birth(value: str, draw: Draw, own: Surrogates) -> str:
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
        return _cased(match[0], (made if word in _MONTHS else made[:3]).capitalize())

    return re.sub(r"[^\W\d_]{3,}", month, re.sub(r"\d+", number, value))


def _national_id(value: str, draw: Draw, own: Surrogates) -> str:
    plain = re.sub(r"[^A-Za-z\d]", "", value).upper()
    draw = own.draw("NATIONAL_ID", plain)
    made = draw.digits(_same_kind(plain, draw))
    if re.fullmatch(r"\d{8}[A-Z]", plain):
        made = made[:8] + numbers.dni_letter(made[:8])
    filled = _filled(value, made)
    return filled.lower() if value.islower() else filled


def _identifier(value: str, draw: Draw, own: Surrogates) -> str:
    """Digits and letters drawn anew; a prefix with its dash and a single last letter stay.

    A first zero stays, and another first digit within 1 to 3 or 4 to 9, by which numbers of items
    are known.
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


def _answer(value: str, draw: Draw, own: Surrogates) -> str:
    return re.sub(r"[^\W\d_]+", lambda m: own.name(m[0]), value)


_MAKERS: dict[str, Callable[[str, Draw, Surrogates], str]] = {
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
    "PASSWORD": _scrambled,
    "SECURITY_ANSWER": _answer,
    "UNKNOWN": _scrambled,
    **dict.fromkeys(IDENTIFIERS, _identifier),
}
