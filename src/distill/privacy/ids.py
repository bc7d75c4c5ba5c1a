"""Ids of rows, which may be personal: "ana.ruiz@mail.example", "919876543210", "jsmith"."""

import hmac
import re

from distill.privacy.find.words import is_any_name, is_day, is_english

# A UUID or a digest.
_RANDOM = re.compile(r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32,}", re.IGNORECASE)
# A counter: six digits at most, or zeros in front. A longer number may be a phone's or a person's.
_COUNTER = re.compile(r"(?:00\d*|\d{1,6})")
_SPLITS = ("dev", "eval", "heldout", "holdout", "val")
_WORDS = frozenset(
    ("conv", "msg", "dlg", "sess", "utt", "doc", "req", "id", "idx", "no", "nr", "num", *_SPLITS)
)
_MOST = 8  # digits of an id, as a date has; a card's number in groups has more


def without_person(raw_id: str, secret: bytes) -> str:
    """The id itself, or 16 hexadecimal characters of its HMAC-SHA256 where it may be personal."""
    if _RANDOM.fullmatch(raw_id) or not _may_be_personal(raw_id):
        return raw_id
    message = b"id\x1f" + raw_id.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, message, "sha256").hex()[:16]


def _may_be_personal(raw_id: str) -> bool:
    """Whether an id has more than plain English words and counters: "maria_lopez.3", "jsmith"."""
    parts = re.findall(r"\d+|[^\W\d_]+", raw_id)
    numbers = [part for part in parts if part[0].isdigit()]
    counted = all(_COUNTER.fullmatch(number) for number in numbers)
    digits = sum(len(number) for number in numbers if not number.startswith("00"))
    words = (part for part in parts if not part[0].isdigit())
    return not counted or digits > _MOST or "@" in raw_id or not all(map(_is_plain, words))


def _is_plain(word: str) -> bool:
    return word.casefold() in _WORDS or is_day(word) or (is_english(word) and not is_any_name(word))
