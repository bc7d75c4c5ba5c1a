# ruff: noqa: E501 - a pattern is easier to read on one line
"""Dates of birth: a date with a cue, or of a year in which a customer may have been born.

"born on March 3, 1985", "DOB 03/14/1985". Other dates stay, see stays.py.
"""

import re

from distill.privacy.find.rules.rule import DATE, MONTH, Rule


def is_no_count(text: str) -> bool:
    """Whether the text holds more than one number of one or two digits."""
    return re.fullmatch(r"['’]?\d{1,2}", text) is None or text[0] in "'’"


_BORN = (
    r"(?:date of b\w+|b\w{1,3}rt+h ?(?:day|date)?|b-?day|d\.?o\.?b\b\.?|born|nacimiento|nac[íi](?:do|da)?|naissance|né|née"
    r"|geburts\w*|geboren|geb\.|nascita|nat[oa]|urodzon\w*|född|født|syntynyt|janam)"
)
_CUES = "dob d.o.b do.b d.ob bday b-day birt rth rtth ^date born ^nac ^nais né ^nat nascita ^geb urodzon född født syntynyt janam"
_SAID_DAY = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirtieth|thirty[- ]first)"
_TENS = r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|oh[- ](?:one|two|three|four|five|six|seven|eight|nine)|hundred)"
_SAID_YEAR = rf"(?:(?:nineteen|twenty)[ -]{_TENS}|two thousand(?:(?: and)? (?:{_TENS}|one|two|three|four|five|six|seven|eight|nine))?|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ](?:one|two|three|four|five|six|seven|eight|nine)(?!\w)|['’]\d\d|(?:19|20)?\d\d(?!\w))"
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.)?|{_SAID_DAY})"
# A date as people say or abbreviate it; each has a month's name or three numbers.
SAID_DATE = (
    rf"(?i:(?:the )?{_DAY}[ /.,-]{{1,2}}(?:of |de |day of )?{MONTH}\b\.?(?:[ /.,-]{{1,3}}(?:of |de |in )?{_SAID_YEAR})?"
    rf"|{MONTH}\b\.?[ /.,-]{{1,2}}(?:the )?{_DAY}(?!\w)(?:[ /.,-]{{1,3}}(?:of |in )?{_SAID_YEAR})?"
    rf"|{MONTH}\b\.?,? (?:of |in |de )?{_SAID_YEAR}(?:,? on the {_DAY}(?!\w))?"
    r"|\d{1,2} ?[ /.,-] ?\d{1,2} ?[ /.,-] ?(?:19|20)?\d\d(?![\d%])|\d{1,2}[/.]\d{1,2}\.?(?![\d%]|[/.-]| ?(?:hours?|hrs|days?|business|am|pm|%))|(?:19|20)\d\d[ /.-]\d{1,2}[ /.-]\d{1,2}|(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d|[0-3]\d(?:0[1-9]|1[0-2])(?:19|20)\d{2}|(?:19[2-9]|200)\d(?!\w)"
    rf"|{_SAID_YEAR}(?!\d))"
)

DATES_OF_BIRTH: tuple[Rule, ...] = (
    Rule(
        "DATE_OF_BIRTH",
        0.94,
        rf"(?i:\b{_BORN}(?:(?![\d\n.!?]|\b(?:order|deliver\w*|ship\w*|gift|party|present)\b).){{0,25}}?(?<![\w])(?:on |in |is |am |est |le |el |del |:|= ?|)(?:the )?)\K(?<![\w])(?=\d|['’]\d|(?i:{MONTH}|{_SAID_DAY}|nineteen|two thousand|twenty))(?:{SAID_DATE})(?![\w])",
        is_no_count,
        cues=_CUES,
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.94,
        rf"(?i:\b(?:birth|born|dob|d\.o\.b|b-?day|geburt|naissance|nacimiento)[^\n]{{0,80}}\n[^:\n]{{1,20}}:[^\d\n]{{0,20}}?)\K(?<![\w])(?:{SAID_DATE})(?![\w])",
        is_no_count,
        cues="birth born dob d.o.b day geburt naissance nacimiento",
        across=True,
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.93,
        r"(?i:(?:birth|born|dob|d\.o\.b|b-?day)[^\n]{0,60}\n?[^\n]{0,60}\byear(?: (?:is|was|of|birth|it['’]?s))*:? )\K['’]?\d{2}(?:\d{2})?(?!\w)",
        cues="birth born dob d.o.b day",
        digit=True,
        across=True,
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.95,
        r"(?i:\b(?:date of b\w+|b\w{1,3}rt+h\w*|b-?day|d\.?o\.?b\b\.?|born|nacimiento|nac[íi](?:do|da)?|naissance|né|née"
        r"|geburts\w*|geboren|geb\.|nascita|nat[oa])(?:(?!\d)[^\n]){0,25}?)"
        rf"\K(?<!\d){DATE}(?!\d)",
        cues=_CUES,
        digit=True,
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.95,
        rf"(?i:birth[^\n]{{0,80}}\n[^:\n]{{1,20}}: [^\d\n]{{0,30}}?)\K(?<!\d){DATE}(?!\d)",
        cues="birth",
        digit=True,
        across=True,
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.92,
        rf"(?<![\w-])(?={DATE}(?![\w-]))[^\n\d]{{0,12}}(?:\d{{1,2}}\D{{1,12}}){{0,2}}(?:19[2-9]\d|200[0-7])(?![\w-])|(?<![\w-])(?:19[2-9]\d|200[0-7])-\d\d-\d\d(?![\w-])",
        cues="192 193 194 195 196 197 198 199 200",
        digit=True,
        across=True,
    ),
)
