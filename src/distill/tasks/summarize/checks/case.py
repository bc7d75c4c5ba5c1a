"""A summary and its interaction, parsed once for all checks."""

from dataclasses import dataclass
from functools import cached_property

from distill.tasks.summarize.format import bullets
from distill.tasks.summarize.reading import entities, interaction, language, wording, words
from distill.tasks.summarize.reading.entities import Entity

MATCH = 0.6  # least share of common content words with which two texts count as the same


@dataclass(frozen=True)
class Case:
    """A summary's bullets, the interaction's text and what is parsed from both."""

    bullets: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, summary: str, text: str) -> "Case":
        """Parse a summary and its interaction; raises ValueError for a malformed summary."""
        return cls(tuple(bullets(summary)), text)

    @cached_property
    def interaction(self) -> interaction.Interaction:
        """The parsed interaction."""
        return interaction.parse(self.text)

    @cached_property
    def customer_sentences(self) -> tuple[str, ...]:
        """The customer's sentences."""
        return self.interaction.customer_sentences

    @cached_property
    def customer_text(self) -> str:
        """The customer's sentences as one text."""
        return " ".join(self.customer_sentences)

    @cached_property
    def summary_words(self) -> frozenset[str]:
        """The content words of all bullets."""
        return frozenset().union(*map(words.words, self.bullets))

    @cached_property
    def points(self) -> tuple[str, ...]:
        """The bullets without "nothing to summarize"."""
        return tuple(bullet for bullet in self.bullets if not wording.is_nothing(bullet))

    @cached_property
    def language(self) -> str:
        """The language of the customer's sentences."""
        return language.identify(self.customer_text)

    @cached_property
    def customer_entities(self) -> tuple[Entity, ...]:
        """The identifiers and figures in the customer's sentences and in a form's case fields."""
        fields = (
            f"{label}: {value}" for label, value in self.interaction.fields if is_case_field(label)
        )
        sentences = (
            sentence for sentence in self.customer_sentences if not wording.gives_contact(sentence)
        )
        return tuple(entity for text in (*sentences, *fields) for entity in entities.find(text))

    @cached_property
    def summary_entities(self) -> tuple[Entity, ...]:
        """The identifiers and figures in the bullets."""
        return tuple(entity for bullet in self.bullets for entity in entities.find(bullet))

    @cached_property
    def text_keys(self) -> frozenset[str]:
        """The normalized identifiers and figures of the whole text."""
        return frozenset(
            entity.key for line in self.text.splitlines() for entity in entities.find(line)
        )

    @cached_property
    def summary_keys(self) -> frozenset[str]:
        """The normalized identifiers and figures of the summary."""
        return frozenset(entity.key for entity in self.summary_entities)

    def quotes(self, bullet: str) -> bool:
        """Return whether the text contains the bullet verbatim."""
        return words.strip(bullet).casefold() in self._folded_text

    @cached_property
    def _folded_text(self) -> str:
        return self.text.casefold()


def with_sentences(bullet: str) -> tuple[str, ...]:
    """Return the bullet and its sentences, so that noise is found next to a fact."""
    return tuple(dict.fromkeys((bullet, *interaction.sentences(bullet))))


def is_case_field(label: str) -> bool:
    """Return whether a form's field holds an identifier or the price of the case."""
    first = label.casefold().split(" ")[0] if label else ""
    return first in ("item", "order", "return", "case", "transaction", "listing", "price")
