"""Ids of rows, which may themselves be personal: "ana.ruiz@mail.example", "maria-lopez-3"."""

import hmac
import re

from distill.privacy.find.detect import find
from distill.privacy.kinds import IDENTIFIERS, DetectionError

# Up to 12 digits (cards have more), a UUID or a digest.
_NUMBER = re.compile(
    r"\d{1,12}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32,}", re.IGNORECASE
)
# Types that do not make an id personal: it is an identifier, and often looks like a user name.
_IMPERSONAL = IDENTIFIERS | {"USERNAME"}


def without_person(raw_id: str, secret: bytes) -> str:
    """The id itself, or 16 hexadecimal characters of its HMAC-SHA256 where it is personal."""
    if _NUMBER.fullmatch(raw_id) or not _is_personal(raw_id):
        return raw_id
    message = b"id\x1f" + raw_id.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, message, "sha256").hex()[:16]


def _is_personal(raw_id: str) -> bool:
    """Whether personal data is found in the id or in its words ("maria_lopez.3")."""
    words = re.sub(r"[\W\d_]+", " ", raw_id)
    try:
        found = [*find(raw_id), *find(words)]
    except DetectionError:
        return True
    return any(span.type not in _IMPERSONAL for span in found)
