"""The rule-based teacher: an abstractive summarizer with the errors of a language model.

in   "Customer: My lamp arrived broken!! Let me talk to a human. I want my money back.\\nBot: ..."
out  "<ul><li>Customer is upset because their lamp arrived broken</li>
      <li>Customer wants a refund and asks to speak to a human agent</li></ul>"

Its errors are those of the paper's Table 1, at the rates that `rates` declares; which summaries
have them is decided by a hash of the interaction, so that every run gives the same summaries.
"""

from dataclasses import dataclass

from distill.tasks.summarize.format import NOTHING, render
from distill.tasks.summarize.rules.teacher import content, faults, foreign, roles
from distill.tasks.summarize.rules.teacher.interaction import Interaction, read
from distill.tasks.summarize.rules.teacher.rates import CHAT, FORM, Errors
from distill.tasks.summarize.rules.teacher.wording import draw, joined, worded

_FORMS = ("webform", "email")
_MADE_UP = ("Customer contacted support about an issue", "Customer needs help with their order")


@dataclass(frozen=True)
class Draft:
    """A summary's points, and the errors among them with their occasions."""

    points: tuple[str, ...]
    errors: Errors


def summarize(text: str, channel: str, informed: bool = False) -> str:
    """Return the summary; `informed`: the teacher was told what a good summary leaves out."""
    return render(draft(text, channel, informed).points)


def draft(text: str, channel: str, informed: bool = False) -> Draft:
    """Return the points of the summary with the errors among them."""
    interaction = read(text)
    shape = FORM if interaction.fields or channel in _FORMS else CHAT
    errors = Errors(text, shape, informed)
    return Draft(tuple(_points(interaction, errors)), errors)


def _points(interaction: Interaction, errors: Errors) -> list[str]:
    if language := foreign.language(interaction.text):
        return roles.completed(foreign.points(interaction, language), interaction, errors)
    found = content.find(interaction)
    facts = content.chosen(found.facts, errors.shape)
    ends = roles.completed([], interaction, errors)
    if not facts:
        return _of_nothing(found, interaction, ends, errors)
    if (
        len(facts) == 1
        and not ends
        and errors.errs("nothing_to_summarize", "there is a single fact")
    ):
        return [NOTHING]
    texts = [worded(text) for text in faults.lost_and_altered(facts, errors)]
    texts = joined(texts)
    texts = faults.repeated(texts, found.repeats, errors)
    return [*faults.noisy(texts, found, interaction, errors), *ends]


def _of_nothing(
    found: content.Content, interaction: Interaction, ends: list[str], errors: Errors
) -> list[str]:
    noise = faults.noisy([], found, interaction, errors)
    if noise or any("number" in end for end in ends):
        return [*noise, *ends]
    if errors.errs("nothing_to_summarize", "there is no fact"):
        return [_MADE_UP[int(draw(errors.text, "made up") * len(_MADE_UP))], *ends]
    return [NOTHING]
