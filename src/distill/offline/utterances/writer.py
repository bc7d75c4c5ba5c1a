"""The offline writer: rules that answer a request for texts as a language model does.

A request shows rows to learn from, and asks for hard and easy texts:

    {"task": "classify", "labels": ["refund_missing", "refund_amount"], "seed": "errors-1/0",
     "shown": [{"input": "Where is my refund?", "answer": "refund_missing",
                "prediction": "refund_amount", "right": false}],
     "patterns": [{"note": "...", "labels": ["refund_missing", "refund_amount"]}],
     "hard": 8, "easy": 8}

`answer` and `prediction` are labels, or lists of spans for the task entities; `prediction` and
`right` are None where the writer is not told. It writes in the phrasings for training only, with
the imperfections of RATES. `seed` distinguishes requests of one content.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from distill.errors import ModelError
from distill.offline.utterances.compose import Utterance, compose
from distill.offline.utterances.phrasings import LEARN, Family, families, frame, intents
from distill.offline.utterances.values import TYPES
from distill.offline.utterances.weaknesses import Pair, Request, labels, shown, weaknesses
from distill.records import Row
from distill.tasks.entities.offsets import quotations

HARD, EASY = "hard", "easy"
# Probabilities: of a reply, or of a text.
RATES = {
    "fenced": 0.3,  # a reply in a code fence
    "lost_hard": 0.15,  # a hard text that does not say what was meant; half of them are vague
    "lost_easy": 0.03,  # an easy one
    "off_topic": 0.02,  # a text of another world
    "duplicate": 0.04,  # nearly the text before
    "copied": 0.03,  # an example of the request
    "malformed": 0.02,  # an item without a text
}
NEAR = 0.7  # probability of a hard text in a phrasing close to the other class, where there is one
CONTRAST = 0.4  # probability of a hard text of the class that a wrong text was taken for
PATTERNS = 6  # most weaknesses that it describes
_NAMES = ("person", "place", "company")
Meaning = str | list[Row]  # a label, or entities as quotations


@dataclass(frozen=True)
class Meant:
    """A text with what the writer means by it, which the text may have lost.

    `pattern` is the place of a hard text's weakness in the request, None where it has none; `how`
    is "" or the imperfection, a key of RATES.
    """

    kind: str
    text: str
    meant: Meaning
    pattern: int | None = None
    how: str = ""


def analyze(request: Request) -> str:
    """Return the weaknesses that the rows show, as JSON, the most frequent first.

    {"patterns": [{"note": "refund_missing is taken for refund_amount",
                   "labels": ["refund_missing", "refund_amount"]}]}
    """
    found = []
    for (right, other), _ in weaknesses(request).most_common(PATTERNS):
        note = f"{right} is taken for {other}" if other else f"{right} is difficult"
        found.append({"note": note, "labels": [right, other] if other else [right]})
    return json.dumps({"patterns": found})


def write(request: Request) -> str:
    """Return the texts as JSON, with what the writer means by each.

    {"texts": [{"text": "...", "kind": "hard", "pattern": 0, "meant": "refund_missing"}]}

    Raises ModelError for labels that the made-up messages do not have.
    """
    return _reply(texts(request), request)


def zeroshot(request: Request) -> str:
    """Return `number` texts for one `label`, without an example or feedback, in the same form."""
    return _reply(named(request), request)


def texts(request: Request) -> list[Meant]:
    """Return the texts of a reply of `write`, before they become JSON."""
    _check_labels(request)
    rng = Random(_content(request))
    made: list[Meant] = []
    for kind in [HARD] * request["hard"] + [EASY] * request["easy"]:
        pattern, pair = _subject(rng, request, kind)
        made.append(_flawed(rng, _one(rng, request, kind, pair, pattern), made, request))
    return made


def named(request: Request) -> list[Meant]:
    """Return the texts of a reply of `zeroshot`: in the plain phrasings of the label."""
    _check_labels(request)
    rng = Random(_content(request))
    made: list[Meant] = []
    for _ in range(request["number"]):
        one = _one(rng, request, EASY, (request["label"], ""), None)
        made.append(_flawed(rng, one, made, request))
    return made


def _check_labels(request: Request) -> None:
    known = intents() if request["task"] == "classify" else TYPES
    if unknown := set(request["labels"]) - set(known):
        raise ModelError(
            f"{request['task']}: the offline rules do not know the label {min(unknown)!r}; name an"
            " endpoint"
        )


def _reply(made: Sequence[Meant], request: Request) -> str:
    rng = Random(f"{_content(request)}/form")
    items = []
    for one in made:
        item: Row = {"text": one.text, "kind": one.kind, "pattern": one.pattern, "meant": one.meant}
        if rng.random() < RATES["malformed"]:
            item["text"] = rng.choice([None, "", ["..."]])
        items.append(item)
    text = json.dumps({"texts": items}, ensure_ascii=False)
    return f"```json\n{text}\n```" if rng.random() < RATES["fenced"] else text


def _content(request: Request) -> str:
    return json.dumps(request, sort_keys=True)


def _subject(rng: Random, request: Request, kind: str) -> tuple[int | None, Pair]:
    """Return what a text is about: a pattern and its place, or what was right in the examples."""
    patterns = request.get("patterns") or []
    if kind == HARD and patterns:
        at = rng.choices(range(len(patterns)), _weights(request))[0]
        right, other = [*patterns[at]["labels"], ""][:2]
        return at, (other, right) if other and rng.random() < CONTRAST else (right, other)
    seen = [
        label
        for row in shown(request)
        if kind == EASY and row["right"]
        for label in labels(row["answer"])
        if label in request["labels"]
    ]
    return None, (rng.choice(seen or list(request["labels"])), "")


def _weights(request: Request) -> list[int]:
    """Return how often each pattern of the request occurs in the rows, plus one."""
    found = weaknesses(request)
    pairs = [tuple([*pattern["labels"], ""][:2]) for pattern in request["patterns"]]
    return [1 + found[right, other] for right, other in pairs]


def _one(rng: Random, request: Request, kind: str, pair: Pair, pattern: int | None) -> Meant:
    """Return a text that says what it means or, at the declared rate, has lost it."""
    right, other = pair
    lost = rng.random() < RATES[f"lost_{kind}"]
    how = f"lost_{kind}" if lost else ""
    if request["task"] == "entities":
        text, quoted = _with_entities(rng, pair, kind)
        if lost:
            at = rng.randrange(len(quoted))
            quoted[at] = _mistaken(rng, quoted[at])
        return Meant(kind, text, quoted, pattern, how)
    family = _vague_or_near(rng, pair) if lost else _family(rng, right, other, kind)
    return Meant(kind, compose(rng, family, LEARN).text, right, pattern, how)


def _family(rng: Random, right: str, other: str, kind: str) -> Family:
    known = families(right, LEARN)
    if kind == EASY:
        return rng.choice([family for family in known if not family.near])
    close = [family for family in known if family.near]
    near = [family for family in close if family.near == other]
    return rng.choice(near if near and rng.random() < NEAR else close)


def _vague_or_near(rng: Random, pair: Pair) -> Family:
    """Return a phrasing that lost the intent: it says nothing, or another one."""
    right, other = pair
    drifted = other or rng.choice([one.near for one in families(right, LEARN) if one.near])
    return rng.choice(families(drifted, LEARN) if rng.random() < 0.5 else frame("vague", LEARN))


def _with_entities(rng: Random, pair: Pair, kind: str) -> tuple[str, list[Row]]:
    """Return a text with an entity of the type; a hard one has others beside it."""
    right, other = pair
    everything = [one for name in intents() for one in families(name, LEARN)]
    options = [one for one in everything if f"{{{right}}}" in one.line]
    if kind == HARD and other:
        options = [one for one in options if f"{{{other}}}" in one.line] or options
    made = compose(rng, rng.choice(options), LEARN, second="detail" if kind == HARD else "")
    return made.text, _quoted(made)


def _quoted(made: Utterance) -> list[Row]:
    return quotations(made.text, made.spans)


def _mistaken(rng: Random, entity: Row) -> Row:
    """Return an entity of another type, or cut short, which the text does not bear out."""
    words = entity["text"].split()
    if len(words) > 1:
        return {**entity, "text": " ".join(words[1:])}
    others = _NAMES if entity["type"] in _NAMES else TYPES
    return {**entity, "type": rng.choice([name for name in others if name != entity["type"]])}


def _flawed(rng: Random, one: Meant, before: Sequence[Meant], request: Request) -> Meant:
    """Return the text, or one that stands for it by one of the imperfections."""
    chance = rng.random()
    if (chance := chance - RATES["off_topic"]) < 0:
        made = compose(rng, rng.choice(frame("off_topic", LEARN)), LEARN, second="")
        meant = one.meant if isinstance(one.meant, str) else _quoted(made)
        return Meant(one.kind, made.text, meant, one.pattern, "off_topic")
    if before and (chance := chance - RATES["duplicate"]) < 0:
        last = before[-1]
        return Meant(last.kind, last.text.rstrip(".") + "!", last.meant, last.pattern, "duplicate")
    if shown(request) and chance < RATES["copied"]:
        row = rng.choice(shown(request))
        answer = row["answer"]
        meant = answer if isinstance(answer, str) else quotations(row["input"], answer)
        return Meant(one.kind, row["input"], meant, one.pattern, "copied")
    return one
