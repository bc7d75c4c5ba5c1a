"""Chats: the customer's sentences, divided into turns, with the bot's turns between them."""

import re
from random import Random
from typing import Any

from distill.offline.corpus import story as stories
from distill.offline.corpus import truth
from distill.offline.corpus.phrasings import Voice, pick
from distill.offline.corpus.sentence import Sentence, fill, quoted
from distill.offline.corpus.story import Story, line

Turn = tuple[str, list[Sentence]]
SENTENCE_END = re.compile(r"(?<=[.!?]) ")
SIZES = {1: 0.3, 2: 0.45, 3: 0.25}  # sentences in a customer's turn -> probability


def compose(rng: Random, row_id: str, voice: Voice) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the raw chat {"id", "turns": [{"role", "text"}]} and its truth row."""
    story = stories.tell(rng, "botchat", voice)
    raw_turns: list[dict[str, str]] = []
    pii: list[truth.Span] = []
    turns = _conversation(rng, story)
    for at, (role, sentences) in enumerate(turns):
        gaps = [" "] * (len(sentences) - 1)
        text, spans = truth.joined(f"turns/{at}", sentences, gaps)
        raw_turns.append({"role": role, "text": text})
        pii += spans
    said = [sentence for _, sentences in turns for sentence in sentences]
    raw = {"id": row_id, "turns": raw_turns}
    return raw, truth.row(story, f"botchat-{row_id}", said, {}, pii)


def _conversation(rng: Random, story: Story) -> list[Turn]:
    turns: list[Turn] = []
    if rng.random() < 0.5:
        turns.append(("bot", _bot(rng, story, "courtesy", "greet")))
    answers = _customer_turns(rng, story.sentences)
    for at, answer in enumerate(answers):
        if at:
            turns.append(("bot", _prompt(rng, story, answers[at - 1], answer)))
        turns.append(("customer", answer))
    if any(map(_wants_agent, story.sentences)) and rng.random() < 0.5:
        turns.append(("bot", _bot(rng, story, "transfer", "transfer")))
    elif rng.random() < 0.6 or len(turns) == 1:
        turns.append(("bot", _bot(rng, story, "courtesy", "close")))
    return turns


def _customer_turns(rng: Random, sentences: list[Sentence]) -> list[list[Sentence]]:
    """Divide sentences into turns of one to three; answers to the bot mostly start a turn."""
    turns: list[list[Sentence]] = []
    remaining = 0
    for sentence in sentences:
        answers_bot = bool(sentence.about) and bool(turns) and rng.random() < 0.6
        if remaining == 0 or answers_bot:
            turns.append([])
            [remaining] = rng.choices(list(SIZES), weights=list(SIZES.values()))
        turns[-1].append(sentence)
        remaining -= 1
    return turns


def _prompt(
    rng: Random, story: Story, before: list[Sentence], answer: list[Sentence]
) -> list[Sentence]:
    """Return the bot's sentences between two turns of the customer."""
    bot = story.voice["bot"]
    about = answer[0].about
    if about in bot["ask"]:
        return [*_thanks(rng, story, before), *_bot(rng, story, "bot", "ask", about)]
    if any(_wants_agent(sentence) for sentence in before):
        return _bot(rng, story, "bot", "deflect")
    facts = [sentence for sentence in before if sentence.kind == "fact"]
    if facts and rng.random() < 0.2:
        head, tail = pick(rng, bot, "quote").split("{quote}")
        return [quoted(head, rng.choice(facts), tail, "bot")]
    topic = "policy" if rng.random() < 0.25 else "more"
    return [*_thanks(rng, story, before), *_bot(rng, story, "bot", topic)]


def _thanks(rng: Random, story: Story, before: list[Sentence]) -> list[Sentence]:
    named = any(sentence.about == "PERSON" for sentence in before)
    if named and rng.random() < 0.7:
        return [line(rng, story, "courtesy", "bot", "thank")]
    return []


def _wants_agent(sentence: Sentence) -> bool:
    return "requests_agent" in (sentence.kind, sentence.mixed)


def _bot(rng: Random, story: Story, kind: str, *path: str) -> list[Sentence]:
    """Return the sentences of a line of the bot."""
    cuts = SENTENCE_END.split(pick(rng, story.voice, "bot", *path))
    return [fill(rng, story.values, cut, kind) for cut in cuts]
