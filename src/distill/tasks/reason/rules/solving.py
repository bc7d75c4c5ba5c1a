"""The steps and the verdict of a case, in a teacher's words.

A case with altered values gives steps that follow from these; `forced` is a result that the last
calculation states instead of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from distill.tasks.reason.rules.reading import Case

Number = Fraction | int


@dataclass(frozen=True)
class Solution:
    """The steps of a rationale, one sentence each, its verdict, and what it calculates last."""

    steps: tuple[str, ...]
    verdict: str
    result: Number | None = None

    @property
    def text(self) -> str:
        """The rationale, whose last line states the answer."""
        return " ".join(self.steps) + f"\nAnswer: {self.verdict}"


def solve(case: Case, style: int = 0, forced: Number | None = None) -> Solution:
    """Return the solution of a case in the words of one of three styles."""
    return SOLVE[case.family](case, style % 3, forced)


def written(value: Number) -> str:
    """Return an amount as people write it: "34", "35.50"."""
    return str(value) if value == int(value) else f"{float(value):.2f}"


def _in_time(case: Case, style: int, forced: Number | None) -> Solution:
    window, passed = case["window"], case["passed"]
    inside = passed <= window
    compared = f"{passed} is {'not ' if inside else ''}more than {window}"
    steps = (_window(window, style), _counted(case), f"{compared}, so it is {_timely(inside)}.")
    return Solution(steps, _yes(inside))


def _left(case: Case, style: int, forced: Number | None) -> Solution:
    window, passed = case["window"], case["passed"]
    left = _result(window - passed, forced)
    steps = (_window(window, style), _counted(case), f"{window} - {passed} = {left} days are left.")
    return Solution(steps, left, window - passed)


def _refund(case: Case, style: int, forced: Number | None) -> Solution:
    price, label, fee = case["price"], case["label"], case["fee"]
    if case["faulty"]:
        first = "The item is faulty, so there is no restocking fee."
        result = _result(price - label, forced)
        return Solution((first, f"{price} - {label} = {result}."), f"${result}", price - label)
    amount = Fraction(price * fee, 100)
    refund = price - amount - label
    result = _result(refund, forced)
    first = (
        f"The restocking fee is {fee}% of {price} = {written(amount)}.",
        f"{fee}% of {price} = {written(amount)} is the restocking fee.",
        f"The fee is {fee}% of {price} = {written(amount)}.",
    )[style]
    last = f"{price} - {written(amount)} - {label} = {result}."
    return Solution((first, last), f"${result}", refund)


def _broken(case: Case, style: int, forced: Number | None) -> Solution:
    broken, price, voucher = case["broken"], case["price"], case["voucher"]
    refund = broken * price
    first = (
        f"{broken} pieces are broken: {broken} x {price} = {refund}.",
        f"The {broken} broken pieces cost {broken} x {price} = {refund}.",
        f"The refund is {broken} x {price} = {refund}.",
    )[style]
    if voucher is None:
        result = _result(refund, forced)
        return Solution((first,), f"${result}", refund)
    result = _result(refund + voucher, forced)
    last = f"With the voucher it is {refund} + {voucher} = {result}."
    return Solution((first, last), f"${result}", refund + voucher)


def _shipping(case: Case, style: int, forced: Number | None) -> Solution:
    count, price, coupon, threshold = (case[n] for n in ("count", "price", "coupon", "threshold"))
    basket = count * price
    first = (
        f"The items cost {count} x {price} = {basket}.",
        f"{count} x {price} = {basket} for the items.",
        f"The basket is {count} x {price} = {basket}.",
    )[style]
    total: Number = basket
    steps = [first]
    if coupon is not None:
        total = basket - coupon if forced is None else forced
        steps.append(f"After the coupon it is {basket} - {coupon} = {written(total)}.")
    free = total >= threshold
    steps.append(f"{written(total)} is {'at least' if free else 'less than'} {threshold}.")
    return Solution(tuple(steps), _yes(free), basket - (coupon or 0))


def _sale(case: Case, style: int, forced: Number | None) -> Solution:
    window, passed = case["window"], case["passed"]
    inside = passed <= window
    steps = [f"{passed} days is {'within' if inside else 'past'} the {window} days."]
    if not inside:
        return Solution((*steps, "It is too late."), "no")
    if not case["sale"]:
        return Solution((*steps, _full_price(style)), "yes")
    if case["damaged"]:
        steps.append("It is a sale item, but it arrived damaged, so the exception holds.")
    else:
        steps.append("It is a sale item and was not damaged, so it is excluded.")
    return Solution(tuple(steps), _yes(case["damaged"]))


def _full_price(style: int) -> str:
    return (
        "It is not a sale item.",
        "It was not in the sale.",
        "It was sold at full price, so nothing else matters.",
    )[style]


def _orders(case: Case, style: int, forced: Number | None) -> Solution:
    window, inside, steps = case["window"], [], [_window(case["window"], style)]
    for order in ("first", "second"):
        passed = case[f"{order}_passed"]
        inside.append(passed <= window)
        compared = f"{passed} is {'not ' if inside[-1] else ''}more than {window}"
        steps.append(f"Order {case[order]}: {compared}, so {'yes' if inside[-1] else 'no'}.")
    named = (f"order {case['first']}", f"order {case['second']}")
    text = {(True, True): "both", (False, False): "neither"}.get(
        (inside[0], inside[1]), named[0] if inside[0] else named[1]
    )
    return Solution(tuple(steps), _option(case, text))


def _remedy(case: Case, style: int, forced: Number | None) -> Solution:
    first, second, passed = case["first"], case["second"], case["passed"]
    if case["misuse"]:
        return Solution(("The customer caused the damage, so it is not covered.",),
                        _option(case, "nothing"))  # fmt: skip
    steps = ["It is a defect."] if style == 1 else []
    if passed <= first:
        steps.append(f"{passed} days is within the first {first} days.")
        return Solution(tuple(steps), _option(case, "replacement"))
    if passed <= second:
        steps.append(f"{passed} days is past {first} but within {second} days.")
        return Solution(tuple(steps), _option(case, "store credit"))
    steps.append(f"{passed} days is past {second} days.")
    return Solution(tuple(steps), _option(case, "nothing"))


def _window(window: int, style: int) -> str:
    return (
        f"The window is {window} days.",
        f"Returns are taken for {window} days.",
        f"The customer has {window} days.",
    )[style]


def _counted(case: Case) -> str:
    """Return the sentence that counts the days between two dates, with its calculation."""
    start, end, passed = case["start"], case["end"], case["passed"]
    span = f"From {start:%B} {start.day} to {end:%B} {end.day}"
    if (end - start).days != passed:
        return f"{span} it is {passed} days."
    if start.month == end.month:
        return f"{span} it is {end.day} - {start.day} = {passed} days."
    parts = [str(_last(start).day - start.day)]
    at = _last(start) + timedelta(days=1)
    while at.month != end.month:
        parts.append(str(_last(at).day))
        at = _last(at) + timedelta(days=1)
    return f"{span} it is {' + '.join([*parts, str(end.day)])} = {passed} days."


def _last(day: date) -> date:
    """Return the last day of the day's month."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def _result(value: Number, forced: Number | None) -> str:
    return written(value if forced is None else forced)


def _timely(inside: bool) -> str:
    return "in time" if inside else "too late"


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _option(case: Case, text: str) -> str:
    letters = [letter for letter, option in case.options.items() if option == text]
    return f"({letters[0]}) {text}" if letters else text


SOLVE: dict[str, Callable[[Case, int, Number | None], Solution]] = {
    "return-window": _in_time,
    "days-left": _left,
    "refund-fee": _refund,
    "broken-units": _broken,
    "free-shipping": _shipping,
    "sale-return": _sale,
    "which-order": _orders,
    "remedy": _remedy,
}
