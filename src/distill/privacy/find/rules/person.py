# ruff: noqa: E501 - a pattern is easier to read on one line
"""Names of persons by a cue: a field, an introduction, a greeting, a signature, a question.

"Name: o'neill, sean", "My name is Will.", "Hello Maria", "Kind regards, Anil van der Berg". The
stronger the cue, the more its check accepts: after "my name is" nearly any capitalised word, after
"hi" in small letters only a known first name. names_without_cue.py finds the others.
"""

from distill.privacy.find.lexicon import brands, places, words_of
from distill.privacy.find.rules.rule import CAP, CASELESS, FIELD, IS, LINE, NAME, Rule
from distill.privacy.find.words import (
    is_any_first_name,
    is_any_name,
    is_day,
    is_english,
    is_everyday,
    is_first_name,
    is_foreign,
    is_frequent_english,
    is_misspelled_english,
    is_name,
    is_top,
    is_top_500,
    is_top_1500,
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
    return not is_foreign(first) and (is_name(first) or new)


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


def is_titled_name(text: str) -> bool:
    """Whether a name follows the title: "Mrs Young"."""
    return is_introduced_name(text.split(maxsplit=1)[1])


def is_first_and_new(text: str) -> bool:
    """Whether two words in small letters are a name: "temperance mbatha", not "really annoying".

    The last one is a last name or neither English nor nearly so, or an initial.
    """
    first, last = words_of(text)[:2]
    if len(last) == 1:
        return is_small_name_after_weak_cue(first) and first not in _NO_PERSONS
    return is_small_name_after_weak_cue(last) and not is_top_1500(first) and not is_foreign(first)


def is_last_then_first(text: str) -> bool:
    """Whether both words around a comma may be names: "Kowalczuk-Iwu, Zuri", not "Delhi, India"."""
    last, first = text.split(", ")
    if is_everyday(last) or {last.casefold(), first.casefold()} & (places() | _NO_PERSONS):
        return False
    return is_first_name(first) or not (is_english(first) or is_english(last.split("-")[0]))


def is_small_titled_name(text: str) -> bool:
    """Whether the last word behind a title in any case is a name or no English: "mrs d kapoor"."""
    return is_small_name_after_weak_cue(text.rsplit(maxsplit=1)[-1])


def is_name_of_relative(text: str) -> bool:
    """Whether the word after "my sister" is a name: a rare one, or neither English nor nearly so."""
    first = words_of(text)[0].casefold()
    if is_any_first_name(first):
        return not is_top_1500(first)
    return len(first) > 2 and not is_english(first) and not is_misspelled_english(first)


def is_small_name(text: str) -> bool:
    """Whether each word in small letters is a name or neither English nor nearly so."""
    return all(is_small_name_after_weak_cue(word) for word in text.split())


def is_person_or_new(text: str) -> bool:
    """Whether the word is a first name, also an everyday word such as Joy, and no frequent one."""
    first = words_of(text)[0]
    small = first.casefold()
    return (
        is_any_first_name(first)
        and small not in _NO_PERSONS | brands()
        and not is_day(small)
        and (small in _WORDS or not is_top_500(small))
    )


def is_no_role(text: str) -> bool:
    """Whether a capitalised word may name a person: no pronoun, role or company."""
    return text.casefold() not in _ROLES and not is_top(text, 100)


_NO_PERSONS_WORDS = """
    india china israel jordan georgia kenya cuba asia america africa europe london paris york milan
    cash price case day sale ring chase sky star max dock park king noble cross stone chance
    sydney florence dallas austin denver jersey kent essex carolina virginia dakota montana nevada
    indiana arizona florida texas
"""
_NO_PERSONS = frozenset(_NO_PERSONS_WORDS.split())
_WORDS = frozenset(("will", "mark", "may", "art", "bill", "grant", "frank", "grace", "hope", "joy"))
_ROLES_WORDS = """
    he she they it who this that nobody someone somebody everyone anyone customer agent bot support
    seller buyer courier driver dhl fedex ups usps amazon ebay paypal police management staff mother
    father mom dad mum one which what there here yes no
"""
_ROLES = frozenset(_ROLES_WORDS.split())
_RELATIVE = r"(?:gf|bf|girlfriend|boyfriend|bro|brother|sis|sister|mum|mom|mummy|mommy|mother|dad|daddy|father|wife|hubby|husband|son|daughter|kid|friend|mate|flatmate|roommate|housemate|neighbou?r|boss|manager|colleague|coworker|cousin|aunt|auntie|uncle|partner|fianc[eé]e?|gran|grandma|grandpa|granny|nan|nana|nephew|niece|bestie|bff|assistant|secretary|landlord|landlady|tenant|lawyer|doctor|teacher|bhai|behen|didi|papa|beta|mari|femme|frère|soeur|fils|fille|mann|frau|sohn|tochter|bruder|schwester|marido|esposa|esposo|mujer|hijo|hija|hermano|hermana|madre|padre)"
_DID = r"(?:signed|took|told|said|says|promised|called|phoned|rang|texted|emailed|answered|accepted|received|collected|picked|opened|ordered|paid|placed|confirmed|assured|refused|helped|wrote|replied|advised|booked|lives|works|moved|came|spoke|gave|has|had|is|was|will|can|wants|needs|asked)"

PEOPLE: tuple[Rule, ...] = (
    Rule(
        "PERSON",
        0.82,
        r"(?i:我叫|我是|我姓|姓名(?:是|：|:)?|名字(?:是|叫)|联系人|收件人|寄给|私は|名前は|氏名|제 이름은|이름은|저는|اسمي|الاسم|أنا|שמי|אני|मेरा नाम|नाम|ชื่อ|ผมชื่อ|ดิฉันชื่อ|نام من|میرا نام)[:： ]{0,2}\K(?:\p{Han}{2,4}|[\p{Hiragana}\p{Katakana}\p{Hangul}]{2,8}|[\p{Arabic}\p{M}]+(?: [\p{Arabic}\p{M}]+){0,2}|[\p{Hebrew}]+(?: \p{Hebrew}+)?|[\p{Devanagari}\p{M}]+(?: [\p{Devanagari}\p{M}]+)?|[\p{Thai}\p{M}]{2,20})",
        cues="我 姓 名 联 收 寄 私 氏 제 이 저 ا ש א म न ชื่ ن م",
    ),
    Rule(
        "PERSON",
        0.8,
        rf"(?i:\b(?:my name(?: is|['’]s|:)|i am|i['’]?m|this is|name:|regards,?|mr|mrs|ms) )\K{CASELESS}(?: {CASELESS}){{0,3}}",
    ),
    Rule(
        "PERSON",
        0.72,
        rf"(?i:\b(?:my|his|her|our|their|im her|im his|ma|mon|mein|meine|mi|mera|meri) (?:\w{{3,9}} )?{_RELATIVE},? )\K\p{{L}}{{2,}}+(?: \p{{L}}{{1}}\b(?!['’]))?",
        is_name_of_relative,
    ),
    Rule(
        "PERSON",
        0.72,
        r"(?i:\b(?:its|it['’]s|it is|this is|i am|i['’]?m|im)(?: me)?,? )\K\p{Ll}{2,}+(?: \p{Ll}{2,}+)?(?= ?(?:here|calling|speaking)\b)",
        is_small_name,
    ),
    Rule(
        "PERSON",
        0.72,
        r"(?i:\b(?:is|was|are|s|guy|man|woman|lady|girl|boy|someone|somebody|rep|agent|driver|courier) (?:called|named) )\K\p{L}{3,}+(?: \p{L}{1}\b(?!['’]))?",
        is_name_of_relative,
        cues="called named",
    ),
    Rule(
        "PERSON",
        0.72,
        r"(?i:\b(?:mai|main|mein|mera naam|hum|yeh|me) )\K\p{L}{3,}+(?: \p{L}{3,}+)?(?= (?:bol|baat|yahan|se bol)\b)",
        is_small_name,
        cues="^mai ^mein naam ^hum ^yeh ^me",
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:this is|th?is is|i am|i['’]?m|its|it['’]s|hier ist|hier spricht|ich bin|c['’]est|je suis) )\K\p{Ll}{3,}+ (?:\p{Ll}{3,}+(?=[,.!]|$| (?:here|calling|bitte|from)\b)|\p{Ll}\b(?!['’]))",
        is_first_and_new,
        cues="his i ^am it ist spricht bin est suis",
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:by|for|to|from|holder|name|under|customer|attn|contact|is):? )\K{CAP}, {CAP}(?=$|[.;)])",
        is_last_then_first,
        cues=", ,",
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:c['’]est )\K{CAP}(?= (?:à l['’]appareil|au téléphone|ici))",
        cues="est",
    ),
    Rule(
        "PERSON",
        0.74,
        r"(?i:(?<![\w'’])(?:mr|mrs|ms|miss|dr)\.? )(?:\p{L}\.? )?\p{Ll}{3,}+",
        is_small_titled_name,
        cues="mr ms miss dr",
    ),
    Rule(
        "PERSON",
        0.66,
        r"(?<![\w'’-])\p{Lu}\p{Ll}{1,14}(?= from (?:your|the|customer|support|billing|sales|accounts|returns|delivery|dispatch|store|head office)\b)",
        is_person_or_new,
    ),
    Rule(
        "PERSON",
        0.72,
        r"(?i:\b(?:its|it['’]s|it is|this is) me,? )\K\p{L}{3,}+(?: \p{L}{1,2}\b)?",
        is_name_of_relative,
    ),
    Rule(
        "PERSON",
        0.66,
        r"(?=\p{Lu}\p{Ll})(?<=\b(?i:spoke|speak|speaking|talked|talking|chatted|chatting|told|asked|ask|from|by|with|to|for|and|or|meet|met|called|thank|thanks|contact|contacted|emailed|texted|tell|gave|give|is|of|about|than|like|likes|love|loves|miss|did|does|how|that|if|when|whenever|why|hey|because|but|then|where|help|hope) )\p{Lu}\p{Ll}{1,14}(?!['’\w]| \p{Lu}| (?:card|pay|street|day|store|app|sale|eve|model|edition))",
        is_person_or_new,
    ),
    Rule(
        "PERSON",
        0.66,
        rf"(?<=(?:^|[.!?\n] |: |, |\b(?:that|and|but|because|then|when|me) ))\K\p{{Lu}}\p{{Ll}}{{1,14}}(?= {_DID}\b)",
        is_person_or_new,
    ),
    Rule(
        "PERSON",
        0.67,
        rf"\K(?<![\w'’-])\p{{Lu}}\p{{Ll}}{{1,14}}(?:(?=,? (?:\(|is |was |who is )?(?:my|our) {_RELATIVE}\b)|(?= signed (?:for|the)\b)|(?=,? (?:the )?(?:guy|man|woman|lady|girl|boy|kid) (?:at|from|who)\b))",
        is_no_role,
    ),
    Rule(
        "PERSON",
        0.67,
        rf"(?i:\b(?:my|our|the) (?:\w{{3,9}} )?(?:{_RELATIVE}|guy|man|woman|lady|girl|boy|rep|courier|driver)(?: (?:at|from|in|on) (?:the |my )?\w+)?,? )\K{CAP}(?: {CAP})?(?=,| (?:signed|took|told|said|promised)\b)",
        is_no_role,
    ),
    Rule(
        "PERSON",
        0.88,
        r"^(?:\p{L}[^:\n]{0,19}: )?(?i:from|to|cc|bcc|reply-to): \"?\K\p{L}[^<>\n,@\"]{1,60}?(?:, \p{L}[^<>\n,@\"]{1,40}?)?(?=\"? ?<)",
        cues="<",
        whole=True,
    ),
    Rule(
        "PERSON",
        0.8,
        r"^Signature: \K\p{L}[\p{L}\p{M} .'’-]{1,40}(?=,|$)",
        is_signature,
        whole=True,
    ),
    Rule(
        "PERSON",
        0.88,
        rf"{FIELD}(?i:(?:(?:full|first|last|given|family|your|my|customer|contact|buyer|seller|billing|shipping|recipient|sender|from|to)[ _-]?)*(?:name|nombre|nom|surname|apellidos?)){IS}[\p{{L}}][\p{{L}}\p{{M}} .'’-]{{1,60}}",
        is_short,
        whole=True,
        cues="name nom apellido",
        across=True,
    ),
    Rule(
        "PERSON",
        0.8,
        r"(?i:\b(?:my (?:\w{3,6} )?name(?: is|'s|’s|:)|i am called|(?:call|calls|called) me|(?:go|goes|going) by|named (?:him|her|it|them)|me llamo|mi nombre es|je m['’]appelle"
        r"|mon nom est|ich hei(?:ß|ss)e|mein name ist|mi chiamo|il mio nome è|meu nome é|mijn naam is|(?:mera |hamara )?naam|nama saya|benim adım|nazywam się|mam na imię|jag heter|jeg hedder|jeg heter"
        r"|nimeni on|меня зовут|nm(?:e)?:?|adım|surname(?: is|:)?|first name(?: is|:)?|last name(?: is|:)?"
        r"|(?:under|by) the name(?: of)?|account (?:holder|owner)(?: name)?(?: is|:)"
        rf"|name on (?:the|my) (?:account|card|order)(?: is|:)) )\K{ANY_NAME}",
        is_introduced_name,
        cues="name nom ^call ^go llamo appelle heiß heiss chiamo naam nama adı nazyw imi ^het ^hedd nimeni зовут ^nm holder owner",
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
        is_name_of_relative,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?=\p{{Lu}})(?<=\b(?i:this is|i am|i['’]?m|it['’]?s|it is|soy|je suis|ich bin|sono|hier ist|hier spricht|c['’]est|habla|(?:chatting|speaking|talking|spoke|talked|chatted) (?:with|to)|by|with|named|agent|yours truly|wife|husband|son|daughter|colleague|friend|deliver(?:ed)? to|addressed to|sold by|attn:?) ){NAME}",
        is_first_or_full_name,
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:th?is is|ths is|dis is|i am|i['’]?m|soy|ich bin|je suis|sono) )\K\p{Ll}+(?: \p{Ll}+)?(?= (?:here|from|again)\b|[.,!]|$)",
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
        rf"(?i:\b(?:mr|mrs|ms|miss|dr|herr|frau|señora?|sra?|monsieur|madame|mme|prof|signora?)\.? ){NAME}",
        is_titled_name,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?<![\p{{L}}\d.-])(?i:dj|lil|uncle|aunt|auntie|aunty|captain|capt|coach|sgt|sergeant|officer|pastor|father|judge|senator|president)\.? (?=\p{{Lu}}\p{{Ll}}){CAP}(?: {CAP})?",
        is_titled_name,
        cues="dj lil unc aunt capt coach sgt sergeant officer pastor father judge senator president",
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
    Rule("PERSON", 0.66, r", \K\p{Lu}\p{Ll}{1,14}(?=[!?])", is_person_or_new),
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
