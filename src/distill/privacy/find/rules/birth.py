# ruff: noqa: E501 - a pattern is easier to read on one line
"""Dates of birth: a date with a cue, or of a year in which a customer may have been born.

"born on March 3, 1985", "DOB 03/14/1985". Other dates stay, see stays.py.
"""

from distill.privacy.find.rules.rule import DATE, Rule

DATES_OF_BIRTH: tuple[Rule, ...] = (
    Rule(
        "DATE_OF_BIRTH",
        0.95,
        r"(?i:\b(?:date of b\w+|b\w{1,3}rt+h\w*|b-?day|d\.?o\.?b\b\.?|born|nacimiento|nac[íi](?:do|da)?|naissance|né|née"
        r"|geburts\w*|geboren|geb\.|nascita|nat[oa])(?:(?!\d)[^\n]){0,25}?)"
        rf"\K(?<!\d){DATE}(?!\d)",
        cues="b",
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.95,
        rf"(?i:birth[^\n]{{0,80}}\n[^:\n]{{1,20}}: [^\d\n]{{0,30}}?)\K(?<!\d){DATE}(?!\d)",
        cues="birth",
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.92,
        rf"(?<![\w-])(?={DATE}(?![\w-]))[^\n\d]{{0,12}}(?:\d{{1,2}}\D{{1,12}}){{0,2}}(?:19[2-9]\d|200[0-7])(?![\w-])|(?<![\w-])(?:19[2-9]\d|200[0-7])-\d\d-\d\d(?![\w-])",
        cues="192 193 194 195 196 197 198 199 200",
    ),
)
