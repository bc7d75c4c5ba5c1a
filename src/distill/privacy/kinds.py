"""Types of personal data, what a policy may do with each, and why a detection may fail."""

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
    "DEVICE_ID",
    "VEHICLE_ID",
    "LOCATION",  # coordinates
    "UNKNOWN",  # a word outside the vocabulary of mode strict, or an added recognizer's own type
)
KEEP = "KEEP"  # the type of a value that must stay, such as a price
# Numbers of things. One value has one surrogate, whichever of these types it is taken for.
IDENTIFIERS = frozenset(name for name in TYPES if name.endswith("_ID") and name != "NATIONAL_ID")

Action = Literal["replace", "keep", "mask", "drop"]
NER_KINDS = ("spacy", "transformers", "gliner")


class DetectionError(Exception):
    """A text could not be searched, so that nothing may be said about what is personal in it.

    `reason` is the slug under which its row is quarantined: "detection_timed_out", or
    "detection_failed:<exception>" where an added model or recognizer raised one.
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason
