# ruff: noqa: E501 - a pattern is easier to read on one line
"""Numbers that a state gives to a person: by format, check digit or the word before them.

US SSN "123-45-6789", Spanish DNI "12345678Z", British NINO "AB123456C", Italian codice fiscale,
French NIR, "passport X1234567", "last four digits of my ssn are 4821".
"""

import re

from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.de import idnr
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.pl import pesel

from distill.privacy.find import numbers
from distill.privacy.find.rules.rule import ID_WORD, PHONE_WORD, Rule

NATIONAL_ID_WORD = (
    r"(?:ssn|social security|national (?:id|insurance)|passport|pasaporte|passeport|reisepass|dni"
    r"|nie|nino|tax id|steuer-?id\w*|ausweis\w*|codice fiscale|pesel|bsn|cpf|sin|id card|nif|nir"
    r"|s[ée]curit[ée] sociale|seguridad social|driv(?:er['’]?s|ing) licen[cs]e|carta d['’]identità"
    r"|aadh?aa?r|pan(?: card| no| number)?|nric|fin|medicare|medicaid|nhs|tfn|tax file|ni (?:number|no)|n\.i\."
    r"|itin|ein|curp|rfc|emirates id|cnic|bvn|nin|ktp|nik|mykad|hkid|my ?number|personnummer|cpr"
    r"|hetu|oib|egn|amka|afm|rut|rg|cedula|cédula|dui|hic|sozialversicherung\w*|versichertennummer|steuernummer|perso\w*|voter id|epic|green card|alien number|visa number|dl|patient (?:id|number|no)|mrn|medical record(?: number| no)?|health (?:card|insurance)|insurance (?:id|card)|member id|npi|dea)"
)
NATIONAL_ID_CUES = "^ssn ^social ^national ^passport ^pasaporte ^passeport ^reisepass ^dni ^nie ^nino ^tax ^steuer ^ausweis ^codice ^pesel ^bsn ^cpf ^sin ^card ^nif ^nir ^sécurité ^securite ^seguridad ^licen ^carta ^aadh ^adhar ^pan ^nric ^fin ^medic ^nhs ^tfn ^ni n.i. ^ein ^curp ^rfc ^emirates ^cnic ^bvn ^nik ^ktp ^hkid number ^person ^cpr ^hetu ^oib ^egn ^amka ^afm ^rut ^rg dula ^dui ^hic ^sozial ^versicher ^voter ^epic ^alien ^dl ^patient ^mrn ^health ^insurance ^member ^npi ^dea ^itin ^mykad ^perso"
_BY_CHECK_DIGIT = (aadhaar, cpf, idnr, nhs, pesel, sin)


def is_no_measure(text: str) -> bool:
    """Whether the value has five signs or more and is no number with a unit, "64gb"."""
    return len(re.sub(r"\W", "", text)) > 4 and re.fullmatch(r"\d+[a-zA-Z]{1,3}", text) is None


def has_four_digits(text: str) -> bool:
    """Whether the value has four digits or more: not "1TB SSD"."""
    return len(numbers.digits(text)) > 3


def is_identity_number(text: str) -> bool:
    """Whether the check digits of the number are those of a state's numbers for its people."""
    plain = re.sub(r"[ ./-]", "", text)
    return any(kind.is_valid(plain) for kind in _BY_CHECK_DIGIT)


NATIONAL_IDS: tuple[Rule, ...] = (
    Rule(
        "NATIONAL_ID",
        0.39,
        r"(?<![\w+.$€£₹/-])\d(?:[ ./-]?\d){8,13}(?![\w-]|[.,]\d)",
        is_identity_number,
        digit=True,
    ),
    Rule("NATIONAL_ID", 0.9, r"(?<!\w)[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?!\w)", digit=True),
    Rule(
        "NATIONAL_ID",
        0.9,
        r"(?<![\w-])(?=[A-Z\d][A-Z\d]*[(.+-]?[A-Z\d.)+-]{5})(?:\d[A-Z][A-Z\d]\d-?[A-Z][A-Z\d]\d-?[A-Z]{2}\d{2}(?![\w-])|(?<!\w)[STFGM]\d{7}[A-Z](?!\w)"
        r"|(?<![\w.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)|(?<![\w-])\d{6}[-+A]\d{3}[\dA-Y](?![\w-])|(?<![\w-])\d{6}-\d{2}-\d{4}(?![\w-])"
        r"|(?<![\w-])784-?\d{4}-?\d{7}-?\d(?![\w-])|(?<!\w)[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d(?!\w)|(?<!\w)[A-Z]{1,2}\d{6}\([\dA]\)"
        r"|(?<![\w-])\d{5}-\d{7}-\d(?![\w-])|(?<!\w)[A-Z9]{5}\d{6}[A-Z9]{2}\d[A-Z]{2}(?!\w)|(?<!\w)\d{17}X(?!\w)|(?<![\w.])\d{1,2}\.\d{3}\.\d{3}-[\dkK](?!\w))",
        digit=True,
    ),
    Rule(
        "NATIONAL_ID",
        0.9,
        r"(?<!\w)[PIAV][A-Z<][A-Z]{0,3}<+[A-Z\d<]+(?:\n[A-Z\d<]{8,})*",
        cues="<",
        across=True,
    ),
    Rule(
        "NATIONAL_ID", 0.88, r"(?<![\w.-])(?!000|666)\d{3}([./])\d{2}\1\d{4}(?![\w-])", digit=True
    ),
    Rule(
        "NATIONAL_ID",
        0.92,
        rf"(?i:\b{NATIONAL_ID_WORD}\b\.?(?: (?:number|num|no|nr|card|id|is|was|are|it['’]?s|for|the|my|of|s))*\.?[:# ]{{1,3}})"
        r"\K(?i:(?:[A-Z]{2} )?(?=[A-Z\d./-]*\d[A-Z\d./ -]*\d)[A-Z\d](?:[./-]?[A-Z\d]){1,17}(?: \d{2,4}){0,4}(?: [A-Z]\b)?)(?![\w-])",
        is_no_measure,
        cues=NATIONAL_ID_CUES,
        digit=True,
    ),
    Rule(
        "NATIONAL_ID",
        0.9,
        r"(?i:\b(?:ssn|social(?: security)?|tax id|aadh?aa?r|steuer-? ?id\w*|itin)\b[^\n\d]{0,25})\K\d(?:[ ./-]?\d){6,13}(?![\w-])",
        cues="ssn social tax aadh adhar steuer itin",
        digit=True,
    ),
    Rule(
        "NATIONAL_ID",
        0.93,
        r"(?i:\b(?:ssn|social(?: security)?|aadh?aa?r|national id|passport)(?: (?:number|no|is|was|it['’]?s))*[:, ]{1,2})\K(?i:(?:(?:double|triple) )?(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)(?:[ ,.-]{1,2}(?:(?:double|triple) )?(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)){2,12})(?!\w)",
        cues="ssn social aadh adhar national passport",
    ),
    Rule("NATIONAL_ID", 0.88, r"(?<![\w-])(?!000|666)\d{3}([- ])\d{2}\1\d{4}(?![\w-])", digit=True),
    Rule(
        "NATIONAL_ID",
        0.88,
        r"(?<![\w-])\d{8}-?[A-Z](?!\w)|(?<![\w-])[XYZ]-?\d{7}-?[A-Z](?!\w)",
        numbers.is_dni,
        digit=True,
    ),
    Rule(
        "NATIONAL_ID",
        0.88,
        r"(?<!\w)[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)",
        digit=True,
    ),
    Rule("NATIONAL_ID", 0.88, r"(?<!\w)[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z](?!\w)", digit=True),
    Rule(
        "NATIONAL_ID",
        0.88,
        r"(?<!\w)[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)",
        numbers.is_nir,
        digit=True,
    ),
    Rule(
        "NATIONAL_ID",
        0.93,
        rf"(?i:\b{NATIONAL_ID_WORD}\b(?:(?!{ID_WORD}|{PHONE_WORD})[^\d\n]){{0,30}}?)"
        r"\K(?<![A-Za-z\d])(?:[A-Z]{2} )?[A-Z]{0,6}\d(?:[ ./-]?[A-Z\d]){4,18}(?![A-Za-z\d])",
        has_four_digits,
        cues=NATIONAL_ID_CUES,
        digit=True,
    ),
    Rule(
        "NATIONAL_ID",
        0.89,
        r"(?i:\b(?:ssn|social(?: security)?(?: (?:number|no))?)(?: (?:number|no|num|is|are|was|ends?|ending|in|with|last|four|4|digits?|of|the|my|it['’]?s))*:? )\K(?<!last )\d{4}(?![\w-]|[.,]\d)",
        cues="ssn social",
        digit=True,
    ),
)
