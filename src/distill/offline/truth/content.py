"""Errors of content by the truth: lost, inaccurate, invented, disordered and repeated points."""

import re

from distill.offline.truth import noise
from distill.offline.truth.feelings import moods
from distill.offline.truth.mentions import (
    Fact,
    Mention,
    Reading,
    denies,
    has_value,
    states,
    touches,
)
from distill.offline.truth.words import canonical, is_identifier, share, stems, telling, tokens

SUPPORTED = 0.5  # least share of a clause's words that the interaction has
STRICT = 0.6  # the same where no fact is lost, whose paraphrase the clause could be
RELATED = 0.3  # least share of a lost fact's words in a clause that tells it otherwise
# A claim in words that a summary otherwise uses for its frame.
_CONTACT = re.compile(
    r"\b(?:contact|reach|wr[oi]t|messag|call|sp[eo]ak|spoke|ask|inform)\w*\b.*"
    r"\b(?:seller|buyer|bank|carrier|courier)\b"
)
WORDY = 1.8  # words of a concise summary for each word of the facts
SPARE = 14  # words of a summary for roles, labels and the like


def faults(reading: Reading) -> list[str]:
    """Return the codes of the content, one for each occurrence."""
    reported, unexplained = _clauses(reading)
    lost: list[str] = []
    wrong: list[str] = []
    for at in reading.lost:
        fact = reading.facts[at]
        if fact.is_value or fact.family.startswith("role_"):
            continue
        told = [clause for clause in unexplained if _tells_otherwise(reading, at, clause)]
        (wrong if told or _is_denied(reading, at) else lost).append(fact.text)
        for clause in told[:1]:
            unexplained.remove(clause)
    invented = [clause for clause in unexplained if _is_invented(reading, clause)]
    changed = [clause for clause in invented if _is_about_a_fact(reading, clause)]
    return [
        *("content_missing" for _ in lost),
        *("content_inaccurate" for _ in wrong + changed),
        *("content_hallucination" for _ in invented[len(changed) :]),
        *_mixed_up(reading),
        *reported,
        *_repeated(reading),
        *_disordered(reading),
    ]


def noise_only(reading: Reading) -> list[str]:
    """Return the codes of a summary of an empty interaction; none unless all of it is noise."""
    codes: list[str] = []
    for item in reading.items:
        found = [noise.code(reading, item.at(at), False) for at in range(len(item.clauses))]
        codes += dict.fromkeys(code for code in found if code)
        if not any(found) and not item.says_nothing:
            return []
    return codes


def _clauses(reading: Reading) -> tuple[list[str], list[str]]:
    """Return the codes of reported noise, and the clauses that are neither fact nor noise."""
    codes: list[str] = []
    unexplained = []
    for at, item in enumerate(reading.items):
        own = (reading.facts[m.fact] for m in reading.mentions if m.item == at)
        states_nothing = all(fact.is_value for fact in own)
        found: list[str] = []
        for clause in range(len(item.clauses)):
            facts, text = reading.facts_of(at, clause), item.at(clause)
            code = noise.code(reading, text, bool(facts))
            if code:
                found += [code] if code not in found else []
            elif _is_explained(reading, at, facts, text):
                continue
            elif (
                len(_unsupported(reading, text)) > (0 if states_nothing else 1)
                or _is_lost_wish(reading, text)
                or (not facts and _CONTACT.search(text))
                or any(_tells_otherwise(reading, lost, text) for lost in reading.lost)
            ):
                unexplained.append(text)
        if not found and states_nothing:
            whole = noise.code(reading, item.text, False)
            found += [whole] if whole else []
        codes += found
    return codes, unexplained


def _is_explained(reading: Reading, item: int, facts: set[int], text: str) -> bool:
    """Return whether a clause has words of the facts that it states, or needs no basis."""
    stated = [reading.facts[at] for at in facts]
    if any(touches(fact, text) for fact in stated if not fact.is_value):
        return True
    own = (reading.facts[mention.fact] for mention in reading.mentions if mention.item == item)
    if any(states(fact, text) for fact in own if not fact.is_value):
        return True
    if any(_tells_otherwise(reading, lost, text) for lost in reading.lost):
        return False
    if any(touches(fact, text) for fact in stated) or moods(text):
        return True
    return not telling(text) and not _CONTACT.search(text)


def _is_about_a_fact(reading: Reading, clause: str) -> bool:
    return any(has_value(clause, v) for fact in reading.facts for v in fact.strong.values())


def _unsupported(reading: Reading, text: str) -> frozenset[str]:
    return telling(text) - reading.text_stems


def _is_wish(text: str) -> bool:
    return bool(
        stems(text) & {"want", "wish", "request", "ask", "seek", "need", "demand", "expect"}
    )


def _is_lost_wish(reading: Reading, text: str) -> bool:
    return _is_wish(text) and any(reading.facts[at].is_wish for at in reading.lost)


def _tells_otherwise(reading: Reading, at: int, clause: str) -> bool:
    """Return whether a clause that does not state the fact is about it, and not about its twin."""
    fact = reading.facts[at]
    if fact.is_wish and _is_wish(clause):
        return True
    if telling(clause) and any(has_value(clause, value) for value in fact.strong.values()):
        return True
    if any(reading.facts[other].family == fact.family for other in reading.stated):
        return False
    return share(fact.words, stems(clause)) >= RELATED and len(fact.words & stems(clause)) > 1


def _is_denied(reading: Reading, at: int) -> bool:
    """Return whether an item tells a lost fact otherwise, or has a value that no other fact has."""
    fact = reading.facts[at]
    others = {v for other in reading.facts if other is not fact for v in other.values.values()}
    own = set(fact.values.values()) - set(fact.strong.values()) - others
    return any(
        (denies(fact, text) and touches(fact, text)) or any(has_value(text, v) for v in own)
        for _, _, text in reading.clauses()
    )


def _is_invented(reading: Reading, clause: str) -> bool:
    words = telling(clause)
    known = share(words, reading.text_stems)
    if not words:
        return bool(_CONTACT.search(clause))
    return known < (SUPPORTED if reading.lost else STRICT)


def _mixed_up(reading: Reading) -> list[str]:
    """Return a code for each fact that is told with the value of another fact of the row."""
    codes = []
    for at in sorted(reading.stated):
        own = reading.facts[at].strong
        texts = [
            reading.items[mention.item].text for mention in reading.mentions if mention.fact == at
        ]
        for kind, others in reading.rivals(at).items():
            right = any(has_value(text, own[kind]) for text in texts)
            wrong = any(has_value(text, one) for text in texts for one in others)
            if wrong and not right:
                is_date = kind == "date"
                codes.append("data_element_inaccurate" if is_date else f"entity_inaccurate_{kind}")
    return codes


def _repeated(reading: Reading) -> list[str]:
    """Return unn_content_redundant for each sentence that has nothing which no earlier one has."""
    codes: list[str] = []
    values: set[str] = set()
    words: set[str] = set()
    for at, item in enumerate(reading.items):
        if any(denies(reading.facts[lost], item.text) for lost in reading.lost):
            continue
        sentences = _SENTENCES.split(item.text)
        for sentence in sentences:
            named = {token for token in tokens(sentence) if is_identifier(token)}
            own = telling(sentence)
            said = _facts_again(reading, at) if len(sentences) == 1 else own <= words and bool(own)
            again = own <= words and bool(own or named) if said is None else said
            codes += ["unn_content_redundant"] if again and named <= values else []
            values |= named
            words |= stems(sentence)
    return codes


_SENTENCES = re.compile(r"(?<=[.;!?])\s+")


def _facts_again(reading: Reading, at: int) -> bool | None:
    """Return whether an item states facts of earlier items only; None if its words must decide.

    An earlier mention decides if its clauses mention no other fact: two facts that are found in the
    same words may be one.
    """
    facts = {
        m.fact for m in reading.mentions if m.item == at and not reading.facts[m.fact].is_value
    }
    earlier = [m for m in reading.mentions if m.item < at]
    if not facts and _is_twin_again(reading, at, {m.fact for m in earlier}):
        return True
    if facts and facts <= {m.fact for m in earlier if _is_alone(reading, m)}:
        return True
    return None if facts <= {m.fact for m in earlier} else False


def _is_twin_again(reading: Reading, at: int, earlier: set[int]) -> bool:
    """Return whether an item states, without a value, one of several facts of a family."""
    text = reading.items[at].text
    return any(
        states(reading.facts[fact], text) and not _is_single(reading, fact)
        for fact in earlier
        if not reading.facts[fact].is_value
    )


def _is_single(reading: Reading, at: int) -> bool:
    family = reading.facts[at].family
    return sum(fact.family == family for fact in reading.facts) == 1


def _is_alone(reading: Reading, mention: Mention) -> bool:
    return not any(
        other.item == mention.item
        and other.fact != mention.fact
        and not reading.facts[other.fact].is_value
        and other.first <= mention.last
        and mention.first <= other.last
        for other in reading.mentions
    )


def _disordered(reading: Reading) -> list[str]:
    """Return content_order where most pairs of three or more events are told in reverse."""
    told = [at for at in sorted(reading.stated) if _is_event(reading.facts[at])]
    places = [_place(reading, at) for at in told]
    pairs = [(a, b) for at, a in enumerate(places) for b in places[at + 1 :]]
    reversed_pairs = sum(a > b for a, b in pairs)
    return ["content_order"] if len(told) > 2 and reversed_pairs > len(pairs) / 2 else []


def _is_event(fact: Fact) -> bool:
    return not (fact.is_value or fact.is_wish or fact.family.startswith("role_"))


def _place(reading: Reading, at: int) -> int:
    """Return the first item that states a fact, if possible one that has its values."""
    items = [mention.item for mention in reading.mentions if mention.fact == at]
    values = reading.facts[at].strong.values()
    exact = [i for i in items if all(has_value(reading.items[i].text, value) for value in values)]
    return (exact or items)[0]


def is_concise(reading: Reading) -> bool:
    """Return whether each item says something about the case, and all are not much too long."""
    words = sum(len(tokens(item.text)) for item in reading.items)
    needed = sum(len(tokens(fact.text)) for fact in reading.facts)
    needed += sum(len(tokens(canonical(v))) for vs in reading.row["entities"].values() for v in vs)
    return words <= WORDY * needed + SPARE and all(
        _is_useful(reading, at) for at in range(len(reading.items))
    )


def _is_useful(reading: Reading, at: int) -> bool:
    item = reading.items[at]
    if item.says_nothing or any(mention.item == at for mention in reading.mentions):
        return True
    values = (canonical(v) for listed in reading.row["entities"].values() for v in listed)
    role = {"buyer", "seller"} & set(tokens(item.text))
    field = any(is_identifier(token) and token in reading.text for token in tokens(item.text))
    return bool(
        role or field or moods(item.text) or any(has_value(item.text, value) for value in values)
    )
