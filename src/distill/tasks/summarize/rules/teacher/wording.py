"""Points joined and worded as the teacher writes: "Customer bought a lamp and wants a refund"."""

import re
from hashlib import blake2b

from distill.tasks.summarize.rules.teacher import words

_LEADING = frozenset(words.listed("still also now already only never first just really"))
_VERBS = words.SINGULARS | words.AUXILIARIES | words.PAST
_TOGETHER = 20  # most words of two points that become one
# Wording of customers -> the teacher's; where there are several, the text decides.
_SYNONYMS: list[tuple[re.Pattern[str], tuple[str, ...]]] = [
    (re.compile(pattern), choices)
    for pattern, choices in [
        (r"\bwould like to\b", ("wants to",)),
        (r"\bwould like (?=an? |the |their )", ("wants ", "requests ")),
        (r"\b(wants|expects|requests) their money back\b", (r"\1 a refund",)),
        (r"\bnever came\b|\bdid not turn up\b"
            r"|\bnever showed up\b", ("never arrived", "did not arrive")),
        (r"\bhas not (?:come|turned up|shown up|been delivered)\b", ("has not arrived",)),
        (r"\bhas not arrived\b", ("has not arrived", "has not been delivered")),
        (r"\bis nowhere to be seen\b", ("has not arrived",)),
        (r"\bgot (?=an? |the |it |only |something |nothing |one )", ("received ",)),
        (r"\bbought\b", ("bought", "purchased")),
        (r"\bsend it back\b", ("return it",)),
        (r"\bto send back\b", ("to return",)),
        (r"\bgive it back\b", ("return it",)),
        (r"\bdoes not work\b", ("does not work", "is not working")),
        (r"\bcannot log in to\b", ("cannot access", "cannot log in to")),
        (r"\basks support to open a case\b", ("requests a case",)),
        (r"\basks support to release the (second charge|money"
            r"|funds)\b", (r"requests the release of the \1",)),
        (r"\basks support to cancel (?=it\b|them\b|this\b)", ("wants to cancel ",)),
        (r"\basks support to cancel\b", ("requests cancellation of", "wants to cancel")),
        (r"\basks support to replace\b", ("requests a replacement of",)),
        (r"\basks support to unlock\b", ("wants support to unlock",)),
        (r"\b(?:asks support to|wants to) return (?=the|item"
            r"|order)", ("requests a return of ", "wants to return ")),
        (r"\bwas charged twice for\b", ("was double charged for", "was charged twice for")),
        (r"\bwants a partial refund\b", ("requests a partial refund",)),
        (r"\bhas not answered any of\b", ("has not replied to any of",)),
        (r"\bdoes not answer\b", ("does not respond to",)),
        (r"\bnobody has it\b", ("none of them has it",)),
        (r"\bput it back online\b", ("restore the listing",)),
        (r"\bas soon as possible\b", ("as soon as possible", "urgently")),
        (r"\bIt was on (?=\w)", ("This happened on ",)),
        (r"^Customer asks where (.+) is$", (r"\g<0>", r"Customer wants to know where \1 is")),
        (r"\bthe (order|item|case|return|transaction|listing) (?=[\d#])", (r"\1 ",)),
        (r"^The amount is\b", ("The amount involved is",)),
        (r"^Customer's order (?=[\d#])", ("Order ",)),
        (r"^Customer's (listing|return|case|account|payment|payout|refund) (?=\w*\d)", (r"\1 ",)),
    ]
]  # fmt: skip


def draw(text: str, label: str) -> float:
    """Return a number in [0, 1) that the text and the label determine."""
    digest = blake2b(f"{label}\0{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def worded(point: str) -> str:
    """Return the point in the teacher's words, which keep every value."""
    for pattern, choices in _SYNONYMS:
        if pattern.search(point):
            at = int(draw(point, pattern.pattern) * len(choices))
            point = pattern.sub(choices[at], point, count=1)
    return (
        point[:1].upper() + point[1:]
        if point[:1].islower() and point.split()[0].isalpha()
        else point
    )


def joined(points: list[str]) -> list[str]:
    """Return the points with neighbours in one sentence where they have one subject or goal."""
    whole: list[str] = []
    joins = 0
    for point in points:
        both = _both(whole[-1], point) if whole and not joins else ""
        if both and len(both.split()) <= _TOGETHER:
            whole[-1], joins = both, 1
        else:
            whole.append(point)
            joins = 0
    return whole


def _both(first: str, second: str) -> str:
    """Return two points as one, "" where they have neither a subject nor a goal in common."""
    if " and " in second or ";" in first:
        return ""
    goals = (goal for goal in _GOALS if first.startswith(goal) and second.startswith(goal))
    if goal := next(goals, ""):
        return f"{first} and {second.removeprefix(goal)}"
    return "" if " and " in first else _in_turn(first, second)


def _in_turn(first: str, second: str) -> str:
    if re.search(r", (?:but|so) ", first):
        return ""
    if second.startswith("It ") and not first.startswith("Customer asks"):
        return "" if first.endswith(")") else f"{first}, and it {second.removeprefix('It ')}"
    if not second.startswith("Customer "):
        return ""
    predicate = second.removeprefix("Customer ")
    if first.startswith("Customer "):
        return f"{first} and {predicate}"
    wishes = _WISHES.match(predicate) and not first.startswith("Customer")
    return f"{first}, and the customer {predicate}" if wishes else ""


_GOALS = ("Customer asks ", "Customer requests ", "Customer wants to know ", "Customer wants to ")
_WISHES = re.compile(r"(?:wants|requests|asks)\b")


def clause(point: str) -> str:
    """Return the point as a clause after "that": "Order 12 ..." -> "order 12 ..."."""
    point = pronouns(point)
    if point.startswith("Customer "):
        return "they " + plural(point.removeprefix("Customer "))
    point = re.sub(r"^Customer's\b", "their", point)
    first = point.split(" ", 1)[0]
    lowers = first in ("The", "Order", "Item", "Return", "Case", "Transaction", "Payment", "There",
                       "Nothing", "Their", "A", "An", "It", "Listing", "Account", "Refund",
                       "Payout",
                       "This", "Only", "When", "Someone", "No", "Nobody", "Wrong")  # fmt: skip
    return point[:1].lower() + point[1:] if lowers else point


_CUSTOMER = re.compile(r"\bthe customer('s)?(?: (\w+))?")


def pronouns(text: str) -> str:
    """Return the text with pronouns for "the customer", where the customer was named before."""
    return _CUSTOMER.sub(_pronoun, text)


def _pronoun(match: re.Match[str]) -> str:
    """Return the pronoun for "the customer", as a subject if a verb follows."""
    possessive, following = match.groups()
    tail = f" {following}" if following else ""
    if possessive:
        return f"their{tail}"
    if following and (following in _VERBS or following.endswith("ed")):
        return f"they {plural(following)}".strip()
    return f"them{tail}"


def plural(predicate: str) -> str:
    """Return the predicate of "Customer" for "they": "has paid" -> "have paid"."""
    verb, _, rest = predicate.partition(" ")
    if verb not in words.SINGULARS | {"is", "was", *_LEADING}:
        return predicate
    irregular = {"has": "have", "is": "are", "was": "were", "does": "do", "tries": "try",
                 "goes": "go",
                 "cannot": "cannot", "denies": "deny", "applies": "apply"}  # fmt: skip
    if verb in irregular:
        return f"{irregular[verb]} {rest}"
    if verb in _LEADING:
        return f"{verb} {plural(rest)}"
    if re.search(r"(?:[sxz]|ch|sh)es$", verb) and verb not in (
        "uses",
        "closes",
        "loses",
        "refuses",
        "notices",
        "purchases",
        "chooses",
        "accuses",
        "promises",
    ):
        return f"{verb[:-2]} {rest}"
    return f"{verb[:-1] if verb.endswith('s') and not verb.endswith('ss') else verb} {rest}"
