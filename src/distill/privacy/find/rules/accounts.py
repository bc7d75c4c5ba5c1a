# ruff: noqa: E501 - a pattern is easier to read on one line
"""Numbers of orders, items, transactions and accounts, by their format alone.

"07-11223-45678", "110012345678", "2087341190012T", "KX77PWVAJ2", "the card ending in 4412". Numbers
that only the word before them explains are found in identifiers.py.
"""

from distill.privacy.find.rules.rule import Rule

ACCOUNTS: tuple[Rule, ...] = (
    Rule("ORDER_ID", 0.91, r"(?<![\w+-])\d{2,4}-\d{5,8}-\d{5,8}(?![\w-])", digit=True),
    Rule("ITEM_ID", 0.91, r"(?<![\w+-])[1-3]\d{11}(?!\w)", digit=True),
    Rule("TRANSACTION_ID", 0.91, r"(?<![\w+-])\d{13}T(?!\w)", digit=True),
    Rule(
        "ORDER_ID",
        0.5,
        r"(?i:\b(?:r\w*t\w*|ca\w{2,3}|or\w{2,4}|it\w{2,3}) (?:number |no\.? |# ?)?)\K\d{10}(?![\w-])",
        digit=True,
    ),
    Rule("ACCOUNT_ID", 0.45, r"(?<![\w$€£.,+-])\d{8,20}(?![\w-]|[.,]\d)", digit=True),
    Rule(
        "ACCOUNT_ID",
        0.45,
        r"(?<![\w@./#_-])(?=[A-Z]*\d[A-Z]*\d|[A-Z]{2,}\d)(?=[A-Z\d]*[A-Z])[A-Z\d]{8,20}(?![\w@-])",
        digit=True,
    ),
    Rule(
        "ACCOUNT_ID",
        0.44,
        r"(?<![\w@./#_-])(?:\p{L}++\d|\d++\p{L}++\d)[\p{L}\d]{4,17}+(?<=\d\p{L}*\d\p{L}*)(?<=[\p{L}\d]{8})(?![\w@-])",
        digit=True,
    ),
    Rule(
        "ACCOUNT_ID",
        0.84,
        r"(?i:\b(?:last (?:four|five|4|5)(?: digits?| numbers?)?|end(?:s|ing) (?:in|with))(?: (?:of|the|my|your|this|that|card|debit|credit|account|number|ssn|social|security|phone|is|are|was|it['’]?s|they['’]?re))*:? )\K\d{4,5}(?![\w-]|[.,]\d| digits?\b)",
        cues="last end",
        digit=True,
    ),
    Rule("ACCOUNT_ID", 0.62, r"^(?:[^:\n]{1,20}: )?\s*\K\d{4,}(?=[.!]?\s*$)", digit=True),
)
