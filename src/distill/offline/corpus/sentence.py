"""Sentences that remember which of their words are entities or personal data."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from distill.offline.corpus.values import ENTITIES, PII, Values, kind_of

ALTERNATIVES = re.compile(r"\[([^\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
ARTICLE = re.compile(r"\b([Aa]) $")
WORD = re.compile(r"[a-z]{4,}")
# A typo in one of these would take away the name of the value or of the role that it stands for.
KEPT = {"item", "order", "return", "case", "transaction", "username", "price", "buyer", "seller"}


@dataclass(frozen=True)
class Piece:
    """Literal words, or one value with the entity it is, the personal data it is, or both."""

    text: str
    entity: str | None = None
    pii: str | None = None

    @property
    def is_value(self) -> bool:
        """Whether typos and capitals must leave it alone."""
        return self.entity is not None or self.pii is not None


@dataclass(frozen=True)
class Sentence:
    """`kind` is "fact" or a kind of noise; `about` is the value that a bot could ask for."""

    kind: str
    pieces: tuple[Piece, ...]
    about: str = ""

    @property
    def text(self) -> str:
        """The sentence as it stands in the interaction."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def spans(self) -> list[tuple[int, int, str]]:
        """Start, end and type of each piece of personal data in `text`."""
        found, start = [], 0
        for piece in self.pieces:
            end = start + len(piece.text)
            if piece.pii is not None:
                found.append((start, end, piece.pii))
            start = end
        return found


def fill(rng: Random, values: Values, line: str, kind: str, about: str = "") -> Sentence:
    """The sentence of a phrasing such as "My order {order_number} [is late|has not come]."."""
    line = ALTERNATIVES.sub(lambda match: rng.choice(match[1].split("|")), line)
    pieces: list[Piece] = []
    for position, part in enumerate(SLOT.split(" ".join(line.split()))):
        if position % 2:
            slot = kind_of(part)
            entity = slot if slot in ENTITIES else None
            if pieces and values[part][0] in "aeiouAEIO":
                pieces[-1] = replace(pieces[-1], text=ARTICLE.sub(r"\1n ", pieces[-1].text))
            pieces.append(Piece(values[part], entity, PII.get(slot)))
        elif part:
            pieces.append(Piece(part))
    return _first(Sentence(kind, tuple(pieces), about), str.upper)


def lowered(sentence: Sentence) -> Sentence:
    """As people write who do not care for capitals; "I" stays as it is."""
    if re.match(r"I\b", sentence.text):
        return sentence
    return _first(sentence, str.lower)


def exclaimed(sentence: Sentence) -> Sentence:
    """The sentence with "!" for its full stop."""
    last = sentence.pieces[-1]
    if last.is_value or not last.text.endswith("."):
        return sentence
    return replace(sentence, pieces=(*sentence.pieces[:-1], Piece(last.text[:-1] + "!")))


def prefixed(prefix: str, sentence: Sentence, kind: str) -> Sentence:
    """The sentence said again: "As I said, the parcel is late."."""
    return replace(
        sentence, kind=kind, pieces=(Piece(prefix + " "), *lowered(sentence).pieces), about=""
    )


def quoted(before: str, sentence: Sentence, after: str, kind: str) -> Sentence:
    """The sentence, its closing mark left out, inside other words."""
    *head, last = sentence.pieces
    inner = (*head, replace(last, text=last.text.rstrip(".!?")))
    return Sentence(kind, (Piece(before), *inner, Piece(after)))


def mistyped(rng: Random, sentence: Sentence) -> Sentence:
    """One typo in a lower-case word of four letters or more, never in a value."""
    places = [
        (index, match)
        for index, piece in enumerate(sentence.pieces)
        if not piece.is_value
        for match in WORD.finditer(piece.text)
        if match[0] not in KEPT
    ]
    if not places:
        return sentence
    index, match = rng.choice(places)
    pieces = list(sentence.pieces)
    text = pieces[index].text
    pieces[index] = Piece(text[: match.start()] + _typo(rng, match[0]) + text[match.end() :])
    return replace(sentence, pieces=tuple(pieces))


def _typo(rng: Random, word: str) -> str:
    at = rng.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    dropped = word[:at] + word[at + 1 :]
    doubled = word[:at] + word[at] + word[at:]
    return rng.choice([swapped, dropped, doubled])


def _first(sentence: Sentence, change: Callable[[str], str]) -> Sentence:
    head = sentence.pieces[0]
    if head.is_value:
        return sentence
    head = replace(head, text=change(head.text[:1]) + head.text[1:])
    return replace(sentence, pieces=(head, *sentence.pieces[1:]))
