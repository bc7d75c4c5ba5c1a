# ruff: noqa: E501 - a pattern is easier to read on one line
"""Numbers that a state gives to a person: by format, check digit or the word before them.

US SSN "123-45-6789", Spanish DNI "12345678Z", British NINO "AB123456C", Italian codice fiscale,
French NIR, "passport X1234567", "last four digits of my ssn are 4821".
"""

from distill.privacy.find import numbers
from distill.privacy.find.rules.rule import ID_WORD, PHONE_WORD, Rule

NATIONAL_ID_WORD = (
    r"(?:ssn|social security|national (?:id|insurance)|passport|pasaporte|passeport|reisepass|dni"
    r"|nie|nino|tax id|steuer-?id\w*|ausweis\w*|codice fiscale|pesel|bsn|cpf|sin|id card|nif|nir"
    r"|s[ée]curit[ée] sociale|seguridad social|driver['’]?s licen[cs]e|carta d['’]identità)"
)

NATIONAL_IDS: tuple[Rule, ...] = (
    Rule("NATIONAL_ID", 0.88, r"(?<![\w-])(?!000|666)\d{3}([- ])\d{2}\1\d{4}(?![\w-])"),
    Rule(
        "NATIONAL_ID",
        0.88,
        r"(?<![\w-])\d{8}-?[A-Z](?!\w)|(?<![\w-])[XYZ]-?\d{7}-?[A-Z](?!\w)",
        numbers.is_dni,
    ),
    Rule("NATIONAL_ID", 0.88, r"(?<!\w)[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"),
    Rule("NATIONAL_ID", 0.88, r"(?<!\w)[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z](?!\w)"),
    Rule(
        "NATIONAL_ID",
        0.88,
        r"(?<!\w)[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)",
        numbers.is_nir,
    ),
    Rule(
        "NATIONAL_ID",
        0.93,
        rf"(?i:\b{NATIONAL_ID_WORD}\b(?:(?!{ID_WORD}|{PHONE_WORD})[^\d\n]){{0,30}}?)"
        r"\K(?<![A-Za-z\d])[A-Z]{0,6}\d(?:[ ./-]?[A-Z\d]){4,18}(?![A-Za-z\d])",
        cues="ssn social national passport pasaporte passeport reisepass dni nie nino tax steuer ausweis codice pesel bsn cpf sin card nif nir sécurité securite seguridad licen carta",
    ),
    Rule(
        "NATIONAL_ID",
        0.89,
        r"(?i:\b(?:ssn|social(?: security)?(?: (?:number|no))?)(?: (?:number|no|num|is|are|was|ends?|ending|in|with|last|four|4|digits?|of|the|my|it['’]?s))*:? )\K(?<!last )\d{4}(?![\w-]|[.,]\d)",
        cues="ssn social",
    ),
)
