"""An interaction as the judge reads it: the customer's sentences, others', a form's fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_LINE = re.compile(r"([A-Z][\w' /-]{0,30}): ?(.*)")
_CUSTOMER = "customer"
_FREE_TEXT = {"message", "subject", "description", "comment", "comments", "details"}
_UNREAD = {"signature"}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+|(?<=;)\s+")
_JOINT = re.compile(
    r",?\s+(?:and|but|so|because|since|although|though|yet|while|which|who|that is why)\s+"
    r"|[;:()]\s*|,\s+|\s+(?=(?:why|whether|rather than|instead of|even though)\s)",
    re.I,
)
_LEAST = 3  # words of a clause


@dataclass(frozen=True)
class Interaction:
    """What the customer wrote, what others said, and the labelled fields of a form.

    The texts are verbatim parts of the interaction.
    """

    own: tuple[str, ...]
    others: tuple[str, ...]
    fields: dict[str, str]

    @property
    def is_form(self) -> bool:
        """Return whether the interaction is a form or an e-mail."""
        return bool(self.fields)

    @property
    def customer_text(self) -> str:
        """Return the customer's sentences and the fields' values as one text."""
        return " ".join([*self.own, *self.fields.values()])

    @property
    def other_text(self) -> str:
        """Return the sentences of the other roles as one text."""
        return " ".join(self.others)


def parse(text: str) -> Interaction:
    """Return the interaction: a chat where a line is the customer's, else a form or an e-mail."""
    turns = list(_labelled(text))
    if any(label.casefold() == _CUSTOMER for label, _ in turns):
        own = [
            part for label, said in turns if label.casefold() == _CUSTOMER for part in _cut(said)
        ]
        rest = [
            part for label, said in turns if label.casefold() != _CUSTOMER for part in _cut(said)
        ]
        rest = [part for part in rest if not part.endswith("?")]
        return Interaction(tuple(own), tuple(rest), {})
    free = [(label, said) for label, said in turns if label.casefold() in _FREE_TEXT or not label]
    fields = {
        label: said
        for label, said in turns
        if label and label.casefold() not in _FREE_TEXT | _UNREAD and said
    }
    return Interaction(tuple(part for _, said in free for part in _cut(said)), (), fields)


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """Yield (label, text); a line without a label belongs to the label before it."""
    label, said = "", ""
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match:
            if label or said:
                yield label, said
            label, said = match[1], match[2]
        else:
            said = f"{said}\n{line}"
    if label or said:
        yield label, said


def _cut(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def clauses(sentence: str) -> list[str]:
    """Return the clauses of a sentence, cut at conjunctions between parts of three words or more.

    A sentence without such a place is one clause.
    """
    ends = [0]
    for match in _JOINT.finditer(sentence):
        before, after = sentence[ends[-1] : match.start()], sentence[match.end() :]
        if len(before.split()) >= _LEAST and len(after.split()) >= _LEAST:
            ends.append(match.start())
    parts = [sentence[start:end] for start, end in pairwise([*ends, len(sentence)])]
    return [stripped for part in parts if (stripped := part.strip(" ,;"))]
