"""Who said what in an interaction: the customer's sentences, the other side's, a form's fields.

in   "Customer: my lamp broke. Refund please\\nBot: Which order?\\nCustomer: 12"
out  said: ("my lamp broke.", turn 0), ("Refund please", turn 0), ("12", turn 1, after the question)
"""

import re
from dataclasses import dataclass

_MOST, _LONGEST = 20_000, 600  # characters of a text and of a sentence that are read
_LABEL = re.compile(r"([^:\s][^:\n]{0,39}):(?:\s+|$)(.*)")
_FREE_TEXT = ("message", "description", "comment", "comments", "details", "question", "request")
_ASIDE = ("quoted", "signature")
# A closing mark ends a sentence, but not in "order no. 12" or "4.50".
_END = re.compile(r"(?<!\bno\.)(?<!\bNo\.)(?<=[.!?…])[\"')]?\s+|\s*\n+")


@dataclass(frozen=True)
class Sentence:
    """A sentence of the customer with its turn and what the other side said before that turn."""

    text: str
    turn: int
    after: str


@dataclass(frozen=True)
class Interaction:
    """The parts of an interaction; `fields` is empty for a chat."""

    said: tuple[Sentence, ...]
    answers: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All that the customer wrote."""
        return " ".join(sentence.text for sentence in self.said)

    def field(self, name: str) -> str:
        """Return the value of the field of this name, "" where the form has none."""
        return next((value for label, value in self.fields if label.casefold() == name), "")


def read(text: str) -> Interaction:
    """Return the parts of a text; a line without a label continues the one above it."""
    lines: list[tuple[str, str]] = []
    for line in text[:_MOST].split("\n"):
        labelled = _LABEL.fullmatch(line)
        if labelled and not (lines and _is_prose(labelled[1])):
            lines.append((labelled[1].strip(), labelled[2].strip()))
        elif line.strip():
            label, before = lines.pop() if lines else ("", "")
            lines.append((label, f"{before}\n{line.strip()}".strip()))
    if any(label == "Customer" for label, _ in lines):
        return _chat(lines)
    return _form(lines)


def _is_prose(label: str) -> bool:
    """Return whether a colon stands in a sentence and ends no label."""
    return len(label.split()) > 4 or label[:1].islower()


def _chat(lines: list[tuple[str, str]]) -> Interaction:
    said: list[Sentence] = []
    answers: list[str] = []
    turn, after = 0, ""
    for label, line in lines:
        if label == "Customer":
            said += [Sentence(part, turn, after) for part in sentences(line)]
            turn, after = turn + 1, ""
        else:
            answers += sentences(line)
            after = f"{after} {line}".strip()
    return Interaction(tuple(said), tuple(answers), ())


def _form(lines: list[tuple[str, str]]) -> Interaction:
    named = [label for label, _ in lines if label.casefold() in _FREE_TEXT]
    longest = max(lines, key=lambda line: len(line[1].split()), default=("", ""))[0]
    message = named[0] if named else longest
    said = [part for label, line in lines if label == message for part in sentences(line)]
    fields = ((k, v) for k, v in lines if k != message and k.casefold() not in _ASIDE)
    return Interaction(tuple(Sentence(part, 0, "") for part in said), (), tuple(fields))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text with their closing marks."""
    return [part.strip()[:_LONGEST] for part in _END.split(text) if part.strip()]
