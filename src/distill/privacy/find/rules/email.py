# ruff: noqa: E501 - a pattern is easier to read on one line
"""E-mail addresses as written, as said and as badly typed.

"ana.ruiz@mail.example", "ana [at] mail [dot] com", "john dot smith at gmail dot com",
"john smith gmail com", "jsmith22examplecom".
"""

from distill.privacy.find.rules.rule import Rule
from distill.privacy.find.rules.secrets import is_not_english
from distill.privacy.find.words import is_any_name, is_everyday

MAILBOX = r"(?:gmail|googlemail|ya?hoo|ymail|rocketmail|hotmail|outlook|icloud|aol|msn|proton(?:mail)?|rediffmail|gmx|zoho)"
MAIL_CUES = "gmail googlemail hoo ymail rocketmail hotmail outlook icloud aol msn proton rediffmail gmx zoho"
MAIL_STOP = r"(?!(?:is|are|was|not|no|the|an?|on|in|of|or|and|to|from|for|by|with|my|your|this|that|it|its|me|use|using|has|have|did|do|log|via|account|address|id|e?mails?|as|at)\b)"


def is_said_mailbox(text: str) -> bool:
    """Whether "ana at gmail dot com" is an address, as "look at amazon com" is not.

    Its first word is a name or no everyday word, or a "dot" stands before the "at".
    """
    first = text.split(maxsplit=1)[0]
    return not is_everyday(first) or is_any_name(first) or " dot " in text.partition(" at ")[0]


EMAILS: tuple[Rule, ...] = (
    Rule(
        "EMAIL",
        0.95,
        r"(?<![\p{L}\d])[\p{L}\d][\p{L}\d._%+'-]*@[\p{L}\d](?:[\p{L}\d.-]*[\p{L}\d])?",
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
    Rule("EMAIL", 0.9, r"(?i)(?<![\w@./-])(?=\p{L}*\d)[\p{L}\d]{8,}com(?!\w)", cues="com"),
    Rule(
        "EMAIL",
        0.9,
        r"(?i:^(?:[^:\n]{1,20}: )?\s*)\K(?:\p{L}+ )?\p{L}{8,}com(?=[.!]?\s*$)",
        is_not_english,
        cues="com",
    ),
)
