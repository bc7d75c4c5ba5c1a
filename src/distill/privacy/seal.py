"""The seal on a row that anonymize cleared, so that a later stage can tell.

{"id": "botchat-000123", "channel": "botchat", "input": "...", "cleared": "9f86d081884c7d65..."}
"""

import hmac
import json
import os

from distill.errors import ParamsError
from distill.privacy.settings import Anonymize
from distill.privacy.surrogates import SAMPLE_KEY
from distill.records import Row


def key(settings: Anonymize, on_sample: bool) -> bytes:
    """The secret of surrogates and seals; raises ParamsError where real data would go without."""
    if on_sample:
        return SAMPLE_KEY
    name = settings.secret_env
    secret = os.environ.get(name, "")
    if not secret:
        raise ParamsError(
            f"anonymize.secret_env: the environment variable {name} is not set; set it to a long"
            " random text, and keep it: the same secret gives the same artificial values"
        )
    return secret.encode("utf-8")


def seal(row: Row, policy: Anonymize, secret: bytes) -> str:
    """32 hexadecimal characters of HMAC-SHA256 over the row's id, channel and text.

    The settings that decide what is cleared are part of it: under others, no old seal holds.
    """
    rules = policy.model_dump(mode="json", exclude={"max_quarantined"})
    sealed = json.dumps(["cleared", rules, row["id"], row["channel"], row["input"]], sort_keys=True)
    return hmac.digest(secret, sealed.encode("ascii"), "sha256").hex()[:32]


def is_cleared(row: Row, policy: Anonymize, secret: bytes) -> bool:
    """Whether the row carries the seal of this very id, channel and text, policy and secret."""
    if not row.keys() >= {"id", "channel", "input", "cleared"}:
        return False
    found = str(row["cleared"]).encode("utf-8", "replace")
    return hmac.compare_digest(found, seal(row, policy, secret).encode("ascii"))
