# ruff: noqa: E501 - a pattern is easier to read on one line
"""What must stay although a weaker rule would take it for a phone, a name or an account.

"$24.99", "March 3, 2025" without a cue of birth, "Item: Marshall Amp 1960", "coupon BIGDEAL".
"""

from distill.privacy.find.rules.rule import DATE, Rule
from distill.privacy.kinds import KEEP

WHAT_STAYS: tuple[Rule, ...] = (
    Rule(
        KEEP,
        0.6,
        r"(?<!\w)(?:[$€£₹]|(?:Rs|USD|EUR|GBP|INR)\.?) ?\d[\d.,]*\d|\b\d+[.,]\d{2}\b",
        digit=True,
    ),
    Rule(KEEP, 0.91, rf"(?<![\w-]|\d[./]){DATE}(?![\w-]|[./]\d)", digit=True),
    Rule(
        KEEP,
        0.86,
        r"^(?i:item(?: name| title)?|product|title|topic): \K[^\n]+",
        cues="item product title topic",
    ),
    Rule(
        KEEP,
        0.86,
        r"(?i:\b(?:promo\w*|coupon|discount|voucher|offer|code|model|sku)(?: \w+){0,3}[:#]? [\"'“]?)\K(?:(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{4,20}|(?-i:\p{Lu}{4,20})(?!\w))",
        cues="promo coupon discount voucher offer code model sku",
    ),
)
