# ruff: noqa: E501 - a pattern is easier to read on one line
"""Bank accounts and cards: by check digit, or by the word before a number without a valid one.

"DE89 3704 0044 0532 0130 00", "4111-1111-1111-1111", "my card 4111 2222 3333 4444".
"""

from distill.privacy.find import numbers
from distill.privacy.find.rules.rule import ID_WORD, Rule

PAYMENT: tuple[Rule, ...] = (
    Rule(
        "IBAN",
        0.99,
        r"(?<![A-Za-z\d])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z\d]{4}){2,7}(?:[ -]?[A-Za-z\d]{1,3})?(?![A-Za-z\d])",
        numbers.is_iban,
    ),
    Rule(
        "IBAN",
        0.97,
        r"(?i:\biban\b[^\n\d]{0,20}?)\K(?i:[A-Z]{2}\d{2}(?: ?[A-Z\d]{2,4}){3,8})(?![A-Za-z\d])",
        cues="iban",
    ),
    Rule(
        "CREDIT_CARD",
        0.97,
        r"(?<![\w+.-])(?:\d{13,19}|\d{4}(?:[ -]\d{3,6}){2,4})(?![\w-])",
        numbers.is_card,
    ),
    Rule("CREDIT_CARD", 0.8, r"(?<![\w+.-])\d(?:[ -]?\d){12,18}(?![\w-])", numbers.is_card),
    Rule(
        "CREDIT_CARD",
        0.9,
        rf"(?i:\b(?:card|visa|mastercard|amex|tarjeta|carte|karte|carta)\b(?:(?!{ID_WORD})[^\d\n]){{0,30}}?)"
        r"\K\d(?:[ -]?\d){11,18}(?![\w-])",
        cues="card visa amex tarjeta carte karte carta",
    ),
    Rule(
        "CREDIT_CARD",
        0.6,
        r"(?<![\w+.-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])",
    ),
)
