"""What the rule teachers read in the text of a question about a shop's policies.

in   "Items can be returned within 14 days. Order 5127 arrived 44 days ago, order 8503 12 days ago.
      Which of them can go back? (A) order 5127 (B) order 8503 (C) both (D) neither"
out  Case("which-order", {"window": 14, "first": 5127, "first_passed": 44, ...})
"""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_MONTHS = list(calendar.month_name)
_DATE = re.compile(rf"\b({'|'.join(_MONTHS[1:])}) (\d{{1,2}})\b")
_LONG = re.compile(r"\d{10}")  # no number of a policy
_OPTION = re.compile(r"\(([A-Z])\) ([^()]+)")
_YEAR = 2025  # of dates without one; policies count days, and February is as in most years


@dataclass(frozen=True)
class Case:
    """The numbers and facts of a question, by name, and its options."""

    family: str
    values: dict[str, Any]
    options: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def altered(self, **values: Any) -> "Case":
        """Return the case with other values."""
        return Case(self.family, {**self.values, **values}, self.options)


def read(question: str) -> Case | None:
    """Return the case, None for a question that the teachers cannot read."""
    if _LONG.search(question):
        return None
    options = {letter: text.strip() for letter, text in _OPTION.findall(question)}
    text = _OPTION.sub(" ", question)
    family = _family(text)
    values = READ[family](text) if family else None
    if not family or values is None or None in values.values():
        return None
    return Case(family, values, options)


def _family(text: str) -> str:
    """Return the first family whose mark is in the text, "" for none."""
    dated = len(_DATE.findall(text)) == 2
    asks_number = bool(re.search(r"\bhow many\b", text, re.IGNORECASE))
    marks = {
        "refund-fee": _number(text, _FEE) is not None,
        "broken-units": "voucher" in text,
        "free-shipping": "coupon" in text,
        "days-left": dated and asks_number,
        "return-window": dated,
        "which-order": len(_ORDERS.findall(text)) >= 2,
        "remedy": bool(re.search(r"\breplac", text)),
        "sale-return": bool(re.search(r"\bsale\b", text, re.IGNORECASE)),
    }
    return next((family for family, marked in marks.items() if marked), "")


_FEE = r"(\d+)% ?(?:restocking|of)|fee of (\d+)%"
_ORDERS = re.compile(r"\border (\d+)\b[^.]*?\b(\d+) days", re.IGNORECASE)
_EACH = r"\$(\d+) each|each (?:for|sold at) \$(\d+)|for \$(\d+) each"


def _number(text: str, pattern: str) -> int | None:
    match = re.search(pattern, text, re.IGNORECASE)
    return next(int(group) for group in match.groups() if group) if match else None


def _dated(text: str) -> dict[str, Any] | None:
    start, end = (_date(month, day) for month, day in _DATE.findall(text))
    if start is None or end is None or end < start:
        return None
    window = _number(text, r"(\d+) days")
    return {"window": window, "start": start, "end": end, "passed": (end - start).days}


def _date(month: str, day: str) -> date | None:
    try:
        return date(_YEAR, _MONTHS.index(month), int(day))
    except ValueError:
        return None


def _refund(text: str) -> dict[str, Any]:
    label = _number(text, r"label of \$(\d+)|\$(\d+) for the (?:return )?label")
    price = _number(text, r"(?:bought for|cost|paid|sold at) \$(\d+)")
    fine = re.search(r"works|not faulty; |nothing is wrong|no longer wanted", text, re.IGNORECASE)
    faulty = re.search(
        r"\bit is faulty|turned out to be faulty|was faulty|has a fault\b", text, re.IGNORECASE
    )
    fee = _number(text, _FEE)
    return {"price": price, "fee": fee, "label": label, "faulty": bool(faulty) and not fine}


def _broken(text: str) -> dict[str, Any]:
    return {
        "count": _number(text, r"(\d+) \w+?s(?: at|, each| for| in the box)"),
        "price": _number(text, _EACH),
        "voucher": _number(text, r"voucher of \$(\d+)|\$(\d+) voucher"),
        "broken": _number(
            text, r"(\d+) (?:of (?:them|those) )?(?:\w+ )?(?:arrived |came |were )?broken"
        ),
    }


def _shipping(text: str) -> dict[str, Any]:
    return {
        "count": _number(text, r"(\d+) \w+?s(?: at|, each| for)"),
        "price": _number(text, _EACH),
        "coupon": _number(
            text, r"coupon of \$(\d+)|coupon takes \$(\d+)|\$(\d+) coupon|worth \$(\d+)"
        ),
        "threshold": _number(
            text, r"at least \$(\d+)|come to \$(\d+)|from \$(\d+)|order of \$(\d+) or above"
        ),
    }


def _sale(text: str) -> dict[str, Any]:
    passed = _number(text, r"after (\d+) days|been (\d+) days|(\d+) days (?:after|later)")
    others = [int(days) for days in re.findall(r"(?:within|for) (\d+) days", text, re.IGNORECASE)]
    full = re.search(r"full price|not on sale", text)
    whole = re.search(r"good order|not damaged|nothing was damaged", text, re.IGNORECASE)
    return {
        "window": others[0] if others else None,
        "passed": passed,
        "sale": not full,
        "damaged": not whole,
    }


def _orders(text: str) -> dict[str, Any] | None:
    pairs = [
        *re.findall(r"\border (\d+)\D+?(\d+) days", text, re.IGNORECASE),
        *re.findall(r"and (\d{4}) (\d+) days", text),
    ]
    window = _number(
        text,
        r"within (\d+) days|for (\d+) days|have (\d+) days|close (\d+) days|window is (\d+) days",
    )
    if len(pairs) < 2:
        return None
    (first, first_passed), (second, second_passed) = pairs[:2]
    return {
        "window": window,
        "first": int(first),
        "first_passed": int(first_passed),
        "second": int(second),
        "second_passed": int(second_passed),
    }


def _remedy(text: str) -> dict[str, Any] | None:
    passed = _number(
        text, r"(?:working|up|failed) (\d+) days|\bAfter (\d+) days an? |\btook (\d+) days"
    )
    limits = [
        int(days) for days in re.findall(r"(\d+) days|day (\d+)", text) for days in days if days
    ]
    if passed is None or passed not in limits or len(limits) != 3:
        return None
    limits.remove(passed)
    misuse = re.search(r"dropped|customer damaged|let it fall|damaged by the customer", text)
    return {"first": min(limits), "second": max(limits), "passed": passed, "misuse": bool(misuse)}


READ = {
    "return-window": _dated,
    "days-left": _dated,
    "refund-fee": _refund,
    "broken-units": _broken,
    "free-shipping": _shipping,
    "sale-return": _sale,
    "which-order": _orders,
    "remedy": _remedy,
}
