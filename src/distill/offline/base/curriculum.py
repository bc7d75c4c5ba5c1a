"""Pre-training exercises of the tiny base student: exact copying, extraction from a transcript, and
omission of what a question names.

Every exercise is an {"instruction", "answer"} pair drawn from a `random.Random`. None of them is
the pipeline's task: no exercise summarizes an interaction. The model learns to distinguish thanks
from requests for an agent; no exercise shows which of them a summary should omit.
"""

import html
import random
import re
import string
from collections.abc import Callable, Sequence
from typing import NamedTuple

Turn = tuple[str, list[str]]  # label, sentences
Transcript = list[Turn]
Exercise = dict[str, str]


class Told(NamedTuple):
    """A generated interaction; `asides` maps its sentences without a fact to their kinds."""

    text: str
    asides: dict[str, str]


SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
NUMBER = re.compile(r"\d[\d-]*")
MARKS = ".!?"
FIELDS = ["Topic", "Role", "Name", "Email", "Phone", "Username", "Item number", "Item name"]
FIELDS += ["Order number", "Subject", "Date", "Price", "Reference"]


def parse(text: str) -> Transcript:
    """Return the turns of a text of "Label: content" lines, each split into sentences."""
    turns = []
    for line in text.splitlines():
        label, _, content = line.partition(": ")
        turns.append((label, SENTENCE_END.split(content.strip())))
    return turns


def render(transcript: Transcript) -> str:
    """Return the text of a transcript, the inverse of `parse`."""
    return "\n".join(f"{label}: {' '.join(sentences)}" for label, sentences in transcript)


# ---------------------------------------------------------------- random text


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _number(rng: random.Random) -> str:
    shape = rng.randrange(8)
    if shape < 3:
        return rng.choice("123") + _digits(rng, 11)
    if shape < 5:
        return f"{_digits(rng, 2)}-{_digits(rng, 5)}-{_digits(rng, 5)}"
    if shape == 5:
        return f"${_digits(rng, rng.randint(1, 3))}.{_digits(rng, 2)}"
    if shape == 6:
        return _digits(rng, 13) + "T"
    return _digits(rng, rng.randint(1, 10))


class MadeUp:
    """A generator of transcripts of meaningless sentences, with its own random parameters.

    `level`, from 0 to 1, scales the length of sentences and transcripts.
    """

    def __init__(self, rng: random.Random, pieces: Sequence[str], level: float) -> None:
        self.rng, self.level = rng, level
        self.pieces = (
            pieces if rng.random() < 0.5 else rng.choices(pieces, k=rng.choice([100, 300]))
        )
        self.mean = rng.uniform(1, 3 + 7 * level)  # pieces in a sentence of the customer's
        self.numbers = level * rng.choice([0.0, 0.03, 0.1])
        self.repeats = level * rng.choice([0.0, 0.05])
        self.capital = rng.random() < 0.5
        self.past: list[str] = []

    def sentence(self, mean: float | None = None) -> str:
        """Return a sentence of about `mean` pieces, sometimes an earlier one."""
        rng, mean = self.rng, mean or self.mean
        if self.past and rng.random() < self.repeats:
            return rng.choice(self.past)
        count = max(1, min(30, round(rng.gauss(mean, mean / 2.5))))
        drawn = (
            f" {_number(rng)} " if rng.random() < self.numbers else rng.choice(self.pieces)
            for _ in range(count)
        )
        text = " ".join(re.sub(r"[.!?:]", "", "".join(drawn)).split()) or "a"
        if self.capital:
            text = text[:1].upper() + text[1:]
        text += rng.choices([".", "?", "!", ""], [70, 18, 6, 6])[0]
        self.past.append(text)
        return text

    def sentences(self, most: int, mean: float | None = None) -> list[str]:
        """Return one to `most` sentences; one without an end mark is the last."""
        found: list[str] = []
        for _ in range(self.rng.randint(1, most)):
            if found and found[-1][-1] not in MARKS:
                break
            found.append(self.sentence(mean))
        return found

    def chat(self) -> Transcript:
        """Return turns of the customer and another speaker, mostly alternating.

        The length of the other speaker's turns does not predict where the customer continues.
        """
        rng = self.rng
        other = rng.choice(["Bot", "Bot", "Agent", "Support", "Assistant", "Seller"])
        most = rng.choice([1, 1, 2, 3])
        chat: Transcript = []
        speaker = rng.choice(["Customer", other])
        for _ in range(rng.randint(2, 8 + round(6 * self.level))):
            mean = None if speaker == "Customer" else rng.choice([1, 2, 4, 8, 14])
            chat.append((speaker, self.sentences(most, mean)))
            if rng.random() < 0.87:
                speaker = other if speaker == "Customer" else "Customer"
        return chat

    def form(self) -> Transcript:
        """Return a form: named fields, then a message."""
        rng = self.rng
        form: Transcript = []
        for name in rng.sample(FIELDS, rng.randint(1, 2 + round(6 * self.level))):
            numeric = "number" in name or rng.random() < 0.2
            form.append((name, [_number(rng) if numeric else self.sentence(2).rstrip(MARKS)]))
        form.append(("Message", self.sentences(4 + round(4 * self.level))))
        return form


# ---------------------------------------------------------------- copying


def copying(rng: random.Random, pieces: Sequence[str], longest: int) -> Exercise:
    """Return an exercise to repeat a random sequence of at most `longest` pieces, or of numbers."""
    count = rng.randint(longest // 2, longest)
    pool = pieces if rng.random() < 0.8 else rng.sample(list(pieces), min(len(pieces), 60))
    text = "".join(rng.choices(pool, k=count)).strip() or "a"
    if rng.random() < 0.15:
        text = " ".join(_number(rng) for _ in range(1 + count // 12))
    ask = rng.choice(["Repeat", "Copy", "Say again", "Write exactly"])
    return {"instruction": f"{ask}: {text}", "answer": text}


# ---------------------------------------------------------------- extraction from a transcript

STYLES: dict[str, tuple[str, Callable[[list[str]], str]]] = {
    "lines": ("one a line", "\n".join),
    "dashes": ("with dashes", lambda items: "\n".join(f"- {item}" for item in items)),
    "tags": (
        "as an HTML list",
        lambda items: (
            "<ul>"
            + "".join(f"<li>{html.escape(item, quote=False)}</li>" for item in items)
            + "</ul>"
        ),
    ),
}


def _formatted(rng: random.Random, items: list[str], tags: bool) -> tuple[str, str]:
    """Return the wording of the answer's format, and the answer in this format."""
    style = "tags" if tags else rng.choice(["lines", "dashes"])
    wording, layout = STYLES[style]
    if not items:
        return wording, layout(["none"])
    if style == "tags" or rng.random() < 0.5:
        wording += ", no end marks"
        items = [item.rstrip(MARKS) for item in items]
    return wording, layout(items)


def _speaker(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    """Return a label, mostly the customer's, and its sentences."""
    labels = sorted({label for label, _ in transcript})
    first = "Customer" if "Customer" in labels else "Message"
    label = first if first in labels and rng.random() < 0.8 else rng.choice(labels)
    if rng.random() < 0.05:
        return "anyone", [s for _, sentences in transcript for s in sentences]
    return label, [s for name, sentences in transcript if name == label for s in sentences]


def _ask_sentences(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, sentences = _speaker(rng, transcript)
    return f"all sentences of {who}", sentences


def _ask_some(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, sentences = _speaker(rng, transcript)
    count = rng.randint(1, 4)
    if rng.random() < 0.5:
        return f"the first {count} sentences of {who}", sentences[:count]
    return f"the last {count} sentences of {who}", sentences[-count:]


def _ask_lines(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, _ = _speaker(rng, transcript)
    return f"all lines of {who}", [
        " ".join(sentences) for label, sentences in transcript if who in (label, "anyone")
    ]


def _ask_mark(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, sentences = _speaker(rng, transcript)
    tests: dict[str, Callable[[str], bool]] = {
        "that ask": lambda s: s.endswith("?"),
        "that do not ask": lambda s: not s.endswith("?"),
        "with a number": lambda s: NUMBER.search(s) is not None,
        "without a number": lambda s: NUMBER.search(s) is None,
        "of at most five words": lambda s: len(s.split()) <= 5,
        "of more than five words": lambda s: len(s.split()) > 5,
    }
    name = rng.choice(list(tests))
    return f"the sentences of {who} {name}", [s for s in sentences if tests[name](s)]


def _ask_once(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, sentences = _speaker(rng, transcript)
    return f"the sentences of {who}, each only once", list(dict.fromkeys(sentences))


def _ask_numbers(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, sentences = _speaker(rng, transcript)
    return f"the numbers of {who}", [n for s in sentences for n in NUMBER.findall(s)]


def _ask_but(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, sentences = _speaker(rng, transcript)
    count = rng.randint(1, 3)
    if rng.random() < 0.5:
        return f"all sentences of {who} but the first {count}", sentences[count:]
    return f"all sentences of {who} but the last {count}", sentences[:-count]


def _ask_after(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    if len(transcript) < 2:
        return _ask_lines(rng, transcript)
    at = rng.randrange(len(transcript) - 1)
    line = " ".join(transcript[at][1])
    following = " ".join(transcript[at + 1][1])
    return f'the line after "{" ".join(line.split()[:6])}"', [following]


def _ask_field(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    label, _ = rng.choice(transcript)
    found = [" ".join(sentences) for name, sentences in transcript if name == label]
    return f"what {label} says", found


def _fields(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    """Return the wording of a question for some fields, and the lines of those in the form."""
    wanted = rng.sample(FIELDS, rng.randint(1, 5))
    lines = [f"{label}: {' '.join(said)}" for label, said in transcript if label in wanted]
    return f", then the lines {' and '.join(wanted)}", lines


def _ask_then(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, sentences = _speaker(rng, transcript)
    then, lines = _fields(rng, transcript)
    return f"all sentences of {who}{then}", [*sentences, *lines]


Question = Callable[[random.Random, Transcript], tuple[str, list[str]]]
Questions = Sequence[tuple[int, Question]]
EASY: Questions = [(3, _ask_sentences), (2, _ask_lines)]
QUESTIONS: Questions = [
    *EASY,
    (2, _ask_some),
    (2, _ask_mark),
    (2, _ask_once),
    (2, _ask_but),
    (3, _ask_then),
    (1, _ask_numbers),
    (1, _ask_after),
    (1, _ask_field),
]

OPENINGS = ["List", "Write", "Give", "Show", "Find"]
TAGS = ["text", "chat", "form", "interaction", "document"]


def _asked(rng: random.Random, order: str, transcript: Transcript, answer: str) -> Exercise:
    tag, text = rng.choice(TAGS), render(transcript)
    if rng.random() < 0.8:
        text = f"<{tag}>\n{text}\n</{tag}>"
    return {"instruction": f"{rng.choice(OPENINGS)} {order}\n{text}", "answer": answer}


def finding(
    rng: random.Random, transcript: Transcript, questions: Questions, tags: bool
) -> Exercise:
    """Return an extraction exercise about `transcript`; `tags` asks for an HTML list."""
    ask = rng.choices([ask for _, ask in questions], [weight for weight, _ in questions])[0]
    what, items = ask(rng, transcript)
    wording, answer = _formatted(rng, items, tags)
    return _asked(rng, f"{what}, {wording}.", transcript, answer)


def leaving_out(
    rng: random.Random, transcript: Transcript, beginning: Callable[[str], str], tags: bool
) -> Exercise:
    """Return an exercise to list a speaker's sentences without those with certain beginnings."""
    who, sentences = _speaker(rng, transcript)
    known = sorted({beginning(sentence) for sentence in sentences})
    out = [first for first in known if rng.random() < 0.35] or [rng.choice(known)]
    kept = [sentence for sentence in sentences if beginning(sentence) not in out]
    then, lines = _fields(rng, transcript) if who == "Message" else ("", [])
    wording, answer = _formatted(rng, kept + lines, tags)
    named = "\n".join(f"Leave out: {first}" for first in out)
    return _asked(rng, f"all sentences of {who}{then}, {wording}.\n{named}", transcript, answer)


TOPICS = {  # kind of an aside -> its wording in a question
    "courtesy": "greetings and thanks",
    "customer_rant": "anger",
    "sentiment": "feelings",
    "transfer": "transfers",
    "requests_agent": "calls for a person",
    "webform_email_copy": "calls for a copy",
    "redundant": "repetitions",
}


def leaving_out_topics(rng: random.Random, interaction: Told) -> Exercise:
    """Return an exercise to list the customer's sentences without some asides, or only those."""
    transcript = parse(interaction.text)
    labels = {label for label, _ in transcript}
    who = "Customer" if "Customer" in labels else "Message"
    customer_sentences = [s for label, sentences in transcript if label == who for s in sentences]
    out = [kind for kind in TOPICS if rng.random() < 0.4] or [rng.choice(list(TOPICS))]
    named = " or ".join(TOPICS[kind] for kind in rng.sample(out, len(out)))
    if rng.random() < 0.25:
        what, kept = (
            f"the {named} of {who}",
            [s for s in customer_sentences if interaction.asides.get(s) in out],
        )
    else:
        what = f"all sentences of {who} but {named}"
        kept = [s for s in customer_sentences if interaction.asides.get(s) not in out]
    if who == "Message" and rng.random() < 0.5:
        then, lines = _fields(rng, transcript)
        what, kept = what + then, kept + lines
    wording, answer = _formatted(rng, kept, tags=False)
    return _asked(rng, f"{what}, {wording}.", transcript, answer)


# Steps to full-length transcripts, to all questions, and to questions about topics.
GROWN, ALL, TOPICAL = 500, 1_000, 2_000


def exercise(
    rng: random.Random,
    step: int,
    texts: Sequence[Told],
    pieces: Sequence[str],
    beginning: Callable[[str], str],
) -> Exercise:
    """Return an exercise for a step of the training.

    The curriculum starts with all sentences of a speaker in short transcripts, then in longer ones
    and in `texts`, which are generated interactions. It continues with all questions and with
    omissions, by beginnings first and by topics last. `pieces` are the vocabulary of random text;
    `beginning` returns a sentence's first token.
    """
    level = min(1.0, step / GROWN)
    if rng.random() < 0.04:
        return copying(rng, pieces, rng.randint(4, 20 + round(180 * level)))
    if step >= TOPICAL and rng.random() < 0.5:
        return leaving_out_topics(rng, rng.choice(texts))
    if level > 0.5 and rng.random() < 0.4:
        transcript, tags = parse(rng.choice(texts).text), False
    else:
        world = MadeUp(rng, pieces, level)
        transcript = world.chat() if rng.random() < 0.75 else world.form()
        tags = rng.random() < 0.6
    if step >= ALL and rng.random() < 0.4:
        return leaving_out(rng, transcript, beginning, tags)
    easy = step < ALL or rng.random() < 0.4
    return finding(rng, transcript, EASY if easy else QUESTIONS, tags)
