"""First person to third: "I still have no refund" -> "Customer still has no refund"."""

import re
from dataclasses import dataclass

from distill.tasks.summarize.rules.teacher import words

_EDGES = re.compile(r"^([\"“'(]*)(.*?)([\"”'),.;:!?]*)$", re.DOTALL)
_LINKS = frozenset(words.listed("and but or then"))
_STATES = frozenset(words.listed("want need have am do expect would"))
_OBJECTS = {"me": "them", "us": "them", "mine": "theirs", "ours": "theirs", "myself": "themselves",
            "ourselves": "themselves"}  # fmt: skip
_BEFORE_OBJECT = frozenset(
    words.listed(
        """to for with from by at of on about tell told give gave send sent ask asked thank contact
        call show as help refund pay trust let"""
    )
)


@dataclass
class _Telling:
    """What has been written of a clause so far; `named` once the customer has been mentioned."""

    named: bool
    leads: bool = False  # the customer is the subject of the clause
    agrees: str = ""  # "one" or "they" while the subject's verb is awaited


def third(clause: str, named: bool = False) -> str:
    """Return the clause in third person; `named`: the customer was mentioned before it."""
    state = _Telling(named)
    tokens = clause.split()
    told = [_told(tokens, at, state) for at in range(len(tokens))]
    return " ".join(word for word in told if word)


def _told(tokens: list[str], at: int, state: _Telling) -> str:
    edges = _EDGES.match(tokens[at])
    if edges is None:
        return tokens[at]
    before, core, after = edges.groups()
    word = core.casefold() if core != "US" else core
    previous = tokens[at - 1].casefold().strip(",") if at else ""
    if state.agrees:
        core = _agreed(core, word, state)
    elif state.leads and word in _STATES and _is_joined(tokens, at):
        core = words.singular(word) if word not in words.MODALS else word
    elif word in ("i", "we"):
        return before + _subject(at, previous, state) + after
    elif word in ("you", "u"):
        core = _company(tokens, at, previous, state)
    elif word in ("my", "our"):
        core = "their" if state.named else ("Customer's" if at == 0 else "the customer's")
        state.named = True
    elif word in ("your", "yours"):
        core = "the" if at else "The"
        return before + core + after
    elif word in _OBJECTS:
        core = _OBJECTS[word] if state.named or word not in ("me", "us") else "the customer"
        state.named = True
    if not core and after:
        return after
    return before + core + after


def _is_joined(tokens: list[str], at: int) -> bool:
    """Return whether a verb continues a clause: "and want", "and only need"."""
    before = [token.casefold().strip(",") for token in tokens[max(0, at - 2) : at]]
    return bool(before) and (
        before[-1] in _LINKS or (before[-1] in words.ADVERBS and before[0] in _LINKS)
    )


def _subject(at: int, previous: str, state: _Telling) -> str:
    if at == 0 and not state.named:
        state.named = state.leads = True
        state.agrees = "one"
        return "Customer"
    if state.leads and previous in _LINKS:
        state.agrees = "one"
        return ""
    state.agrees = "they"
    if state.named:
        return "They" if at == 0 else "they"
    state.named = True
    state.agrees = "one"
    return "the customer"


def _agreed(core: str, word: str, state: _Telling) -> str:
    """Return the word after a subject, in the form that the subject asks for if it is the verb."""
    if word in words.ADVERBS or word in ("both", "no", "longer"):
        return core
    number, state.agrees = state.agrees, ""
    if number == "they":
        return {"am": "are", "was": "were"}.get(word, core)
    return (
        words.singular(word)
        if word in words.BASE or word in ("am", "are", "do")
        else ("was" if word == "were" else core)
    )


def _company(tokens: list[str], at: int, previous: str, state: _Telling) -> str:
    following = tokens[at + 1].casefold().strip(",.") if at + 1 < len(tokens) else ""
    acts = following in words.BASE | words.AUXILIARIES | words.ADVERBS or words.is_past(following)
    if acts and previous not in _BEFORE_OBJECT:
        state.agrees = "one"
        return "The company" if at == 0 else "the company"
    return "support"
