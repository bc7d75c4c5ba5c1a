"""The teachers' flaws, as alterations of a case: what is an occasion for each, and what it does."""

from collections.abc import Iterator
from typing import Any

from distill.tasks.reason.rules.reading import Case
from distill.tasks.reason.rules.solving import Number, solve

_NEAR = (5, -5, 10, -10, 1, -1, 15, -15)  # how far a misread number is from the right one
_NEXT = (1, -1, 2)  # the same for a count of pieces
_MISREAD = {
    "return-window": ("window",),
    "days-left": ("window",),
    "refund-fee": ("price", "fee"),
    "broken-units": ("broken",),
    "free-shipping": ("threshold", "price"),
    "sale-return": ("window",),
    "which-order": ("window", "first_passed"),
    "remedy": ("passed", "first"),
}
_IGNORED: dict[str, dict[str, Any]] = {
    "refund-fee": {"faulty": False},
    "broken-units": {"voucher": None},
    "free-shipping": {"coupon": None},
    "sale-return": {"sale": False},
    "remedy": {"misuse": False},
}


def counted_twice(case: Case) -> Case | None:
    """Return the case with the first day counted, too; None without dates."""
    return case.altered(passed=case["passed"] + 1) if "start" in case.values else None


def ignoring(case: Case) -> Case | None:
    """Return the case without its condition; None where that changes nothing."""
    if case.family not in _IGNORED:
        return None
    altered = case.altered(**_IGNORED[case.family])
    return None if solve(altered).verdict == solve(case).verdict else altered


def misread(case: Case, chance: float) -> tuple[Case, Number | None] | None:
    """Return a case with a wrong premise, and the right result where the premise gives another.

    `chance` in [0, 1) chooses among the wrong premises that lead to the right verdict or, in a
    calculation, are made to. None where there is none.
    """
    right = solve(case)
    found = [other for other in _neighbours(case) if solve(other).steps != right.steps]
    kept = [altered for altered in found if solve(altered).verdict == right.verdict]
    if kept:
        return kept[int(chance * len(kept))], None
    if right.result is None or not found:
        return None
    return found[int(chance * len(found))], right.result


def _neighbours(case: Case) -> Iterator[Case]:
    if case.family == "sale-return" and case["sale"] and case["damaged"]:
        yield case.altered(sale=False)
    if case.family == "remedy" and not case["misuse"]:
        yield case.altered(misuse=True)
    if case.family == "remedy" and case["misuse"]:
        yield case.altered(misuse=False, passed=case["second"] + 10)
    if case.family == "refund-fee" and case["faulty"]:
        yield case.altered(price=case["price"] + 10)
        return
    for name in _MISREAD[case.family]:
        for step in _NEXT if name == "broken" else _NEAR:
            if case[name] + step > 1:
                yield case.altered(**{name: case[name] + step})


def slipped(case: Case, chance: float) -> Number | None:
    """Return a wrong result of the last calculation; None where there is none."""
    right = solve(case).result
    if right is None:
        return None
    wrong = [right + step for step in (1, -1, 10, -10, 2) if right + step > 0]
    return wrong[int(chance * len(wrong))]
