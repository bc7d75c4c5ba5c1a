# ruff: noqa: E501 - a pattern is easier to read on one line
"""Phone numbers: international, by national format, or by the word before them.

"+49 30 9018 20", "(555) 234-9876", "call me on 98 76 54 32 10", "5552349876".
"""

from distill.privacy.find import numbers
from distill.privacy.find.rules.rule import ID_WORD, PHONE_WORD, Rule

PHONES: tuple[Rule, ...] = (
    Rule(
        "PHONE",
        0.88,
        r"(?<![\w.+-])(?<!\+\d{1,3} ?)(?:\(0\d{0,4}\)|0\d{2,4})[ ]?\d{3}[ ]\d{3,4}(?![\w-]| \d)|(?<![\w.+-])0\d(?:[ .]\d\d){4}(?![\w-])",
        digit=True,
    ),
    Rule(
        "PHONE",
        0.87,
        r"(?<![\w.+])\+\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){2,6}(?: ?(?:x|ext\.?) ?\d{1,5})?(?!\w)",
        numbers.has_phone_length,
        digit=True,
    ),
    Rule(
        "PHONE",
        0.82,
        r"(?<![\w-])(?:\d{1,2}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?: ?(?:x|ext\.?) ?\d{1,5})?(?![\w-])",
        digit=True,
    ),
    Rule(
        "PHONE",
        0.7,
        r"(?<![\w.-])\(?0\d{1,4}\)?(?:[ /.-]?\d{2,5}){1,4}(?![\w-])",
        numbers.has_phone_length,
        digit=True,
    ),
    Rule(
        "PHONE",
        0.9,
        rf"(?i:\b{PHONE_WORD}(?:(?!{ID_WORD}|\d)[^\n]){{0,40}}?)"
        r"\K(?<![\w$€£])[+(]?\d[\d ().\-/]{5,18}\d(?![\w-])",
        numbers.has_phone_length,
        cues="phone tel mobile cell call text reach whatsapp fax contact handy portable tél móvil movil llam llám anruf erreich joindre appele chiam rufnummer",
        digit=True,
    ),
    Rule(
        "PHONE",
        0.4,
        r"(?<![\w$€£.-])[2-9]\d{9}(?!\w|-(?!(?i:fax|office|home|mobile|cell|work)\b))",
        digit=True,
    ),
    Rule(
        "PHONE", 0.4, r"(?<![\w-])\d{3}-\d{4}(?![\w-])|(?<![\w-])\d{5} \d{5,6}(?![\w-])", digit=True
    ),
    Rule(
        "PHONE",
        0.42,
        r"(?<![\w$€£.,/+-])(?!(?:19|20)\d\d-(?:19|20)\d\d\b)\(?\d{2,4}\)?(?:[ .-]\d{2,4}){0,4}[ .-]\d{2,7}(?![\w/]|[-.,]\d)",
        numbers.has_phone_length,
        digit=True,
    ),
)
