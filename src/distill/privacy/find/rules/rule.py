# ruff: noqa: E501 - a pattern is easier to read on one line
r"""A rule is a pattern for one type of personal data; the pieces that patterns share.

Patterns are `regex` patterns, multi-line and sensitive to case unless they say (?i:...). `\K` marks
where the value begins; what stands before it is its context.
"""

from collections.abc import Callable
from typing import NamedTuple


class Rule(NamedTuple):
    """One row of a table.

    `check` may refuse a match by its text. The rest saves time, since a pattern is tried on those
    lines alone that may hold a match. `cues` are substrings in lower case, of which every match has
    one on its line, "^pin" at the beginning of a word; `digit` says that every match has a digit, in its context or itself; `across`
    that a match may go on in the next lines.
    `whole` says that a name is a field, none of whose words belongs to a sentence behind it.
    """

    type: str
    score: float
    pattern: str
    check: Callable[[str], bool] | None = None
    cues: str = ""
    digit: bool = False
    across: bool = False
    whole: bool = False


# A line of an interaction begins with its label: "Customer: ...", or is a field, "Name: ...".
LINE = r"^(?:\p{L}[^:\n]{0,19}: ?)?"
# A field is "Name: value" on its own line, a turn that begins so, or an element, <name>value</name>.
FIELD = r"(?:^(?:\p{L}[^:\n]{0,19}: ?)?|<)"
IS = r"(?: ?[:=][ \n]*|>)\s*\K"

CAP = r"\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*"
# A word of a script without capitals: Han, Arabic, Devanagari, Thai ...
CASELESS = r"[\p{Lo}--[ªº]][[\p{L}\p{M}]--[ªº]]*"
LINK = r"(?:de la|de los|de|del|da|do|dos|das|di|van der|van de|van|von|la|le|el|al|bin|y|O['’])"
NAME = rf"{CAP}(?: (?:{LINK} )?(?:\p{{Lu}}\.|{CAP})){{0,3}}"

# Words that announce an identifier or a phone, so that a number behind them is not of another type.
ID_WORD = (
    r"(?:order|item|return|case|transaction|tracking|ticket|invoice|listing|refund|claim|ref|rma"
    r"|confirmation|parcel|package|shipment|payment id|article|art[íi]culo|pedido|devoluci[óo]n|caso"
    r"|transacci[óo]n|commande|retour|dossier|bestell|artikel|r[üu]ck|fall|vorgang|ordine|articolo"
    r"|reso|pratica|txn|tx|upi|utr|awb|serial|imei|bestelling|zaak)"
)
PHONE_WORD = (
    r"(?:phone|telephone|tel\b|mobile|cell|call|text me|reach|whatsapp|fax|contact|tel[eé]f|portable"
    r"|t[eé]l[eé]phone|handy|m[óo]vil|(?<!me )ll[aá]m|anruf|erreich|joindre|appele[rz]|(?<!mi )chiam|cellulare|rufnummer)"
)

MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|mai|okt|dez|févr|avr|juin|juil|août|déc|gen|mag|giu|lug|set|ott)\p{L}*"
DATE = (
    rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:(?:19|20)\d\d|\d\d)|(?:19|20)\d\d[/.-]\d\d[/.-]\d\d|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)? (?:of |de )?{MONTH},? (?:de )?\d{{2,4}})"
)
