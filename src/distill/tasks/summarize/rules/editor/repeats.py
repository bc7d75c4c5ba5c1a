"""Points that repeat others, in the same or in other words."""

import re

from distill.tasks.summarize.rules.editor.sentences import predicate

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
_AND = re.compile(r",? and (?:the customer )?(?=(?:wants|requests|asks|needs|would like)\b)")
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


# What a complaint comes to, in any words; a short point of the same gist says nothing new.
_GISTS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:not|never|n't|no|nothing|nobody|yet to|still waiting for|without) .{0,30}\b(?:arriv"
        r"|deliver|receiv|reach|here|"
        r"shown up|turn(?:ed)? up|come)|\b(?:missing|lost) (?:parcel|package|order)"
        r"|never (?:arrived|came)",
        r"\b(?:damag|broken|smash|shatter|crack|defect|fault|not work|stopped working|torn|ruined)",
        r"\b(?:wrong|different|another|incorrect) (?:\w+ ){0,2}(?:item|product|one|thing|size"
        r"|colou?r)|\bnot (?:what|the one)"
        r"|not (?:as )?describe|instead of|not match|\band not the\b|something else",
        r"\b(?:fake|counterfeit|replica|imitation|not (?:genuine|authentic|original|real))",
        r"(?:not|never|no|without|missing|overdue|late|yet)\b.{0,30}\b(?:refund|money|reimburse)"
        r"|refund.{0,40}(?:not|never|missing|overdue|late)",
        r"\b(?:lock|suspend|cannot (?:log|sign|access|get into)|no access|restricted|hacked"
        r"|not accepted)",
        r"\b(?:payout|funds|money|earnings)\b.{0,40}\b(?:held|hold|releas|paid out|short)"
        r"|\bhold\w* (?:the |their )?(?:money|funds)",
        r"\bbuyer\b.{0,30}\bnot (?:pay|paid)|\bnot been paid\b|\bno payment\b|unpaid|never paid",
        r"\b(?:card|payment)\b.{0,30}\b(?:declin|reject|fail|not go|not work)|cannot pay",
        r"\b(?:coupon|code|voucher|discount|offer)\b.{0,40}\b(?:not|expired|nothing|cannot)"
        r"|cannot redeem|not get .{0,12}discount",
        r"\bfees?\b.{0,40}\b(?:wrong|high|missing|should not|more than|twice)"
        r"|not (?:have to )?pay (?:that|the) fee",
        r"\b(?:tracking|parcel|package|it)\b.{0,30}\b(?:stuck|not (?:moved|changed|updated))"
        r"|stuck (?:in|at)",
        r"\blistings?\b.{0,40}\b(?:removed|taken down|deleted|ended|gone|not online)",
        r"\b(?:case|decision|appeal)\b.{0,30}\b(?:wrong|unfair|without|against|reverse)",
        r"\b(?:incomplete|not complete|missing part|part .{0,20}missing|without (?:its|the) \w+$)",
        r"\b(?:full|partial)? ?(?:refund|money back|full amount)\b",
    )
]
_SHORT = 8  # most content words of a point that only repeats a gist


def unrepeated(points: list[str]) -> list[str]:
    """Return the points, "" for each that repeats another, cut where only a clause repeats."""
    edits: list[str] = []
    for at, point in enumerate(points):
        others = [edit for edit in edits if edit]
        if _FIXED.match(point):
            edits.append("" if point in others else point)
        else:
            shorter = _without_reason(point, others + points[at + 1 :])
            edits.append(_new_clauses(shorter, others))
    return edits


def _new_clauses(point: str, others: list[str]) -> str:
    """Return the clauses of the point that no other point has, the point itself if all are new."""
    clauses = _AND.split(point)
    new = [clause for clause in clauses if not any(_repeats(clause, other) for other in others)]
    if len(new) == len(clauses):
        return "" if any(_repeats(point, other) for other in others) else point
    if new and new[0] == clauses[0]:
        return " and ".join(new)
    return predicate(" and ".join(new)) if new else ""


def _without_reason(point: str, others: list[str]) -> str:
    match = _REASON.search(point)
    if not match or len(point[: match.start()].split()) < 3:
        return point
    reason = point[match.end() :]
    return point[: match.start()] if any(_repeats(reason, other) for other in others) else point


def _repeats(point: str, other: str) -> bool:
    """Return whether another point says the same, with the same numbers and the same negation."""
    if _is_gist(point, other):
        return True
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


def _is_gist(point: str, other: str) -> bool:
    """Return whether a short point without values has the gist of another one."""
    told = _SAYS.sub("", point)
    if told == point or any(map(str.isdigit, told)) or len(_content(told)) > _SHORT:
        return False
    return any(gist.search(told) and gist.search(other) for gist in _GISTS)


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
