"""The teacher: an extractive summariser that errs as language models do.

Bullets are the customer's own sentences, in order, without closing punctuation; a form's bullets
end with the role and the identifiers. By its nature it reports requests for an agent and for an
e-mail copy, repeats what the customer repeated, infers frustration from a sharp tone, guesses the
role where the form is silent, and drops facts past its limit (paper, Table 1).
"""

from distill.tasks.summarize.checks.case import is_id
from distill.tasks.summarize.format import render
from distill.tasks.summarize.reading import language, moods, roles, wording, words
from distill.tasks.summarize.reading.interaction import Interaction, parse

LIMIT = 6  # sentences in one summary
_LONGEST = 400  # characters of a bullet
_HEATED = 2  # weak cues from which the teacher calls a customer frustrated
FRUSTRATED = "The customer is frustrated"


def summarize(text: str) -> str:
    """Return the summary of one interaction."""
    said = parse(text)
    told = [bullet for sentence in _chosen(said) if (bullet := _bullet(sentence))]
    if said.fields:
        identifiers = _identifiers(said)
        return render([*told, _role(said), *identifiers] if told or identifiers else [])
    return render([*told, *_mood(said)])


def _chosen(said: Interaction) -> list[str]:
    """At most LIMIT sentences, those of most weight, in the customer's order."""
    english = language.identify(" ".join(said.own)) == "English"
    rate = _weight if english else lambda sentence: len(sentence.split()) - 3
    rated = [(rate(sentence), -at, sentence) for at, sentence in enumerate(said.own)]
    best = sorted((entry for entry in rated if entry[0] > 0), reverse=True)[:LIMIT]
    return [sentence for _, _, sentence in sorted(best, key=lambda entry: -entry[1])]


def _weight(sentence: str) -> int:
    """0 for greetings, thanks, contact data, outbursts; requests for a person look important."""
    if wording.asks_for_agent(sentence):
        return 4
    if wording.tells_transfer(sentence):
        return 0
    if roles.stated(sentence) or moods.is_mood(sentence):
        return 3
    return wording.weight(sentence)


def _bullet(sentence: str) -> str:
    text = words.strip(sentence)
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0]


def _mood(said: Interaction) -> list[str]:
    text = " ".join(said.own)
    if moods.FRUSTRATED.search(text):
        return []  # the customer's own sentence is among the bullets
    asked = any(map(wording.asks_for_agent, said.own))
    return [FRUSTRATED] if wording.heat(text) + asked >= _HEATED else []


def _role(said: Interaction) -> str:
    """The role by the form's field, else by a glance at the words; a buyer where in doubt."""
    field = next((value for label, value in said.fields if label.casefold() == "role"), "")
    text = " ".join(said.own)
    told = roles.stated(field) or roles.stated(text)
    if not told:
        told = {roles.SELLER} if "I sold" in text or "my buyer" in text.casefold() else set()
    return f"Role: {roles.SELLER if told == {roles.SELLER} else roles.BUYER}"


def _identifiers(said: Interaction) -> list[str]:
    return [f"{label}: {value}"[:_LONGEST] for label, value in said.fields if is_id(label)]
