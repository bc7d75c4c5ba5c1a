"""The offline paraphraser, as AugGPT asks a language model for (arXiv 2302.13007): other words.

It reads the text alone and knows no phrasings. Values stay as they are.
"""

import json
import re
from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Any

from distill.records import Row
from distill.tasks.entities.offsets import outermost, quotations

# Probabilities of a paraphrase.
LOST = 0.04  # it keeps one sentence of two, whichever
UNCHANGED = 0.05  # it repeats the text
EACH = 0.6  # each wording that has another one is changed
_WORDINGS: list[tuple[str, tuple[str, ...]]] = [
    (r"\bi would like to\b", ("I want to", "I wish to", "I'd like to")),
    (r"\bi want to\b", ("I would like to", "I wish to")),
    (r"\bplease\b", ("kindly",)),
    (r"\bhas not\b", ("hasn't",)),
    (r"\bdoes not\b", ("doesn't",)),
    (r"\bi have not\b", ("I haven't",)),
    (r"\bcannot\b", ("can't", "am not able to")),
    (r"\bdid not\b", ("didn't",)),
    (r"\bis not\b", ("isn't",)),
    (r"\barrived\b", ("came", "got here")),
    (r"\bbought\b", ("purchased",)),
    (r"\bordered\b", ("bought",)),
    (r"\bgot\b", ("received",)),
    (r"\breceived\b", ("got",)),
    (r"\bbroken\b", ("damaged",)),
    (r"\bmoney\b", ("cash", "payment")),
    (r"\bparcel\b", ("package", "shipment")),
    (r"\bwrong\b", ("incorrect",)),
    (r"\bmissing\b", ("not there",)),
    (r"\bsend back\b", ("return",)),
    (r"\bcharged\b", ("billed",)),
    (r"\bbut\b", ("yet", "however")),
    (r"\bwhen will\b", ("at what time will",)),
    (r"\bhow long\b", ("how much time",)),
    (r"\bmy\b", ("my own",)),
    (r"\bsent me\b", ("shipped me",)),
    (r"\bclaims\b", ("says",)),
]
_COMPILED = [(re.compile(pattern, re.IGNORECASE), others) for pattern, others in _WORDINGS]
_BEFORE = ("", "", "", "So, ", "Well, ", "Just to say: ")
_AFTER = ("", "", "", " Thanks.", " Please advise.")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def paraphrase(request: Mapping[str, Any]) -> str:
    """Return paraphrases of a text as JSON, with its label or its entities as what they mean.

    {"task": "classify", "text": "...", "answer": "refund_missing", "number": 6, "seed": "7/0"}
    {"texts": [{"text": "...", "meant": "refund_missing"}]}

    Entities are quotations; those whose words are not in the paraphrase are left out.
    """
    text, answer = request["text"], request["answer"]
    made = []
    for number in range(request["number"]):
        said = reworded(text, Random(f"{request['seed']}/{number}/{text}"))
        meant = answer if isinstance(answer, str) else _kept(text, answer, said)
        made.append({"text": said, "meant": meant})
    return json.dumps({"texts": made}, ensure_ascii=False)


def _kept(text: str, answer: list[Row], said: str) -> list[Row]:
    """Return the entities as quotations from the paraphrase."""
    words = [(text[span["start"] : span["end"]], span["type"]) for span in answer]
    found = {
        (match.start(), match.end(), type_)
        for quoted, type_ in words
        for match in re.finditer(rf"(?<!\w){re.escape(quoted)}(?!\w)", said)
    }
    keys = ("start", "end", "type")
    return quotations(said, outermost(dict(zip(keys, one, strict=True)) for one in found))


def reworded(text: str, rng: Random) -> str:
    """Return one paraphrase."""
    if rng.random() < UNCHANGED:
        return text
    sentences = _SENTENCE.split(text)
    if len(sentences) > 1 and rng.random() < LOST:
        sentences = [rng.choice(sentences)]
    elif rng.random() < 0.5:
        sentences.reverse()
    said = " ".join(sentences)
    for pattern, others in _COMPILED:
        if rng.random() < EACH:
            said = pattern.sub(partial(_other, others=others, rng=rng), said)
    return rng.choice(_BEFORE) + said + rng.choice(_AFTER)


def _other(match: re.Match[str], others: tuple[str, ...], rng: Random) -> str:
    becomes = rng.choice(others)
    return becomes[:1].upper() + becomes[1:] if match[0][:1].isupper() else becomes
