# ruff: noqa: E501 - a pattern is easier to read on one line
"""Names of persons by a cue: a field, an introduction, a greeting, a signature, a question.

"Name: o'neill, sean", "My name is Will.", "Hello Maria", "Kind regards, Anil van der Berg". The
stronger the cue, the more its check accepts: after "my name is" nearly any capitalised word, after
"hi" in small letters only a known first name. names_without_cue.py finds the others.
"""

from distill.privacy.find.lexicon import words_of
from distill.privacy.find.rules.rule import CAP, FIELD, IS, LINE, NAME, Rule
from distill.privacy.find.words import (
    is_any_name,
    is_english,
    is_everyday,
    is_first_name,
    is_frequent_english,
    is_misspelled_english,
    is_name,
    is_top_500,
    is_us_first_name,
)

ANY_WORD = (
    r"(?!(?i:and|but|or|i|im|my|the|an?|is|was|on|in|with|from|for|at|it|not|so|can|please)\b)"
)
ANY_NAME = rf"(?:{NAME}|{ANY_WORD}\p{{Ll}}[\p{{L}}'’-]+(?: {ANY_WORD}\p{{Ll}}[\p{{L}}'’-]+){{0,2}})"
NAME_IS = r"(?: (?:on (?:the |my )?(?:account|card|file|order)|is|are|was|it['’]?s|would be|as))*"
SMALL_NAME = r"\p{Ll}{2,}+(?: (?!(?:and|last|first|middle|my|is|the)\b)\p{Ll}{2,}+)?"

# First names that brands and products carry: a last name behind one proves nothing.
_BRANDS_WORDS = """
    calvin tommy ralph kate michael louis yves jimmy marc stella victoria harry star taylor nina
    carolina christian giorgio emilio tory paul ted vivienne hugo elizabeth estee le fisher
"""
_BRANDS = frozenset(_BRANDS_WORDS.split())


def opens_with_first_name(text: str) -> bool:
    """Whether the first word is a first name and no everyday word."""
    found = words_of(text)
    return bool(found) and is_first_name(found[0])


def opens_with_uncommon_word(text: str) -> bool:
    """Whether the first word has two letters or more and is no everyday word."""
    found = words_of(text)
    return bool(found) and not is_everyday(found[0]) and len(found[0]) > 1


def is_introduced_name(text: str) -> bool:
    """Whether the text is a name after "my name is": Will, Mark and Grace are.

    A capitalised first word is any name or no everyday word. In small letters the first word is a
    first name, or no word is frequent English.
    """
    found = words_of(text)
    if not found or not found[0][0].isupper():
        return opens_with_first_name(text) or not any(map(is_frequent_english, found))
    return opens_with_uncommon_word(text) or is_any_name(found[0])


def is_small_name_after_clear_cue(text: str) -> bool:
    """Whether the first word, behind "last name" and in small letters, is one: also "brown".

    It is any name but a very frequent word, or it is not English.
    """
    first = words_of(text)[0]
    return (is_any_name(first) and not is_top_500(first)) or not is_english(first)


def is_small_name_after_weak_cue(text: str) -> bool:
    """Whether the first word, behind "name" and in small letters, is one: not "brown".

    It is a name and no everyday word, or neither English nor a misspelling of it.
    """
    first = words_of(text)[0].casefold()
    new = len(first) > 2 and not is_english(first) and not is_misspelled_english(first)
    return is_name(first) or new


def is_first_or_full_name(text: str) -> bool:
    """Whether the text is a first name, or two words and more of which none is everyday.

    The first of several may be any name, everyday words included, but not all in capitals.
    """
    found = words_of(text)
    rest = found[1:]
    if opens_with_first_name(text):
        return True
    new = bool(rest) and not any(map(is_everyday, rest)) and not found[0].isupper()
    return new and (not is_everyday(found[0]) or is_any_name(found[0]))


def is_first_and_last_name(text: str) -> bool:
    """Whether a first name that no brand carries stands before words that are not everyday."""
    found = text.split()
    return (
        len(found) > 1
        and opens_with_first_name(text)
        and found[0].casefold() not in _BRANDS
        and not any(is_everyday(word.strip(".,'’")) for word in found[1:])
    )


def is_short(text: str) -> bool:
    """Whether a form's field has one to six words."""
    return 1 <= len(words_of(text)) <= 6


def is_signature(text: str) -> bool:
    """Whether a signature's line has one to four words, of which one is a name or not English."""
    found = words_of(text)
    return 1 <= len(found) <= 4 and any(is_any_name(w) or not is_english(w) for w in found)


PEOPLE: tuple[Rule, ...] = (
    Rule("PERSON", 0.88, r"^(?i:from|to|cc|bcc|reply-to): \"?\K\p{L}[^<>\n,@\"]{1,60}?(?=\"? ?<)", cues="<"),
    Rule("PERSON", 0.8, r"^Signature: \K\p{L}[\p{L}\p{M} .'’-]{1,40}(?=,|$)", is_signature),
    Rule(
        "PERSON",
        0.88,
        rf"{FIELD}(?i:(?:(?:full|first|last|given|family|your|my|customer|contact|buyer|seller|billing|shipping|recipient|sender|from|to)[ _-]?)*(?:name|nombre|nom|surname|apellidos?)){IS}[\p{{L}}][\p{{L}}\p{{M}} .'’-]{{1,60}}",
        is_short,
        cues="name nom apellido",
        across=True,
    ),
    Rule(
        "PERSON",
        0.8,
        r"(?i:\b(?:my (?:\w{3,6} )?name(?: is|'s|’s|:)|i am called|(?:call|calls|called) me|(?:go|goes|going) by|named (?:him|her|it|them)|me llamo|mi nombre es|je m['’]appelle"
        r"|mon nom est|ich hei(?:ß|ss)e|mein name ist|mi chiamo|il mio nome è|meu nome é|mijn naam is"
        r"|(?:under|by) the name(?: of)?|account (?:holder|owner)(?: name)?(?: is|:)"
        rf"|name on (?:the|my) (?:account|card|order)(?: is|:)) )\K{ANY_NAME}",
        is_introduced_name,
    ),
    Rule(
        "PERSON",
        0.74,
        rf"(?i:\b(?:first|last|middle|full|family|sur|given|birth) ?names?{NAME_IS} )\K{SMALL_NAME}",
        is_small_name_after_clear_cue,
        cues="name",
    ),
    Rule(
        "PERSON",
        0.73,
        rf"(?i:\b(?<!user |item |book |product |screen |nick |brand |code |file )names?{NAME_IS} )\K{SMALL_NAME}",
        is_small_name_after_weak_cue,
        cues="name",
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:this is|i am|i['’]?m|it['’]?s) )\K\p{Ll}{3,}+(?= (?:calling|speaking|and (?:i|my))\b)",
        is_small_name_after_clear_cue,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:this is|i am|i['’]?m|it['’]?s|it is|soy|je suis|ich bin|sono|hier ist|hier spricht|c['’]est|habla|(?:chatting|speaking|talking|spoke|talked|chatted) (?:with|to)|by|with|named|agent|yours truly|wife|husband|son|daughter|colleague|friend|deliver(?:ed)? to|addressed to|sold by|attn:?) )\K{NAME}",
        is_first_or_full_name,
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:this is|i am|i['’]?m|soy|ich bin|je suis|sono) )\K\p{Ll}+(?: \p{Ll}+)?(?= (?:here|from|again)\b|[.,!]|$)",
        opens_with_first_name,
    ),
    Rule(
        "PERSON", 0.8, rf"(?<![\p{{L}}\d.-]){NAME}(?= (?:here|speaking)[.,!])", is_introduced_name
    ),
    Rule("PERSON", 0.7, rf"{LINE}\K{CAP} {CAP}(?= \w{{2,4}}[.,!])", is_first_or_full_name),
    Rule(
        "PERSON",
        0.7,
        rf"(?<![\p{{L}}\d.-]){NAME}(?= (?:sent|told|said|transferred|passed|helped) (?:me|us)\b)",
        is_introduced_name,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:colleague|agent named|representative named) )\K{NAME}",
        is_introduced_name,
        cues="colleague named",
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:my (?:\w{{3,6}} )?\w{{3,6}} is|by the \w{{3,6}} of) )\K{NAME}",
        is_first_or_full_name,
    ),
    Rule(
        "PERSON",
        0.75,
        rf"(?i:\b(?:mr|mrs|ms|miss|dr|herr|frau|señora?|sra?|monsieur|madame|mme|prof|signora?)\.? )\K{NAME}",
        is_introduced_name,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:hi|hello|hey|dear|hola|hallo|bonjour|ciao|welcome(?: back)?|querid[oa]|estimad[oa]|liebe[r]?|cher|chère|good (?:morning|afternoon|evening|day))(?: again| there)?,? )\K{NAME}",
        is_introduced_name,
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:hi|hello|hey|dear|hola|hallo|thanks|thank you)(?: again| there| so much)?,? )\K\p{Ll}+\b",
        is_us_first_name,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:regards|sincerely|thanks|thank you|thx|cheers|best|wishes|yours|saludos?|atentamente|cordialement|merci|gracias|grü(?:ß|ss)en?|danke|saluti|grazie|groet(?:en)?)(?: again| in advance| so much)?[,!.–—-]*)\s+\K{NAME}(?=[.!]?\s*$)",
        is_introduced_name,
        cues="regards sincerely thank thx cheers best wishes yours saludo atentamente cordialement merci gracias gr danke saluti grazie groet",
        across=True,
    ),
    Rule("PERSON", 0.7, rf"(?:[,–—~]|(?<=\s)-) ?\K{NAME}(?=[.,!?]|\s*$)", opens_with_first_name),
    Rule("PERSON", 0.7, rf"{LINE}\K{CAP}(?=,)", opens_with_first_name),
    Rule(
        "PERSON",
        0.72,
        rf"(?i:\bname\b[^\n?]{{0,80}}\?[^\n]{{0,200}}\n[^:\n]{{1,20}}: (?:it['’]?s |it is |sure,? |yes,? |of course,? |that (?:is|would be) )?)\K{ANY_NAME}(?=[.,!]?(?:$| and\b))",
        opens_with_uncommon_word,
        cues="name",
        across=True,
    ),
    Rule("PERSON", 0.65, rf"(?<![\p{{L}}\d.-]){NAME}", is_first_and_last_name),
    Rule(
        "PERSON",
        0.72,
        rf"(?<![\p{{L}}\d.-]){NAME}(?= ?[,(<-]+ ?[\w.+-]+@)",
        opens_with_uncommon_word,
        cues="@",
    ),
)
