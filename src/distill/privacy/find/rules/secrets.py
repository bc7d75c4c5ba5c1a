# ruff: noqa: E501 - a pattern is easier to read on one line
r"""Passwords, PINs, one-time codes and answers to security questions, all by context.

"my password is hunter2!", "pin 4821", "What is your mother's maiden name?\nCustomer: Kowalczyk".
"""

from distill.privacy.find.lexicon import words_of
from distill.privacy.find.rules.rule import Rule
from distill.privacy.find.words import is_english, is_everyday, is_top_500

SAID_DIGIT = r"(?:zero|one|two|three|four|five|six|seven|eight|nine)"
SECRET = (
    r"(?:(?=[^\s]*[\d!@#$%^&*]|[a-z]+[A-Z])[^\s,;\"'”’]{4,40}(?<![.,])|\p{L}{6,30}(?=[.,\"'”’]|$))"
)


def is_not_english(text: str) -> bool:
    """Whether the value is anything but one English word: "my password is wrong" names none."""
    return not (text.isalpha() and is_english(text))


def is_said_secret(text: str) -> bool:
    """Whether "hunter two" is a password, as "at least 8" is not: its first word is not frequent."""
    return not is_top_500(text.split(maxsplit=1)[0])


def is_not_everyday(text: str) -> bool:
    """Whether the answer's first word is no everyday word."""
    return not is_everyday(words_of(text)[0])


SECRETS: tuple[Rule, ...] = (
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b(?:pass ?(?:word|code|phrase)|pwd)(?: (?:is|was|to|now|will be|should be|reset|set|changed|new|as))*[:=]? [\"'“‘]?)\K{SECRET}",
        is_not_english,
        cues="pass pwd",
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\bpin(?: ?code| number)?(?: (?:is|was|to))*[:=]? )\K\d{4,8}(?!\w)",
        cues="pin",
    ),
    Rule(
        "SECURITY_ANSWER",
        0.86,
        r"(?i:\b(?:maiden name|(?:first|favou?rite|childhood) (?:pet|teacher|car|school|street|colou?r|food|movie|book|friend)(?:['’]s name)?|security answer|secret answer|pet['’]s name)(?: (?:is|was))?[:,]? )\K(?!(?i:is|was|for|and|or|on|in|of|to)\b)\p{L}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)?(?=[.,;!?]|\s|$)",
        is_not_everyday,
        cues="maiden name first fav childhood answer",
    ),
    Rule(
        "SECURITY_ANSWER",
        0.86,
        r"(?i:\b(?:maiden name|name of (?:your|the) first pet|first pet|pet['’]s name|security question|security answer|secret answer|favou?rite teacher)\b[^\n]{0,80}\n[^:\n]{1,20}: (?:(?:it['’]?s|it is|yes|sure|ok|okay|my mother['’]s|that would be|is)[,.:]? ){0,2})\K\p{L}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)?(?=[.,!]?(?:$|\s))",
        is_not_everyday,
        cues="name pet question answer teacher",
    ),
    Rule(
        "PASSWORD",
        0.89,
        rf"(?i:\bpass ?(?:word|code|phrase)(?: (?:is|was|to|it['’]?s))+[:]? )\K(?:\p{{L}}{{3,20}} )(?:\d{{1,6}}|{SAID_DIGIT}(?: {SAID_DIGIT})*)(?! ?(?:char|letter|digit|time|day|hour|minute|attempt|number|symbol)|\w)",
        is_said_secret,
        cues="pass",
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\b(?:cvv|cvc|cv2|security code|secret code|pin|otp|one time (?:code|password)|verification code|pass ?(?:code|word|phrase))(?: ?2)?(?: (?:code|no|number|num|is|was|of|for|on|my|the|this|that|card|debit|credit|account|it['’]?s))*[:=]? )\K\d{3,8}(?!\w|[-./:]\d| ?(?:times?|days?|hours?|minutes?|mins|char\w*|digits?|letters?)\b)",
        cues="cvv cvc cv2 code pin otp pass",
    ),
)
