"""The declared error rates of the teacher: the probability of an error, given an occasion for it.

A language model's rates can only be measured; those of these rules are known, so that a report can
print measured rates beside them. The levels follow the paper's Table 1 and its discussion: chats
suffer from requests for an agent and inferred feelings, forms from repetitions and wrong roles.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from distill.records import Row
from distill.tasks.summarize.rules.teacher.wording import draw

CHAT, FORM = "chat", "form"
# (code, occasion): {shape of the channel: probability}. Without an entry the error does not occur.
RATES: dict[tuple[str, str], dict[str, float]] = {
    ("unn_content_requests_agent", "the customer asks for an agent"): {CHAT: 0.85, FORM: 0.3},
    ("sentiment_inferred_frustrated", "the tone is sharp"): {CHAT: 0.97, FORM: 0.2},
    ("sentiment_inferred_not_frustrated", "the tone is calm"): {CHAT: 0.09, FORM: 0.01},
    ("unn_content_webform_email_copy", "the customer asks for a copy"): {CHAT: 0.5, FORM: 0.85},
    ("unn_content_transfer", "the customer mentions a transfer"): {CHAT: 0.6, FORM: 0.3},
    ("unn_content_customer_rant", "the customer rants"): {CHAT: 0.25, FORM: 0.15},
    ("unn_content_ebay_response_included", "the other side promises something"): {CHAT: 0.04},
    ("unn_content_redundant", "the customer repeats a fact"): {CHAT: 0.5, FORM: 0.55},
    ("unn_content_redundant", "there is a fact"): {CHAT: 0.04, FORM: 0.07},
    ("customer_type_inaccurate", "the role is unknown"): {FORM: 0.8},
    ("customer_type_inaccurate", "the role is known"): {FORM: 0.05},
    ("content_missing", "there are two facts"): {CHAT: 0.15, FORM: 0.02},
    ("content_inaccurate", "a word of a fact is easily mistaken"): {CHAT: 0.05, FORM: 0.18},
    ("content_hallucination", "there is a fact"): {CHAT: 0.02, FORM: 0.02},
    ("nothing_to_summarize", "there is no fact"): {CHAT: 0.6, FORM: 0.2},
    ("nothing_to_summarize", "there is a single fact"): {CHAT: 0.17},
    ("entity_missing", "the form has an item number"): {FORM: 0.28},
    ("entity_inaccurate", "an identifier is told"): {CHAT: 0.02, FORM: 0.02},
    ("data_element_missing", "a date is told"): {CHAT: 0.03, FORM: 0.03},
}
MIXED = 0.55  # probability that a noise error shares its point with a fact, where one can hold it
# Factors of the probabilities for a teacher that was told what a good summary leaves out.
INFORMED = 1 / 3
NOISE = ("unn_", "sentiment_")


def rate(code: str, occasion: str, shape: str, informed: bool) -> float:
    """Return the declared probability of an error; `shape` is CHAT or FORM."""
    declared = RATES[code, occasion].get(shape, 0.0)
    return declared * (INFORMED if informed and code.startswith(NOISE) else 1.0)


@dataclass
class Errors:
    """The occasions and errors of one summary; an error is decided by the interaction's text."""

    text: str
    shape: str
    informed: bool = False
    occasions: list[tuple[str, str]] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)

    def errs(self, code: str, occasion: str) -> bool:
        """Record an occasion and return whether the teacher errs at it.

        The informed teacher's errors are among those of the other one.
        """
        self.occasions.append((code, occasion))
        chance = draw(self.text, f"{code}: {occasion}")
        if chance >= rate(code, occasion, self.shape, self.informed):
            return False
        self.made.append((code, occasion))
        return True

    def mixes(self, code: str) -> bool:
        """Return whether the noise error `code` shares its point with a fact, and record it."""
        if draw(self.text, f"{code} mixed") >= MIXED:
            return False
        self.mixed.append(code)
        return True


def compared(errors: Iterable[Errors]) -> list[Row]:
    """Return the declared rates and what was counted in these summaries, one row per occasion.

    A row is {"code", "occasion", "shape", "declared", "occasions", "errors"}; rows whose occasion
    did not arise are left out.
    """
    met: Counter[tuple[str, str, str, float]] = Counter()
    made: Counter[tuple[str, str, str, float]] = Counter()
    for one in errors:
        for counter, cases in ((met, one.occasions), (made, one.made)):
            for case in cases:
                counter[*case, one.shape, rate(*case, one.shape, one.informed)] += 1
    names = ("code", "occasion", "shape", "declared")
    return [
        dict(zip(names, key, strict=True)) | {"occasions": count, "errors": made[key]}
        for key, count in sorted(met.items())
    ]
