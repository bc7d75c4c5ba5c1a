"""Answers in LaTeX, compared by math-verify where a plain comparison does not decide.

math-verify is the extra `math` of this project (`pip install -e .[math]`). Its time-outs need the
main thread (SIGALRM); elsewhere it runs without.
"""

import re
import threading
from importlib import import_module
from importlib.util import find_spec

from distill.errors import ParamsError
from distill.tasks.reason.answers import figures
from distill.tasks.reason.answers.statements import Text, boxed, read, stated

SECONDS = 3
LONGEST = 2_000  # characters; a longer answer is compared by its characters only


def extract(text: Text) -> str | None:
    """Return the content of the last box, else what the text states as its answer."""
    if boxes := boxed(text.source):
        return boxes[-1][2].strip() or None
    for statement in stated(text.source):
        if lines := [line.strip() for line in statement.splitlines() if line.strip()]:
            return lines[0].strip("$ .*") or None
    return None


def equal(found: str, expected: str) -> bool:
    """Return whether two LaTeX answers are equal.

    Raises ParamsError where only math-verify could tell, and it is not installed.
    """
    if _squeezed(found) == _squeezed(expected):
        return True
    mine, theirs = _number(found), _number(expected)
    if mine and theirs:
        return mine.equals(theirs)
    if max(len(found), len(expected)) > LONGEST:
        return False
    if find_spec("math_verify") is None:
        raise ParamsError(
            f"the answers {found[:60]!r} and {expected[:60]!r} are LaTeX, which math-verify"
            " compares; install it: pip install -e .[math]"
        )
    return _verified(found, expected)


def _number(text: str) -> figures.Number | None:
    return figures.alone(read(text).text.strip().strip("$"))


def _squeezed(text: str) -> str:
    return re.sub(r"\\[,;!: ]|\\left|\\right|[\s$]", "", text).replace("dfrac", "frac")


def _verified(found: str, expected: str) -> bool:
    math_verify = import_module("math_verify")  # with sympy it takes a second
    in_main = threading.current_thread() is threading.main_thread()
    seconds = SECONDS if in_main else None
    gold, own = (
        math_verify.parse(f"\\boxed{{{text}}}", parsing_timeout=seconds)
        for text in (expected, found)
    )
    return bool(math_verify.verify(gold, own, timeout_seconds=seconds))
