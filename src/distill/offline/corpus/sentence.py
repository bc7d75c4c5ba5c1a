"""Sentences as pieces of text, with the entities and the personal data among them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from distill.offline.corpus.values import ENTITIES, PII, Values, kind_of

ALTERNATIVES = re.compile(r"\[([^\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
ARTICLE = re.compile(r"\b([Aa]) $")
WORD = re.compile(r"[a-z]{4,}")
# Words that stay without typos, because they name the kind of a value or the customer's role.
CUES = {"item", "order", "return", "case", "transaction", "username", "price", "buyer", "seller"}


@dataclass(frozen=True)
class Piece:
    """Literal words, or the value of a slot with its kind of entity and type of personal data."""

    text: str
    slot: str | None = None
    entity: str | None = None
    pii: str | None = None

    @property
    def is_value(self) -> bool:
        """Whether the piece is a value, which typos and capitalization must not change."""
        return self.slot is not None


@dataclass(frozen=True)
class Sentence:
    """A sentence; `kind` is "fact" or a kind of noise, `about` the value that a bot may ask for.

    `family` is the fact's key in facts.yaml. Where a sentence has a fact and noise, `mixed` is the
    kind of noise, and the fact is its pieces from `start` to `stop`.
    """

    kind: str
    pieces: tuple[Piece, ...]
    about: str = ""
    family: str = ""
    mixed: str = ""
    start: int = 0
    stop: int | None = None

    @property
    def text(self) -> str:
        """The sentence as written in the interaction."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def fact(self) -> str:
        """The part of the sentence that is a fact."""
        return "".join(piece.text for piece in self.pieces[self.start : self.stop])

    @property
    def noise(self) -> str:
        """The part of the sentence that is noise; of a mixed one with "..." for the fact."""
        if not self.mixed:
            return self.text
        before = "".join(piece.text for piece in self.pieces[: self.start])
        return before + "..." + "".join(piece.text for piece in self.pieces[self.stop :])

    @property
    def values(self) -> dict[str, str]:
        """The values of the fact by slot: {"order_number": "07-11223-45678"}."""
        return {p.slot: p.text for p in self.pieces[self.start : self.stop] if p.slot is not None}

    @property
    def spans(self) -> list[tuple[int, int, str]]:
        """Start, end and type of each piece of personal data in `text`."""
        spans, start = [], 0
        for piece in self.pieces:
            end = start + len(piece.text)
            if piece.pii is not None:
                spans.append((start, end, piece.pii))
            start = end
        return spans


def fill(rng: Random, values: Values, line: str, kind: str) -> Sentence:
    """Return the sentence of a phrasing, as "My order {order_number} [is late|has not come]."."""
    line = ALTERNATIVES.sub(lambda match: rng.choice(match[1].split("|")), line)
    pieces: list[Piece] = []
    for position, part in enumerate(SLOT.split(" ".join(line.split()))):
        if position % 2:
            slot = kind_of(part)
            entity = slot if slot in ENTITIES else None
            if pieces and values[part][0] in "aeiouAEIO":
                pieces[-1] = replace(pieces[-1], text=ARTICLE.sub(r"\1n ", pieces[-1].text))
            pieces.append(Piece(values[part], part, entity, PII.get(slot)))
        elif part:
            pieces.append(Piece(part))
    return _with_first_letter(Sentence(kind, tuple(pieces)), str.upper)


def lowered(sentence: Sentence) -> Sentence:
    """Return the sentence with a lower-case first letter, unless it starts with "I"."""
    if re.match(r"I\b", sentence.text):
        return sentence
    return _with_first_letter(sentence, str.lower)


def exclaimed(sentence: Sentence) -> Sentence:
    """Return the sentence with "!" for its full stop."""
    last = sentence.pieces[-1]
    if last.is_value or not last.text.endswith("."):
        return sentence
    return replace(sentence, pieces=(*sentence.pieces[:-1], Piece(last.text[:-1] + "!")))


def prefixed(prefix: str, sentence: Sentence, kind: str) -> Sentence:
    """Return the sentence as a repetition: "As I said, the parcel is late."."""
    return replace(
        sentence, kind=kind, pieces=(Piece(prefix + " "), *lowered(sentence).pieces), about=""
    )


def quoted(before: str, sentence: Sentence, after: str, kind: str) -> Sentence:
    """Return the sentence, without its closing mark, between other words."""
    *head, last = sentence.pieces
    inner = (*head, replace(last, text=last.text.rstrip(".!?")))
    return Sentence(kind, (Piece(before), *inner, Piece(after)))


def mixed(before: str, sentence: Sentence, after: str, kind: str) -> Sentence:
    """Return one sentence with a fact and noise: "Get me an agent because my order is late."."""
    *head, last = (lowered(sentence) if before else sentence).pieces
    inner = (*head, replace(last, text=last.text.rstrip(".!")))
    noise = ((Piece(before),) if before else ()), (Piece(after),)
    start, stop = len(noise[0]), len(noise[0]) + len(inner)
    return replace(
        sentence, pieces=(*noise[0], *inner, *noise[1]), mixed=kind, start=start, stop=stop
    )


def mistyped(rng: Random, sentence: Sentence) -> Sentence:
    """Return the sentence with a typo in a lower-case word of four letters or more."""
    places = [
        (index, match)
        for index, piece in enumerate(sentence.pieces)
        if not piece.is_value
        for match in WORD.finditer(piece.text)
        if match[0] not in CUES
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


def _with_first_letter(sentence: Sentence, change: Callable[[str], str]) -> Sentence:
    head = sentence.pieces[0]
    if head.is_value:
        return sentence
    head = replace(head, text=change(head.text[:1]) + head.text[1:])
    return replace(sentence, pieces=(head, *sentence.pieces[1:]))
