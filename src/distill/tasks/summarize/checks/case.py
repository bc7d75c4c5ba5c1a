"""A summary beside its interaction, taken apart once for all checks."""

from dataclasses import dataclass
from functools import cached_property

from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import entities, interaction, language, wording, words
from distill.tasks.summarize.reading.entities import Entity

MATCH = 0.6  # share of content words from which two texts say the same


@dataclass(frozen=True)
class Case:
    """The bullets, the interaction's text and what follows from them."""

    bullets: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, summary: str, text: str) -> "Case":
        """Take summary and text apart; raises ValueError where the summary is not one list."""
        return cls(tuple(bullets(summary)), text)

    @cached_property
    def interaction(self) -> interaction.Interaction:
        """The text taken apart."""
        return interaction.parse(self.text)

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The customer's own sentences."""
        return self.interaction.own

    @cached_property
    def said(self) -> str:
        """All that the customer said."""
        return " ".join(self.own)

    @cached_property
    def text_words(self) -> frozenset[str]:
        """The content words of the whole text."""
        return words.words(self.text)

    @cached_property
    def summary_words(self) -> frozenset[str]:
        """The content words of all bullets."""
        return frozenset().union(*map(words.words, self.bullets))

    @cached_property
    def points(self) -> tuple[str, ...]:
        """The bullets but those which only say that there is nothing."""
        return tuple(bullet for bullet in self.bullets if not wording.is_nothing(bullet))

    @cached_property
    def language(self) -> str:
        """The language of the customer's own words."""
        return language.identify(self.said)

    @cached_property
    def given(self) -> tuple[Entity, ...]:
        """The identifiers and figures in the customer's sentences and in a form's item fields."""
        fields = (f"{label}: {value}" for label, value in self.interaction.fields if is_id(label))
        own = (sentence for sentence in self.own if not wording.gives_contact(sentence))
        return tuple(found for part in (*own, *fields) for found in entities.find(part))

    @cached_property
    def told(self) -> tuple[Entity, ...]:
        """The identifiers and figures in the bullets."""
        return tuple(found for bullet in self.bullets for found in entities.find(bullet))

    @cached_property
    def text_keys(self) -> frozenset[str]:
        """The normalised identifiers and figures of the whole text."""
        return frozenset(
            found.key for line in self.text.splitlines() for found in entities.find(line)
        )

    @cached_property
    def told_keys(self) -> frozenset[str]:
        """The normalised identifiers and figures of the summary."""
        return frozenset(found.key for found in self.told)

    def quotes(self, bullet: str) -> bool:
        """Whether the bullet stands in the text word for word."""
        return words.strip(bullet).casefold() in self._folded

    @cached_property
    def _folded(self) -> str:
        return self.text.casefold()

    def covered(self, sentence: str) -> bool:
        """Whether the bullets tell what the sentence says, identifiers apart."""
        found = words.plain_words(sentence) or words.words(sentence)
        if any(words.share(found, words.words(bullet)) >= MATCH for bullet in self.points):
            return True
        return words.share(found, self.summary_words) >= 0.8


def parts(bullet: str) -> tuple[str, ...]:
    """The bullet and, where it has several, its sentences: a fact does not hide noise beside it."""
    return tuple(dict.fromkeys((bullet, *interaction.sentences(bullet))))


def is_id(label: str) -> bool:
    """Whether a form's field names the case's item, order, return, case or transaction."""
    first = label.casefold().split(" ")[0] if label else ""
    return first in ("item", "order", "return", "case", "transaction", "listing", "price")
