"""The seal of a cleared row, an HMAC by which later stages know that anonymize has passed it.

{"id": "botchat-000123", "channel": "botchat", "input": "...", "cleared": "9f86d081884c7d65..."}
"""

import hmac
import json
import os

from distill.errors import ParamsError
from distill.privacy.settings import Anonymize
from distill.records import Row

# The sample corpus is made up and public, and so is its key: every clone makes the same values.
_GUESSED = (
    "password",
    "passwort",
    "secret",
    "distill",
    "changeme",
    "letmein",
    "qwertyuiop",
    "distill_secret",
    "admin",
    "welcome",
    "anonymize",
    "test",
    "example",
    "your secret here",
    "mysecret",
    "supersecret",
    "qwertyuiopasdfghjkl",
    "abcdefghijklmnopqrstuvwxyz",
    "long random text",
    "a long random text",
)
SAMPLE_KEY = b"public: sample corpus only"


_SHORTEST = 12  # characters of a secret
_FEWEST = 6  # different characters


def derived(secret: bytes, use: str) -> bytes:
    """A key for one use, from which neither the secret nor the key of another use can be told."""
    return hmac.digest(secret, b"distill\x1f" + use.encode("ascii"), "sha256")


def key(settings: Anonymize, on_sample: bool) -> bytes:
    """The secret; raises ParamsError for real data without one, or with one that can be guessed."""
    if on_sample:
        return SAMPLE_KEY
    name = settings.secret_env
    secret = os.environ.get(name, "")
    if not secret:
        raise ParamsError(
            f"anonymize.secret_env: the environment variable {name} is not set; set it to a long"
            " random text and do not lose it: the same secret gives the same artificial values"
        )
    if is_guessable(secret):
        raise ParamsError(
            f"anonymize.secret_env: the value of {name} can be guessed; set it to a random text,"
            " such as the output of `openssl rand -hex 32`"
        )
    return secret.encode("utf-8")


def is_guessable(secret: str) -> bool:
    """Whether a secret is short, repeats few characters, is a date or number, or one plain word."""
    plain = secret.strip().casefold()
    if len(plain) < _SHORTEST or len(set(plain)) < _FEWEST:
        return True
    stem = plain.strip("0123456789!?.$#*_- ")
    return not stem or any(stem == word * (len(stem) // len(word)) for word in _GUESSED)


def seal(row: Row, policy: Anonymize, secret: bytes) -> str:
    """32 hexadecimal characters of HMAC-SHA256 over the policy and the row's id, channel and input.

    `max_quarantined` is left out: it does not decide what is cleared.
    """
    rules = policy.model_dump(mode="json", exclude={"max_quarantined"})
    if not policy.recognizers:
        del rules["recognizers"]  # seals from before there were any still hold
    sealed = json.dumps(["cleared", rules, row["id"], row["channel"], row["input"]], sort_keys=True)
    return hmac.digest(derived(secret, "seal"), sealed.encode("ascii"), "sha256").hex()[:32]


def is_cleared(row: Row, policy: Anonymize, secret: bytes) -> bool:
    """Whether the row carries the seal of its own id, channel and input under this policy."""
    if not row.keys() >= {"id", "channel", "input", "cleared"}:
        return False
    found = str(row["cleared"]).encode("utf-8", "replace")
    return hmac.compare_digest(found, seal(row, policy, secret).encode("ascii"))
