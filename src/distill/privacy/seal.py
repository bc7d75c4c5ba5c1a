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
SAMPLE_KEY = b"public: sample corpus only"


def key(settings: Anonymize, on_sample: bool) -> bytes:
    """The secret of surrogates and seals; raises ParamsError for real data without one."""
    if on_sample:
        return SAMPLE_KEY
    name = settings.secret_env
    secret = os.environ.get(name, "")
    if not secret:
        raise ParamsError(
            f"anonymize.secret_env: the environment variable {name} is not set; set it to a long"
            " random text and do not lose it: the same secret gives the same artificial values"
        )
    return secret.encode("utf-8")


def seal(row: Row, policy: Anonymize, secret: bytes) -> str:
    """32 hexadecimal characters of HMAC-SHA256 over the policy and the row's id, channel and input.

    `max_quarantined` is left out: it does not decide what is cleared.
    """
    rules = policy.model_dump(mode="json", exclude={"max_quarantined"})
    if not policy.recognizers:
        del rules["recognizers"]  # seals from before there were any still hold
    sealed = json.dumps(["cleared", rules, row["id"], row["channel"], row["input"]], sort_keys=True)
    return hmac.digest(secret, sealed.encode("ascii"), "sha256").hex()[:32]


def is_cleared(row: Row, policy: Anonymize, secret: bytes) -> bool:
    """Whether the row carries the seal of its own id, channel and input under this policy."""
    if not row.keys() >= {"id", "channel", "input", "cleared"}:
        return False
    found = str(row["cleared"]).encode("utf-8", "replace")
    return hmac.compare_digest(found, seal(row, policy, secret).encode("ascii"))
