"""Predicates of one word: whether it is English, how frequent it is, whether it is a name.

Case does not matter. "Everyday" words are those of everyday.txt, names such as Will and Grace
included. A word that is a name and not everyday is not "English".
"""

import re
from collections import defaultdict
from functools import cache, lru_cache

from symspellpy.editdistance import (  # type: ignore[import-untyped]
    DistanceAlgorithm,
    EditDistance,
)

from distill.privacy.find import lexicon

_INFLECTED = (  # ending and what stands in its place: "parties" is "party"
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
)
_EVERYDAY = 2_000  # of the English words, the most frequent
# Words that chats use more often than English at large does.
_OF_CHATS = ("hello", "thanks", "thank", "okay", "sorry", "welcome", "yeah", "goodbye", "morning")
_DAYS_WORDS = """
    monday tuesday wednesday thursday friday saturday sunday january february august september
    october november december
"""
_DAYS = frozenset(_DAYS_WORDS.split())
_LAST_WORD = re.compile(r"[ \t]+([^\W\d_]+)$")
_LINK_WORDS = "de la los las del da dos di van der den von le el al bin y mr mrs ms dr"
_LINKS = frozenset(_LINK_WORDS.split())
_RARE = 12_000  # of the English words, those that are less frequent
# First names that in small letters are things, places or misspelled words.
_THINGS_WORDS = """
    alba almond apollo aria arnd arvo augusta beau bella blanca brit carolina cato chana cruz elle
    feline finn georgia hasel hazel iris isis leone leta lilly lolita lott lotta luna mara marin
    math maya metro mila nada nick pastor philippine ramon rico roman rosemary ruby salvador sander
    santiago santos sienna silva sincere stan stella theres trinidad valentine vera willy
"""
_THINGS = frozenset(_THINGS_WORDS.split())
_PREFIX = re.compile(r"(?:re|mis|un|over|pre|non|under)-?(?=\w{4})")
_DRAWN = re.compile(r"(\w)\1{2,}")
_COMPOUND = 5_000  # of the English words, the most frequent
_LONG = 8  # letters
_DISTANCE = EditDistance(DistanceAlgorithm.DAMERAU_OSA)


# --- English ---


def is_everyday(word: str) -> bool:
    """Whether the word is on the list of everyday words, which also holds names such as Will."""
    return word.casefold() in lexicon.everyday_words()


@lru_cache(lexicon.REMEMBERED)
def is_english(word: str, most: int | None = None) -> bool:
    """Whether the word, or what it is inflected or contracted from, is English and no name.

    `most` limits English to its most frequent words. Words of one letter are English.
    """
    plain = re.split("['’]", word.casefold())[0]
    known = lexicon.english_without_names(most)
    if plain in known or len(plain) < 2:
        return True
    if head := _PREFIX.match(plain):
        plain = plain[head.end() :]
        if plain in known:
            return True
    return any(
        plain.endswith(ending) and plain[: -len(ending)] + rest in known
        for ending, rest in _INFLECTED
    )


def is_frequent_english(word: str) -> bool:
    """Whether the word is English and among the 15,000 most frequent: not "tosh"."""
    return is_english(word, 15_000)


def is_top(word: str, count: int) -> bool:
    """Whether the word, a name or not, is among the `count` most frequent of English."""
    return word.casefold() in lexicon.most_frequent(count)


def is_top_500(word: str) -> bool:
    """Whether the word is so frequent that it is never taken for a name without a cue: "new"."""
    return is_top(word, 500)


def is_top_1500(word: str) -> bool:
    """Whether the word is so frequent that it is rarely meant as a name: "said"."""
    return is_top(word, 1_500)


def is_foreign(word: str) -> bool:
    """Whether the word, in lower case, is everyday in another language and rare in English."""
    return word in lexicon.foreign_words() and not is_top(word, _EVERYDAY)


def is_contraction(word: str) -> bool:
    """Whether the word has an apostrophe behind an English one: "don't", "its'", no "O'Dea"."""
    small = word.casefold().replace("’", "'")
    ending = small.rpartition("'")[2]
    return "'" in small and (small.endswith("n't") or (len(ending) < 3 and is_english(small)))


def is_two_joined(word: str) -> bool:
    """Whether the word is two very frequent ones without a space: "thankyou"."""
    halves = ((word[:i], word[i:]) for i in range(2, len(word) - 1))
    return any(all(half in _OF_CHATS or is_top_500(half) for half in pair) for pair in halves)


@lru_cache(lexicon.REMEMBERED)
def is_compound(word: str) -> bool:
    """Whether the word is two English ones of four letters or more: "handwash"."""
    plain = word.casefold()
    halves = ((plain[:i], plain[i:]) for i in range(4, len(plain) - 3))
    return any(all(is_english(half, _COMPOUND) for half in pair) for pair in halves)


@lru_cache(lexicon.REMEMBERED)
def is_misspelled_english(word: str, most: int = 2) -> bool:
    """Whether the word is an edit away from a frequent English word: "thankss", "furiousss".

    A word of eight letters or more may be `most` edits away, and from a rarer word.
    """
    plain = _DRAWN.sub(r"\1", word.casefold())
    if plain != word.casefold() and (is_english(plain) or is_everyday(plain)):
        return True
    long = len(plain) >= _LONG
    edits = most if long else 1
    frequent = _EVERYDAY * (1 if len(plain) < 6 else 10 if long else 3)
    return any(
        abs(len(known) - len(plain)) <= edits
        and 0 <= _DISTANCE.compare(plain, known, edits) <= edits
        for known in (*_OF_CHATS, *_by_initial(frequent).get(plain[:1], ()))
        if len(known) > 3
    )


@cache
def _by_initial(most: int) -> dict[str, list[str]]:
    """The most frequent English words by their first letter."""
    known: dict[str, list[str]] = defaultdict(list)
    for word in lexicon.english_by_frequency()[:most]:
        known[word[0]].append(word)
    return known


def is_day(word: str) -> bool:
    """Whether the word is a day of the week or a month."""
    return word.casefold() in _DAYS


@lru_cache(lexicon.REMEMBERED)
def is_misspelled_day(word: str) -> bool:
    """Whether the word is one edit away from a day of the week or a month: "Febuary"."""
    return any(is_one_edit(word.casefold(), day) for day in _DAYS)


def is_one_edit(word: str, other: str) -> bool:
    """Whether two words differ by one letter, or by two that changed places."""
    return bool(_DISTANCE.compare(word, other, 1) == 1)


# --- names ---


def is_any_name(word: str) -> bool:
    """Whether the word is a first or last name of any locale, everyday words included."""
    key = word.casefold()
    return key in lexicon.all_first_names() or key in lexicon.all_last_names()


def is_any_first_name(word: str) -> bool:
    """Whether the word is a first name of any locale, everyday words included."""
    return word.casefold() in lexicon.all_first_names()


def is_first_name(word: str) -> bool:
    """Whether the word is a first name of any locale and no everyday word."""
    return word.casefold() in lexicon.first_names()


def is_name(word: str) -> bool:
    """Whether the word is a first or last name of any locale and no everyday word."""
    return is_first_name(word) or word.casefold() in lexicon.last_names()


def is_western_first_name(word: str) -> bool:
    """Whether the word is a first name of the United States, Western Europe or Latin America."""
    return word.casefold() in lexicon.western_first_names()


def is_us_first_name(word: str) -> bool:
    """Whether the word is a first name of the United States and no everyday word."""
    return word.casefold() in lexicon.us_first_names()


def is_first_name_in_small(word: str) -> bool:
    """Whether a word in small letters is a first name by itself: "freddie", but not "rosemary".

    Names of the West and of names.txt count, and rare ones of the US census; those of other lists
    resemble too many words.
    """
    if len(word) < 4 or word in _THINGS:
        return False
    listed = is_us_first_name(word) or is_western_first_name(word) or word in lexicon.more_names()
    return listed or (word in lexicon.census_first_names() and not is_top(word, _RARE))


def length_of_name(text: str) -> int:
    """The length of a name without the words of the sentence that follow it.

    "Wei Petrov No" ends in front of "No", "dmitri dubois uh" in front of "uh".
    """
    end = len(text)
    while (last := _LAST_WORD.search(text, 0, end)) and last.start():
        if not _goes_on(last[1], " " in text[: last.start()]):
            break
        end = last.start()
    return end


def _goes_on(word: str, third: bool) -> bool:
    """Whether a word behind a name is one of the sentence: "No", "thanks", "hai".

    In small letters a second word is more often a name than a third.
    """
    small = word.casefold()
    if is_any_name(small) and not is_top_500(small) and not word.islower():
        return False
    known = is_top_1500(small) or small in lexicon.foreign_words() or small in _OF_CHATS
    if not word.islower():
        return known and small not in _LINKS
    return known or (third and is_english(small) and not is_any_name(small))


def can_stand_alone(word: str) -> bool:
    """Whether one word of a person's name may be a name by itself: no title, link or "the"."""
    return word.casefold() not in _LINKS and not is_top_500(word)
