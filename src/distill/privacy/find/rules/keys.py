# ruff: noqa: E501 - a pattern is easier to read on one line
r"""Keys, tokens and one-time codes by their shape, and what a link carries.

"sk-proj-9aF3k...", "ghp_16C7...", "AKIA...", "eyJhb....eyJz....dBj...", "https://shop.example/reset?
token=9f86d0", "https://user:pass@host", "G-482913", "-----BEGIN PRIVATE KEY-----".
"""

import math
from collections import Counter
from itertools import pairwise

from distill.privacy.find.lexicon import words_of
from distill.privacy.find.rules.rule import Rule
from distill.privacy.find.words import is_english

_LEAST_BITS = 3.2  # entropy of a random key's signs; a word of 20 letters has about 3
# Names of parameters in a link whose values are keys or name somebody.
_KEYS = r"(?:\w*(?:token|secret|passw?o?r?d?|pwd|otp|session|sess|sid|auth|sig|signature|key|ticket|nonce|hash|magic|invite|reset|verif\w*|confirm\w*|e?mail|user\w*|login|phone|tel|mobile|name|account|acct|order|uid|cust\w*|member)\w*|code|jwt|t|k|u|id|pin|state)"


def is_random(text: str) -> bool:
    """Whether the signs of a text are those of a key: letters and digits mixed, no words joined."""
    kinds = [any(map(kind, text)) for kind in (str.islower, str.isupper, str.isdigit)]
    if sum(kinds) < 2 or not any(map(str.isalpha, text)):
        return False
    count = Counter(text)
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in count.values())
    letters = sum(map(str.isalpha, text))
    said = sum(len(word) for word in words_of(text) if len(word) > 3 and is_english(word))
    switches = sum(a.isdigit() != b.isdigit() for a, b in pairwise(text))
    cases = sum(a.islower() and b.isupper() for a, b in pairwise(text))
    return bits >= _LEAST_BITS and 2 * said < letters and switches + cases > 2


KEYS: tuple[Rule, ...] = (
    Rule(
        "PASSWORD",
        0.98,
        r"-----BEGIN [A-Z ]*(?:KEY|CERTIFICATE)[A-Z ]*-----[^-]*(?:-----END [A-Z ]*-----)?",
        cues="-----begin",
        across=True,
    ),
    Rule(
        "PASSWORD",
        0.97,
        r"(?<![\w-])(?=[\w.-]{16})(?:(?:sk|pk|rk|api|key|pat|tok|token|secret|whsec|npm|hf|glpat|shpat|dop_v1|lin_api|gh[pousr]|github_pat|xox[abeprs]|ya29|AIza|SG)[-_.]?(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])(?:[\w-]+\.)*[\w-]{16,}|(?:AC|SK)[\da-f]{32})(?![\w-])",
        is_random,
        digit=True,
    ),
    Rule("PASSWORD", 0.97, r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){0,2}", cues="eyj"),
    Rule(
        "PASSWORD",
        0.9,
        r"(?<![\w.@/+=-])(?=[\w+/=-]{20})(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])(?:[\w+=-]|(?<=\w)/(?=\w)){20,}(?![\w@])",
        is_random,
        digit=True,
    ),
    Rule("PASSWORD", 0.97, r"(?<![\w-])A[KSGN]IA[A-Z0-9]{12,}(?![\w-])"),
    Rule("PASSWORD", 0.92, r"(?<![\w-])[GF]B?-\d{5,8}(?![\w-])", digit=True),
    Rule(
        "PASSWORD",
        0.97,
        r"(?i)(?<![\w-])(?:[\w-]*(?:session|token|csrf|xsrf|jwt)[\w-]*|sid|phpsessid|jsessionid|auth)=\K(?=[^\s;&\"']*\d)[^\s;&\"',]{6,}(?<![.!?])",
        cues="=",
        digit=True,
    ),
    Rule("PASSWORD", 0.96, r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)", cues="://"),
    Rule(
        "PASSWORD",
        0.97,
        rf"(?i)(?:https?://|www\.)[^\s<>\"]{{1,300}}?[?&#;]{_KEYS}=\K[^\s&#<>\"';]{{2,}}",
        cues="://www.",
    ),
    Rule(
        "PASSWORD",
        0.96,
        r"(?i)(?:https?://|www\.|\b[\w-]+\.[a-z]{2,6}/)[^\s<>\"]{0,200}?(?:reset|verif\w*|confirm\w*|invit\w*|activat\w*|magic|login|signin|auth|token|recover\w*|unsubscribe|one-?time|otp|join|share|track\w*|order\w*|account|user\w*|profile|member|customer)[\w-]*/\K(?=[^\s/?#]*\d)[^\s/?#<>\"',;]{4,}",
        cues="/",
        digit=True,
    ),
    Rule(
        "PASSWORD",
        0.96,
        r"(?i)(?:https?://|www\.)[^\s<>\"]{1,200}/\K(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{16,}",
        is_random,
        cues="://www.",
        digit=True,
    ),
)
