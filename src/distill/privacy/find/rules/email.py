# ruff: noqa: E501 - a pattern is easier to read on one line
"""E-mail addresses as written, as said and as badly typed.

"ana.ruiz@mail.example", "ana [at] mail [dot] com", "john dot smith at gmail dot com",
"john smith gmail com", "jsmith22examplecom".
"""

import re

from distill.privacy.find.rules.rule import Rule
from distill.privacy.find.rules.secrets import is_not_english
from distill.privacy.find.words import is_any_name, is_english, is_everyday

MAILBOX = r"(?:gmail|googlemail|ya?hoo|ymail|rocketmail|hotmail|outlook|icloud|aol|msn|proton(?:mail)?|rediffmail|gmx|zoho)"
MAIL_CUES = "gmail googlemail hoo ymail rocketmail hotmail outlook icloud aol msn proton rediffmail gmx zoho"
MAIL_STOP = r"(?!(?:is|are|was|not|no|the|an?|on|in|of|or|and|to|from|for|by|with|my|your|this|that|it|its|me|use|using|has|have|did|do|log|via|account|address|id|e?mails?|as|at)\b)"


def is_said_mailbox(text: str) -> bool:
    """Whether "ana at gmail dot com" is an address, as "look at amazon com" is not.

    Its first word is a name or no everyday word, or a "dot" stands before the "at".
    """
    first = text.split(maxsplit=1)[0]
    return not is_everyday(first) or is_any_name(first) or " dot " in text.partition(" at ")[0]


def is_said_mailbox_at(text: str) -> bool:
    """Whether "ana at gmail" is an address, as "look at gmail" is not."""
    first = re.split(r"[\s@]", text, maxsplit=1)[0]
    return (
        "@" in text
        or any(c in "._+-0123456789" for c in first)
        or (not is_everyday(first) and not is_english(first))
    )


def is_said_or_signed(text: str) -> bool:
    """Whether an address has a sign that no sentence has, or opens with no English word.

    "meet me at shop. it is late" is a sentence; "anna [dot] berg [at] posteo [dot] de" is none.
    """
    if "@" in text or re.search(r"[\[({<]|arroba|_at_|-at-", text, re.IGNORECASE):
        return True
    if re.search(r"\w\.? at \w+\. ", text) or (" dot " not in text.lower() and ". " in text):
        return False
    first = re.split(r"[\s._+-]", text, maxsplit=1)[0]
    return " dot " in text.lower() or not is_english(first)


_AT = r"(?: ?[\[({<]{1,2} ?(?:at|arroba|chez|@|a|ät|bei|kukac|malpa|et) ?[\])}>]{1,2} ?| (?:arroba|at|\(at\)|chiocciola|klammeraffe|apenstaartje|kukac|małpa|malpa|at the rate(?: of)?|at sign) | ?@ ?|(?<=\w) _at_ |_at_| -at- |-at-)"
_DOT = r"(?: ?[\[({<]{1,2} ?(?:dot|punkt|point|punto|ponto|\.) ?[\])}>]{1,2} ?| (?:dot|punkt|point|punto|ponto|kropka|punt) | ?\. ?|_dot_|-dot-)"
_TLD = r"(?:com|net|org|edu|gov|info|biz|me|io|co|us|uk|in|de|fr|es|it|nl|pl|pt|br|mx|ar|jp|cn|kr|ru|ch|at|be|se|no|dk|fi|ie|au|nz|ca|sg|my|za|ng|ke|tr|gr|cz|hu|ro|app|dev|mail|email|online|eu)"
_SIGN = r"(?: (?:dot|punkt|point|punto|underscore|under score|dash|hyphen|minus|plus|guion|guion bajo|guión|guión bajo|tiret|bindestrich|unterstrich) | ?[\[({] ?(?:dot|punkt|underscore|dash) ?[\])}] ?)"

EMAILS: tuple[Rule, ...] = (
    Rule(
        "EMAIL",
        0.96,
        r"(?i)(?<![\w.@+-])[\w.+-]+ ?@ ?(?:(?:g|hot|google|rocket) mail|out look|ya hoo|i cloud)(?: ?\. ?[a-z]{2,3}){0,2}(?!\w)",
        cues="@",
    ),
    Rule(
        "EMAIL",
        0.949,
        rf"(?i)(?<![\w.@+-])(?!(?:at|me|us|it|them|is|to)\b)[\w.+-]+(?:{_SIGN}[\w+-]+){{0,4}}{_AT}(?:[\w-]+{_DOT}){{1,3}}{_TLD}(?![\w@])",
        is_said_or_signed,
        cues="@ (at [at {at <at _at_ -at- (a) [a] (ä arroba chez bei chiocciola klammeraffe apenstaartje kukac małpa malpa dot punkt punto kropka",
    ),
    Rule(
        "EMAIL",
        0.96,
        rf"(?i)(?<![\w.@+-])(?!(?:at|me|us|it|them|is|to|on|my|your|in|the|a|via|by|with|use|using|have|no|and|or|from|for)\b)[\w.+-]+(?:{_SIGN}[\w+-]+){{0,4}}(?: (?:at|arroba|@) |@ | @){MAILBOX}(?:(?:[ .]| dot | punto | ponto | punkt | point )(?:com|net|co|de|uk|in|fr|es|it|au)){{0,2}}(?!\w)",
        is_said_mailbox_at,
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.94,
        rf"(?i)(?<![\w.@+-])(?=[\w.+-]*[\d._+-])[\w.+-]*\p{{L}}[\w.+-]*(?: at)?,? {MAILBOX}(?:[ .,]?c[op]m)?(?!\w)",
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.94,
        rf"(?i:\b(?:e-?mail|mail|send|write|reach|contact)\b[^\n]{{0,30}}? )\K(?i:(?:first name |last name |my )?[\p{{L}}\d]+(?:,? (?:dot|no dot|underscore|dash|then|and|last name|first name|all|one|word|lower|case|small|letters|together|[\p{{L}}\d]+)){{0,9}},? at {MAILBOX}(?: (?:dot )?com)?)(?!\w)",
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.92,
        rf"(?i)(?<![\w.@+-])(?!(?:my|your|the|a|an|via|by|use|using|in|on|and|or|at|is|no|new|old|for|from|have|to|with|into|check|open|this|that)\b)[\p{{L}}\d._+-]{{2,40}}(?:(?:\d|[\p{{L}}._]) ?)?{MAILBOX}[ .,]?c[op]m(?!\w)",
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.95,
        r"(?<![\p{L}\d])[\p{L}\d][\p{L}\d._%+'-]*@[\p{L}\d](?:[\p{L}\d.-]*[\p{L}\d])?",
        cues="@",
    ),
    Rule(
        "EMAIL",
        0.95,
        r"(?<![\w.+-])(?i:[\w.+-]++ ?[(\[]at[)\]] ?[\w-]+(?: ?[(\[]dot[)\]] ?\w+|\.\w+)+"
        r"|[\w.+-]++ at [\w-]+(?: dot \w{2,})+)(?!\w)",
        cues="dot (at [at",
    ),
    Rule(
        "EMAIL",
        0.95,
        r"(?i)(?<![\w.@+-])(?:(?:\w|\w+ (?:dot|underscore|dash|hyphen)) )*[\w.+-]++ at (?:the rate (?:of )?)?[\w-]+(?: ?\.? ?|(?: dot [\w-]{2,})*? dot )(?:com|net|org|edu|co(?: dot)? uk)(?!\w)",
        is_said_mailbox,
        cues=" at ",
    ),
    Rule(
        "EMAIL",
        0.94,
        rf"(?i)(?<![\w.@+-])(?:{MAIL_STOP}[\w.+-]+ ){{1,2}}?{MAILBOX} ?(?:dot )?\.? ?com(?!\w)",
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.94,
        rf"(?i)(?<![\w.@+-])[\w.+-]{{2,}}?(?<!the){MAILBOX} ?(?:dot )?\.? ?com(?!\w)",
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.93,
        rf"(?i:\be-?mail(?: ?(?:id|address))?(?: (?:on file|is|was|it['’]?s|as|would be|should be|for (?:my|the) \w+))*:? )\K(?:{MAIL_STOP}[\p{{L}}\d._-]+ ){{0,3}}?{MAIL_STOP}[\p{{L}}\d_-]{{3,}}[ .]?(?:com|net|org|edu)(?!\w)",
        cues="mail",
    ),
    Rule(
        "EMAIL", 0.9, r"(?i)(?<![\w@./-])(?=\p{L}*\d)[\p{L}\d]{8,}com(?!\w)", cues="com", digit=True
    ),
    Rule(
        "EMAIL",
        0.9,
        r"(?i:^(?:[^:\n]{1,20}: )?\s*)\K(?:\p{L}+ )?\p{L}{8,}com(?=[.!]?\s*$)",
        is_not_english,
        cues="com",
    ),
)
