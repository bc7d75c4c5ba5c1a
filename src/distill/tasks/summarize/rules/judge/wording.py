"""Words of a clause beside those of its source: parties swapped, a thing named otherwise."""

import re
from itertools import pairwise

from distill.tasks.summarize.rules.judge import meaning

_ALIKE = 0.8  # cosine from which two words name the same thing
_LITTLE = set(
    """a an and as at be but by for from had has have he her his i in into is it its my no not of on
    or our she so than that the their them they this to was we were which who with you your""".split()
)
_PASSIVE = re.compile(r"\b(?:by|is|was|were|been|being|are)\b", re.I)
_THING = re.compile(
    r"\b(?:order|ordered|bought|buy|purchased|won|sold|listed|received|got|return|paid for|item name:) "
    r"(?:(?:an?|the|my|this) )?((?:[^\W\d_][\w'-]* ?){2,4})",
    re.I,
)
_PARTY = re.compile(r"(?:buyer|seller|customer|(?<=\w )[A-Z]\w+|[A-Z]{2,})")
_NO_NAME = re.compile(  # what follows a thing's name
    r"\b(?:double|twice|again|too|either|online|back|yet|as|at|because|but|and|by|for|from|in|instead|"
    r"of|on|or|so|since|that|to|which|with|i|it|is|was|has|had|did|does|will|came|arrived|not)\b.*",
    re.I | re.S,
)


def swaps(clause: str, source: str) -> bool:
    """Return whether the clause has the source's words in reverse: "A blames B", "B blames A"."""
    if _PASSIVE.search(clause) or _PASSIVE.search(source):
        return False
    stems = [[meaning.stem(word) for word in _words(text)] for text in (clause, source)]
    common = set(stems[0]) & set(stems[1])
    first, second = ([stem for stem in text if stem in common] for text in stems)
    if len(first) < 3 or first != second[::-1]:
        return False
    parties = {meaning.stem(party.casefold()) for party in _PARTY.findall(f"{clause} {source}")}
    return {first[0], first[-1]} <= parties


def renames(clause: str, source: str, customer: str, summary: str) -> bool:
    """Return whether one word of a thing's name in the source is another one in the clause."""
    known, kept = meaning.words(customer), meaning.words(summary)
    for phrase in _THING.findall(source):
        named = list(pairwise(_words(_NO_NAME.sub("", phrase))))
        for claimed in pairwise(_words(clause)):
            for right in named:
                for old, new, same in (
                    (right[0], claimed[0], right[1] == claimed[1]),
                    (right[1], claimed[1], right[0] == claimed[0]),
                ):
                    if same and _is_replaced(old, new, known, kept):
                        return True
    return False


def _is_replaced(old: str, new: str, known: dict[str, str], kept: dict[str, str]) -> bool:
    """Return whether a name's word is lost and one stands for it that the customer never said."""
    old_words, new_words = meaning.words(old), meaning.words(new)
    if not old_words or not new_words or set(old_words) & set(kept) or set(new_words) & set(known):
        return False
    if max(meaning.said(new_words, known).values()) == 1.0:  # a misspelling
        return False
    return float(meaning.cosines([new], [old])[0, 0]) < _ALIKE


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", text.casefold()) if word not in _LITTLE]
