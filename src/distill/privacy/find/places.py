# ruff: noqa: E501 - a pattern is easier to read on one line
"""Postal addresses of many countries: a signal such as a street or a postal code, and its words.

"H.No 8-2-293/82/A, Plot 1265, Road No 36, Jubilee Hills, Hyderabad 500033", "Storgata 5, 3210
Sandefjord", "flat 3, 22b akerman rd sw9", "Blk 123 Bedok North Ave 2 #05-11, Singapore 460123".
A run of words that an address may hold is one if its signals weigh enough.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import regex  # type: ignore[import-untyped]

from distill.privacy.find import lexicon
from distill.privacy.find.identifiers import AMOUNT
from distill.privacy.find.words import is_english, is_top

_STREET_WORDS = """
    street str st avenue ave av road rd lane ln drive dr boulevard blvd court ct close crescent cres
    terrace parkway pkwy highway hwy alley mews grove trail circle cir way square sq place pl row walk
    gardens heights hill hills estate court quay wharf nagar nager nagara nagarvelur colony marg
    chowk vihar enclave layout salai puram pura puri bagh ganj gunj peth wadi halli extension extn
    society residency apts apartments apartment towers complex bazaar bazar mohalla gali gate gata gatan
    vagen vägen veien vei vej gade straat straße strasse allee platz weg utca út útja körút tér ulica
    ulitsa prospekt sokak sok sokağı cad cadde caddesi mah mahallesi mahalle bulvarı dori cho chome ku
    gu dong ro gil jalan jln lorong persiaran taman kampung kg village junction cross bypass circus
    parade esplanade concession sideroad line rue chemin impasse via viale piazza corso calle avenida
    avda paseo carrera plaza rua travessa alameda estrada praça largo
"""
_STREETS = frozenset(_STREET_WORDS.split())
_BEFORE_WORDS = """
    bd bld boul calle c/ cl avenida avda av paseo carrera cra plaza via viale piazza corso vicolo rua travessa
    alameda estrada praça rue chemin impasse allée quai boulevard route place jalan jln lorong taman
    persiaran ul al os plac aleja osiedle ulica prospekt ulitsa
"""
_BEFORE = frozenset(_BEFORE_WORDS.split())  # words that stand before the street's own name
_ENDINGS = regex.compile(
    r"\p{L}{2,}(?:gatan|gata|gaten|vägen|vegen|veien|veg|vei|vej|gade|allé|straße|strasse|stra[sß]e|str"
    r"|straat|laan|plein|gracht|kade|dijk|weg|gasse|allee|platz|damm|ufer|ring|steig|utca|katu|tie|kuja"
    r"|polku|tänav|iela|gatvė|stien|bakken|plass|torget|haven)"
)
_PREMISE_WORDS = """
    flat apt apartment unit suite ste room rm floor fl house hno h.no hse door d.no plot lot block blk
    bldg building tower wing shop villa bungalow sector phase stage ward site gali lane road rd no nr
    n° nº no. dno khasra survey level lvl box pobox p.o.box rr piso puerta apto bloco casa km tlf appt
    bât étage esc escalera planta local sala conjunto kat daire lgh tr top stiege og eg
"""
_PREMISES = frozenset(_PREMISE_WORDS.split())
_WITHIN_WORDS = """
    north south east west new old main upper lower great little high park city town village near opp
    opposite behind beside next lake river church station market mall school college temple hospital
    bridge floor cross post office po dist district tehsil taluk state county province the of de la le
    les los las del des du di da do dos das el al van der den von zum zur am im and & first second third
    po. st. saint san santa santo sankt stage phase sector house home
"""
_WITHIN = frozenset(_WITHIN_WORDS.split())
_STOP_WORDS = """
    please thanks thank order ordered number customer agent bot name phone email call delivery deliver
    delivered send sent ship shipped refund return returned item items product pls plz my your his her
    its it's is was are were be been have has had do does did can could will would should i you he she
    we they me him them us it this that these those what when where which who how why because so but if
    or not no yes ok okay for from with without about at on to in by as instead than then there here
    just only also still now today tomorrow yesterday day days week weeks month months year years hour
    hours minute minutes am pm off percent free price rs inr usd eur gbp dollars rupees euros pounds
    hr hrs min mins gb tb mb kg km mah mp inch inches any some all both each one two three four five six seven eight nine ten live living lives
    moved address zip code pin ring twice want need
"""
_STOPS = frozenset(_STOP_WORDS.split())
_SHORTENED = frozenset(("h.no", "hno", "d.no", "dno", "p.obox", "p.o.box", "pobox", "no:", "no.:"))
_WORDS = {"premise": _PREMISES, "before": _BEFORE, "street": _STREETS, "within": _WITHIN}
# Postal codes whose form alone is telling: UK, Canada, Brazil, Japan with its sign, Netherlands,
# Ireland, Singapore with its cue, the states of Australia.
_STRONG = (
    r"(?i:[a-pr-uwyz][a-hk-y]?\d[a-hjkps-uw\d]? \d(?!(?:st|nd|rd|th|gb|tb|hr|ft|lb|in|am|pm)\b)[abd-hjlnp-uw-z]{2})"
    r"|(?:[A-PR-UWYZ][A-HK-Y]?\d[A-HJKPS-UW\d]?\d[ABD-HJLNP-UW-Z]{2})"
    r"|(?i:[abceghj-nprstvxy]\d[abceghj-nprstv-z][ -]?\d[abceghj-nprstv-z]\d)|\d{5}-\d{3}|〒 ?\d{3}-?\d{4}"
    r"|\d{4} [A-Z]{2}|(?i:singapore|s) ?\(?\d{6}\)?|[AC-FHKNPRTV-Y]\d[\dW] ?[\dAC-FHKNPRTV-Y]{4}"
    r"|(?i:nsw|vic|qld|tas|act)(?:,? |,)\d{4}"
)
# Those that need a town beside them.
_WEAK = (
    r"\d{6}|\d{3}[ -]\d{3}|\d{5}(?:-\d{4})?|\d{2}-\d{3}|\d{3} \d{2}|\d{3}-\d{4}|\d{4}-\d{3}|\d{4}"
)
_NUMBER = r"#?\d{1,5}(?:[-/]\d{1,4}){0,3}(?:[-/]?[A-Za-z])?(?:[-/]\d{1,4})?"
_TOKEN = regex.compile(
    rf"(?<![\w@.$€£₹/]|\d-)(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK})|(?P<number>{_NUMBER}))(?![\w@%]|[.,:]\d|[-/]\w)"
    r"|(?P<ordinal>\d{1,3}(?i:st|nd|rd|th|º|ª|°))(?!\w)"
    r"|(?P<word>(?i:h\.? ?no\b\.?|d\.? ?no\b\.?|p\.? ?o\.? box|c/(?=\s?\p{L})|n[°º]|no\.?:|\p{L}[\p{L}\p{M}]*+(?:['’.-]\p{L}[\p{L}\p{M}]*+)*+\.?))"
)
_GAP = regex.compile(r"[ ]{0,2}[,/|#(]? {0,2}|,? ?\(|\)?,? {1,2}| ?- ?|[:.] ?|")
_DIGIT = re.compile(r"\d")
_MEASURE = regex.compile(rf"(?:{AMOUNT})", regex.IGNORECASE)
_NUMBERS = ("number", "weak")
_OF_STREETS = ("name", "new", "plain", "within", "town", "ordinal", "premise", "before")
_ALONE = {"strong": 2, "town": 1, "ending": 1}  # kinds that tell by themselves, and their weights
_GO_ON = (*_OF_STREETS[:2], *_NUMBERS, "town", "strong", "ordinal", "premise", "street", "ending")
_OF_PARTS = ("plain", "new", "name", "within", "street", "town")
_LONGEST = 4  # words between a house's number and its street


class Token(NamedTuple):
    """A word or number at text[start:end]; `comma` is whether a comma stands before it."""

    start: int
    end: int
    kind: str
    comma: bool


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, "ADDRESS") of the addresses, each within a line."""
    at = 0
    for line in text.splitlines(keepends=True):
        if _DIGIT.search(line):
            for run in _runs(line):
                for start, end in _addresses(run, line):
                    yield at + start, at + end, "ADDRESS"
        at += len(line)


def _runs(line: str) -> Iterator[list[Token]]:
    """Yield the longest rows of tokens without a word that ends an address."""
    run: list[Token] = []
    past = 0
    for match in _TOKEN.finditer(line):
        kind = _kind(match)
        gap = line[past : match.start()]
        if run and not _joins(gap, line, past, run[-1].kind, kind):
            yield run
            run = []
        if kind == "stop":
            if run:
                yield run
            run = []
        else:
            run.append(Token(match.start(), match.end(), kind, "," in gap))
        past = match.end()
    if run:
        yield run


def _joins(gap: str, line: str, past: int, before: str, kind: str) -> bool:
    """Whether the signs between two tokens may stand within an address.

    A full stop does behind an abbreviation such as "Rd." and before one ("1445. Sok.").
    """
    if not _GAP.fullmatch(gap):
        return False
    if not (gap.startswith(".") or (line[past - 1] == "." and gap.startswith(" "))):
        return True
    return before in ("street", "premise", "before", "within") or kind in ("street", "premise")


def _kind(match: regex.Match[str]) -> str:
    if match.lastgroup != "word":
        return str(match.lastgroup)
    return _word_kind(match[0])


@cache
def _word_kind(word: str) -> str:
    key = word.casefold().rstrip(".")
    if key.replace(" ", "") in _SHORTENED:
        return "premise"
    for kind, known in _WORDS.items():
        if key in known:
            return kind
    if len(key) == 1 and word[-1] == "." and key != "i":
        return "within"
    return _other_kind(key, word[0].islower())


def _other_kind(key: str, small: bool) -> str:
    """The kind of a word that is on none of the lists of words of addresses."""
    if key in _STOPS or is_top(key, 500 if small else 100):
        return "stop"
    if key in lexicon.places():
        return "town"
    english = is_english(key)
    if _ENDINGS.fullmatch(key) and not english:
        return "ending"
    if not small:
        return "name"
    return "plain" if english else "new"


def _addresses(run: list[Token], line: str) -> Iterator[tuple[int, int]]:
    signals = sorted(_signals(run, line))
    if not signals:
        return
    groups: list[list[tuple[int, int, int]]] = [[signals[0]]]
    for signal in signals[1:]:
        last = max(past for _, past, _ in groups[-1])
        if _bridged(run, last, signal[0]):
            groups[-1].append(signal)
        else:
            groups.append([signal])
    for group in groups:
        first, past = min(s[0] for s in group), max(s[1] for s in group)
        first, past, weight = _grown(
            run, first, past, sum({(s[0], s[2]): s[2] for s in group}.values())
        )
        if weight >= 2 and _DIGIT.search(line, run[first].start, run[past - 1].end):
            yield run[first].start, run[past - 1].end


def _bridged(run: list[Token], past: int, start: int) -> bool:
    """Whether the tokens between two signals belong to the same address."""
    return start <= past or start - past <= 8


def _signals(run: list[Token], line: str) -> Iterator[tuple[int, int, int]]:
    """Yield (first token, past the last, weight) of what tells an address."""
    for i, token in enumerate(run):
        if token.kind in _NUMBERS and not _MEASURE.match(line, token.start):
            yield from _house(run, i)
        if token.kind == "before":
            yield from _named_behind(run, i)
        if token.kind in _ALONE:
            yield i, i + 1, _ALONE[token.kind]
        if token.kind == "weak" and _is_code(run, i):
            yield i, i + 1, 1
        if i + 1 < len(run):
            yield from _pair(run, i)


def _house(run: list[Token], i: int) -> Iterator[tuple[int, int, int]]:
    """A house's number before its street: "12, Defence Colony", "22b akerman rd"."""
    for j in range(i + 1, min(len(run), i + 2 + _LONGEST)):
        street = run[j].kind in ("street", "before")
        if street and j == i + 1:  # "9 Avenue d'Ouchy"
            if j + 1 < len(run) and run[j + 1].kind in ("name", "new", "town", "within"):
                yield i, j + 2, 2
            return
        if street or run[j].kind == "ending":
            yield i, j + 1, 2
            return
        if run[j].kind not in _OF_STREETS:
            return


def _named_behind(run: list[Token], i: int) -> Iterator[tuple[int, int, int]]:
    """A street whose kind stands before its name and number: "Rua das Laranjeiras 210"."""
    if i + 1 < len(run) and run[i + 1].kind in ("name", "town", "within", "new"):
        numbers = (j for j in range(i + 1, min(len(run), i + 6)) if run[j].kind in _NUMBERS)
        if number := next(numbers, 0):
            yield i, number + 1, 2


def _pair(run: list[Token], i: int) -> Iterator[tuple[int, int, int]]:
    """Two tokens that tell an address: "Storgata 5", "Karl Johans gate 37B", "flat 3", "4th cross"."""
    kind, after = run[i].kind, run[i + 1]
    if kind in ("street", "ending", "before") and after.kind == "number" and not after.comma:
        if kind == "ending":
            yield i, i + 2, 2
        elif i and run[i - 1].kind in ("name", "new", "town"):
            yield i - 1, i + 2, 2
    if kind == "premise" and after.kind in (*_NUMBERS, "strong"):
        yield i, i + 2, 1
    elif kind == "premise" and after.kind == "premise":  # "flat no 4"
        if i + 2 < len(run) and run[i + 2].kind in _NUMBERS:
            yield i, i + 3, 1
    elif kind == "ordinal" and after.kind in ("premise", "street"):
        yield i, i + 2, 1


def _is_code(run: list[Token], i: int) -> bool:
    """Whether a number may be a postal code: a town or another name stands beside it."""
    beside = [run[j].kind for j in (i - 1, i + 1) if 0 <= j < len(run)]
    long = run[i].end - run[i].start > 4
    return any(kind in ("town", "name") or (kind == "new" and long) for kind in beside)


def _grown(run: list[Token], first: int, past: int, weight: int) -> tuple[int, int, int]:
    """The address with the names, numbers and codes around its signals."""
    houses = run[first].kind in ("number", "weak") and run[first].comma
    while (
        first
        and not houses
        and run[first - 1].kind
        in (
            "name",
            "town",
            "number",
            "premise",
            "ending",
            "strong",
        )
    ):
        if (
            run[first - 1].kind == "number"
            and not run[first].comma
            and run[first].kind in ("premise", "weak")
        ):
            break
        first -= 1
    past = _continued(run, past)
    while past - 1 > first and run[past - 1].kind in ("within",):
        past -= 1
    return first, past, weight


def _continued(run: list[Token], past: int) -> int:
    """Where an address ends that goes on behind a signal, for example with ", near city mall"."""
    while past < len(run):
        if run[past].kind in _GO_ON:
            past += 1
            continue
        if not (run[past].comma or run[past].kind == "within"):
            break
        end = past + 1
        while end < len(run) and not run[end].comma and run[end].kind in _OF_PARTS:
            end += 1
        closed = end == len(run) or run[end].comma or run[end].kind in (*_NUMBERS, "strong")
        if end - past > _LONGEST or not closed:
            break
        past = end
    return past
