# ruff: noqa: E501 - a pattern is easier to read on one line
"""Bank accounts and cards: by check digit, or by the word before a number without a valid one.

"DE89 3704 0044 0532 0130 00", "4111-1111-1111-1111", "my card 4111 2222 3333 4444".
"""

from distill.privacy.find import numbers
from distill.privacy.find.rules.rule import ID_WORD, Rule

# Words between an announcement and what it announces.
SAYS = r"(?: (?:is|was|are|it['’]?s|the|my|our|your|of|on|for|with|in|this|that|card|account|number|numbers|num|no|digits?|here|as|has|visa|debit|credit|mastercard|amex|phone|ssn|aadhaar|order|order id))*"

PAYMENT: tuple[Rule, ...] = (
    Rule(
        "CREDIT_CARD",
        0.9,
        rf"(?i:\b(?:(?:start|begin)(?:s|ning|ing)?|first (?:four|five|six|eight|4|5|6|8))\b{SAYS}[: ]{{1,3}})\K\d{{4}}(?:[ -]?\d{{1,4}})?(?![\w-]|[.,]\d| (?:days?|weeks?|hours?))",
        cues="start begin first",
        digit=True,
    ),
    Rule(
        "ACCOUNT_ID",
        0.88,
        rf"(?i:\b(?:end(?:s|ed|ing)?|last (?:three|four|five|six|3|4|5|6))\b{SAYS}[:., ]{{1,3}})\K\d(?:[ -]?\d){{2,5}}(?![\w-]|[.,:/]\d| ?(?:digits?|%|days?|weeks?|hours?|hrs?|months?|years?|times?|minutes?|min|orders?|items?|rs|dollars?|am|pm)\b)(?<!(?:19|20)\d\d)",
        cues="end last",
        digit=True,
    ),
    Rule(
        "ACCOUNT_ID",
        0.86,
        r"(?i:\b(?:last (?:few |three |four |five |six |[3-6] )?(?:digits?|numbers?)|ends? (?:in|with)|(?:ending|final) (?:digits?|in|with))\b[^\n]{0,80}\n[^:\n]{1,20}:(?: (?:it['’]?s|its|it is|they['’]?re|they are|that['’]?s|yes|yeah|sure|ok|okay|um|uh|so|the|last|four|4|digits?|are|is|ending|with|in|here|you|go)[,.:]?)* )\K\d(?:[ -]?\d){2,6}(?![\w-])",
        cues="last end final",
        digit=True,
        across=True,
    ),
    Rule(
        "ACCOUNT_ID",
        0.935,
        rf"(?i:\b(?:sort ?code|sort|bsb|routing|transit|aba|institution|branch)\b(?: ?(?:code|number|num|no|nr))?\.?{SAYS}[:# ]{{1,3}})\K\d(?:[ .-]?\d){{4,8}}(?![\w-])",
        cues="sort bsb routing transit aba institution branch",
        digit=True,
    ),
    Rule(
        "ACCOUNT_ID",
        0.9,
        rf"(?i:\b(?:acc(?:oun)?t|acc|a/c|ac|konto|kontonr|compte|cuenta|conto|rekening|clabe|iban|bank)\b(?: ?(?:number|num|no|nr|id|#))?\.?{SAYS}[:# ]{{1,3}})\K\d(?:[ .-]?\d){{4,21}}(?![\w-]|[.,]\d| ?(?:rs|dollars?|euros?|pounds?|%|days?|times?|orders?|items?)\b)",
        cues="ac konto compte cuenta conto rekening clabe iban bank",
        digit=True,
    ),
    Rule("ACCOUNT_ID", 0.9, r"(?<!\w)[A-Z]{4}0[A-Z\d]{6}(?!\w)", digit=True),
    Rule(
        "ACCOUNT_ID",
        0.9,
        r"(?i:\b(?:bic|swift)(?: code| is|:)* )\K[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?(?!\w)",
        cues="^bic ^swift",
    ),
    Rule("ACCOUNT_ID", 0.6, r"(?<![\w-])\d{2}-\d{2}-\d{2}(?![\w-])(?<!-(?:19|20)\d\d)", digit=True),
    Rule(
        "CREDIT_CARD",
        0.9,
        r"(?i:\b(?:exp(?:iry|iration|ires|iring|ire)?|valid (?:thru|until|till|to|through)|good thru)\b(?: (?:date|is|on|card|the|of|my))*[:. ]{1,3})\K(?:0[1-9]|1[0-2]|[1-9])(?:/|-| / )(?:20)?[2-4]\d(?![\w/-])",
        cues="exp valid thru",
        digit=True,
    ),
    Rule(
        "IBAN",
        0.99,
        r"(?<![A-Za-z\d])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z\d]{4}){2,7}(?:[ -]?[A-Za-z\d]{1,3})?(?![A-Za-z\d])",
        numbers.is_iban,
        digit=True,
    ),
    Rule(
        "IBAN",
        0.97,
        r"(?i:\biban\b[^\n\d]{0,20}?)\K(?i:[A-Z]{2}\d{2}(?: ?[A-Z\d]{2,4}){3,8})(?![A-Za-z\d])",
        cues="iban",
        digit=True,
    ),
    Rule(
        "CREDIT_CARD",
        0.97,
        r"(?<![\w+.-])(?:\d{13,19}|\d{4}(?:[ .-]\d{3,6}){2,4})(?![\w-])",
        numbers.is_card,
        digit=True,
    ),
    Rule(
        "CREDIT_CARD",
        0.8,
        r"(?<![\w+.-])\d(?:[ -]?\d){12,18}(?![\w-])",
        numbers.is_card,
        digit=True,
    ),
    Rule(
        "CREDIT_CARD",
        0.9,
        rf"(?i:\b(?:card|visa|mastercard|amex|tarjeta|carte|karte|carta)\b(?:(?!{ID_WORD})[^\d\n]){{0,30}}?)"
        r"\K\d(?:[ -]?\d){11,18}(?![\w-])",
        cues="card visa amex tarjeta carte karte carta",
        digit=True,
    ),
    Rule(
        "CREDIT_CARD",
        0.66,
        r"(?<![\w+.-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])",
        digit=True,
    ),
)
