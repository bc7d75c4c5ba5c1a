"""What the tiny base student is taught: to copy exactly, to find things in a transcript, and to
tell what its sentences are about.

Every exercise is an {"instruction", "answer"} pair made from a `random.Random`. None of them is
the pipeline's own task: no exercise summarises an interaction.
"""

import html
import random
import re
import string
from collections.abc import Callable, Sequence
from typing import Any

Turn = tuple[str, list[str]]  # label, sentences
Transcript = list[Turn]
Exercise = dict[str, str]

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
NUMBER = re.compile(r"\d[\d-]*")
MARKS = ".!?"


def parse(text: str) -> Transcript:
    """The turns of a text of "Label: content" lines, each split into sentences."""
    turns = []
    for line in text.splitlines():
        label, _, content = line.partition(": ")
        turns.append((label, SENTENCE_END.split(content.strip())))
    return turns


def render(transcript: Transcript) -> str:
    """The text that `parse` takes apart."""
    return "\n".join(f"{label}: {' '.join(sentences)}" for label, sentences in transcript)


# ---------------------------------------------------------------- made-up text


def _word(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return "".join(
            rng.choice("bcdfghklmnprstvwz") + rng.choice("aeiou") for _ in range(rng.randint(1, 3))
        ) + rng.choice(["", "n", "s", "t", "ng"])
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(1, 8)))


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
    """Sentences of words drawn from `words`, from random pieces and from invented words.

    One instance is one small world: few words open its sentences, so that what to copy cannot be
    told by a sentence's first word.
    """

    def __init__(
        self, rng: random.Random, words: Sequence[str], pieces: Sequence[str], size: int
    ) -> None:
        self.rng, self.size = rng, size
        kinds: list[Callable[[], str]] = [
            lambda: rng.choice(words),
            lambda: _word(rng),
            lambda: "".join(rng.choices(pieces, k=rng.randint(1, 3))).strip() or "a",
        ]
        weights = rng.choice([(1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 1, 1), (5, 1, 0)])
        pool = rng.choice([30, 80, 200])
        self.words = [rng.choices(kinds, weights)[0]() for _ in range(pool)]
        self.openers = rng.choices(self.words, k=rng.choice([3, 8, 20, 60]))
        self.numbers = rng.choice([0.0, 0.03, 0.1])
        self.mean = rng.choice([(2, 3), (3, 5), (5, 9, 14)][size])
        self.repeats = (0.0, 0.02, 0.06)[size]
        self.capital = rng.random() < 0.7
        self.past: list[str] = []

    def sentence(self) -> str:
        """A sentence, now and then one that was said before."""
        rng = self.rng
        if self.past and rng.random() < self.repeats:
            return rng.choice(self.past)
        count = max(1, min(30, round(rng.gauss(self.mean, self.mean / 2.5))))
        words = [rng.choice(self.openers)]
        words += [
            _number(rng) if rng.random() < self.numbers else rng.choice(self.words)
            for _ in range(count - 1)
        ]
        text = (" " if rng.random() < 0.95 else ", ").join(words)
        if self.capital:
            text = text[:1].upper() + text[1:]
        text += rng.choices([".", "?", "!", ""], [70, 18, 6, 6])[0]
        self.past.append(text)
        return text

    def sentences(self, most: int) -> list[str]:
        """One to `most` sentences; one without an end mark ends them."""
        found: list[str] = []
        for _ in range(self.rng.randint(1, most)):
            if found and found[-1][-1] not in MARKS:
                break
            found.append(self.sentence())
        return found

    def chat(self) -> Transcript:
        """Turns of the customer and another speaker, mostly in turn."""
        rng = self.rng
        other = rng.choice(["Bot", "Bot", "Agent", "Support", "Assistant", "Seller"])
        most = rng.choice([(1, 2), (1, 2, 3), (1, 2, 3, 5)][self.size])
        longest = (4, 6, 24 if rng.random() < 0.1 else 12)[self.size]
        turns = rng.randint(1, longest)
        chat: Transcript = []
        speaker = "Customer" if rng.random() < 0.7 else other
        for _ in range(turns):
            chat.append((speaker, self.sentences(most)))
            if rng.random() < 0.95:
                speaker = other if speaker == "Customer" else "Customer"
        return chat

    def form(self) -> Transcript:
        """Named fields, then a message."""
        rng = self.rng
        names = ["Topic", "Role", "Name", "Email", "Phone", "Username", "Item number", "Item name"]
        names += ["Order number", "Subject", "Date", "Price", "Reference"]
        form: Transcript = []
        for name in rng.sample(names, rng.randint(1, (2, 4, 8)[self.size])):
            numeric = "number" in name or rng.random() < 0.2
            value = (
                _number(rng)
                if numeric
                else " ".join(rng.choices(self.words, k=rng.choice([1, 2, 3])))
            )
            form.append((name, [value]))
        form.append(("Message", self.sentences((4, 6, 8)[self.size])))
        return form


# ---------------------------------------------------------------- copying


def copying(rng: random.Random, pieces: Sequence[str], longest: int) -> Exercise:
    """Repeat a sequence of about `longest` random pieces at most, or of numbers."""
    count = rng.randint(longest // 2, longest)
    pool = pieces if rng.random() < 0.8 else rng.sample(list(pieces), min(len(pieces), 60))
    text = "".join(rng.choices(pool, k=count)).strip() or "a"
    if rng.random() < 0.15:
        text = " ".join(_number(rng) for _ in range(1 + count // 12))
    ask = rng.choice(["Repeat", "Copy", "Say again", "Write exactly"])
    return {"instruction": f"{ask}: {text}", "answer": text}


# ---------------------------------------------------------------- finding things in a transcript

STYLES: dict[str, tuple[str, Callable[[list[str]], str]]] = {
    "lines": ("one a line", "\n".join),
    "dashes": ("with dashes", lambda found: "\n".join(f"- {item}" for item in found)),
    "tags": (
        "as an HTML list",
        lambda found: (
            "<ul>"
            + "".join(f"<li>{html.escape(item, quote=False)}</li>" for item in found)
            + "</ul>"
        ),
    ),
}


def _shown(rng: random.Random, found: list[str], tags: bool) -> tuple[str, str]:
    """How the answer is asked to look, and the answer."""
    style = "tags" if tags else rng.choice(["lines", "dashes"])
    wording, layout = STYLES[style]
    if not found:
        return wording, layout(["none"])
    if style == "tags" or rng.random() < 0.5:
        wording += ", no end marks"
        found = [item.rstrip(MARKS) for item in found]
    return wording, layout(found)


def _who(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    """A label, mostly that of the customer's own words, and its sentences."""
    labels = sorted({label for label, _ in transcript})
    first = "Customer" if "Customer" in labels else "Message"
    label = first if first in labels and rng.random() < 0.7 else rng.choice(labels)
    if rng.random() < 0.1:
        return "anyone", [s for _, sentences in transcript for s in sentences]
    return label, [s for name, sentences in transcript if name == label for s in sentences]


def _ask_sentences(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, found = _who(rng, transcript)
    return f"all sentences of {who}", found


def _ask_some(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, found = _who(rng, transcript)
    count = rng.randint(1, 4)
    if rng.random() < 0.5:
        return f"the first {count} sentences of {who}", found[:count]
    return f"the last {count} sentences of {who}", found[-count:]


def _ask_lines(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, _ = _who(rng, transcript)
    return f"all lines of {who}", [
        " ".join(sentences) for label, sentences in transcript if who in (label, "anyone")
    ]


def _ask_word(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    """Sentences with (or without) any of one to three words: what to copy is known only after
    a sentence has been read to its end."""
    who, found = _who(rng, transcript)
    words = [w for s in found for w in re.findall(r"[^\W\d_]{2,}", s)]
    if not words:
        return _ask_sentences(rng, transcript)
    wanted = rng.sample(words, min(len(words), rng.randint(1, 3)))
    holds = [s for s in found if any(re.search(rf"\b{re.escape(w)}\b", s) for w in wanted)]
    shown = " or ".join(dict.fromkeys(wanted))
    if rng.random() < 0.5:
        return f"the sentences of {who} without {shown}", [s for s in found if s not in holds]
    return f"the sentences of {who} with {shown}", holds


def _ask_mark(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, found = _who(rng, transcript)
    tests: dict[str, Callable[[str], bool]] = {
        "that ask": lambda s: s.endswith("?"),
        "that do not ask": lambda s: not s.endswith("?"),
        "with a number": lambda s: NUMBER.search(s) is not None,
        "without a number": lambda s: NUMBER.search(s) is None,
        "of at most five words": lambda s: len(s.split()) <= 5,
        "of more than five words": lambda s: len(s.split()) > 5,
    }
    name = rng.choice(list(tests))
    return f"the sentences of {who} {name}", [s for s in found if tests[name](s)]


def _ask_once(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, found = _who(rng, transcript)
    return f"the sentences of {who}, each only once", list(dict.fromkeys(found))


def _ask_numbers(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, found = _who(rng, transcript)
    return f"the numbers of {who}", [n for s in found for n in NUMBER.findall(s)]


def _ask_start(rng: random.Random, transcript: Transcript) -> tuple[str, list[str]]:
    who, found = _who(rng, transcript)
    chosen = rng.choice(found)
    words = chosen.split()
    if rng.random() < 0.5:
        return f'the sentence that starts "{" ".join(words[:3])}"', [
            s for s in found if s.split()[:3] == words[:3]
        ]
    tail = words[-2:]
    return f'the sentence of {who} that ends "{" ".join(tail)}"', [
        s for s in found if s.split()[-2:] == tail
    ]


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


# ---------------------------------------------------------------- what sentences are about

KINDS = {
    "courtesy": "small talk or personal details",
    "customer_rant": "general complaints",
    "redundant": "repetitions",
    "requests_agent": "wishes for a person",
    "sentiment": "feelings",
    "transfer": "about a transfer",
    "webform_email_copy": "wishes for a copy",
}


def _ask_kind(rng: random.Random, row: dict[str, Any]) -> tuple[str, list[str]]:
    """Sentences of the customer that are, or are not, of some kinds; `row` as in `exercise`."""
    transcript = parse(row["text"])
    labels = [label for label, _ in transcript]
    who = "Customer" if "Customer" in labels else "Message"
    said = [s for label, sentences in transcript if label == who for s in sentences]
    if row["role"] and rng.random() < 0.15:
        return "whether a buyer or a seller writes", [row["role"]]
    present = sorted({row["kinds"][s] for s in said if s in row["kinds"]})
    if present and rng.random() < 0.4:
        kind = rng.choice(present)
        return f"the sentences of {who} that are {KINDS[kind]}", [
            s for s in said if row["kinds"].get(s) == kind
        ]
    left_out = rng.sample(sorted(KINDS), rng.randint(1, len(KINDS) - 1))
    return f"the sentences of {who} except {', '.join(KINDS[kind] for kind in left_out)}", [
        s for s in said if row["kinds"].get(s) not in left_out
    ]


QUESTIONS: list[tuple[int, Callable[[random.Random, Transcript], tuple[str, list[str]]]]] = [
    (3, _ask_sentences),
    (2, _ask_lines),
    (2, _ask_some),
    (5, _ask_word),
    (5, _ask_mark),
    (2, _ask_once),
    (1, _ask_numbers),
    (1, _ask_start),
    (1, _ask_after),
    (1, _ask_field),
]

OPENINGS = ["List", "Write", "Give", "Show", "Find"]
TAGS = ["text", "chat", "form", "interaction", "document"]


def finding(
    rng: random.Random, transcript: Transcript, tags: bool, whole: bool = False
) -> Exercise:
    """A question about `transcript`; answers look like HTML lists only where `tags` is true.

    `whole` asks for everything that somebody said, and nothing harder.
    """
    questions = QUESTIONS[:2] if whole else QUESTIONS
    weights = [weight for weight, _ in questions]
    ask = rng.choices([question for _, question in questions], weights)[0]
    return _phrased(rng, ask(rng, transcript), render(transcript), tags)


def _phrased(rng: random.Random, asked: tuple[str, list[str]], text: str, tags: bool) -> Exercise:
    what, found = asked
    wording, answer = _shown(rng, found, tags)
    tag = rng.choice(TAGS)
    if rng.random() < 0.8:
        text = f"<{tag}>\n{text}\n</{tag}>"
    order = f"{rng.choice(OPENINGS)} {what}, {wording}."
    instruction = f"{order}\n{text}" if rng.random() < 0.8 else f"{text}\n{order}"
    return {"instruction": instruction, "answer": answer}


COPYING, WHOLE, SHORT = 0.02, 0.2, 0.45  # shares of the curriculum after which more is asked


def exercise(
    rng: random.Random,
    progress: float,
    rows: Sequence[dict[str, Any]],
    words: Sequence[str],
    pieces: Sequence[str],
) -> Exercise:
    """One exercise for a moment of the curriculum, `progress` from 0 to 1.

    At first nothing but copying, then all that somebody said in tiny transcripts, then every
    question on short ones, then on long ones and on generated interactions; at 1 mostly what the
    sentences of generated interactions are about. A row of `rows` holds "text", "kinds" (sentence
    to one of KINDS) and "role" ("buyer", "seller" or None).
    """
    if progress < COPYING:
        return copying(rng, pieces, 28 if progress < COPYING / 2 else 60)
    if progress >= 1 and rng.random() < 0.6:
        row = rng.choice(rows)
        return _phrased(rng, _ask_kind(rng, row), row["text"], tags=False)
    if rng.random() < 0.04:
        return copying(rng, pieces, rng.randint(4, 20 if progress < SHORT else 200))
    whole, size = progress < WHOLE, 0
    if progress > WHOLE:
        size = rng.choice([0, 1, 1] if progress < SHORT else [0, 1, 2, 2])
    if rng.random() < 0.4:
        return finding(rng, parse(rng.choice(rows)["text"]), tags=False, whole=whole)
    world = MadeUp(rng, words, pieces, size)
    transcript = world.chat() if rng.random() < 0.65 else world.form()
    return finding(rng, transcript, tags=rng.random() < 0.6, whole=whole)
