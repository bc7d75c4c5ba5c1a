"""The id of a row, which may itself be personal: "ana.ruiz@mail.example", "maria-lopez-3"."""

import hmac
import re

from distill.privacy.find.detect import find
from distill.privacy.kinds import IDENTIFIERS

# A plain number, shorter than a card's, a UUID or a digest.
_NUMBER = re.compile(
    r"\d{1,12}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32,}", re.IGNORECASE
)
# An interaction's id is an identifier, and often looks like a user name: "chat_0001".
_OF_NOBODY = IDENTIFIERS | {"USERNAME"}


def without_person(raw_id: str, secret: bytes) -> str:
    """The id, or where it holds personal data 16 hexadecimal characters of its HMAC-SHA256."""
    if _NUMBER.fullmatch(raw_id) or not _is_personal(raw_id):
        return raw_id
    told = b"id\x1f" + raw_id.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, told, "sha256").hex()[:16]


def _is_personal(raw_id: str) -> bool:
    """Whether anything is found in the id as it is, or in its words: "maria_lopez.3"."""
    words = re.sub(r"[\W\d_]+", " ", raw_id)
    try:
        found = [*find(raw_id), *find(words)]
    except TimeoutError:
        return True
    return any(span.type not in _OF_NOBODY for span in found)
