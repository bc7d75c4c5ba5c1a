"""Normalized texts, and sentences as sets of stems.

Dates, prices and small numbers have one form: "July 27th, 2025" and "07/27/2025" become "07/27",
"$24.99" and "24.99 USD" become "24.99", "12 days" becomes "twelve days".
"""

import re
import unicodedata
from functools import lru_cache

_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = _NAMES.split()
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? 20\d\d\b)?")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?:,? 20\d\d\b)?")
_FIGURES = re.compile(r"\b(\d{1,2})/(\d{1,2})/20\d\d\b")
_ISO = re.compile(r"\b20\d\d-(\d\d)-(\d\d)\b")
_PRICE = re.compile(
    r"[$£€]\s?(\d+)(?:\.(\d\d))?\b|\b(\d+)(?:\.(\d\d))? ?(?:usd|gbp|eur|dollars|pounds)\b"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_SMALL = re.compile(r"(?<![\w./-])\d{1,2}(?![\w/-]|\.\d)")
_SPELLED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty
"""
NUMBERS = _SPELLED.split()
_TOKEN = re.compile(r"\w+(?:[-./@'_+]\w+)*")
_ENDINGS = re.compile(r"(?<=\w{3})(?:ing|ied|ies|ed|es|er|s|d|e|y)$")
_STEM = 6  # letters: "cancellation" and "cancelled" have one stem

Words = frozenset[str]


def word_set(text: str) -> Words:
    """Return the words of a text, separated by blanks."""
    return frozenset(text.split())


STOP = word_set("""
    a about after again all already also although am an and another any anybody anyone are as at be
    because been before being both but by can could did do does due either else for from had has
    have he her here hers him his how however i i'd i'll i'm i've if in instead into is it it's its
    itself just may me meanwhile more my neither no nobody none nor not now of off on once one only
    or other our out over own please plus rather same shall she should since so some still such than
    that the their theirs them then there therefore these they this those though through thus to too
    under until up upon us very via was we were what when where whether which while who whom whose
    why will with within without would yet you your yours both each every much many further never
    toward towards regarding concerning despite except per cannot
""")
# Words of summaries in general, which need no basis in an interaction's text.
FRAME = word_set("""
    account additionally address adds amount answer ask asked asking asks assistance buyer buyers
    called case claim claims clarification complain complains complaint concern concerned concerning
    concerns contact contacted contacting contacts customer customer's customers date describe
    described describes detail details exists explain explained explains express expressed expresses
    find form further given gives help id identifier including inform informed informs inquire
    inquired inquires inquiry interaction involved involves issue issues item items know known like
    likes listed listing look looking make makes matter mention mentioned mentions message moreover
    name named namely need needed needs note noted notes number numbers occur occurred occurs order
    orders party payment point points present price problem problems product provide provided
    provides purchase question raise raised raises reach reached reaching reason reference
    referenced regard related relates relating report reported reporting reports request requested
    requesting requests resolution resolve resolved return returns role said same say saying says
    seek seeking seeks seller sellers situation solution state stated states stating subject
    submitted summary support tell telling tells time title told topic total transaction type user
    user's username want wanted wanting wants willing wish wished wishes wishing write writes
    writing wrote
    actually affected agrees attempt attempted attempts available believe believes caused causes
    client client's clear comes correct correctly currently day days despite done earlier elsewhere
    experience experienced experiences experiencing face faced faces facing feel feels following
    found full gave general get gets getting give go goes going happen happened happening happens
    hope hopes initially intend intends latest later left likewise made main original originally
    place placed possible previous previously process receive received receives receiving recent
    recently refer referring remain remains resulted seem seems several similarly somewhere specific
    dutch english french german italian language languages polish portuguese spanish statement
    still successful successfully sum take taken takes taking thing things think thinks
    time times took tried tries try trying two unable use used uses using way went
""")


@lru_cache(maxsize=65536)
def canonical(text: str) -> str:
    """Return a text in lower case (NFKC), with one form for dates, prices and small numbers."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = " ".join(_THOUSANDS.sub("", text).split())
    text = _MONTH_DAY.sub(lambda m: _date(_MONTHS.index(m[1]) + 1, m[2]), text)
    text = _DAY_MONTH.sub(lambda m: _date(_MONTHS.index(m[2]) + 1, m[1]), text)
    text = _FIGURES.sub(lambda m: _date(m[1], m[2]), text)
    text = _ISO.sub(lambda m: _date(m[1], m[2]), text)
    text = _PRICE.sub(lambda m: f"{m[1] or m[3]}.{m[2] or m[4] or '00'}", text)
    return _SMALL.sub(lambda m: NUMBERS[int(m[0])] if int(m[0]) <= 20 else m[0], text)


def _date(month: str | int, day: str) -> str:
    return f"{int(month):02}/{int(day):02}"


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """Return the words and values of a text in order, in canonical form."""
    return tuple(_TOKEN.findall(canonical(text)))


def is_date(token: str) -> bool:
    """Return whether a token is a date."""
    return re.fullmatch(r"\d\d/\d\d", token) is not None


def is_price(token: str) -> bool:
    """Return whether a token is an amount of money."""
    return re.fullmatch(r"\d+\.\d\d", token) is not None


def is_identifier(token: str) -> bool:
    """Return whether a token is a number, price, date, username or the like."""
    return any(sign.isdigit() for sign in token) or any(sign in token for sign in "_@")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the first letters of a word without possessive and common English ending."""
    return _ENDINGS.sub("", word.removesuffix("'s"))[:_STEM]


@lru_cache(maxsize=65536)
def in_order(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words that are neither function words nor identifiers."""
    plain = (word for word in tokens(text) if word not in STOP and not is_identifier(word))
    return tuple(map(stem, plain))


def stems(text: str) -> Words:
    """Return the same stems as a set."""
    return frozenset(in_order(text))


_FRAME_STEMS = frozenset(map(stem, FRAME)) | FRAME


def telling(text: str) -> Words:
    """Return the stems of a text that need a basis in the interaction."""
    return stems(text) - _FRAME_STEMS - frozenset(map(stem, NUMBERS))


def share(part: Words, whole: Words) -> float:
    """Return the share of `part` that is in `whole`, 0 to 1."""
    return len(part & whole) / len(part) if part else 0.0
