# ruff: noqa: E501 - a pattern is easier to read on one line
r"""User names: by field, by context, or by a form that words do not have.

"Username: maria_82", "the seller vintage.lamps", "user name?\nCustomer: albertos1", "@jdoe".
"""

import re

from distill.privacy.find.rules.person import opens_with_first_name
from distill.privacy.find.rules.rule import FIELD, IS, Rule
from distill.privacy.find.words import is_any_name, is_english, is_everyday, is_top_1500

USER_WORD = (
    r"(?:user ?name|user ?id|login|screen ?name|nickname|usuario|benutzername"
    r"|nutzername|nom d['’]utilisateur|identifiant|nome utente|gebruikersnaam)"
)
USER_CUES = "user login screen nick usuario benutzer nutzer identifiant utente gebruiker"
HANDLE = r"[\p{L}\d]+(?:[_.-][\p{L}\d]+)*_?"
MIXED_HANDLE = rf"(?={HANDLE})(?=[\p{{L}}_.-]*[\d_.-])(?=[\d_.-]*\p{{L}}){HANDLE}"

# What opens a product's name or a joined word, and no user name.
_NO_STEMS_WORDS = """
    iphone ipad covid model version size page step windows series part non re pre ex co self well
    multi semi anti one two three follow pick check set sign log pay stand add brand second third
    half full part long short high low best top e t x wi ultra mid
"""
_NO_STEMS = frozenset(_NO_STEMS_WORDS.split())
_FILE_ENDINGS_WORDS = """
    com net org edu gov info html htm pdf jpg jpeg png txt csv doc docx exe zip
"""
_FILE_ENDINGS = frozenset(_FILE_ENDINGS_WORDS.split())
# What opens a sentence after a full stop without a space.
_SENTENCE_OPENINGS_WORDS = """
    the and you please but this that not can are was for with have what when how why they then
    there thank thanks just also yes now will all any get did does our your she him her its who
    where which could would should still only once need want
"""
_SENTENCE_OPENINGS = frozenset(_SENTENCE_OPENINGS_WORDS.split())
_NO_HANDLES = frozenset({"was", "field", "issue", "doesn't", "change", "changed"})


def is_handle(text: str) -> bool:
    """Whether a word after "username" is one: three letters or more, and no everyday word."""
    small = text.casefold()
    return len(text) > 2 and small not in _NO_HANDLES and not is_everyday(small)


def is_handle_with_sign(text: str) -> bool:
    """Whether the word has digits, dots or underscores, or joins two by a dash; no "iphone12"."""
    stem = re.split(r"[\d_.-]", text.casefold())[0]
    joined = re.fullmatch(r"[^\W\d_]{2,}-[^\W\d_]{3,}", text)
    if len(text) < 4 or stem in _NO_STEMS or re.match(r"\d+(st|nd|rd|th)\b", text):
        return False
    new = joined is not None and not all(map(is_english, text.split("-")))
    return bool(re.search(r"[\d_.]", text)) or new


def is_handle_with_number(text: str) -> bool:
    """Whether the handle is no English word with one or two digits or signs, as "windows11" is."""
    stem = re.split(r"[\d-]", text.casefold())[0]
    return is_handle_with_sign(text) and (not is_english(stem) or len(text) - len(stem) > 2)


def is_dotted_handle(text: str) -> bool:
    """Whether two words joined by a dot are neither a file, a domain nor two sentences."""
    first, last = text.split(".")
    return last not in _FILE_ENDINGS and first != "www" and last not in _SENTENCE_OPENINGS


def is_dashed_handle(text: str) -> bool:
    """Whether the first of two joined words is a name or not English: "mei-lee"."""
    first = text.split("-", maxsplit=1)[0]
    return not is_english(first) or (is_any_name(first) and not is_top_1500(first))


USERNAMES: tuple[Rule, ...] = (
    Rule(
        "USERNAME",
        0.88,
        rf"{FIELD}(?i:(?:my |the )?{USER_WORD}){IS}[^\s,;<]{{1,60}}",
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b(?:{USER_WORD}(?: on [\w ]{{1,20}})? (?:is|was|es|ist|est|è):?|{USER_WORD} ?[:=]|user ?name|usuario|benutzername) [\"'“‘(@]?)\K{HANDLE}",
        is_handle,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b{USER_WORD} [\"'“‘(@]?)\K{MIXED_HANDLE}",
        is_handle_with_sign,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.84,
        r"(?i:\b(?:user|account|seller|buyer|member|profile|store|shop|handle|nick|(?:us\w+|my|your|login|customer) id|known as|in as|in question|out of|i am|i['’]?m|vendedora?"
        r"|compradora?|(?:ver)?käufer(?:in)?|vende(?:ur|use)|ache?te(?:ur|use)|cuenta|konto|compte|venditore|acquirente"
        r"|password(?: reset)? (?:for|of|di|de|von|für|pour)|login for|log in to)"
        rf"\b(?: (?:name|id|is|was|called|named|under|with|es|ist|est))*[:,]? [\"'“‘(@]?)\K{MIXED_HANDLE}",
        is_handle_with_sign,
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b{USER_WORD}[^\n]{{0,80}}\n[^:\n]{{1,20}}: (?:it['’]?s |it is |sure,? )?)\K{HANDLE}(?=[.,!]?$)",
        is_handle,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.63,
        r"(?<![\w@.\[{</])(?!\p{Lu}{2})\p{L}[\p{L}\d.-]*_[\p{L}\d_.-]*[\p{L}\d](?!\w)",
    ),
    Rule("USERNAME", 0.63, r"\b(?<![@.$#/-])\p{Ll}{3,}+-?\d{1,6}(?![\w-])", is_handle_with_number),
    Rule(
        "USERNAME",
        0.62,
        r"^(?:[^:\n]{1,20}: )?\s*\K(?=\p{L}+\d)[\p{L}\d]{5,20}(?=[.!]?\s*$)",
        is_handle_with_number,
    ),
    Rule(
        "USERNAME", 0.63, r"\b(?<![@.$#/-])\p{Ll}{3,}+-\p{Ll}{3,}(?![\w@-])", opens_with_first_name
    ),
    Rule(
        "USERNAME",
        0.63,
        r"\b(?<![@.$#/-])\p{Ll}{3,}+\.\p{Ll}{3,}+(?![\w@-]|\.\w)",
        is_dotted_handle,
    ),
    Rule("USERNAME", 0.8, r"(?<![\w.@])@\K\p{L}[\w.]*\w"),
    Rule(
        "USERNAME",
        0.63,
        r"(?i:\b(?:from|by|to|with|of|named|against|contacted|messaged|reported) )\K\p{Ll}{3,}\d{2,4}(?![\w-])",
        is_handle_with_sign,
    ),
    Rule(
        "USERNAME",
        0.63,
        r"(?i:\b(?:fro?m|for|by|with|of|as|named|called|against|user|seller|buyer|contacted|messaged|reported|id|id is|de|di|du|von|für|pour|par|por) )\K\p{Ll}{3,}-\p{Ll}{3,}(?![\w@-])",
        is_dashed_handle,
    ),
)
