"""The hidden truth of the made questions: whether a rationale is sound, and what is wrong with it.

in   {"id": "days-left-train-000000", "answer": "16", "given": {"window": 21}, "derived":
      {"passed": 5, "left": 16}, "facts": {"in_time": true}, ...}
     "The window is 21 days. From April 23 to April 28 it is 6 days. 21 - 6 = 15.\\nAnswer: 15"
out  ["6 is no number of this case", "passed is 5, not 6", ..., "the verdict is 16, not 15"]

A rationale is sound if its verdict is right, each number, calculation, comparison and fact that it
states is right, and it states at least one. The record of the generator is compared with the text;
no detector is shared with the teachers' rules or with the checker of answers.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from distill import records
from distill.records import Row

_WORDS = re.findall(r"\w+", "zero one two three four five six seven eight nine ten eleven twelve")
_COUNTED = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b(?= (?:days|dollars|pieces))", re.IGNORECASE)
_LISTED = re.compile(r"^\s*\d[.)]\s", re.MULTILINE)  # numbers of a list's items
_NUMBER = r"(\d[\d,]{0,15}(?:\.\d{1,6})?)"
_ANSWER = re.compile(r"^\W*(?:final )?answer\b\W*(?:is\b\W*)?(.*)$", re.IGNORECASE | re.MULTILINE)
# What names a number of the case: "the window is 21 days", "a fee of 15%".
_NAMED = {
    "window": [
        rf"window (?:is|of|lasts|was) {_NUMBER}",
        rf"{_NUMBER}[- ]day (?:return )?window",
        rf"(?:taken|allowed|accepted|possible|returned) (?:for|within) {_NUMBER} days",
        rf"(?:gives|allows|has|have|get|gets)(?: the)?(?: customers?)? {_NUMBER} days",
        rf"(?:within|past|after|outside|inside|beyond) the {_NUMBER} days",
    ],
    "passed": [
        rf"from \w+ \d+ to \w+ \d+ (?:it )?(?:is|are|makes) (?:\d[\d+\s-]*= ?)?{_NUMBER} days",
        rf"{_NUMBER} days (?:have |had )?(?:passed|gone by|later)",
        rf"(?:^|[.] ){_NUMBER} days is (?:within|past)",
    ],
    "left": [rf"{_NUMBER} days (?:remain|(?:are |is )?left|are still)", rf"leaves {_NUMBER} days"],
    "fee": [
        rf"fee (?:is|of) (?:\$?[\d.]+ or )?{_NUMBER} ?%",
        rf"{_NUMBER} ?% (?:restocking )?(?:fee|of)",
    ],
    "label": [rf"label (?:is|costs|of|for) \$?{_NUMBER}"],
    "price": [
        rf"price (?:is|was|of) \$?{_NUMBER}",
        rf"% of \$?{_NUMBER}",
        rf"\$?{_NUMBER} each",
    ],
    "voucher": [rf"voucher (?:is|of|worth) \$?{_NUMBER}", rf"\$?{_NUMBER} voucher"],
    "coupon": [rf"coupon (?:is|of|worth) \$?{_NUMBER}", rf"\$?{_NUMBER} coupon"],
    "threshold": [rf"threshold (?:is|of) \$?{_NUMBER}", rf"(?:at least|less than) \$?{_NUMBER}"],
    "broken": [rf"{_NUMBER} (?:pieces are |pieces were |are |were |came )?broken"],
    "first": [rf"first {_NUMBER} days", rf"past {_NUMBER} but", rf"replace\w* for {_NUMBER} days"],
    "second": [rf"but within {_NUMBER} days", rf"is past {_NUMBER} days"],
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
    rf"{_NUMBER}(?: days| dollars)? (?:is|are) (not )?(more than|over|above|past|within|at least"
    rf"|less than|under|below|at most)(?: the)?(?: first)? \$?{_NUMBER}(?: but within {_NUMBER})?",
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
    rf"\$?{_NUMBER}(?:\s*(?:{_OPERATION.pattern})\s*\$?{_NUMBER})+\s*(?:=|is|makes)\s*\$?{_NUMBER}"
)


def load(path: Path) -> dict[str, Row]:
    """Return the truth rows of a truth.jsonl by id."""
    return {row["id"]: row for row in records.read(path)}


def is_sound(row: Row, text: str, kind: str = "rationale") -> bool:
    """Return whether all that a text states about a case is right, by the case's truth row.

    `kind` is "rationale", or "feedback": then sentences about the student are left out, and the
    verdict is right if it is named.
    """
    return not faults(row, text, kind)


def faults(row: Row, text: str, kind: str = "rationale") -> list[str]:
    """Return what is wrong with a text; see `is_sound`."""
    body = _about_case(text) if kind == "feedback" else _ANSWER.sub("", text)
    body = _COUNTED.sub(lambda word: str(_WORDS.index(word[0].lower())), _LISTED.sub("", body))
    known = {_value(str(number)) for number in _numbers(row)}
    found = [
        f"{number} is no number of this case"
        for number in re.findall(_NUMBER, body)
        if _value(number) not in known
    ]
    found += _misnamed(row, body)
    found += [f"{one} does not add up" for one in _wrong_equations(body)]
    found += [f"{one} is not so" for one in _wrong_comparisons(body)]
    found += [f"{one} is not what happened" for one in _wrong_products(row, body)]
    found += [f"{one} is not what happened" for one in _mistaken_orders(row, body)]
    found += _wrong_facts(row, body)
    if not found and not _states(body):
        found.append("nothing about the case is stated")
    return found + (_named(row, text) if kind == "feedback" else _verdict(row, text))


def _numbers(row: Row) -> Iterator[float | str]:
    yield from row["given"].values()
    yield from row["derived"].values()
    if row["kind"] == "number":
        yield row["answer"]
    if "fee" in row["given"]:
        yield row["given"]["fee"] / 100


def _about_case(text: str) -> str:
    """Return the sentences that do not speak to the student."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return " ".join(one for one in sentences if not re.search(r"\b[Yy]ou(?:rs?)?\b", one))


def _misnamed(row: Row, body: str) -> list[str]:
    numbers = {**row["derived"], **row["given"]}
    found = []
    for name, patterns in _NAMED.items():
        if name not in numbers or (name == "passed" and row["channel"] == "remedy"):
            continue
        right = _value(str(numbers[name]))
        for pattern in patterns:
            for match in re.finditer(pattern, body, re.IGNORECASE):
                if _value(match[1]) != right:
                    found.append(f"{name} is {numbers[name]}, not {match[1]}")
    return found


def _wrong_equations(body: str) -> Iterator[str]:
    for match in _EQUATION.finditer(body):
        left, _, right = re.split(r"(=|\bis\b|\bmakes\b)", match[0])
        numbers = [_value(one) for one in re.findall(_NUMBER, left)]
        signs = [one[0] for one in _OPERATION.findall(left)]
        total = numbers[0]
        for sign, number in zip(signs, numbers[1:], strict=True):
            total = _calculated(total, sign, number)
        if total != _value(re.findall(_NUMBER, right)[0]):
            yield match[0]


def _wrong_products(row: Row, body: str) -> Iterator[str]:
    """Yield the products of other numbers than those that the case multiplies."""
    given = row["given"]
    if "price" not in given or "fee" in given:
        return
    factors = {given.get("broken", given["count"]), given["price"]}
    for one, other in re.findall(rf"{_NUMBER} ?[*x×] ?\$?{_NUMBER}", body):
        if {_value(one), _value(other)} != factors:
            yield f"{one} x {other}"


def _mistaken_orders(row: Row, body: str) -> Iterator[str]:
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


def _wrong_comparisons(body: str) -> Iterator[str]:
    for match in _COMPARED.finditer(body):
        one, denied, relation, other, limit = match.groups()
        holds = _HOLDS[relation.lower()](_value(one), _value(other)) != bool(denied)
        if not holds or (limit and _value(one) > _value(limit)):
            yield match[0]


def _wrong_facts(row: Row, body: str) -> Iterator[str]:
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


def _states(body: str) -> bool:
    """Return whether the text states anything that could be wrong."""
    stated = [pattern for pair in _FACTS.values() for pattern in pair]
    return bool(re.search("|".join([r"\d", *stated]), body, re.IGNORECASE))


def _verdict(row: Row, text: str) -> list[str]:
    said = _ANSWER.findall(text)
    if not said:
        return ["no verdict is stated"]
    right = _is_right(row, said[-1].strip().strip("*.$ "))
    return [] if right else [f"the verdict is {row['answer']}, not {said[-1].strip()}"]


def _is_right(row: Row, said: str) -> bool:
    answer = row["answer"]
    if row["kind"] == "number":
        number = re.match(_NUMBER, said)
        return bool(number and _value(number[0]) == _value(answer))
    if row["kind"] == "boolean":
        return re.findall("[a-z]+", said.lower())[:1] == [answer]
    lettered = re.match(r"\(?([A-D])\b", said)
    option = row["options"][answer]
    return lettered[1] == answer if lettered else said.lower().startswith(option.lower())


def _named(row: Row, text: str) -> list[str]:
    answer = re.escape(row["options"].get(row["answer"], row["answer"]))
    is_named = re.search(rf"(?<![\w.]){answer}(?!\w)", text, re.IGNORECASE)
    return [] if is_named else [f"the verdict {row['answer']} is not named"]


def _value(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))
