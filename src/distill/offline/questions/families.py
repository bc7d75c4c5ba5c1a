"""The families of questions: what is drawn, what follows from it, and the gold answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from distill.offline.questions import phrasings

YEAR = 2025
Numbers = Mapping[str, float]
WINDOWS = (7, 10, 14, 20, 21, 28, 30)


@dataclass(frozen=True)
class Case:
    """A drawn case with its gold answer; `slots` are the values that the question's words state."""

    kind: str
    answer: str
    slots: dict[str, str]
    given: Numbers
    derived: Numbers = field(default_factory=dict)
    facts: dict[str, bool] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


def return_window(rng: Random) -> Case:
    """Is a return in time, by two dates?"""
    window = rng.choice(WINDOWS)
    near = [window, window + 1, window - 1]
    far = [rng.randint(2, window), rng.randint(window + 1, window + 14)]
    passed = rng.choice(near) if rng.random() < 0.3 else rng.choice(far)
    slots, given, derived = _dates(rng, window, passed)
    facts = {"in_time": passed <= window}
    return Case("boolean", _yes(passed <= window), slots, given, derived, facts)


def days_left(rng: Random) -> Case:
    """How many days of the return window are left, by two dates?"""
    window = rng.choice(WINDOWS)
    passed = rng.randint(1, window - 1)
    slots, given, derived = _dates(rng, window, passed)
    derived = {**derived, "left": window - passed}
    return Case("number", str(window - passed), slots, given, derived, {"in_time": True})


def refund_fee(rng: Random) -> Case:
    """What is refunded after a restocking fee, unless faulty, and the return label?"""
    price, fee, label = 10 * rng.randint(2, 20), rng.choice([5, 10, 15, 20, 25]), rng.randint(3, 9)
    faulty = rng.random() < 0.35
    amount = 0.0 if faulty else price * fee / 100
    refund = price - amount - label
    derived = {"refund": refund, "amount": amount}
    if not faulty:
        derived |= {"after_fee": price - amount, "off": amount + label}
    given = {"price": price, "fee": fee, "label": label}
    return Case("number", money(refund), _slots(rng, given), given, derived, {"faulty": faulty})


def broken_units(rng: Random) -> Case:
    """What are the refund of the broken pieces and a voucher worth together?"""
    count, price, voucher = rng.randint(3, 12), rng.randint(2, 25), rng.choice([5, 10, 15])
    broken = rng.randint(2, count - 1)
    refund = broken * price
    given = {"count": count, "price": price, "voucher": voucher, "broken": broken}
    derived = {"refund": refund, "total": refund + voucher}
    return Case("number", money(refund + voucher), _slots(rng, given), given, derived)


def free_shipping(rng: Random) -> Case:
    """Does an order reach the threshold of free shipping after its coupon?"""
    count, price, coupon = rng.randint(2, 6), rng.randint(10, 30), rng.choice([5, 10, 15])
    basket = count * price
    total = basket - coupon
    below, above = max(5, total - rng.randint(0, 9)), total + rng.randint(1, min(9, coupon + 2))
    threshold = below if rng.random() < 0.5 else above
    given = {"count": count, "price": price, "coupon": coupon, "threshold": threshold}
    free = total >= threshold
    derived = {"basket": basket, "total": total, "difference": abs(total - threshold)}
    return Case("boolean", _yes(free), _slots(rng, given), given, derived, {"free": free})


def sale_return(rng: Random) -> Case:
    """Can an item be returned, by the window and the exception for damaged sale items?"""
    window, sale, damaged = rng.choice(WINDOWS), rng.random() < 0.6, rng.random() < 0.5
    in_time = rng.random() < 0.7
    passed = rng.randint(1, window) if in_time else rng.randint(window + 1, 2 * window)
    given = {"window": window, "passed": passed}
    facts = {"in_time": in_time, "sale": sale, "damaged": damaged}
    returned = in_time and (damaged or not sale)
    past = {"past": abs(passed - window)}
    return Case("boolean", _yes(returned), _slots(rng, given), given, past, facts)


def which_order(rng: Random) -> Case:
    """Which of two orders is still inside the return window?"""
    window = rng.choice([14, 20, 30, 45, 60])
    first, second = rng.sample(range(1000, 10000), 2)
    in_time = [rng.random() < 0.5, rng.random() < 0.5]
    days = [
        rng.randint(1, window) if one else rng.randint(window + 1, 2 * window) for one in in_time
    ]
    given = {"window": window, "first": first, "second": second}
    given |= {"first_passed": days[0], "second_passed": days[1]}
    options = [f"order {first}", f"order {second}", "both", "neither"]
    letter = {(True, False): "A", (False, True): "B", (True, True): "C"}.get(
        (in_time[0], in_time[1]), "D"
    )
    facts = {"first_in_time": in_time[0], "second_in_time": in_time[1]}
    lettered = dict(zip("ABCD", options, strict=True))
    return Case("choice", letter, _slots(rng, given), given, {}, facts, lettered)


def remedy(rng: Random) -> Case:
    """What is a customer due for an item that failed, by its age and by whose fault it is?"""
    first, second = rng.choice([14, 20, 30, 60]), rng.choice([90, 120, 180])
    ages = [(1, first), (first + 1, second), (second + 1, second + 60)]
    at = rng.randrange(3)
    passed, misuse = rng.randint(*ages[at]), rng.random() < 0.3
    given = {"first": first, "second": second, "passed": passed}
    due = "nothing" if misuse else ("replacement", "store credit", "nothing")[at]
    options = rng.sample(["replacement", "store credit", "nothing"], 3)
    lettered = dict(zip("ABC", options, strict=True))
    letter = next(key for key, option in lettered.items() if option == due)
    facts = {"misuse": misuse, "early": at == 0, "late": at == 2}
    return Case("choice", letter, _slots(rng, given), given, {}, facts, lettered)


FAMILIES: dict[str, Callable[[Random], Case]] = {
    "return-window": return_window,
    "days-left": days_left,
    "refund-fee": refund_fee,
    "broken-units": broken_units,
    "free-shipping": free_shipping,
    "sale-return": sale_return,
    "which-order": which_order,
    "remedy": remedy,
}


def money(amount: float) -> str:
    """Return an amount with cents where it has any: "34", "35.50"."""
    exact = Decimal(str(amount))
    return str(int(exact)) if exact == int(exact) else f"{exact:.2f}"


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _slots(rng: Random, given: Numbers) -> dict[str, str]:
    return {name: money(value) for name, value in given.items()} | {
        "item": rng.choice(phrasings.items())
    }


def _dates(rng: Random, window: int, passed: int) -> tuple[dict[str, str], Numbers, Numbers]:
    """Return slots, given and derived numbers of a delivery and a day `passed` days later."""
    start = date(YEAR, 3, 1) + timedelta(days=rng.randrange(240))
    if rng.random() < 0.5:  # half of the periods lie within a month where they can
        start = start.replace(day=rng.randint(1, max(1, 30 - passed)))
    end = start + timedelta(days=passed)
    given = {"window": window, "start_day": start.day, "end_day": end.day}
    derived: dict[str, float] = {"passed": passed, "past": abs(passed - window)}
    if start.month != end.month:
        first = date(start.year, start.month % 12 + 1, 1) - timedelta(days=1)
        derived |= {"month": first.day, "rest": first.day - start.day}
        if (end.month - start.month) % 12 > 1:
            between = date(end.year, end.month, 1) - timedelta(days=1)
            derived["between"] = between.day
    slots = {"start": f"{start:%B} {start.day}", "end": f"{end:%B} {end.day}"}
    return _slots(rng, given) | slots, given, derived
