"""Which clauses of a summary state which facts.

A clause, or adjacent ones, state a fact where one of the alternatives of its family is found there
(facts.yaml), or most of the fact's own words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from distill.offline.truth import lexicon
from distill.offline.truth.summary import Item, parse
from distill.offline.truth.words import Words, canonical, in_order, stem, telling, tokens
from distill.records import Row

STATED = 0.75  # least share of a fact's own words, in their order, in a clause that states it
LONGEST = 6  # clauses
_WORD = re.compile(r"\w+")
_NEGATED = re.compile(rf"(?<!\w){lexicon.NEGATION}(?!\w)")
_UNWANTED = re.compile(
    r"(?:not|no longer|never|\w+n't)\W+(?:\w+\W+){0,2}?"
    r"(?:want|wish|ask|request|need|seek|like|expect)"
)
NEGATIVE_WISHES = {"want_block_buyer", "want_postage"}  # said with a negation, too
STRONG = {  # slots whose values identify a fact
    "item_number", "order_number", "return_number", "case_number", "transaction_id", "username",
    "price", "date", "item_name",
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """A fact of the truth; `values` are its slots' values in canonical form."""

    family: str
    text: str
    values: dict[str, str]

    @property
    def is_wish(self) -> bool:
        """Whether the fact is something that the customer wants."""
        return self.family.startswith("want_")

    @property
    def is_negative(self) -> bool:
        """Whether a negation may be a way of saying the fact."""
        return self.family in NEGATIVE_WISHES or bool(_NEGATED.search(self.text))

    @property
    def is_value(self) -> bool:
        """Whether the fact only gives a value, whose absence has a code of its own."""
        return self.family.startswith("id_")

    @property
    def sorted_values(self) -> tuple[str, ...]:
        """The values of all slots, in alphabetical order."""
        return tuple(sorted(self.values.values()))

    @property
    def strong(self) -> dict[str, str]:
        """The values that identify the fact, by kind."""
        kinds = ((slot.removeprefix("other_"), value) for slot, value in self.values.items())
        return {kind: value for kind, value in kinds if kind in STRONG}

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """The stems of the fact's words without its values, in order."""
        text = self.text
        for value in self.values.values():
            text = text.replace(value, " ")
        return in_order(text) or in_order(self.text)

    @property
    def words(self) -> Words:
        """The same stems as a set."""
        return frozenset(self.ordered)


@dataclass(frozen=True)
class Mention:
    """The clauses `first` to `last` of an item that state a fact."""

    fact: int
    item: int
    first: int
    last: int


@dataclass(frozen=True)
class Reading:
    """A summary beside the truth of its interaction."""

    row: Row
    text: str
    items: tuple[Item, ...]
    well_formed: bool
    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, row: Row, text: str, summary: str) -> "Reading":
        """Read a summary of the interaction `text`."""
        typos = row.get("typos", {})
        facts = tuple(
            Fact(
                fact.get("family", ""),
                canonical(_corrected(fact["text"], typos)),
                {slot: canonical(value) for slot, value in fact.get("values", {}).items()},
            )
            for fact in row["facts"]
        )
        names = [name for name in row["entities"].get("item_name", []) if " " in name]
        items, well_formed = parse(_corrected(summary, typos), names)
        return cls(row, canonical(_corrected(text, typos)), items, well_formed, facts)

    @property
    def is_form(self) -> bool:
        """Whether the customer wrote a form or an e-mail, whose role a summary must give."""
        return self.row["channel"] in ("webform", "email")

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The first mention of each fact in each item that has one."""
        found = (
            self._mention(fact, item)
            for item in range(len(self.items))
            for fact in range(len(self.facts))
        )
        return tuple(mention for mention in found if mention)

    @cached_property
    def stated(self) -> frozenset[int]:
        """The positions of the stated facts."""
        return frozenset(mention.fact for mention in self.mentions)

    @cached_property
    def lost(self) -> tuple[int, ...]:
        """The positions of the facts that no item states."""
        return tuple(at for at in range(len(self.facts)) if at not in self.stated)

    @cached_property
    def text_stems(self) -> Words:
        """The stems of all words of the interaction."""
        return frozenset(map(stem, tokens(self.text)))

    def clauses(self) -> Iterator[tuple[int, int, str]]:
        """Yield (item, clause, text) of every clause."""
        for at, item in enumerate(self.items):
            for clause in range(len(item.clauses)):
                yield at, clause, item.at(clause)

    def facts_of(self, item: int, clause: int) -> set[int]:
        """Return the facts that a clause states, or helps to state."""
        return {
            mention.fact
            for mention in self.mentions
            if mention.item == item and mention.first <= clause <= mention.last
        }

    def rivals(self, at: int) -> dict[str, set[str]]:
        """Return kind -> values of the same kind that other facts of the same row have."""
        own = self.facts[at].strong
        others = [fact.strong for place, fact in enumerate(self.facts) if place != at]
        rivals = {k: {one[k] for one in others if k in one} - {own[k]} for k in own}
        return {kind: values for kind, values in rivals.items() if values}

    def _mention(self, at: int, place: int) -> Mention | None:
        fact, item = self.facts[at], self.items[place]
        if not self._is_own(at, item.text):
            return None
        count = len(item.clauses)
        for length in range(1, min(count, LONGEST) + 1):
            for first in range(count - length + 1):
                if states(fact, item.part(first, first + length - 1)):
                    return Mention(at, place, first, first + length - 1)
        return None

    def _is_own(self, at: int, text: str) -> bool:
        """Return whether the item may be about this fact, and not about its twin."""
        fact = self.facts[at]
        twins = [one for one in self.facts if one.family == fact.family and one is not fact]
        if not twins:
            return True
        return all(has_value(text, value) for value in fact.strong.values())


def _corrected(text: str, typos: dict[str, str]) -> str:
    """Return a text with the interaction's mistyped words as they should be written."""
    return _WORD.sub(lambda found: typos.get(found[0], found[0]), text)


def has_value(text: str, value: str) -> bool:
    """Return whether a canonical text has a value."""
    return re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text) is not None


def states(fact: Fact, text: str) -> bool:
    """Return whether a canonical text states the fact."""
    if fact.is_value:
        return all(has_value(text, value) for value in fact.strong.values())
    if fact.is_wish and _UNWANTED.search(text) and not fact.is_negative:
        return False
    if denies(fact, text):
        return False
    if lexicon.is_found(lexicon.alternatives(fact.family, fact.sorted_values), text):
        return True
    return (len(fact.words) > 1 or not fact.family) and _has_words(fact, text)


def denies(fact: Fact, text: str) -> bool:
    """Return whether a canonical text tells the fact otherwise."""
    return lexicon.is_found(lexicon.contraries(fact.family, fact.sorted_values), text)


def _has_words(fact: Fact, text: str) -> bool:
    """Return whether a text has the fact's own words in their order, all or most of them.

    Where it has other words for some of them, they may mean the opposite.
    """
    if bool(_NEGATED.search(text)) != bool(_NEGATED.search(fact.text)):
        return False
    words = in_order(text)
    part = SequenceMatcher(None, fact.ordered, words, autojunk=False)
    found = sum(block.size for block in part.get_matching_blocks()) / len(fact.ordered)
    return found == 1 or (found >= STATED and telling(text) <= telling(fact.text))


def touches(fact: Fact, text: str) -> bool:
    """Return whether a clause has a word or a value of the fact, or of its ways of being said."""
    parts = (p for one in lexicon.alternatives(fact.family, fact.sorted_values) for p in one)
    return (
        any(part.is_wanted and part.holds(text) for part in parts)
        or any(has_value(text, value) for value in fact.values.values())
        or bool(fact.words & telling(text))
    )
