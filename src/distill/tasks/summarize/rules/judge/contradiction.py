"""A clause beside its source and the customer's text: told otherwise."""

import re

from distill.tasks.summarize.rules.judge import meaning

_COMMON = 0.75  # least share of common words of clauses of which one negates the other
_WANTS = re.compile(r"\b(?:want|ask|request|would like|seek|wish|need|demand|prefer|expect)", re.I)
_NEGATION = re.compile(
    r"\b(?:no|not|never|nothing|nobody|none|neither|nor|without|cannot|nowhere|"
    r"(?:do|does|did|is|was|were|are|has|have|had|wo|would|could|ca)nt)\b|n['’]t\b",
    re.I,
)
_NEGATIVE = re.compile(  # says "not" in other words
    r"\b(?:unable|fail\w*|refus\w*|reject\w*|declin\w*|den(?:y|ies|ied)|lack\w*|miss\w*|yet to|"
    r"stop\w*|"
    r"lost|wait\w*|due|outstanding|pending|still|instead|rather|differ\w*|despite|although|"
    r"wrong\w*|"
    r"incorrect\w*|false\w*|broken|dead|prevent\w*|block\w*|withheld|delay\w*|remain\w*|impossible|"
    r"exempt|absent|empty|before|until|un\w{4,}|in(?:valid|complete|accurate|correct)\w*)\b",
    re.I,
)
# Words of one line exclude each other.
_LINES = r"""
refund\w* / replac\w+ / repair\w* / exchang\w+ / discount\w* / cancel\w*
black / white / red / blue / green / yellow / brown / grey|gray / pink / purple / orange / gold
damaged|broken|cracked|scratched|torn / late|delayed / lost / counterfeit|fake / used / expired
small\w* / large\w*|big\w*
too (?:small|tight|short) / too (?:big|large|long|wide|loose)
paypal / credit card / debit card / bank transfer / gift card / cash
monday / tuesday / wednesday / thursday / friday / saturday / sunday
today / yesterday / tomorrow
hours? / days? / weeks? / months? / years?
once / twice / three times
more|higher / less|lower
before / after
open|opened|reopen\w* / clos\w+
accept\w*|agree\w* / refus\w+|reject\w*|declin\w*
increas\w+ / decreas\w+|reduc\w+
early|earlier / late|later
cheap\w* / expensive
left / right
mother / father / brother / sister / son / daughter / wife / husband / friend / neighbou?r
ups / usps / fedex / dhl / hermes / dpd / royal mail
phone / e-?mail
buy\w*|bought / sell\w*|sold
first / second / third
add\w* / remov\w+|delet\w+
"""
_CONTRASTS = [
    [re.compile(rf"\b(?:{word})\b", re.I) for word in line.split(" / ")]
    for line in _LINES.strip().splitlines()
]


def is_negative(text: str) -> bool:
    """Return whether a text says "not", in this or another word."""
    return bool(_NEGATION.search(text) or _NEGATIVE.search(text))


def of_remedy(clause: str, customer: str) -> bool:
    """Return whether the clause asks for another remedy than the customer."""
    return bool(_WANTS.search(clause)) and _excludes(_CONTRASTS[0], clause, customer, customer)


def names_remedy(clause: str) -> bool:
    """Return whether the clause names a remedy: a refund, a replacement, a repair."""
    return any(word.search(clause) for word in _CONTRASTS[0])


def of_source(clause: str, source: str, customer: str) -> bool:
    """Return whether the clause negates its source, or has a word that excludes one of it."""
    if source.endswith("?"):
        return False
    negated = [bool(_NEGATION.search(text)) for text in (clause, source)]
    if not any(negated):
        return any(_excludes(line, clause, source, customer) for line in _CONTRASTS)
    if all(negated) or _NEGATIVE.search(clause) or _NEGATIVE.search(source):
        return False
    return min(meaning.share(clause, source), meaning.share(source, clause)) >= _COMMON


def _excludes(line: list[re.Pattern[str]], clause: str, source: str, customer: str) -> bool:
    """Return whether the clause has a word of a line where the customer has only others of it."""
    claimed = {at for at, word in enumerate(line) if word.search(clause)}
    in_source = {at for at, word in enumerate(line) if word.search(source)}
    said = {at for at, word in enumerate(line) if word.search(customer)}
    return bool(claimed - said and in_source - claimed)
