"""What the teacher finds worth telling: an interaction's points in the order in which they came.

in   "Customer: my lamp never came, can i get a human? the order is 07-11223-45678"
out  [Point("The customer's lamp never came (order number 07-11223-45678)")]; noise: {"agent"}
"""

import re
from dataclasses import dataclass, replace

from distill.tasks.summarize.rules.teacher import kinds, words
from distill.tasks.summarize.rules.teacher.interaction import Interaction, Sentence
from distill.tasks.summarize.rules.teacher.rates import CHAT, FORM
from distill.tasks.summarize.rules.teacher.telling import point
from distill.tasks.summarize.rules.teacher.tidy import clauses
from distill.tasks.summarize.rules.teacher.wording import pronouns

MOST_WORDS = {CHAT: 40, FORM: 52}  # of the chosen points together, before joining
_MANY, _LIGHT = 6, 2  # of more facts than _MANY, those up to the weight _LIGHT are left out
_LONGEST = 34  # words of a point
_UNTOLD = re.compile(r"\b(?:i|me|my|mine|you|your|u|ur|we|our|us)\b", re.IGNORECASE)
_COUNTRY = re.compile(r"\bUS\b")
_ASKED = re.compile(
    r"\b(order|item|return|case|transaction|tracking)\b(?: \w+)? ?(?:number|id|no\b)?",
    re.IGNORECASE,
)
_ASKED_NAME = re.compile(r"\b(?:item name|product|model|name of|brand)\b", re.IGNORECASE)
_NAME = re.compile(
    r"^(?:(?:it is|its|it's|an?|the|this is) )*((?!I |It |Is |No |Yes |Ok )(?:[A-Z][\w'-]*"
    r"|\d\w*)(?: [\w'-]+){1,4})$"
)
# Clauses that are whole sentences and say nothing.
_HOLLOW = re.compile(
    r"\b(?:is|are) (?:serious|sure|kidding)\b|\bgood money\b|\bbe sure\b|\bnot about\b|^No that\b"
    r"|^Lets\b|\blast time they\b|^(?:It|This|That) is (?:urgent|important|crazy|true|fine|ok)\b",
    re.IGNORECASE,
)
_VERB = words.AUXILIARIES | words.PAST | words.SINGULARS | words.PARTICIPLES


@dataclass(frozen=True)
class Point:
    """A point with its weight and the number of its sentence.

    `bare` is the value of a point that gives only a value; `link` the word between this clause and
    the one before it in the sentence.
    """

    text: str
    weight: int
    sentence: int
    repeats: bool = False
    bare: str = ""
    link: str = ""


@dataclass(frozen=True)
class Content:
    """The facts, the customer's own repetitions of them, and the kinds of noise with their text."""

    facts: tuple[Point, ...]
    repeats: tuple[Point, ...]
    noise: dict[str, str]


def find(interaction: Interaction) -> Content:
    """Return everything that the customer says, sorted into facts, repetitions and noise."""
    found: list[Point] = []
    noise: dict[str, str] = {}
    heard: list[str] = []
    for number, sentence in enumerate(interaction.said):
        again = kinds.announces_repeat(sentence.text)
        for link, clause in clauses(sentence.text):
            name = kinds.kind(clause)
            if name:
                noise.setdefault(name, clause)
            fact = _fact_beside(clause, name, interaction) if name else clause
            told = _told(fact, sentence, number) if fact else None
            if told is None:
                continue
            echo = not link and not told.bare and _is_echo(fact, heard)
            repeats = bool(heard) and (again or echo)
            found.append(replace(told, link=link, repeats=repeats))
            heard.append(fact)
    facts = _attached(_linked([point for point in found if not point.repeats]))
    echoes = (point for point in found if point.repeats and not point.bare)
    return Content(tuple(facts), tuple(echoes), noise)


def _linked(points: list[Point]) -> list[Point]:
    """Return the points with linked clauses of one sentence in one point."""
    whole: list[Point] = []
    for told in points:
        same = told.link and whole and whole[-1].sentence == told.sentence
        both = _both(whole[-1], told) if same else None
        if both:
            whole[-1] = both
        else:
            whole.append(told)
    return whole


def _both(first: Point, second: Point) -> Point | None:
    """Return two clauses of one sentence as one point, None where it would be too long."""
    if len(f"{first.text} {second.text}".split()) > _LONGEST - 8 or first.bare or second.bare:
        return None
    told = second.text
    if told.startswith("Customer ") and first.text.startswith("Customer "):
        told = told.removeprefix("Customer ")
    else:
        told = re.sub(r"^Customer\b", "the customer", told)
        told = pronouns(told) if "ustomer" in first.text else told
        told = told[:1].lower() + told[1:] if told.split()[0] in _SMALL else told
    comma = "" if second.link == "and" and told != second.text else ","
    text = f"{first.text}{comma} {second.link} {told}"
    return replace(first, text=text, weight=max(first.weight, second.weight) + 1)


def _fact_beside(clause: str, name: str, interaction: Interaction) -> str:
    """Return the fact that stands in one clause with noise: "agent about my refund" -> "refund"."""
    if name == "role":
        role = re.search(r"buyer|seller", clause, re.IGNORECASE)
        return f"I am a {role[0].lower()}" if role and not interaction.fields else ""
    if name == "agent" and (about := re.search(r"\b(?:about|regarding) (.{6,})$", clause)):
        return f"I want help with {about[1]}"
    reason = re.search(
        r"\b(?:because|since|that|as) ((?:my|the|i|order|item|it)\b.{6,})$", clause, re.I
    )
    if name in ("agent", "mood") and reason and kinds.topics(reason[1]):
        return reason[1]
    return ""


def _told(clause: str, sentence: Sentence, number: int) -> Point | None:
    if bare := _bare(clause, sentence.after):
        return Point(f"{bare[:1].upper()}{bare[1:]}", 5, number, bare=bare)
    name = _NAME.match(clause)
    if name and _ASKED_NAME.search(sentence.after) and not _acts(clause):
        return Point(f"Item is {name[1]}", 3, number)
    text = "" if kinds.only_value(clause) else point(clause)
    if is_sound(text) and not _HOLLOW.search(text) and not kinds.PATTERNS["mood"].search(text):
        weight = kinds.weight(clause) + 2 * (sentence.turn == 0)
        return Point(text, weight, number)
    for value in kinds.values(clause):
        label = value.label or _asked(sentence.after)
        if not label:
            return None
        bare = f"{label} {value.text}"
        return Point(bare[:1].upper() + bare[1:], 5, number, bare=bare)
    return None


def _acts(clause: str) -> bool:
    """Return whether the clause has a verb, or a person who might be its subject."""
    tokens = clause.casefold().split()
    return bool((_VERB | words.BASE) & {*tokens}) or any(t.endswith("ed") for t in tokens)


def _bare(clause: str, question: str) -> str:
    """Return "order number 12" for a clause that gives a value and nothing else, "" for others."""
    values = kinds.values(clause)
    label = values and (values[0].label or _asked(question))
    if label and (kinds.only_value(clause) or len(clause.split()) <= 2):
        return f"{label} {values[0].text}"
    if price := kinds.only_amount(clause):
        return f"amount {price}"
    if day := kinds.only_date(clause):
        return f"date {day}"
    if username := kinds.only_username(clause):
        return f"username {username}"
    return ""


def _asked(question: str) -> str:
    match = _ASKED.search(question)
    kind = match[1].lower() if match else ""
    if not kind:
        return ""
    return f"{kind} id" if kind == "transaction" else f"{kind} number"


def is_sound(text: str) -> bool:
    """Return whether the point is a whole sentence of English in third person."""
    plain = _COUNTRY.sub("", text)
    tokens = [word.strip(".,;:!?()\"'").casefold() for word in text.split()]
    return (
        3 <= len(tokens) <= _LONGEST
        and not any(_is_slang(token) for token in tokens)
        and not _UNTOLD.search(plain)
        and not words.FOREIGN_SLANG & set(tokens)
        and any(word in _VERB or word.endswith("ed") for word in tokens)
        and not re.search(r"[?!*<>]|\.\.|\b(\w+) \1\b", text)
        and tokens[0] not in words.BASE - {"return", "order", "case", "refund", "transfer"}
        and (tokens[-1] != "is" or text.startswith("Customer "))
        and tokens[-1] not in {"the", "a", "and", "to", "of", "but", "or", "with", "their", "no"}
        and tokens[0] not in {"if", "when", "because", "that", "which", "who", "how", "why", "than"}
        and (tokens[0] not in _NO_START or _FOR_A_THING.match(text) is not None)
    )


# "For item 12 the customer was sent another one" is a sentence, "for a refund" is none.
_FOR_A_THING = re.compile(r"For (?:item|order|return|case|the \w+) [\w-]+ (?:the )?customer ")
_NO_START = frozenset(
    words.listed(
        """regarding about completely very so totally is are was be do does did can could would
        will cannot inquire for dissapointed disappointed like"""
    )
)
_SHORTHAND = frozenset(
    words.listed(
        "tv hr hrs kg cm mm gb mb tb ml km vs pc pcs dvd cd usb ups dhl ltd mr mrs ms st nd rd th"
    )
)


def _is_slang(word: str) -> bool:
    """Return whether a word is no spelling of English: "d", "wth", "nowwww"."""
    if not word.isalpha() or word in _SHORTHAND:
        return False
    return (
        (len(word) == 1 and word not in "axis")
        or not re.search("[aeiouyáéíóúäöü]", word)
        or bool(re.search(r"(.)\1\1", word))
    )


def _is_echo(clause: str, heard: list[str]) -> bool:
    """Return whether the clause says in other words what was said before, and nothing new."""
    if any(_overlap(clause, other) >= 0.75 for other in heard):
        return True
    has_value = kinds.values(clause) or kinds.PRICE.search(clause) or kinds.DATE.search(clause)
    here = kinds.topics(clause)
    new = [
        word
        for word in kinds.without_topics(clause).split()
        if len(word) > 3 and word not in _GENERIC
    ]
    if has_value or not here or new or _MORE.search(clause) or len(clause.split()) > 9:
        return False
    return any(
        here & kinds.topics(other) and _is_wish(other) == _is_wish(clause) for other in heard
    )


_MORE = re.compile(r"\b(?:too|as well|either|also|another|other|second)\b", re.IGNORECASE)
_GENERIC = frozenset(
    words.listed(
        """this that they them there here have with still what from been thing things parcel
        package item order product customer just when never ever your mine get anything
        nothing cannot would state place again longer possible reached come came anything
        anyone will should says said very same really because only into"""
    )
)
_SMALL = frozenset(
    words.listed(
        """The A An He She It This That They There Nothing Nobody Their Order Item Return Case
        Payment Refund Only No When Still Now Someone Somebody Everything Both These Those"""
    )
)


def _is_wish(clause: str) -> bool:
    return bool(
        re.search(
            r"\b(?:want|need|please|would like|can|how|where|why|when|expect)\b|\?", clause, re.I
        )
    )


def _overlap(one: str, other: str) -> float:
    """Return the share of a clause's words of weight that another one has; numbers must agree."""
    mine, theirs = (
        {w for w in re.findall(r"[\w-]+", text.casefold()) if len(w) > 3} for text in (one, other)
    )
    if not mine or {w for w in mine if re.search(r"\d", w)} - theirs:
        return 0.0
    return len(mine & theirs) / len(mine)


def _attached(points: list[Point]) -> list[Point]:
    """Put values that were given alone into brackets behind the first fact that lacks them."""
    whole = [point for point in points if not point.bare]
    bare = dict.fromkeys(point.bare for point in points if point.bare)
    told = " ".join(point.text for point in whole)
    values = [value for value in bare if value.split()[-1] not in told]
    if not values:
        return whole
    if not whole:
        first = next(point for point in points if point.bare)
        text = ", ".join(values)
        return [replace(first, text=text[:1].upper() + text[1:], bare="")]
    home = next((at for at, p in enumerate(whole) if not p.text.startswith("Customer asks ")), 0)
    text = f"{whole[home].text} ({', '.join(values)})"
    whole[home] = replace(whole[home], text=text, weight=whole[home].weight + 6)
    return whole


def chosen(facts: tuple[Point, ...], shape: str) -> list[Point]:
    """Return the heaviest facts within MOST_WORDS, in the customer's order."""
    best: list[Point] = []
    if len(facts) > _MANY:
        facts = tuple(fact for fact in facts if fact.weight > _LIGHT)
    for told in sorted(facts, key=lambda fact: (-fact.weight, fact.sentence)):
        if sum(len(other.text.split()) for other in (*best, told)) <= MOST_WORDS[shape] or not best:
            best.append(told)
    return [fact for fact in facts if fact in best]
