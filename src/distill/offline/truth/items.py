"""A summary's items and the sentences of the truth from which they come."""

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

STATED = 0.7  # least share of a fact's words in an item that states it
ALIKE = 0.6  # least likeness of an item and the sentence from which it comes
_TAG = re.compile(r"<[^>]*>?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Sentence:
    """A sentence of the truth; `kind` is "fact" or the kind of noise."""

    kind: str
    text: str
    words: Words

    @property
    def plain_words(self) -> Words:
        """The words without identifiers, which are checked separately."""
        every = frozenset(tokens(self.text))
        return plain(self.words) or plain(every) or every


@dataclass(frozen=True)
class Item:
    """A bullet and the most similar sentence of the truth, None where none is similar."""

    text: str
    words: Words
    source: Sentence | None

    @cached_property
    def all_words(self) -> Words:
        """All words, including function words."""
        return frozenset(tokens(self.text))

    @property
    def checkable_words(self) -> Words:
        """The words that need a basis: no identifiers and no words of FRAME."""
        return plain(self.words) - FRAME


@dataclass(frozen=True)
class Items:
    """The items of a summary, parsed and compared with the truth."""

    all: tuple[Item, ...]
    facts: tuple[Sentence, ...]
    noise: tuple[Sentence, ...]
    text: str
    well_formed: bool

    @classmethod
    def of(cls, row: Row, text: str, summary: str) -> "Items":
        """Parse a summary; of a malformed list, all texts between tags are items."""
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
    def sentences(self) -> tuple[Item, ...]:
        """The sentences of all items, so that noise is found next to a fact."""
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
        """Every word of the customer's lines; all lines of a form are the customer's."""
        lines = self.text.splitlines()
        own = [line for line in lines if line.startswith("Customer:")] or lines
        return frozenset(tokens("\n".join(own)))

    @cached_property
    def other_sentences(self) -> tuple[Words, ...]:
        """The sentences of a chat's other speakers."""
        lines = self.text.splitlines()
        if not any(line.startswith("Customer:") for line in lines):
            return ()
        others = [line.partition(":")[2] for line in lines if not line.startswith("Customer:")]
        return tuple(content(part) for line in others for part in _SENTENCE_END.split(line) if part)

    @cached_property
    def stated_facts(self) -> frozenset[int]:
        """The positions of the facts that an item states or restates."""
        positions = {
            at
            for at, fact in enumerate(self.facts)
            if any(coverage(fact.plain_words, item.all_words) >= STATED for item in self.all)
        }
        positions |= {self.restated_fact(item.source) for item in self.restatements if item.source}
        return frozenset(positions & set(range(len(self.facts))))

    @cached_property
    def restatements(self) -> tuple[Item, ...]:
        """The sentences that come from a repetition of a fact."""
        return tuple(
            item for item in self.sentences if item.source and item.source.kind == "redundant"
        )

    def restated_fact(self, sentence: Sentence) -> int:
        """Return the position of the most similar fact, -1 where there are no facts."""
        similarities = [likeness(sentence.words, fact.words) for fact in self.facts]
        return similarities.index(max(similarities)) if similarities else -1

    def unsupported(self, item: Item) -> Words:
        """Return the checkable words of an item that the interaction does not contain."""
        return frozenset(word for word in item.checkable_words if stem(word) not in self.text_stems)


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
