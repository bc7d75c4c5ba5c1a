"""Points that repeat others, in the same or in other words."""

import re

REDUNDANT = "unn_content_redundant"
_SAME = 0.7  # least share of a point's content words in another one that it repeats
_STOP_WORDS = """
    the a an of to in on at for with by from is was are were be been has have had do does
    did and or but that this it its they them their customer customer's he she his her not
    no because since as so also again still who which there than then about support says
    said say reports report reported states state mentions mentioned contacted issue would
    like wants want asks ask request requests requesting requested asking wanted needs need
    looking for seeking seeks get
"""
_STOP = frozenset(_STOP_WORDS.split())
_NEGATION = re.compile(r"\b(?:not|never|no|cannot|without|nothing|none)\b|n't\b", re.IGNORECASE)
_SAME_WORD = {
    "arrive": "arrived delivered received come came reached reach here turn shown",
    "package": "item product parcel shipment",
    "code": "coupon voucher",
    "refund": "amount refunded reimbursement money",
    "access": "login locked",
    "buy": "bought purchased ordered",
    "damage": "broken damaged defective faulty",
    "cancel": "cancellation cancelled canceled",
    "replace": "replacement replaced",
    "work": "working works",
}
_SYNONYMS = {word: head for head, listed in _SAME_WORD.items() for word in listed.split()}
_REASON = re.compile(
    r",? (?:because|since|(?<!such )as) (?=(?:the|their|order|it|they|item|a)\b)", re.IGNORECASE
)
_SAYS = re.compile(
    r"^(?:the )?customer (?:reports|says|states|mentions|repeats|reiterates|adds|complains"
    r"|explains)"
    r"(?: again| once more)? that ",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"^(?:role:|(?:the )?customer is (?:a|the) (?:buyer|seller)\b|(?:order|item|return|case"
    r"|transaction|username)\b[^.]{0,12}:?"
    r" ?\S*\d\S*$)",
    re.IGNORECASE,
)


def unrepeated(points: list[str]) -> list[str]:
    """Return the points, "" for each that repeats another, cut where only its reason repeats."""
    edits: list[str] = []
    for at, point in enumerate(points):
        others = [edit for edit in edits if edit]
        if _FIXED.match(point):
            edits.append("" if point in others else point)
        elif any(_repeats(point, other) for other in others):
            edits.append("")
        else:
            edits.append(_without_reason(point, others + points[at + 1 :]))
    return edits


def _without_reason(point: str, others: list[str]) -> str:
    match = _REASON.search(point)
    if not match or len(point[: match.start()].split()) < 3:
        return point
    reason = point[match.end() :]
    return point[: match.start()] if any(_repeats(reason, other) for other in others) else point


def _repeats(point: str, other: str) -> bool:
    """Return whether another point says the same, with the same numbers and the same negation."""
    mine, theirs = _content(point), _content(other)
    numbers = {word for word in mine if any(map(str.isdigit, word))}
    if (
        not mine
        or numbers - theirs
        or bool(_NEGATION.search(point)) != bool(_NEGATION.search(other))
    ):
        return False
    if len(mine) < 2:
        return mine == theirs
    return len(mine & theirs) / len(mine) >= _SAME


def _content(text: str) -> set[str]:
    words = re.findall(r"[$€£]?\w[\w.,'/-]*\w|\w", _SAYS.sub("", text).casefold())
    return {_stem(word) for word in words if word not in _STOP}


def _stem(word: str) -> str:
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    if any(map(str.isdigit, word)):
        return word
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word[: -len(ending)]
    return word
