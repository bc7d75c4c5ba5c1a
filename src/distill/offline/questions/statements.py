"""What a text states about a made case, and which of it is wrong by the case's truth row.

in   {"given": {"window": 21}, "derived": {"passed": 5}, "facts": {"in_time": true}, ...}
     "The window is 20 days, and 21 - 5 = 17."
out  ["window is 21, not 20"], ["21 - 5 = 17"]
"""

import re
from collections.abc import Iterator
from fractions import Fraction

from distill.records import Row

NUMBER = r"(\d[\d,]{0,15}(?:\.\d{1,6})?)"


# What names a number of the case: "the window is 21 days", "a fee of 15%".
_NAMED = {
    "window": [
        rf"window (?:is|of|lasts|was) {NUMBER}",
        rf"{NUMBER}[- ]day (?:return )?window",
        rf"(?:taken|allowed|accepted|possible|returned) (?:for|within) {NUMBER} days",
        rf"(?:gives|allows|has|have|get|gets)(?: the)?(?: customers?)? {NUMBER} days",
        rf"(?:within|past|after|outside|inside|beyond) the {NUMBER} days",
    ],
    "passed": [
        rf"from \w+ \d+ to \w+ \d+ (?:it )?(?:is|are|makes) (?:\d[\d+\s-]*= ?)?{NUMBER} days",
        rf"{NUMBER} days (?:have |had )?(?:passed|gone by|later)",
        rf"(?:^|[.] ){NUMBER} days is (?:within|past)",
    ],
    "left": [rf"{NUMBER} days (?:remain|(?:are |is )?left|are still)", rf"leaves {NUMBER} days"],
    "fee": [
        rf"fee (?:is|of) (?:\$?[\d.]+ or )?{NUMBER} ?%",
        rf"{NUMBER} ?% (?:restocking )?(?:fee|of)",
    ],
    "label": [rf"label (?:is|costs|of|for) \$?{NUMBER}"],
    "price": [
        rf"price (?:is|was|of) \$?{NUMBER}",
        rf"% of \$?{NUMBER}",
        rf"\$?{NUMBER} each",
    ],
    "voucher": [rf"voucher (?:is|of|worth) \$?{NUMBER}", rf"\$?{NUMBER} voucher"],
    "coupon": [rf"coupon (?:is|of|worth) \$?{NUMBER}", rf"\$?{NUMBER} coupon"],
    "threshold": [rf"threshold (?:is|of) \$?{NUMBER}", rf"(?:at least|less than) \$?{NUMBER}"],
    "broken": [rf"{NUMBER} (?:pieces are |pieces were |are |were |came )?broken"],
    "first": [rf"first {NUMBER} days", rf"past {NUMBER} but", rf"replace\w* for {NUMBER} days"],
    "second": [rf"but within {NUMBER} days", rf"is past {NUMBER} days"],
}


# What affirms and what denies a fact of the case.
_FACTS = {
    "in_time": (r"\bin time\b|\bnot (?:too )?late\b", r"\btoo late\b|\bnot in time\b|\bis late\b"),
    "sale": (
        r"\b(?:is|was) (?:a sale item|on sale|bought in the sale|in the sale)",
        r"\bnot (?:a sale item|on sale|bought in the sale|in the sale)|\bfull price",
    ),
    "damaged": (
        r"\b(?:arrived|is|was) damaged|\bdamage on arrival",
        r"\bnot (?:arrive )?damaged|undamaged|good order",
    ),
    "faulty": (
        r"\b(?:is|was) faulty|\bno restocking fee",
        r"\bnot faulty|% of \$?\d",
    ),
    "misuse": (
        r"\bcustomer (?:caused|damaged|dropped|is to blame)|\bnot covered\b",
        r"\b(?:is|was|has) a defect|\bnot the customer's fault",
    ),
    "free": (r"\bships? (?:for )?free\b|\bis free\b", r"\bnot free\b|\bpays? (?:for )?shipping"),
}


_COMPARED = re.compile(
    rf"{NUMBER}(?: days| dollars)? (?:is|are) (not )?(more than|over|above|past|within|at least"
    rf"|less than|under|below|at most)(?: the)?(?: first)? \$?{NUMBER}(?: but within {NUMBER})?",
    re.IGNORECASE,
)


_HOLDS = {
    "more than": lambda a, b: a > b,
    "over": lambda a, b: a > b,
    "above": lambda a, b: a > b,
    "past": lambda a, b: a > b,
    "within": lambda a, b: a <= b,
    "at most": lambda a, b: a <= b,
    "at least": lambda a, b: a >= b,
    "less than": lambda a, b: a < b,
    "under": lambda a, b: a < b,
    "below": lambda a, b: a < b,
}


_OPERATION = re.compile(r"[-+*x×−]|%\s*of|\bof\b|plus|minus|times")


_EQUATION = re.compile(
    rf"\$?{NUMBER}(?:\s*(?:{_OPERATION.pattern})\s*\$?{NUMBER})+\s*(?:=|is|makes)\s*\$?{NUMBER}"
)


def misnamed(row: Row, body: str) -> list[str]:
    """Return the numbers of the case that a text names wrongly: its window, its fee."""
    numbers = {**row["derived"], **row["given"]}
    found = []
    for name, patterns in _NAMED.items():
        if name not in numbers or (name == "passed" and row["channel"] == "remedy"):
            continue
        right = value(str(numbers[name]))
        for pattern in patterns:
            for match in re.finditer(pattern, body, re.IGNORECASE):
                if value(match[1]) != right:
                    found.append(f"{name} is {numbers[name]}, not {match[1]}")
    return found


def wrong_equations(body: str) -> Iterator[str]:
    """Yield the calculations whose result is wrong."""
    for match in _EQUATION.finditer(body):
        left, _, right = re.split(r"(=|\bis\b|\bmakes\b)", match[0])
        numbers = [value(one) for one in re.findall(NUMBER, left)]
        signs = [one[0] for one in _OPERATION.findall(left)]
        total = numbers[0]
        for sign, number in zip(signs, numbers[1:], strict=True):
            total = _calculated(total, sign, number)
        if total != value(re.findall(NUMBER, right)[0]):
            yield match[0]


def wrong_products(row: Row, body: str) -> Iterator[str]:
    """Yield the products of other numbers than those that the case multiplies."""
    given = row["given"]
    if "price" not in given or "fee" in given:
        return
    factors = {given.get("broken", given["count"]), given["price"]}
    for one, other in re.findall(rf"{NUMBER} ?[*x×] ?\$?{NUMBER}", body):
        if {value(one), value(other)} != factors:
            yield f"{one} x {other}"


def mistaken_orders(row: Row, body: str) -> Iterator[str]:
    """Yield the orders that a text gives another number of days than they have."""
    given = row["given"]
    if "first_passed" not in given:
        return
    others = {given["first"], given["second"], given["window"]}
    for order in ("first", "second"):
        for days in re.findall(rf"\b{given[order]}\b[^\d.]+?(\d+)\b", body):
            if int(days) not in {given[f"{order}_passed"], *others}:
                yield f"order {given[order]} after {days} days"


def _calculated(total: Fraction, sign: str, number: Fraction) -> Fraction:
    if sign == "%":
        return total * number / 100
    if sign in "*x×ot":
        return total * number
    return total + number if sign in "+p" else total - number


def wrong_comparisons(body: str) -> Iterator[str]:
    """Yield the comparisons of two numbers that do not hold."""
    for match in _COMPARED.finditer(body):
        one, denied, relation, other, limit = match.groups()
        holds = _HOLDS[relation.lower()](value(one), value(other)) != bool(denied)
        if not holds or (limit and value(one) > value(limit)):
            yield match[0]


def wrong_facts(row: Row, body: str) -> Iterator[str]:
    """Yield the facts of the case that a text denies, and what it affirms that is none."""
    for name, (affirms, denies) in _FACTS.items():
        if name not in row["facts"]:
            continue
        denied = re.search(denies, body, re.IGNORECASE)
        rest = re.sub(denies, " ", body, flags=re.IGNORECASE)
        affirmed = re.search(affirms, rest, re.IGNORECASE)
        if row["facts"][name] and denied:
            yield f"{name} is true: {denied[0]!r}"
        if not row["facts"][name] and affirmed:
            yield f"{name} is not true: {affirmed[0]!r}"


def states(body: str) -> bool:
    """Return whether the text states anything that could be wrong."""
    stated = [pattern for pair in _FACTS.values() for pattern in pair]
    return bool(re.search("|".join([r"\d", *stated]), body, re.IGNORECASE))


def value(text: str) -> Fraction:
    """Return the value of a number as it is written: "1,250.50"."""
    return Fraction(text.replace(",", ""))
