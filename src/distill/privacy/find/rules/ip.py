"""IP addresses of version 4 and 6: "81.2.69.142", "2001:470::1"."""

from distill.privacy.find import numbers
from distill.privacy.find.rules.rule import Rule

IPS: tuple[Rule, ...] = (
    Rule(
        "IP",
        0.92,
        r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)",
        digit=True,
    ),
    Rule(
        "IP",
        0.92,
        r"(?<![\w:])(?:[\da-fA-F]{0,4}:){2,7}[\da-fA-F]{0,4}(?![\w:])",
        numbers.is_ip6,
        cues=":",
    ),
)
