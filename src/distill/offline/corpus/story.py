"""A customer's sentences, facts and noise, before a channel formats them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from distill.offline.corpus import phrasings
from distill.offline.corpus.phrasings import pick
from distill.offline.corpus.sentence import Sentence, exclaimed, fill, lowered, mistyped, prefixed
from distill.offline.corpus.values import Values

Voice = dict[str, Any]
MOST_FACTS = 4
ROLES = ("buyer", "seller")
NOISE = {  # trait -> kind of noise
    "weak": "customer_rant",
    "rant": "customer_rant",
    "frustrated": "sentiment",
    "confused": "sentiment",
    "transfer": "transfer",
    "requests_agent": "requests_agent",
}


@dataclass
class Story:
    """The customer's sentences, in order, with the attributes of the truth."""

    channel: str
    language: str
    voice: Voice
    values: Values
    intent: str = "nothing"
    sentiment: str = "none"
    role_in_facts: tuple[str | None, str] = (None, "absent")
    sentences: list[Sentence] = field(default_factory=list)

    @property
    def facts(self) -> list[Sentence]:
        """The sentences that a summary must state, in order."""
        return [sentence for sentence in self.sentences if sentence.kind == "fact"]

    @property
    def role(self) -> str | None:
        """The role of the intent, None where both buyers and sellers can have it."""
        role = self.voice["intents"].get(self.intent, {}).get("role", "any")
        return None if role == "any" else str(role)


def has(rng: Random, voice: Voice, trait: str) -> bool:
    """Draw whether an interaction has a trait, with the channel's probability."""
    return rng.random() < float(voice["traits"][trait])


def tell(rng: Random, channel: str) -> Story:
    """Return a new story: facts in order, then noise among them, then typos."""
    english = phrasings.voice(channel, "en")
    language = rng.choice(phrasings.LANGUAGES) if has(rng, english, "other_language") else "en"
    voice = phrasings.voice(channel, language)
    story = Story(channel, language, voice, Values(rng))
    if has(rng, voice, "nothing"):
        _say_nothing(rng, story)
    else:
        story.intent = rng.choice(sorted(voice["intents"]))
        story.sentences = _facts(rng, story)
        _add_noise(rng, story)
    story.role_in_facts = _role_in_facts(story)
    _write_carelessly(rng, story)
    return story


def line(rng: Random, story: Story, kind: str, *path: str, about: str = "") -> Sentence:
    """Return a random phrasing under `path` of the story's voice, with values filled in."""
    return fill(rng, story.values, pick(rng, story.voice, *path), kind, about)


def _facts(rng: Random, story: Story) -> list[Sentence]:
    voice, intent = story.voice, story.voice["intents"][story.intent]
    twins = voice.get("twins", {}).get(story.intent)
    # The trait's share is over all intents, of which only some have twins.
    share = voice["traits"]["twin"] * len(voice["intents"]) / _with_twins(voice)
    if twins and rng.random() < share:
        pair = [fill(rng, story.values, text, "fact") for text in rng.choice(twins).split("=>")]
        want = [line(rng, story, "fact", "intents", story.intent, "want")]
        return pair + (want if has(rng, voice, "want") else [])
    issue = line(rng, story, "fact", "intents", story.intent, "issue")
    counts = voice.get("fact_counts", {1: 1, 2: 1, 3: 1})
    [count] = rng.choices(list(counts), weights=list(counts.values()))
    facts = _details(rng, story, intent, issue, count)
    if "role" in voice and has(rng, voice, "role_stated"):
        role = story.role or rng.choice(ROLES)
        facts = [line(rng, story, "fact", "role", role, about=role), *facts[: MOST_FACTS - 1]]
    return facts


def _with_twins(voice: Voice) -> int:
    return max(1, len(voice["intents"].keys() & voice.get("twins", {}).keys()))


def _details(
    rng: Random, story: Story, intent: dict[str, Any], issue: Sentence, count: int
) -> list[Sentence]:
    """Return the issue and at most `count` - 1 further facts, each with new kinds of entities."""
    want = line(rng, story, "fact", "intents", story.intent, "want")
    further = rng.sample(intent["detail"], k=2)
    if "background" in story.voice:
        further.append(pick(rng, story.voice, "background", intent["role"]))
    options = [fill(rng, story.values, text, "fact") for text in further]
    for kind in rng.sample(intent["ids"], k=min(2, len(intent["ids"]))):
        options.append(line(rng, story, "fact", "ids", kind, about=kind))
    facts, kinds = [issue], _kinds(issue)
    for option in rng.sample(options, k=len(options)):
        if len(facts) < count and not _kinds(option) & kinds:
            facts.append(option)
            kinds |= _kinds(option)
    if count > 1 and rng.random() < story.voice["traits"]["want"] and not _kinds(want) & kinds:
        facts = [*facts[: count - 1], want]
    return facts


def _role_in_facts(story: Story) -> tuple[str | None, str]:
    """Return the customer's role and how the facts give it: "stated", "implied" or "absent".

    An absent role is the intent's, or None where both roles have the intent.
    """
    for fact in story.facts:
        if fact.about in ROLES:
            return fact.about, "stated"
    text = " ".join(fact.text for fact in story.facts).lower()
    for role, cues in story.voice["role_cues"].items():
        if story.role in (None, role) and any(cue in text for cue in cues):
            return role, "implied"
    return story.role, "absent"


def _kinds(sentence: Sentence) -> set[str]:
    return {piece.entity for piece in sentence.pieces if piece.entity}


def _add_noise(rng: Random, story: Story) -> None:
    sentences, voice = story.sentences, story.voice
    if has(rng, voice, "redundant"):
        _repeat(rng, story)
    for trait, kind in NOISE.items():
        if trait not in voice or not has(rng, voice, trait):
            continue
        if kind == "sentiment" and story.sentiment != "none":
            continue
        sentences.insert(rng.randint(0, len(sentences)), line(rng, story, kind, trait))
        if kind == "sentiment":
            story.sentiment = trait
        if trait == "weak":
            sentences[:] = [_stressed(rng, sentence) for sentence in sentences]
    if has(rng, voice, "long"):
        _add_long_tail(rng, story)
    if "pii" in voice and has(rng, voice, "pii"):
        kind = rng.choice(sorted(voice["pii"]))
        sentences.insert(
            rng.randint(1, len(sentences)), line(rng, story, "courtesy", "pii", kind, about=kind)
        )
    if has(rng, voice, "email_copy"):
        at = rng.choice([len(sentences), len(sentences), 1])
        sentences.insert(at, line(rng, story, "webform_email_copy", "email_copy"))
    _add_courtesies(rng, story)


def _stressed(rng: Random, sentence: Sentence) -> Sentence:
    return exclaimed(sentence) if rng.random() < 0.3 else sentence


def _repeat(rng: Random, story: Story) -> None:
    """Add a repetition: a paraphrase of the issue, or a fact verbatim or after "As I said"."""
    sentences = story.sentences
    at = rng.randrange(len(sentences))
    issue = story.voice["intents"][story.intent]
    way = rng.choice(["other words", "other words", "prefix", "same"])
    if way == "other words" and "again" in issue:
        again = line(rng, story, "redundant", "intents", story.intent, "again")
    elif way == "same":
        again = Sentence("redundant", sentences[at].pieces)
    else:
        again = prefixed(pick(rng, story.voice, "repeat"), sentences[at], "redundant")
    sentences.insert(rng.randint(at + 1, len(sentences)), again)


def _add_long_tail(rng: Random, story: Story) -> None:
    """Add the long tail: complaints and repetitions without a new fact."""
    voice, sentences = story.voice, story.sentences
    trait = "rant" if "rant" in voice else "weak"
    lines = rng.sample(voice[trait], k=min(len(voice[trait]), rng.randint(5, 10)))
    for text in lines:
        sentences.insert(
            rng.randint(1, len(sentences)), fill(rng, story.values, text, "customer_rant")
        )
    repeated = rng.sample(story.facts, k=min(2, len(story.facts)))
    sentences += [prefixed(pick(rng, voice, "repeat"), fact, "redundant") for fact in repeated]


def _add_courtesies(rng: Random, story: Story) -> None:
    sentences, voice = story.sentences, story.voice
    if has(rng, voice, "introduction"):
        sentences.insert(0, line(rng, story, "courtesy", "introduction", about="PERSON"))
    if "opening" in voice and has(rng, voice, "opening"):
        sentences.insert(0, line(rng, story, "courtesy", "opening"))
    if has(rng, voice, "greeting"):
        sentences.insert(0, line(rng, story, "courtesy", "greeting"))
    if has(rng, voice, "thanks"):
        sentences.append(line(rng, story, "courtesy", "thanks"))


def _say_nothing(rng: Random, story: Story) -> None:
    sentences = story.sentences
    sentences.append(line(rng, story, "courtesy", "greeting"))
    if rng.random() < 0.7:
        sentences.append(line(rng, story, "courtesy", "introduction", about="PERSON"))
    if rng.random() < 0.7:
        if story.channel == "webform":
            sentences.append(line(rng, story, "webform_email_copy", "email_copy"))
        else:
            sentences.append(line(rng, story, "requests_agent", "requests_agent"))
            again = line(rng, story, "requests_agent", "requests_agent")
            sentences += [again] if rng.random() < 0.4 else []
    sentences.append(line(rng, story, "courtesy", "thanks"))


def _write_carelessly(rng: Random, story: Story) -> None:
    """Add typos to some sentences and, for some customers, remove capitals."""
    careless = has(rng, story.voice, "careless")
    spell: Callable[[Sentence], Sentence] = lowered if careless else lambda sentence: sentence
    for at, sentence in enumerate(story.sentences):
        typo = story.language == "en" and has(rng, story.voice, "typo")
        story.sentences[at] = spell(mistyped(rng, sentence) if typo else sentence)
