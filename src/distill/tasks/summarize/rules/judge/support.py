"""Errors of what the summary says: without basis, told otherwise, said by others."""

import re
from collections.abc import Iterator

from distill.tasks.summarize.rules.judge import meaning, moods, noise, roles, values, wording
from distill.tasks.summarize.rules.judge.case import Case, Clause, is_nothing

Error = tuple[str, str]  # code, quote

_BASELESS = 0.56  # least score of a clause with a basis
_BY_OTHERS = 0.15  # by which the other roles' support is greater where they said it
_SAME = 0.5  # least cosine of two clauses of which one can contradict the other
_COMMON = 0.6  # least share of common words of clauses of which one negates the other
_SPEAKER = re.compile(
    r"^(?:the )?(?:chat ?)?(?:bot|agent|assistant|support|representative|advisor|company|system|team)"
    r"(?:'s \w+)? \w+",
    re.I,
)
_WANTS = re.compile(r"\b(?:want|ask|request|would like|seek|wish|need|demand|prefer|expect)", re.I)
_NEGATION = re.compile(
    r"\b(?:no|not|never|nothing|nobody|none|neither|nor|without|cannot|nowhere|"
    r"(?:do|does|did|is|was|were|are|has|have|had|wo|would|could|ca)nt)\b|n['’]t\b",
    re.I,
)
_NEGATIVE = re.compile(  # says "not" in other words
    r"\b(?:unable|fail\w*|refus\w*|reject\w*|declin\w*|den(?:y|ies|ied)|lack\w*|miss\w*|yet to|stop\w*|"
    r"lost|wait\w*|due|outstanding|pending|still|instead|rather|differ\w*|despite|although|wrong\w*|"
    r"incorrect\w*|false\w*|broken|dead|prevent\w*|block\w*|withheld|delay\w*|remain\w*|impossible|"
    r"exempt|absent|empty|before|until|un\w{4,}|in(?:valid|complete|accurate|correct)\w*)\b",
    re.I,
)
# Words of one line exclude each other.
_LINES = r"""
refund\w* / replac\w+ / repair\w* / exchang\w+ / discount\w* / cancel\w*
black / white / red / blue / green / yellow / brown / grey|gray / pink / purple / orange / silver / gold
damaged|broken|cracked|shattered|scratched|torn / late|delayed / lost / counterfeit|fake / used / expired
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


def errors(case: Case) -> Iterator[Error]:
    """Yield the errors of the summary's clauses, in order."""
    for at, clause in enumerate(case.stated):
        if is_nothing(clause.text) or roles.claims(clause.text) and len(clause.text.split()) <= 6:
            continue
        mood = moods.inferred(clause.text, case.interaction.own)
        if mood:
            yield mood, clause.text
        code = clause.noise.removeprefix(noise.SELF) if not mood or clause.noise == noise.AGENT else ""
        if code:
            yield code, clause.text
        elif not _only_feels(clause):
            code = _fault(case, at, clause)
            if code:
                yield code, clause.text


def _only_feels(clause: Clause) -> bool:
    rest = meaning.words(moods.without(clause.text))
    return moods.names_mood(clause.text) and len(rest) <= 2 and not values.find(clause.text)


def _is_fragment(case: Case, clause: Clause) -> bool:
    return len(meaning.words(clause.text)) < 2 and clause.text != case.points[clause.of]


def _fault(case: Case, at: int, clause: Clause) -> str:
    """Return the code of a clause without basis or one that tells something otherwise, or ""."""
    interaction = case.interaction
    if _is_fragment(case, clause) or values.is_carrier(clause.text):
        return ""
    nearest = int(case.support[at].argmax())
    text = moods.without(clause.text)
    if _WANTS.search(text) and _excluded(text, interaction.customer_text):
        return "content_inaccurate"
    own = meaning.score(float(case.support[at, nearest]), text, interaction.customer_text)
    others = meaning.score(float(case.support_by_others[at].max()), text, interaction.other_text)
    if others > own + _BY_OTHERS and others > _BASELESS:
        return noise.COMPANY
    if _SPEAKER.match(clause.text) and others > own:
        return noise.COMPANY
    if own < _BASELESS:
        return "content_hallucination"
    source = case.sources[nearest] if case.sources else ""
    if case.support[at, nearest] >= _SAME:
        if _contradicts(text, source, interaction.customer_text) or wording.swaps(text, source):
            return "content_inaccurate"
        if wording.renames(text, source, interaction.customer_text, ". ".join(case.points)):
            return "entity_inaccurate_item_name"
    return ""


def _excluded(clause: str, customer: str) -> bool:
    """Return whether the clause names another remedy than the customer."""
    return _excludes(_CONTRASTS[0], clause, customer, customer)


def _contradicts(clause: str, source: str, customer: str) -> bool:
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
