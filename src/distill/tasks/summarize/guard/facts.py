"""The facts of a text as concepts, so that a point and its rewording compare equal.

    concepts("Customer reports that two of the towels never came")
    -> {"2", "towel", "not", "arrive", "late"}

A concept is a stem with synonyms of customer service unified. Words that only report ("the customer
says that"), refer or hedge are none. Negations are counted: the second one of a text is "not2".
Words outside the table stand for themselves, so a synonym that it lacks looks like a changed fact.
"""

import re
from collections import Counter
from functools import lru_cache

Concepts = frozenset[str]
_SUFFIXES = (("'s", 3), ("s", 4), ("ly", 6), ("ing", 6), ("ed", 5))
_TOKEN = re.compile(r"[^\W_]+(?:[-.'/:@,][^\W_]+)*")

# A phrase and the word that stands for it.
_PHRASES = [
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"\b(?:do|did|does|is|was|has|have|wo|ca|are|would|could|should)n['’]?t\b", "not"),
        (r"\b(?:i|you|we|they|he|she|it|that|there)['’](?:m|re|ve|ll|d|s)\b", " "),
        (r"\bcannot\b", "not"),
        (r"\b(?:money|payment|amount) back\b|\bback (?:the|their|his|her) money\b", "refund"),
        (r"\b(?:sen[dt]|give|take|bring|ship)(?:ing)? (?:it |them |this )?back\b", "return"),
        (r"\b(?:not|no|never) (?:\w+ )?(?:work\w*|function\w*|turn\w* on|start\w*)\b", "broken"),
        (r"\b(?:stopped|stops|quit) (?:working|functioning|charging)\b", "broken"),
        (r"\b(?:not|no|never) (?:\w+ )?(?:respond\w*|repl\w+|answer\w*)\b", "ignore"),
        (r"\bwithout (?:an? |any )?(?:response|reply|answer)\b", "ignore"),
        (r"\bno (?:response|reply|answer)\b", "ignore"),
        (r"\b(?:log|sign)(?:ged|ging)? ?-?in(?:to)?\b", "login"),
        (r"\bhow (?:much|long|many)\b|\bas soon as possible\b|\bin addition\b", " "),
        (r"\btwo times\b", "twice"),
        (r"\b(?:as|like) (?:i|we|they) (?:\w+ )?(?:said|told|wrote|mentioned|stated)\b", " "),
        (r"\bas (?:stated|mentioned|explained)\b|\bto (?:repeat|say it again)\b", " "),
        (r"\b(?:in other words|once more|again|i repeat)\b", " "),
    )
]
_SYNONYMS = """
    not: never no none nothing nobody without missing lack lacking unable fail neither nor
    arrive: arrived come came deliver delivery receive receipt get got reach show
    order: parcel package shipment purchase pack
    item: product article good
    buy: bought purchase
    broken: break broke damage smash crack defect defective fault faulty shatter
    refund: reimburse reimbursement
    replace: replacement exchange swap
    return: back
    wrong: incorrect different
    late: delay overdue belated slow wait await
    cancel: cancellation
    pay: paid payment
    charge: bill deduct
    send: sent mail ship dispatch
    ignore: disregard
    block: lock suspend restrict
    change: modify update alter edit
    fake: counterfeit replica
    cost: price
    photo: picture image
    begin: start
    close: shut
    open: opened
    large: big
    small: little tiny
    soon: quick fast prompt
    leave: left
    address: location
    1: one
    2: two twice both second
    3: three third thrice
    4: four fourth
    5: five fifth
    6: six
    7: seven
    8: eight
    9: nine
    10: ten
"""
_FUNCTION = """
    a an the this that these those there here i it its it's he she they them their theirs his her
    hers him im ive me my mine we us our you your who whom whose which what when where why how
    is are am was were be been being do does did done has have had having will would can could
    shall should may might must and or but if so as at by for from in into of off on onto to up
    with about after before over out than then also too just very really still yet already only
    even now well all any some such own same because since due while however therefore despite
    between during please regarding concerning themselves himself herself itself myself another
    other instead rather currently recently customer customers client user person
"""
_REPORTING = """
    state say report mention claim explain inform describe tell indicate express voice feel complain
    confirm want wish like need ask request demand seek hope expect prefer inquire enquire try
    relate issue problem matter situation experience find give provide make see seem appear remain
    keep become let know said told felt sought found given made saw seen
"""


def _stem(word: str) -> str:
    for suffix, least in _SUFFIXES:
        if word.endswith(suffix) and len(word) >= least and not word.endswith(("ss", "eed")):
            word = word[: -len(suffix)]
    while len(word) > 2 and (word[-1] in "eiy" or word[-1] == word[-2]):
        word = word[:-1]
    return word


_CONCEPT = {
    _stem(word): name.strip()
    for line in _SYNONYMS.split("\n")
    if line.strip()
    for name, _, words in [line.partition(":")]
    for word in (name.strip(), *words.split())
}
_FUNCTION_WORDS = frozenset(_FUNCTION.split())
_REPORTING_STEMS = frozenset(map(_stem, _REPORTING.split()))


@lru_cache(maxsize=8192)
def concepts(text: str) -> Concepts:
    """Return the concepts of a text, figures and identifiers in one spelling among them."""
    text = text.replace("’", "'")
    for phrase, word in _PHRASES:
        text = phrase.sub(word, text)
    found: Counter[str] = Counter()
    for token in _TOKEN.findall(text.casefold()):
        found.update(_concepts_of(token))
    negations = {f"not{n}" for n in range(2, found["not"] + 1)}
    implied = {"late"} if found["not"] and found["arrive"] else set()
    return frozenset(found) | negations | implied


def _concepts_of(token: str) -> list[str]:
    if any(map(str.isdigit, token)):
        return [re.sub(r"[\W_]+|(?<=\d)(?:st|nd|rd|th)$", "", token)]
    parts = re.split(r"[-/.:@,]", token)
    stems = [(part, _stem(part)) for part in parts]
    return [
        _CONCEPT.get(part, _CONCEPT.get(stem, stem))
        for part, stem in stems
        if len(part) > 1 and part not in _FUNCTION_WORDS and stem not in _REPORTING_STEMS
    ]


def negations(found: Concepts) -> int:
    """Return the number of negations among concepts."""
    return sum(map(_is_negation, found))


def without_negations(found: Concepts) -> Concepts:
    """Return the concepts that are no negations."""
    return frozenset(word for word in found if not _is_negation(word))


def _is_negation(word: str) -> bool:
    return re.fullmatch(r"not\d*", word) is not None
