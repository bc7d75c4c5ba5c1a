"""The rule-based teacher: an extractive summarizer with the errors of a language model.

Its bullets are the customer's sentences, in order, without closing punctuation; a form's bullets
end with the role and the identifiers. It makes errors of the paper's Table 1: it reports requests
for an agent and for an e-mail copy, repeats repetitions, infers frustration from a sharp tone,
guesses a role that the form does not give, and drops facts beyond its limit.
"""

from distill.tasks.summarize.checks.case import is_case_field
from distill.tasks.summarize.format import render
from distill.tasks.summarize.reading import language, moods, roles, wording, words
from distill.tasks.summarize.reading.interaction import Interaction, parse

LIMIT = 6  # most sentences in a summary
_LONGEST = 400  # most characters of a bullet
_HEATED = 2  # least cues of impatience with which a customer is called frustrated
FRUSTRATED = "The customer is frustrated"


def summarize(text: str, channel: str = "", informed: bool = False) -> str:
    """Return the summary of one interaction."""
    interaction = parse(text)
    sentences = _heaviest_sentences(interaction)
    bullets = [bullet for sentence in sentences if (bullet := _bullet(sentence))]
    if interaction.fields:
        identifiers = _identifiers(interaction)
        filled = bullets or identifiers
        return render([*bullets, _role(interaction), *identifiers] if filled else [])
    return render([*bullets, *_mood(interaction)])


def _heaviest_sentences(interaction: Interaction) -> list[str]:
    """Return at most LIMIT sentences, those with the largest weights, in the customer's order."""
    sentences = interaction.customer_sentences
    english = language.identify(" ".join(sentences)) == "English"
    rate = _weight if english else lambda sentence: len(sentence.split()) - 3
    rated = [(rate(sentence), -at, sentence) for at, sentence in enumerate(sentences)]
    heaviest = sorted((entry for entry in rated if entry[0] > 0), reverse=True)[:LIMIT]
    return [sentence for _, _, sentence in sorted(heaviest, key=lambda entry: -entry[1])]


def _weight(sentence: str) -> int:
    """Return the teacher's weight of a sentence, which overrates requests for an agent."""
    if wording.asks_for_agent(sentence):
        return 4
    if wording.reports_transfer(sentence):
        return 0
    if roles.stated(sentence) or moods.is_mood(sentence):
        return 3
    return wording.weight(sentence)


def _bullet(sentence: str) -> str:
    text = words.strip(sentence)
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0]


def _mood(interaction: Interaction) -> list[str]:
    text = " ".join(interaction.customer_sentences)
    if moods.FRUSTRATED.search(text):
        return []  # the bullets already quote the customer's own statement
    asks_for_agent = any(map(wording.asks_for_agent, interaction.customer_sentences))
    return [FRUSTRATED] if wording.impatience(text) + asks_for_agent >= _HEATED else []


def _role(interaction: Interaction) -> str:
    """Return the role by the form's field, else by a few words, else "buyer"."""
    field = next((value for label, value in interaction.fields if label.casefold() == "role"), "")
    text = " ".join(interaction.customer_sentences)
    stated = roles.stated(field) or roles.stated(text)
    if not stated:
        stated = {roles.SELLER} if "I sold" in text or "my buyer" in text.casefold() else set()
    return f"Role: {roles.SELLER if stated == {roles.SELLER} else roles.BUYER}"


def _identifiers(interaction: Interaction) -> list[str]:
    return [
        f"{label}: {value}"[:_LONGEST]
        for label, value in interaction.fields
        if is_case_field(label)
    ]
