"""The types of personal data, and what a policy may do with each."""

from typing import Literal

TYPES = (
    "PERSON",
    "EMAIL",
    "PHONE",
    "ADDRESS",
    "CREDIT_CARD",
    "IBAN",
    "IP",
    "USERNAME",
    "DATE_OF_BIRTH",
    "NATIONAL_ID",
    "PASSWORD",
    "SECURITY_ANSWER",
    "ACCOUNT_ID",
    "ORDER_ID",
    "ITEM_ID",
    "RETURN_ID",
    "CASE_ID",
    "TRANSACTION_ID",
    "REFERENCE_ID",
    "UNKNOWN",  # in mode strict: a word outside the ordinary vocabulary
)
# Numbers that stand for things: whichever of these a number is taken for, its surrogate is one.
IDENTIFIERS = frozenset(name for name in TYPES if name.endswith("_ID") and name != "NATIONAL_ID")

Action = Literal["replace", "keep", "mask", "drop"]
NER_KINDS = ("spacy", "transformers", "gliner")
