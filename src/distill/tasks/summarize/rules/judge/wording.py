"""Words of a clause beside those of its source: foreign names, swapped parties, other things."""

import re
from itertools import pairwise

from distill.tasks.summarize.rules.judge import lexicon, meaning

_ALIKE = 0.8  # cosine from which two words name the same thing
_PASSIVE = re.compile(r"\b(?:by|is|was|were|been|being|are)\b", re.I)
_THING = re.compile(
    r"\b(?:order|ordered|bought|buy|purchased|won|sold|listed|received|got|return|paid for|"
    r"item name:) "
    r"(?:(?:an?|the|my|this) )?((?:[^\W\d_][\w'-]* ?){2,4})",
    re.I,
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+")
_NO_FOREIGN_NAME = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|english|german|french|spanish|"
    r"italian|"
    r"portuguese|dutch|polish|buyer|seller|customer|agent|bot|id|usd|eur|gbp|ok|pdf|pin|sms|vat|"
    r"e|role|item|order|case|return|transaction|date|number|price|username|account",
    re.I,
)
_PARTY = re.compile(r"(?:buyer|seller|customer|(?<=\w )[A-Z]\w+|[A-Z]{2,})")
_NO_NAME = re.compile(  # what follows a thing's name
    r"\b(?:double|twice|again|too|either|online|back|yet|as|at|because|but|and|by|for|from|in|"
    r"instead|"
    r"of|on|or|so|since|that|to|which|with|i|it|is|was|has|had|did|does|will|came|arrived|not)\b.*",
    re.I | re.S,
)


def foreign_name(clause: str, interaction: str) -> bool:
    """Return whether the clause has a proper name that the interaction lacks."""
    known = set(re.findall(r"\w+", interaction.casefold()))
    return any(
        name.casefold() not in known and not _NO_FOREIGN_NAME.fullmatch(name)
        for name in _NAME.findall(clause)
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
    return [
        word for word in re.findall(r"[^\W\d_]+", text.casefold()) if word not in lexicon.LITTLE
    ]
