"""The final answer of a text, and whether it is the gold one.

in   "The fee is 15% of $40 = $6.\\nAnswer: $34.00"   {"kind": "number", "answer": "34"}
out  extract: "34"   matches: True

Kinds are number, choice, boolean and math. An answer that the text states ("Answer: ...", "the
answer is ...", "#### ...", "\\boxed{...}") counts before any other, and the last one stated before
the earlier ones. A text that states two answers at once ("5 or 6") has none.
"""

from collections.abc import Callable, Mapping
from typing import Any

from distill.tasks.reason.answers import booleans, choices, latex, numbers
from distill.tasks.reason.answers.statements import Text, read

Gold = Mapping[str, Any]  # {"kind", "answer", "options"?}
Options = Mapping[str, str]  # {"A": "order 4471", "B": "order 9032"}
_EXTRACT: dict[str, Callable[[Text, Options], str | None]] = {
    "number": lambda text, _: numbers.extract(text),
    "choice": choices.extract,
    "boolean": lambda text, _: booleans.extract(text),
    "math": lambda text, _: latex.extract(text),
}
KINDS = tuple(_EXTRACT)


def extract(text: str, kind: str, options: Options | None = None) -> str | None:
    """Return the final answer of a text, None where it has none.

    A number is an exact decimal or a fraction, with "%" where it is a percentage; a choice is the
    letter of its option (a key of `options`, where given); a boolean is "yes" or "no"; math is the
    LaTeX as written. Raises ValueError for another kind.
    """
    if kind not in _EXTRACT:
        raise ValueError(f"unknown kind of answer {kind!r}; the kinds are {', '.join(KINDS)}")
    return _EXTRACT[kind](read(text), options or {})


def matches(found: str | None, gold: Gold) -> bool:
    """Return whether an extracted answer is the gold one; None is not.

    Raises ValueError for a gold answer that is none of its kind, and ParamsError where a LaTeX
    answer cannot be compared because math-verify is not installed.
    """
    kind, answer = gold["kind"], str(gold["answer"])
    if kind == "math":
        return found is not None and latex.equal(found, answer)
    expected = extract(f"Answer: {answer}", kind, gold.get("options"))
    if expected is None:
        raise ValueError(f"the gold answer {answer!r} is no {kind}")
    if kind == "number" and found is not None:
        return numbers.equal(found, expected)
    return found == expected


def correct(text: str, gold: Gold) -> bool:
    """Return whether the text's final answer is the gold one."""
    return matches(extract(text, gold["kind"], gold.get("options")), gold)
