# ruff: noqa: E501 - a pattern is easier to read on one line
"""Postal addresses and their parts: street, unit, town, state and postal code.

"12 Oak Street, Apt 4, Troy, IL 62704", "Musterstraße 12, 10115 Berlin", "Calle Mayor 7, 28013
Madrid", "12 oak street raleigh, nc 62704", "P.O. Box 12", "zip code 62704".
"""

from distill.privacy.find.lexicon import words_of
from distill.privacy.find.rules.rule import CAP, FIELD, IS, LINK, Rule
from distill.privacy.find.words import is_english

STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq"
    r"|Terrace|Ter|Way|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Close|Crescent|Row|Trail|Alley|Mews"
    r"|Gardens|Grove|Walk|Loop|Point|Plaza|Ridge|Hill|Heights|Green|Park|View|Common)"
)
REST = (
    r"(?:,? (?:(?i:apt|apartment|unit|suite|ste|flat|floor|no)\b\.? ?#?\w+|#\w+))?"
    rf"(?:, {CAP}\b(?: {CAP}\b){{0,2}})?(?:,? [A-Z]{{2}}\b)?(?:,? (?:\d{{5}}(?:-\d{{4}})?|"
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b)?"
)
# The words of an address behind its number.
PLACE = rf"(?:(?!(?i:apt|apartment|suite|ste|unit|flat|box)\b)(?:{CAP}|{LINK}|\d{{1,4}}(?:st|nd|rd|th)|\p{{L}}{{1,5}}\.)(?:[ -]|(?=[,.]|\s*$))){{1,6}}(?<=\p{{L}}{{3}}\W?)"
UNIT = r"(?i:apt|apartment|suite|ste|unit|flat|floor|room|box|bldg)\b\.? ?#?[\w-]+"
GAP = r"(?:[ ,]*\n[ >]*,?[ ]?|[ ,]+)"
# How an address goes on: unit, town, state, postal code.
WHERE = (
    rf"(?:\d{{1,5}}[A-Za-z]?\b\.?)?(?:{GAP}?{UNIT}){{0,2}}"
    rf"(?:(?:{GAP}?(?:{UNIT}|{CAP}\.?|\({CAP}\)|{LINK}|\d{{1,2}}|nan)(?![\w'’])){{0,11}}{GAP}?(?<!\d)\d{{3,6}}(?:-\d{{3,4}})?(?![\w-])"
    rf"|(?:[ ,]*\n[ >]*,? ?(?:{CAP}[ ,.]*){{1,4}}(?=\n|$)){{1,3}}"
    rf"|(?<={UNIT}) (?:{CAP} ?){{1,3}}(?<=\w)|(?:, {CAP}\b(?: {CAP}\b){{0,2}}){{0,2}}(?:,? [A-Z]{{2}}\b)?)"
)
NO_STREET = (
    r"(?:days?|weeks?|months?|years?|hours?|minutes?|mins?|times?|items?|in|on|of|off|my|your|the|a|an|and|or|for|to|from|at|is|are|was|were"
    r"|it|i|with|by|dollars?|percent|people|more|than|that|this|please|but|so|not|business|no|per|which|have|has|will|can)\b"
)
STATE = r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
STATE_NAME = (
    r"(?:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho"
    r"|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota"
    r"|mississippi|missouri|montana|nebraska|nevada|new (?:hampshire|jersey|mexico|york)|north (?:carolina|dakota)"
    r"|ohio|oklahoma|oregon|pennsylvania|rhode island|south (?:carolina|dakota)|tennessee|texas|utah|vermont"
    r"|(?:west )?virginia|washington|wisconsin|wyoming)"
)
TOWN = rf"(?:,? \d{{4,5}}(?: {CAP}){{1,3}})?"

_STATES_WORDS = """
    ak al ar az ca co ct dc de fl ga hi ia id il in ks ky la ma md me mi mn mo ms mt nc nd ne nh nj
    nm nv ny oh ok or pa ri sc sd tn tx ut va vt wa wi wv wy
"""
_STATES = frozenset(_STATES_WORDS.split())


def has_non_english_word(text: str) -> bool:
    """Whether a word of the address is not English, so that it may be the name of a street."""
    return any(not is_english(word) for word in words_of(text))


def opens_with_state(text: str) -> bool:
    """Whether the text begins with the two letters of a state of the US: "NY 10001"."""
    return text[:2].casefold() in _STATES


ADDRESSES: tuple[Rule, ...] = (
    Rule(
        "ADDRESS",
        0.9,
        r"(?:〒 ?\d{3}-?\d{4} ?)?(?=[\p{Han}\p{Hiragana}\p{Katakana}ー]{1,12}[市区町村県都府道省路街号镇县郡])[\p{Han}\p{Hiragana}\p{Katakana}ー]{2,30}(?:\d+(?:-\d+)*(?:丁目|番地?|番|号室?|號|楼|室|栋|単元|单元|F)?[\p{Han}\p{Katakana}ー]{0,12} ?){1,6}(?:〒 ?\d{3}-?\d{4})?",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.88,
        r"(?<!\w)\p{Lu}\p{L}+(?:gade|vej|gatan|gata|vägen|veien|gaten|allé|stræde|torv|plads|katu|tie|kuja)(?: \p{L}{1,2}\b)? \d{1,4} ?[A-Za-z]?(?: \d{1,3})?,? ?(?:(?:\d{1,2}|st|kl)\.? ?(?:tv|th|mf|sal|vån|tr)?\.?,? ?(?:tv|th|mf)?\.?,? )?\d{3,4}[ ]?\d{0,2} \p{Lu}\p{L}+(?: [A-ZØÆÅ]\b)?",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.93,
        r"(?<!\w)(?i:calle|avenida|av|rua|via|c/)\.? \d{1,2} d[ei] \p{Lu}\p{L}+,? \d{1,4}\b(?:, ?(?:\d{4,6}|\d{5}-\d{3}) \p{Lu}\p{L}+(?: \p{Lu}\p{L}+)?)?",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.94,
        r"(?i:\bpin ?(?:code)?(?: (?:is|no|number|for|my|area|of))*[:. ]{1,3})\K[1-9]\d{2} ?\d{3}(?![\w-]|[.,]\d)",
        cues="pin",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.8,
        r"(?i:\b(?<!mail |email |e-mail |ip |web |new )address(?: (?:is|was|to|as|no|number))*[:,]? )\K#?\d{1,6}[A-Za-z]?,? [\p{L}\d][^\n.;!?]{4,80}?(?=[.;!?]|\n|$|,? (?i:and|but|please|pls|plz|is|not|so|which|how|why|when|what|where|who|they|i|you|this|that|it|if|or|then|my|can|thanks|thank)\b)",
        cues="address",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.88,
        rf"(?<![\w$€£₹.,/-])(?!(?:19|20)\d\d {CAP})\d{{3,6}},? (?!(?:INR|USD|EUR|GBP|Rs)\b)(?:\d{{1,5}} )?{PLACE}{WHERE}",
        has_non_english_word,
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.4,
        r"(?<![\w$€£₹.,#/+-])(?<!(?i:rs\.?|inr|usd|eur|gbp) )\d{5}(?:-\d{4})?(?![\w/%-]|[.,]\d| ?(?i:rs|inr|usd|eur|gbp|dollars?|rupees?|euros?|pounds?|mah|km|miles?|points?|words?)\b)",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.87,
        rf"(?<![\w$€£₹.,/-])\d{{1,6}}[A-Za-z]? {PLACE}(?:\p{{Ll}}{{1,8}}\.? )?\d{{1,5}}[a-z]?\b\.?{WHERE}",
        has_non_english_word,
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.84,
        rf"(?<![\w$€£₹.,/-])\d{{2,6}} (?:(?!{NO_STREET})\p{{Ll}}[\p{{Ll}}\p{{M}}]+ ){{1,3}}\d{{1,4}}[a-z]?(?![\w/-])(?: (?:apt|suite)\b\.? \w+)?(?:[ ,\n]+(?:\p{{Ll}}+,? ?){{1,3}}\d{{4,6}})?",
        has_non_english_word,
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.83,
        rf"(?i:\b(?:lives?|lived|living|located|address|meet|arrived|offices?|station|side|corner|moved?|streets?)\b[^\n.!?\d]{{0,30}}? )\K(?:(?:{CAP}|{LINK}|\p{{L}}{{1,5}}\.) ){{1,4}}\d{{1,5}}\b{WHERE}",
        has_non_english_word,
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.84,
        r"(?i:\b(?:the )?corner of )\S(?:\d\.|\b\p{L}{1,3}\. |[^\n.,;!?]){4,80}",
        cues="corner of",
    ),
    Rule("ADDRESS", 0.7, rf"(?<!\w)(?:{CAP} ){{1,3}}(?:Street|Avenue|Road|Boulevard|Lane)(?!\w)"),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?i)(?<![\w$€£₹.,/-])\d{{2,6}}[a-z]? (?:[nsew]\.? )?(?:(?!{NO_STREET})[\p{{L}}'’.]+ ){{1,3}}{STREET}\b\.?(?:(?:,? +| *\n *)(?:apt|apartment|unit|suite|ste|flat|floor|#)\.? ?#?\w+)?(?-i:(?: {CAP}){{0,2}}{WHERE})(?:,? +(?:(?!{NO_STREET})\p{{L}}+ ?){{1,3}}(?=,? *(?:{STATE}\b|{STATE_NAME}\b|\d{{5}}|[.]?\s*$)))?(?:,? *(?:{STATE}|{STATE_NAME})\b,?)?(?: *\d{{5}}(?:-\d{{4}})?)?(?!\w)",
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.9,
        r"(?i)(?<!\w)(?:(?:PSC|CMR|Unit) \d{1,6},? Box \d{1,6}|US(?:NS|NV|CGC|S) \w+(?=\s+[AFD]PO))(?:[,\s]+[AFD]PO A[AEP] \d{5})?",
        cues="psc cmr unit usn usc uss",
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.84,
        rf"(?<!\w)(?:{CAP}[ ,]+){{0,2}}{STATE},? \d{{5}}(?:-\d{{4}})?(?![\w-])",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.84,
        r"(?<![\w-])[A-Za-z]{2},? \d{5}(?:-\d{4})?(?![\w-])",
        opens_with_state,
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.8,
        r"(?<!\w)(?i:apartment|apt|suite|ste)\b\.? ?#?\d+[A-Za-z]?(?![\w-])",
        cues="ap suite ste",
        digit=True,
    ),
    Rule("ADDRESS", 0.8, rf"^[\s>]*\K(?:{CAP} ){{1,4}}\d{{4,6}}\.?\s*$", digit=True),
    Rule(
        "ADDRESS",
        0.8,
        r"(?i:\baddress: ?[^\n]*\n(?:[^\n]*\n){1,4}\s*)\K\d{2,5}(?:-\d{3})?(?=\s*$)",
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.84,
        r"(?i:\b(?:zip|postal|post) ?-?(?:code)?(?: (?:is|of|for|number|area))*:? )\K(?:\d[\d -]{1,8}\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b",
        cues="zip post",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.84,
        r"(?i:\b(?:zip|postal code|postcode|address)\b[^\n]*\n(?:[^\n]*\n){0,3}?[^\n]*?)\K(?<![\w$€£.,#-])\d{5}(?:-\d{4})?(?![\w-]|[.,]\d)",
        cues="zip post address",
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.83,
        r"(?i:\b(?:zip|postal|post|area)(?: ?code)?(?: (?:code|number|for|my|area|is|of|the|this|to|here|in|place|location|city|current|new|billing|shipping|home|house|where|i|live|we|are|it['’]?s|would|be)){1,8}:? )\K\d{5}(?![\w-]|[.,]\d)",
        cues="zip post area",
        digit=True,
    ),
    Rule("ADDRESS", 0.8, r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?![\w-])", digit=True),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<![\w-])\d{{1,5}}[A-Za-z]? (?:[NSEW]\.? )?(?:{CAP} |\d{{1,3}}(?:st|nd|rd|th) ){{1,4}}{STREET}\b\.?{REST}",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<!\w){CAP}(?:(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|straat|laan|plein)| (?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee)) \d{{1,4}} ?[a-z]?\b{TOWN}",
        cues="stra str. weg platz allee gasse laan plein",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<!\w)(?i:calle|avenida|avda|paseo|plaza|carrera|c/|via|viale|piazza|corso|rua|travessa)\.? (?:(?:{LINK}|{CAP}) ?){{1,4}},? (?:n[ºo°]\.? ?)?\d{{1,4}}\b(?:, ?\d[ºª°][^\n,.]{{0,4}})?{TOWN}",
        cues="calle avenida avda paseo plaza carrera c/ via piazza corso rua travessa",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<![\w-])\d{{1,4}}(?: ?bis| ?ter)?,? (?i:rue|avenue|boulevard|place|chemin|allée|impasse|quai|cours)(?: (?i:de la|de l['’]|des|de|du|d['’]|le|la|l['’]|{CAP}))+{TOWN}",
        cues="rue avenue boulevard place chemin allée impasse quai cours",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.86,
        r"(?<!\w)(?i:p\.? ?o\.? box|postfach|apartado(?: de correos)?) \d{1,6}\b" + REST,
        cues="box postfach apartado",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.8,
        r"(?i:\b(?:address(?:(?: is|'s|’s)\b|:)|(?:live|living|reside|ship(?:ped)?(?: it)?|deliver(?:ed)?(?: it)?"
        r"|send(?: it)?|sent) (?:at|to)|vivo en|wohne in)(?: my address| my home)?:? )"
        r"\K\d{1,5}[A-Za-z]? [\p{L}\d][^\n.;!?]{4,80}?(?=[.;!?]|\n|$|,? (?i:and|but|please|pls|plz|is|not|so|which|how|why|when|what|where|who|they|i|you|this|that|it|if|or|then|my|can)\b)",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"{FIELD}(?i:(?:(?:street|postal|shipping|billing|delivery|home|mailing|my|full)[ _-]?)*address|direcci[óo]n|adresse|indirizzo){IS}[^\s<][^\n<]{{3,120}}",
        cues="address direcci adresse indirizzo",
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.8,
        r"(?i:\b(?<!mail )address\b[^\n?]{0,60}\?[^\n]{0,200}\n[^:\n]{1,20}: (?:it['’]?s |it is |sure,? )?)\K\d{1,5} [\p{L}\d][^\n.;!?]{4,100}",
        digit=True,
        across=True,
    ),
    Rule(
        "ADDRESS",
        0.75,
        r"(?i:\b(?:zip|postal|post)[ -]?code(?: is|:)? )\K(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b",
        cues="zip post",
        digit=True,
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<!\w)(?:Am|An der|Im|In der|Zum|Zur|Auf der|Auf dem|Unter den) {CAP}(?: {CAP})? \d{{1,4}} ?[a-z]?\b, ?\d{{5}}(?: {CAP}\b){{1,3}}",
        cues="am an im in zu auf unter",
        digit=True,
    ),
)
