"""The rule-based editor: repairs one error of a summary without seeing the interaction.

fix("sentiment_inferred_frustrated", "<ul><li>Customer is upset that order 12 is late</li></ul>")
-> "<ul><li>Order 12 is late</li></ul>"

A point that only holds the error goes; a point that also holds a fact is reworded, so that the fact
stays. As a language model does, the editor sometimes fails; FAILURES declares how often.
"""

from hashlib import blake2b

from distill.tasks.summarize.format import bullets, render
from distill.tasks.summarize.rules.editor.noise import NOISE, sound
from distill.tasks.summarize.rules.editor.repeats import REDUNDANT, unrepeated

# Probability that an error stays ("missed"), and that a whole point with a fact goes with it
# ("over_pruned"); a hash of the summary and the point decides.
FAILURES = {"missed": 0.05, "over_pruned": 0.05}


def knows(code: str) -> bool:
    """Return whether a rule repairs this error."""
    return code == REDUNDANT or code in NOISE


def fix(code: str, summary: str) -> str:
    """Return the summary without the error `code`.

    The summary is returned unchanged where it does not have the error, no rule repairs the error
    or the list is malformed.
    """
    try:
        points = bullets(summary)
    except ValueError:
        return summary
    edited = repaired(code, points)
    if edited == points:
        return summary
    return render(edited)


def repaired(code: str, points: list[str], failures: bool = True) -> list[str]:
    """Return the points without the error; `failures`: with the editor's declared ones."""
    edits = unrepeated(points) if code == REDUNDANT else [sound(code, point) for point in points]
    if failures:
        chances = [_draw(code, point, *points) for point in points]
        edits = [_fallible(*each) for each in zip(points, edits, chances, strict=True)]
    return [edit for edit in edits if edit]


def _fallible(point: str, edit: str, chance: float) -> str:
    """Return the edit, or what a failure makes of it: the point as it was, or nothing."""
    if edit == point:
        return point
    if chance < FAILURES["missed"]:
        return point
    if edit and chance < FAILURES["missed"] + FAILURES["over_pruned"]:
        return ""
    return edit


def _draw(*texts: str) -> float:
    """Return a number in [0, 1) that the texts determine."""
    digest = blake2b("\n".join(texts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
