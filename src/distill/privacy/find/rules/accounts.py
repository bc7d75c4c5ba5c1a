# ruff: noqa: E501 - a pattern is easier to read on one line
"""Numbers of orders, items, transactions and accounts, by their format alone.

"07-11223-45678", "110012345678", "2087341190012T", "KX77PWVAJ2", "the card ending in 4412". Numbers
that only the word before them explains are found in identifiers.py.
"""

from itertools import pairwise

from distill.privacy.find.lexicon import words_of
from distill.privacy.find.rules.rule import Rule

_SAID = r"(?:(?:double|triple|treble) )?(?:zero|oh|nought|naught|one|two|three|four|five|six|seven|eight|nine)"
_SPELLED = rf"(?:[a-z] (?:as in|like in|like|for) \p{{L}}+|{_SAID}|\d{{1,4}}|[a-z])"


def is_no_counting(text: str) -> bool:
    """Whether four digits or more are said, and not "one, two, three, four"."""
    said = [_VALUES.get(word, word) for word in words_of(text.casefold())]
    counted = all(b == a + 1 for a, b in pairwise(v for v in said if isinstance(v, int)))
    return not counted and len(said) > 3


_SAID_WORDS = "zero one two three four five six seven eight nine"
_VALUES = {word: value for value, word in enumerate(_SAID_WORDS.split())} | {"oh": 0}

ACCOUNTS: tuple[Rule, ...] = (
    Rule(
        "ACCOUNT_ID",
        0.88,
        rf"(?i)(?<![\w-]){_SAID}(?:[ ,.-]{{1,2}}(?:and )?{_SAID}){{2,}}(?![\w-])",
        is_no_counting,
        cues="zero oh nought naught one two three four five six seven eight nine",
    ),
    Rule(
        "ACCOUNT_ID",
        0.95,
        rf"(?i)(?<![\w-])(?:{_SPELLED}[ ,.-]{{1,3}}(?:(?:and|then) )?)*[a-z] as in \p{{L}}+(?:[ ,.-]{{1,3}}(?:(?:and|then) )?{_SPELLED}(?![\w]))*",
        cues=" as",
    ),
    Rule(
        "ACCOUNT_ID",
        0.95,
        r"(?i)(?<![\w-])([a-z]) (?:for|like) (?:the )?\1[\p{L}-]+(?:[ ,.-]{1,3}(?:(?:and|then) )?(?:([a-z]) (?:for|like) (?:the )?\2[\p{L}-]+|\d{1,4}(?!\w)))+",
        cues="for like",
    ),
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
        r"(?<![\w@./#_-])(?:\p{Latin}++\d|\d++\p{Latin}++\d)[\p{Latin}\d]{4,17}+(?<=\d\p{Latin}*\d\p{Latin}*)(?<=[\p{Latin}\d]{8})(?![\w@-])",
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
