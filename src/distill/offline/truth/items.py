"""A summary's items beside the sentences of the truth that they come from."""

import html
import re
from dataclasses import dataclass
from functools import cached_property

from distill.offline.truth.words import (
    FRAME,
    Words,
    content,
    coverage,
    likeness,
    plain,
    stem,
    tokens,
)
from distill.records import Row
from distill.tasks.summarize.format import bullets

STATED = 0.7  # share of a fact's words that one item must hold to state it
ALIKE = 0.6  # likeness from which an item is taken to come from a sentence
_TAG = re.compile(r"<[^>]*>?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Sentence:
    """A fact or noise sentence; `kind` is "fact" or the noise's."""

    kind: str
    text: str
    words: Words

    @property
    def plain(self) -> Words:
        """Its words without identifiers, which are judged by themselves."""
        every = frozenset(tokens(self.text))
        return plain(self.words) or plain(every) or every


@dataclass(frozen=True)
class Item:
    """One bullet and the sentence it is most like, None where it is like none."""

    text: str
    words: Words
    source: Sentence | None

    @cached_property
    def every(self) -> Words:
        """All its words, also those that carry no meaning."""
        return frozenset(tokens(self.text))

    @property
    def plain(self) -> Words:
        """The words that need a basis: neither identifiers nor a summary's own frame."""
        return plain(self.words) - FRAME


@dataclass(frozen=True)
class Items:
    """A summary taken apart against its truth."""

    all: tuple[Item, ...]
    facts: tuple[Sentence, ...]
    noise: tuple[Sentence, ...]
    text: str
    well_formed: bool

    @classmethod
    def of(cls, row: Row, text: str, summary: str) -> "Items":
        """Take a summary apart; one that is not a closed list is read as far as it goes."""
        facts = tuple(
            Sentence("fact", fact["text"], content(fact["text"])) for fact in row["facts"]
        )
        noise = tuple(
            Sentence(noise["kind"], noise["text"], content(noise["text"])) for noise in row["noise"]
        )
        texts, well_formed = _texts(summary)
        items = tuple(_item(item, (*facts, *noise)) for item in texts)
        return cls(items, facts, noise, text, well_formed)

    @cached_property
    def said(self) -> tuple[Item, ...]:
        """The items' sentences, each by itself: a fact does not hide noise beside it."""
        return tuple(
            _item(part, (*self.facts, *self.noise))
            for item in self.all
            for part in _SENTENCE_END.split(item.text)
        )

    @cached_property
    def text_tokens(self) -> frozenset[str]:
        """Every word and identifier of the interaction."""
        return frozenset(tokens(self.text))

    @cached_property
    def text_stems(self) -> frozenset[str]:
        """The stems of the interaction's words."""
        return frozenset(map(stem, self.text_tokens))

    @cached_property
    def customer_tokens(self) -> frozenset[str]:
        """Every word of the customer's own lines; all lines of a form are the customer's."""
        lines = self.text.splitlines()
        own = [line for line in lines if line.startswith("Customer:")] or lines
        return frozenset(tokens("\n".join(own)))

    @cached_property
    def others_lines(self) -> tuple[Words, ...]:
        """What others than the customer said in a chat, sentence by sentence."""
        lines = self.text.splitlines()
        if not any(line.startswith("Customer:") for line in lines):
            return ()
        others = [line.partition(":")[2] for line in lines if not line.startswith("Customer:")]
        return tuple(content(part) for line in others for part in _SENTENCE_END.split(line) if part)

    @cached_property
    def stated(self) -> frozenset[int]:
        """The positions of the facts that an item states, or a restatement in other words."""
        found = {
            at
            for at, fact in enumerate(self.facts)
            if any(coverage(fact.plain, item.every) >= STATED for item in self.all)
        }
        found |= {self.repeated(item.source) for item in self.restating if item.source}
        return frozenset(found & set(range(len(self.facts))))

    @cached_property
    def restating(self) -> tuple[Item, ...]:
        """What comes from a sentence which says a fact again."""
        return tuple(item for item in self.said if item.source and item.source.kind == "redundant")

    def repeated(self, sentence: Sentence) -> int:
        """The position of the fact that a sentence says again: the most alike, else the first."""
        alike = [likeness(sentence.words, fact.words) for fact in self.facts]
        return alike.index(max(alike)) if alike else -1

    def unknown(self, item: Item) -> Words:
        """The words of an item that have no basis in the interaction."""
        return frozenset(word for word in item.plain if stem(word) not in self.text_stems)


def _texts(summary: str) -> tuple[list[str], bool]:
    try:
        return bullets(summary), True
    except ValueError:
        parts = (html.unescape(part).strip() for part in _TAG.split(summary))
        return [part for part in parts if part], False


def _item(text: str, sentences: tuple[Sentence, ...]) -> Item:
    words = content(text)
    if plain(words) <= FRAME and plain(words) != words:
        return Item(text, words, None)  # a field such as "Item number 110012345678"
    best = max(sentences, key=lambda sentence: likeness(sentence.words, words), default=None)
    close = best is not None and (
        likeness(best.words, words) >= ALIKE or coverage(best.words, words) >= STATED
    )
    return Item(text, words, best if close else None)
