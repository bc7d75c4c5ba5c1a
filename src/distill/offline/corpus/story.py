"""A customer's sentences, facts and noise, before a channel formats them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from distill.offline.corpus.phrasings import Voice, pick
from distill.offline.corpus.sentence import (
    SLOT,
    Sentence,
    exclaimed,
    fill,
    lowered,
    mistyped,
    mixed,
    prefixed,
)
from distill.offline.corpus.values import ENTITIES, Values, kind_of

ROLES = ("buyer", "seller")
MOST_FACTS = 4
NOISE = {  # trait -> kind of noise
    "weak": "customer_rant",
    "rant": "customer_rant",
    "frustrated": "sentiment",
    "confused": "sentiment",
    "transfer": "transfer",
    "requests_agent": "requests_agent",
    "email_copy": "webform_email_copy",
}
# First words of questions, requests and fragments, which cannot share a sentence with noise.
_NO_CLAUSE = """
    please kindly where how can is who what give find start let undo mail keep bring take protect
    reverse printing using buying swapping
"""
WORDS = re.compile(r"\w+")
TRIES = 30  # draws of a further fact that has no kind of value twice


@dataclass
class Story:
    """The customer's sentences, in order, with the attributes of the truth."""

    channel: str
    voice: Voice
    values: Values
    intent: str = "nothing"
    sentiment: str = "none"
    role_in_facts: tuple[str | None, str] = (None, "absent")
    sentences: list[Sentence] = field(default_factory=list)
    typos: dict[str, str] = field(default_factory=dict)  # mistyped word -> word

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
    return rng.random() < float(voice["traits"].get(trait, 0))


def tell(rng: Random, channel: str, voice: Voice) -> Story:
    """Return a new story: facts in order, then noise among them, then typos."""
    story = Story(channel, voice, Values(rng))
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
    return replace(fill(rng, story.values, pick(rng, story.voice, *path), kind), about=about)


def fact(rng: Random, story: Story, family: str, about: str = "") -> Sentence:
    """Return a random phrasing of a family of facts."""
    text = pick(rng, story.voice, "facts", family)
    return _fact_of(rng, story, text, family, about)


def _fact_of(rng: Random, story: Story, text: str, family: str, about: str = "") -> Sentence:
    return replace(fill(rng, story.values, text, "fact"), family=family, about=about)


def _facts(rng: Random, story: Story) -> list[Sentence]:
    """Return one to four facts: the issue or a pair of issues, details, identifiers, a wish."""
    voice, intent = story.voice, story.voice["intents"][story.intent]
    [count] = rng.choices(list(voice["fact_counts"]), weights=list(voice["fact_counts"].values()))
    # The trait's share is over all intents, of which only some can have twins.
    able = sum("twin" in one for one in voice["intents"].values())
    twin = (
        "twin" in intent and rng.random() < voice["traits"]["twin"] * len(voice["intents"]) / able
    )
    if twin:
        facts = _twins(rng, story, **intent["twin"])
        count = max(2, count - 1)
    else:
        facts = [fact(rng, story, rng.choice(intent["issue"]))]
    wish = count > len(facts) and has(rng, voice, "want")
    _add_details(rng, story, facts, count - wish, ids=not twin)
    if wish:
        facts.append(_new_kinds(rng, story, intent["want"], facts) or facts.pop())
    if has(rng, voice, "role_stated"):
        role = story.role or rng.choice(ROLES)
        facts = [fact(rng, story, f"role_{role}", role), *facts[: MOST_FACTS - 1]]
    return facts


def _twins(rng: Random, story: Story, family: str, slots: list[str]) -> list[Sentence]:
    """Return two facts that differ in a number: two issues, or an issue and what went well."""
    slot = rng.choice(slots)
    lines = [text for text in story.voice["facts"][family] if f"{{{slot}}}" in text]
    first, second = (rng.choice(lines) for _ in range(2))
    issue = _fact_of(rng, story, first, family)
    fine = [t for t in story.voice["facts"]["arrived_fine"] if f"{{other_{slot}}}" in t]
    if fine and family in ("not_arrived", "damaged", "wrong_item") and rng.random() < 0.4:
        well = _fact_of(rng, story, rng.choice(fine), "arrived_fine")
        return rng.sample([issue, well], k=2)
    other = SLOT.sub(lambda match: f"{{other_{match[1].removeprefix('other_')}}}", second)
    return [issue, _fact_of(rng, story, other, family)]


def _add_details(rng: Random, story: Story, facts: list[Sentence], count: int, ids: bool) -> None:
    """Add details and identifiers up to `count` facts."""
    intent = story.voice["intents"][story.intent]
    options = [(family, "") for family in intent["detail"]]
    options += [(f"id_{kind}", kind) for kind in intent["ids"] if ids]
    weights = [1.0] * len(intent["detail"]) + [1.5] * (len(options) - len(intent["detail"]))
    for _ in range(TRIES):
        if len(facts) >= count:
            return
        [(family, about)] = rng.choices(options, weights=weights)
        new = fact(rng, story, family, about)
        if family not in {one.family for one in facts} and not _kinds([new]) & _kinds(facts):
            facts.append(new)


def _new_kinds(
    rng: Random, story: Story, families: list[str], facts: list[Sentence]
) -> Sentence | None:
    """Return a fact of one of the families with no kind of value that the facts have."""
    for _ in range(TRIES):
        new = fact(rng, story, rng.choice(families))
        if not _kinds([new]) & _kinds(facts):
            return new
    return None


def _kinds(sentences: list[Sentence]) -> set[str]:
    return {kind_of(slot) for one in sentences for slot in one.values} & set(ENTITIES)


def _role_in_facts(story: Story) -> tuple[str | None, str]:
    """Return the customer's role and how the facts give it: "stated", "implied" or "absent".

    An absent role is the intent's, or None where both roles have the intent.
    """
    for one in story.facts:
        if one.about in ROLES:
            return one.about, "stated"
    text = " ".join(one.fact for one in story.facts).lower()
    for role, cues in story.voice["role_cues"].items():
        if story.role in (None, role) and any(cue in text for cue in cues):
            return role, "implied"
    return story.role, "absent"


def _add_noise(rng: Random, story: Story) -> None:
    sentences, voice = story.sentences, story.voice
    if has(rng, voice, "redundant"):
        _repeat(rng, story)
    for trait, kind in NOISE.items():
        if not has(rng, voice, trait) or (kind == "sentiment" and story.sentiment != "none"):
            continue
        if not (trait in voice["mixed"] and has(rng, voice, "mixed") and _mix(rng, story, trait)):
            _insert(rng, story, trait)
        if kind == "sentiment":
            story.sentiment = trait
        if trait == "weak":
            sentences[:] = [exclaimed(s) if rng.random() < 0.3 else s for s in sentences]
    if has(rng, voice, "pii"):
        kind = rng.choice(sorted(voice["pii"]))
        sentences.insert(
            rng.randint(1, len(sentences)), line(rng, story, "courtesy", "pii", kind, about=kind)
        )
    _add_courtesies(rng, story)


def _insert(rng: Random, story: Story, trait: str) -> None:
    """Insert a sentence of noise; a request for a copy mostly comes last."""
    last = len(story.sentences)
    at = rng.choice([last, last, 1]) if trait == "email_copy" else rng.randint(0, last)
    story.sentences.insert(at, line(rng, story, NOISE[trait], trait))


def _mix(rng: Random, story: Story, trait: str) -> bool:
    """Put noise into the sentence of a fact; return whether there was one that allows it."""
    places = [at for at, one in enumerate(story.sentences) if _is_clause(one, trait)]
    if not places:
        return False
    at = rng.choice(places)
    before, after = pick(rng, story.voice, "mixed", trait).split("{fact}")
    story.sentences[at] = mixed(before, story.sentences[at], after, NOISE[trait])
    return True


def _is_clause(sentence: Sentence, trait: str) -> bool:
    if sentence.kind != "fact" or sentence.mixed or sentence.about:
        return False
    if sentence.family.startswith("want_") and trait not in ("requests_agent", "email_copy"):
        return False  # nobody is angry about their own wish
    first = sentence.text.split()[0].lower().rstrip(",")
    return sentence.text.endswith(".") and first not in _NO_CLAUSE.split()


def _repeat(rng: Random, story: Story) -> None:
    """Add a repetition: another phrasing of a fact without a new value, or "As I said, ..."."""
    sentences = story.sentences
    at = rng.randrange(len(sentences))
    said = sentences[at]
    others = [
        text
        for text in story.voice["facts"][said.family]
        if set(SLOT.findall(text)) <= set(said.values)
    ]
    if others and rng.random() < 0.6:
        again = fill(rng, story.values, rng.choice(others), "redundant")
    else:
        again = prefixed(pick(rng, story.voice, "repeat"), said, "redundant")
    sentences.insert(rng.randint(at + 1, len(sentences)), again)


def _add_courtesies(rng: Random, story: Story) -> None:
    sentences, voice = story.sentences, story.voice
    if has(rng, voice, "introduction"):
        sentences.insert(0, line(rng, story, "courtesy", "introduction", about="PERSON"))
    for trait in ("opening", "greeting"):
        if has(rng, voice, trait):
            sentences.insert(0, line(rng, story, "courtesy", trait))
    for trait in ("thanks", "signoff"):
        if has(rng, voice, trait):
            sentences.append(line(rng, story, "courtesy", trait))


def _say_nothing(rng: Random, story: Story) -> None:
    sentences = story.sentences
    sentences.append(line(rng, story, "courtesy", "greeting"))
    if rng.random() < 0.5:
        sentences.append(line(rng, story, "courtesy", "introduction", about="PERSON"))
    if rng.random() < 0.7:
        trait = "email_copy" if story.channel == "webform" else "requests_agent"
        count = rng.choice([1, 1, 2]) if trait == "requests_agent" else 1
        sentences += [line(rng, story, NOISE[trait], trait) for _ in range(count)]
    sentences.append(line(rng, story, "courtesy", "thanks"))


def _write_carelessly(rng: Random, story: Story) -> None:
    """Add typos to some sentences and, for some customers, remove capitals."""
    careless = has(rng, story.voice, "careless")
    spell: Callable[[Sentence], Sentence] = lowered if careless else lambda sentence: sentence
    for at, sentence in enumerate(story.sentences):
        written = mistyped(rng, sentence) if has(rng, story.voice, "typo") else sentence
        story.typos |= _changed(sentence.text, written.text)
        story.sentences[at] = spell(written)


def _changed(text: str, written: str) -> dict[str, str]:
    """Return the words of `written` that differ from those of `text`, with the latter."""
    words = zip(WORDS.findall(written), WORDS.findall(text), strict=True)
    return {new: old for new, old in words if new != old}
