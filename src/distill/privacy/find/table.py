# ruff: noqa: E501 - a pattern is easier to read on one line
r"""What is personal, and what only looks so: one table of patterns, read from top to bottom.

A row is (type, score, pattern, check). Patterns are `regex` patterns, multi-line and sensitive to
case unless they say (?i:...). `\K` marks where the value begins: what stands before it is its
context. Where values overlap, the higher score wins, then the longer value. Rows of type KEEP
protect what must stay (order, item, return, case and transaction numbers, prices, dates, item
names) from weaker rows that would take it for a phone or a name.

To find something more, add a row; to add a type, add its surrogate in surrogates.py as well.
"""

from collections.abc import Callable
from typing import NamedTuple

from distill.privacy.find import names, numbers

KEEP = "KEEP"


class Rule(NamedTuple):
    """One row of the table; `check` may refuse a match by its text.

    `cues` are pieces of which any text that the pattern matches holds one: a quick look that
    saves the pattern's.
    """

    type: str
    score: float
    pattern: str
    check: Callable[[str], bool] | None = None
    cues: str = ""


# A line of an interaction begins with its label: "Customer: ...", or is a field, "Name: ...".
LINE = r"^(?:\p{L}[^:\n]{0,19}: ?)?"
# A field is "Name: value" on its own line, a turn that begins so, or an element, <name>value</name>.
FIELD = r"(?:^(?:\p{L}[^:\n]{0,19}: ?)?|<)"
IS = r"(?: ?[:=][ \n]*|>)\s*\K"
CAP = r"\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*"
LINK = r"(?:de la|de los|de|del|da|do|dos|das|di|van der|van de|van|von|la|le|el|al|bin|y|O['’])"
NAME = rf"{CAP}(?: (?:{LINK} )?(?:\p{{Lu}}\.|{CAP})){{0,3}}"
ANY_WORD = (
    r"(?!(?i:and|but|or|i|im|my|the|an?|is|was|on|in|with|from|for|at|it|not|so|can|please)\b)"
)
ANY_NAME = rf"(?:{NAME}|{ANY_WORD}\p{{Ll}}[\p{{L}}'’-]+(?: {ANY_WORD}\p{{Ll}}[\p{{L}}'’-]+){{0,2}})"

ID_WORD = (
    r"(?:order|item|return|case|transaction|tracking|ticket|invoice|listing|refund|claim|ref|rma"
    r"|confirmation|parcel|package|shipment|payment id|article|art[íi]culo|pedido|devoluci[óo]n|caso"
    r"|transacci[óo]n|commande|retour|dossier|bestell|artikel|r[üu]ck|fall|vorgang|ordine|articolo"
    r"|reso|pratica|txn|tx|upi|utr|awb|serial|imei|bestelling|zaak)"
)
PHONE_WORD = (
    r"(?:phone|telephone|tel\b|mobile|cell|call|text me|reach|whatsapp|fax|contact|tel[eé]f|portable"
    r"|t[eé]l[eé]phone|handy|m[óo]vil|(?<!me )ll[aá]m|anruf|erreich|joindre|appele[rz]|(?<!mi )chiam|cellulare|rufnummer)"
)
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
# The words of an address behind its number, and how it goes on: unit, town, state, postal code.
PLACE = rf"(?:(?!(?i:apt|apartment|suite|ste|unit|flat|box)\b)(?:{CAP}|{LINK}|\d{{1,4}}(?:st|nd|rd|th)|\p{{L}}{{1,5}}\.)(?:[ -]|(?=[,.]|\s*$))){{1,6}}(?<=\p{{L}}{{3}}\W?)"
UNIT = r"(?i:apt|apartment|suite|ste|unit|flat|floor|room|box|bldg)\b\.? ?#?[\w-]+"
GAP = r"(?:[ ,]*\n[ >]*,?[ ]?|[ ,]+)"
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
MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|mai|okt|dez|févr|avr|juin|juil|août|déc|gen|mag|giu|lug|set|ott)\p{L}*"
DATE = (
    rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:(?:19|20)\d\d|\d\d)|(?:19|20)\d\d[/.-]\d\d[/.-]\d\d|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)? (?:of |de )?{MONTH},? (?:de )?\d{{2,4}})"
)
NATIONAL_ID_WORD = (
    r"(?:ssn|social security|national (?:id|insurance)|passport|pasaporte|passeport|reisepass|dni"
    r"|nie|nino|tax id|steuer-?id\w*|ausweis\w*|codice fiscale|pesel|bsn|cpf|sin|id card|nif|nir"
    r"|s[ée]curit[ée] sociale|seguridad social|driver['’]?s licen[cs]e|carta d['’]identità)"
)
USER_WORD = (
    r"(?:user ?name|user ?id|login|screen ?name|nickname|usuario|benutzername"
    r"|nutzername|nom d['’]utilisateur|identifiant|nome utente|gebruikersnaam)"
)
USER_CUES = "user login screen nick usuario benutzer nutzer identifiant utente gebruiker"
HANDLE = r"[\p{L}\d]+(?:[_.-][\p{L}\d]+)*_?"
MIXED_HANDLE = rf"(?={HANDLE})(?=[\p{{L}}_.-]*[\d_.-])(?=[\d_.-]*\p{{L}}){HANDLE}"

# An address as it is said or badly typed: "john dot smith at gmail dot com", "john smith gmail com".
MAILBOX = r"(?:gmail|googlemail|ya?hoo|ymail|rocketmail|hotmail|outlook|icloud|aol|msn|proton(?:mail)?|rediffmail|gmx|zoho)"
MAIL_CUES = "gmail googlemail hoo ymail rocketmail hotmail outlook icloud aol msn proton rediffmail gmx zoho"
MAIL_STOP = r"(?!(?:is|are|was|not|no|the|an?|on|in|of|or|and|to|from|for|by|with|my|your|this|that|it|its|me|use|using|has|have|did|do|log|via|account|address|id|e?mails?|as|at)\b)"
NAME_IS = r"(?: (?:on (?:the |my )?(?:account|card|file|order)|is|are|was|it['’]?s|would be|as))*"
SMALL_NAME = r"\p{Ll}{2,}+(?: (?!(?:and|last|first|middle|my|is|the)\b)\p{Ll}{2,}+)?"
SAID_DIGIT = r"(?:zero|one|two|three|four|five|six|seven|eight|nine)"

SECRET = (
    r"(?:(?=[^\s]*[\d!@#$%^&*]|[a-z]+[A-Z])[^\s,;\"'”’]{4,40}(?<![.,])|\p{L}{6,30}(?=[.,\"'”’]|$))"
)

TABLE: tuple[Rule, ...] = (
    # --- what must stay ---
    Rule(KEEP, 0.6, r"(?<!\w)(?:[$€£₹]|(?:Rs|USD|EUR|GBP|INR)\.?) ?\d[\d.,]*\d|\b\d+[.,]\d{2}\b"),
    Rule(KEEP, 0.91, rf"(?<![\w-]|\d[./]){DATE}(?![\w-]|[./]\d)"),
    Rule(
        KEEP,
        0.86,
        r"^(?i:item(?: name| title)?|product|title|topic): \K[^\n]+",
        cues="item product title topic",
    ),
    Rule(
        KEEP,
        0.86,
        r"(?i:\b(?:promo\w*|coupon|discount|voucher|offer|code|model|sku)(?: \w+){0,3}[:#]? [\"'“]?)\K(?:(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{4,20}|(?-i:\p{Lu}{4,20})(?!\w))",
        cues="promo coupon discount voucher offer code model sku",
    ),
    # --- numbers of orders, items, accounts: by their format, or by the word before them ---
    Rule("ORDER_ID", 0.91, r"(?<![\w+-])\d{2,4}-\d{5,8}-\d{5,8}(?![\w-])"),
    Rule("ITEM_ID", 0.91, r"(?<![\w+-])[1-3]\d{11}(?!\w)"),
    Rule("TRANSACTION_ID", 0.91, r"(?<![\w+-])\d{13}T(?!\w)"),
    Rule(
        "ORDER_ID",
        0.5,
        r"(?i:\b(?:r\w*t\w*|ca\w{2,3}|or\w{2,4}|it\w{2,3}) (?:number |no\.? |# ?)?)\K\d{10}(?![\w-])",
    ),
    Rule("ACCOUNT_ID", 0.45, r"(?<![\w$€£.,+-])\d{8,20}(?![\w-]|[.,]\d)"),
    Rule(
        "ACCOUNT_ID",
        0.45,
        r"(?<![\w@./#_-])(?=[A-Z]*\d[A-Z]*\d|[A-Z]{2,}\d)(?=[A-Z\d]*[A-Z])[A-Z\d]{8,20}(?![\w@-])",
    ),
    Rule(
        "ACCOUNT_ID",
        0.44,
        r"(?<![\w@./#_-])(?:\p{L}++\d|\d++\p{L}++\d)[\p{L}\d]{4,17}+(?<=\d\p{L}*\d\p{L}*)(?<=[\p{L}\d]{8})(?![\w@-])",
    ),
    # --- what opens an account ---
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b(?:pass ?(?:word|code|phrase)|pwd)(?: (?:is|was|to|now|will be|should be|reset|set|changed|new|as))*[:=]? [\"'“‘]?)\K{SECRET}",
        names.is_secret,
        cues="pass pwd",
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\bpin(?: ?code| number)?(?: (?:is|was|to))*[:=]? )\K\d{4,8}(?!\w)",
        cues="pin",
    ),
    Rule(
        "SECURITY_ANSWER",
        0.86,
        r"(?i:\b(?:maiden name|(?:first|favou?rite|childhood) (?:pet|teacher|car|school|street|colou?r|food|movie|book|friend)(?:['’]s name)?|security answer|secret answer|pet['’]s name)(?: (?:is|was))?[:,]? )\K(?!(?i:is|was|for|and|or|on|in|of|to)\b)\p{L}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)?(?=[.,;!?]|\s|$)",
        names.is_answer,
        cues="maiden name first fav childhood answer",
    ),
    Rule(
        "SECURITY_ANSWER",
        0.86,
        r"(?i:\b(?:maiden name|name of (?:your|the) first pet|first pet|pet['’]s name|security question|security answer|secret answer|favou?rite teacher)\b[^\n]{0,80}\n[^:\n]{1,20}: (?:(?:it['’]?s|it is|yes|sure|ok|okay|my mother['’]s|that would be|is)[,.:]? ){0,2})\K\p{L}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)?(?=[.,!]?(?:$|\s))",
        names.is_answer,
        cues="name pet question answer teacher",
    ),
    Rule(
        "PASSWORD",
        0.89,
        rf"(?i:\bpass ?(?:word|code|phrase)(?: (?:is|was|to|it['’]?s))+[:]? )\K(?:\p{{L}}{{3,20}} )(?:\d{{1,6}}|{SAID_DIGIT}(?: {SAID_DIGIT})*)(?! ?(?:char|letter|digit|time|day|hour|minute|attempt|number|symbol)|\w)",
        names.is_said_secret,
        cues="pass",
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\b(?:cvv|cvc|cv2|security code|secret code|pin|otp|one time (?:code|password)|verification code|pass ?(?:code|word|phrase))(?: ?2)?(?: (?:code|no|number|num|is|was|of|for|on|my|the|this|that|card|debit|credit|account|it['’]?s))*[:=]? )\K\d{3,8}(?!\w|[-./:]\d| ?(?:times?|days?|hours?|minutes?|mins|char\w*|digits?|letters?)\b)",
        cues="cvv cvc cv2 code pin otp pass",
    ),
    # --- e-mail ---
    Rule(
        "EMAIL",
        0.95,
        r"(?<![\p{L}\d])[\p{L}\d][\p{L}\d._%+'-]*@[\p{L}\d](?:[\p{L}\d.-]*[\p{L}\d])?",
    ),
    Rule(
        "EMAIL",
        0.95,
        r"(?<![\w.+-])(?i:[\w.+-]++ ?[(\[]at[)\]] ?[\w-]+(?: ?[(\[]dot[)\]] ?\w+|\.\w+)+"
        r"|[\w.+-]++ at [\w-]+(?: dot \w{2,})+)(?!\w)",
        cues="dot (at [at",
    ),
    Rule(
        "EMAIL",
        0.95,
        r"(?i)(?<![\w.@+-])(?:(?:\w|\w+ (?:dot|underscore|dash|hyphen)) )*[\w.+-]++ at (?:the rate (?:of )?)?[\w-]+(?: ?\.? ?|(?: dot [\w-]{2,})*? dot )(?:com|net|org|edu|co(?: dot)? uk)(?!\w)",
        names.is_mailbox,
        cues=" at ",
    ),
    Rule(
        "EMAIL",
        0.94,
        rf"(?i)(?<![\w.@+-])(?:{MAIL_STOP}[\w.+-]+ ){{1,2}}?{MAILBOX} ?(?:dot )?\.? ?com(?!\w)",
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.94,
        rf"(?i)(?<![\w.@+-])[\w.+-]{{2,}}?(?<!the){MAILBOX} ?(?:dot )?\.? ?com(?!\w)",
        cues=MAIL_CUES,
    ),
    Rule(
        "EMAIL",
        0.93,
        rf"(?i:\be-?mail(?: ?(?:id|address))?(?: (?:on file|is|was|it['’]?s|as|would be|should be|for (?:my|the) \w+))*:? )\K(?:{MAIL_STOP}[\p{{L}}\d._-]+ ){{0,3}}?{MAIL_STOP}[\p{{L}}\d_-]{{3,}}[ .]?(?:com|net|org|edu)(?!\w)",
        cues="mail",
    ),
    Rule("EMAIL", 0.9, r"(?i)(?<![\w@./-])(?=\p{L}*\d)[\p{L}\d]{8,}com(?!\w)", cues="com"),
    Rule(
        "EMAIL",
        0.9,
        r"(?i:^(?:[^:\n]{1,20}: )?\s*)\K(?:\p{L}+ )?\p{L}{8,}com(?=[.!]?\s*$)",
        names.is_secret,
        cues="com",
    ),
    # --- numbers of money and people ---
    Rule(
        "IBAN",
        0.99,
        r"(?<![A-Za-z\d])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z\d]{4}){2,7}(?:[ -]?[A-Za-z\d]{1,3})?(?![A-Za-z\d])",
        numbers.is_iban,
    ),
    Rule(
        "IBAN",
        0.97,
        r"(?i:\biban\b[^\n\d]{0,20}?)\K(?i:[A-Z]{2}\d{2}(?: ?[A-Z\d]{2,4}){3,8})(?![A-Za-z\d])",
        cues="iban",
    ),
    Rule(
        "CREDIT_CARD",
        0.97,
        r"(?<![\w+.-])(?:\d{13,19}|\d{4}(?:[ -]\d{3,6}){2,4})(?![\w-])",
        numbers.is_card,
    ),
    Rule("CREDIT_CARD", 0.8, r"(?<![\w+.-])\d(?:[ -]?\d){12,18}(?![\w-])", numbers.is_card),
    Rule(
        "CREDIT_CARD",
        0.9,
        rf"(?i:\b(?:card|visa|mastercard|amex|tarjeta|carte|karte|carta)\b(?:(?!{ID_WORD})[^\d\n]){{0,30}}?)"
        r"\K\d(?:[ -]?\d){11,18}(?![\w-])",
        cues="card visa amex tarjeta carte karte carta",
    ),
    Rule("NATIONAL_ID", 0.88, r"(?<![\w-])(?!000|666)\d{3}([- ])\d{2}\1\d{4}(?![\w-])"),
    Rule(
        "NATIONAL_ID",
        0.88,
        r"(?<![\w-])\d{8}-?[A-Z](?!\w)|(?<![\w-])[XYZ]-?\d{7}-?[A-Z](?!\w)",
        numbers.is_dni,
    ),
    Rule("NATIONAL_ID", 0.88, r"(?<!\w)[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"),
    Rule("NATIONAL_ID", 0.88, r"(?<!\w)[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z](?!\w)"),
    Rule(
        "NATIONAL_ID",
        0.88,
        r"(?<!\w)[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)",
        numbers.is_nir,
    ),
    Rule(
        "NATIONAL_ID",
        0.93,
        rf"(?i:\b{NATIONAL_ID_WORD}\b(?:(?!{ID_WORD}|{PHONE_WORD})[^\d\n]){{0,30}}?)"
        r"\K(?<![A-Za-z\d])[A-Z]{0,6}\d(?:[ ./-]?[A-Z\d]){4,18}(?![A-Za-z\d])",
        cues="ssn social national passport pasaporte passeport reisepass dni nie nino tax steuer ausweis codice pesel bsn cpf sin card nif nir sécurité securite seguridad licen carta",
    ),
    Rule(
        "NATIONAL_ID",
        0.89,
        r"(?i:\b(?:ssn|social(?: security)?(?: (?:number|no))?)(?: (?:number|no|num|is|are|was|ends?|ending|in|with|last|four|4|digits?|of|the|my|it['’]?s))*:? )\K(?<!last )\d{4}(?![\w-]|[.,]\d)",
        cues="ssn social",
    ),
    Rule(
        "ACCOUNT_ID",
        0.84,
        r"(?i:\b(?:last (?:four|five|4|5)(?: digits?| numbers?)?|end(?:s|ing) (?:in|with))(?: (?:of|the|my|your|this|that|card|debit|credit|account|number|ssn|social|security|phone|is|are|was|it['’]?s|they['’]?re))*:? )\K\d{4,5}(?![\w-]|[.,]\d| digits?\b)",
        cues="last end",
    ),
    Rule(
        "CREDIT_CARD",
        0.6,
        r"(?<![\w+.-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])",
    ),
    Rule(
        "IP",
        0.92,
        r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)",
    ),
    Rule("IP", 0.92, r"(?<![\w:])(?:[\da-fA-F]{0,4}:){2,7}[\da-fA-F]{0,4}(?![\w:])", numbers.is_ip),
    # --- dates of birth: only in context, other dates stay ---
    Rule(
        "DATE_OF_BIRTH",
        0.95,
        r"(?i:\b(?:date of b\w+|b\w{1,3}rt+h\w*|b-?day|d\.?o\.?b\b\.?|born|nacimiento|nac[íi](?:do|da)?|naissance|né|née"
        r"|geburts\w*|geboren|geb\.|nascita|nat[oa])(?:(?!\d)[^\n]){0,25}?)"
        rf"\K(?<!\d){DATE}(?!\d)",
        cues="b",
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.95,
        rf"(?i:birth[^\n]{{0,80}}\n[^:\n]{{1,20}}: [^\d\n]{{0,30}}?)\K(?<!\d){DATE}(?!\d)",
        cues="birth",
    ),
    Rule(
        "DATE_OF_BIRTH",
        0.92,
        rf"(?<![\w-])(?={DATE}(?![\w-]))[^\n\d]{{0,12}}(?:\d{{1,2}}\D{{1,12}}){{0,2}}(?:19[2-9]\d|200[0-7])(?![\w-])|(?<![\w-])(?:19[2-9]\d|200[0-7])-\d\d-\d\d(?![\w-])",
        cues="192 193 194 195 196 197 198 199 200",
    ),
    # --- phones ---
    Rule(
        "PHONE",
        0.87,
        r"(?<![\w.+])\+\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){2,6}(?!\w)",
        numbers.phone_length,
    ),
    Rule(
        "PHONE",
        0.82,
        r"(?<![\w-])(?:\d{1,2}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?: ?(?:x|ext\.?) ?\d{1,5})?(?![\w-])",
    ),
    Rule(
        "PHONE",
        0.7,
        r"(?<![\w.-])\(?0\d{1,4}\)?(?:[ /.-]?\d{2,5}){1,4}(?![\w-])",
        numbers.phone_length,
    ),
    Rule(
        "PHONE",
        0.9,
        rf"(?i:\b{PHONE_WORD}(?:(?!{ID_WORD}|\d)[^\n]){{0,40}}?)"
        r"\K(?<![\w$€£])[+(]?\d[\d ().\-/]{5,18}\d(?![\w-])",
        numbers.phone_length,
        cues="phone tel mobile cell call text reach whatsapp fax contact handy portable tél móvil movil llam llám anruf erreich joindre appele chiam rufnummer",
    ),
    Rule("PHONE", 0.4, r"(?<![\w$€£.-])[2-9]\d{9}(?![\w-])"),
    Rule("PHONE", 0.4, r"(?<![\w-])\d{3}-\d{4}(?![\w-])|(?<![\w-])\d{5} \d{5,6}(?![\w-])"),
    Rule(
        "PHONE",
        0.42,
        r"(?<![\w$€£.,/+-])(?!(?:19|20)\d\d-(?:19|20)\d\d\b)\(?\d{2,4}\)?(?:[ .-]\d{2,4}){0,4}[ .-]\d{2,7}(?![\w/]|[-.,]\d)",
        numbers.phone_length,
    ),
    # --- addresses ---
    Rule(
        "ADDRESS",
        0.88,
        rf"(?<![\w$€£₹.,/-])(?!(?:19|20)\d\d {CAP})\d{{3,6}},? (?!(?:INR|USD|EUR|GBP|Rs)\b)(?:\d{{1,5}} )?{PLACE}{WHERE}",
        names.is_place,
    ),
    Rule(
        "ADDRESS",
        0.4,
        r"(?<![\w$€£₹.,#/+-])(?<!(?i:rs\.?|inr|usd|eur|gbp) )\d{5}(?:-\d{4})?(?![\w/%-]|[.,]\d| ?(?i:rs|inr|usd|eur|gbp|dollars?|rupees?|euros?|pounds?|mah|km|miles?|points?|words?)\b)",
    ),
    Rule(
        "ADDRESS",
        0.87,
        rf"(?<![\w$€£₹.,/-])\d{{1,6}}[A-Za-z]? {PLACE}(?:\p{{Ll}}{{1,8}}\.? )?\d{{1,5}}[a-z]?\b\.?{WHERE}",
        names.is_place,
    ),
    Rule(
        "ADDRESS",
        0.84,
        rf"(?<![\w$€£₹.,/-])\d{{2,6}} (?:(?!{NO_STREET})\p{{Ll}}[\p{{Ll}}\p{{M}}]+ ){{1,3}}\d{{1,4}}[a-z]?(?![\w/-])(?: (?:apt|suite)\b\.? \w+)?(?:[ ,\n]+(?:\p{{Ll}}+,? ?){{1,3}}\d{{4,6}})?",
        names.is_place,
    ),
    Rule(
        "ADDRESS",
        0.83,
        rf"(?i:\b(?:lives?|lived|living|located|address|meet|arrived|offices?|station|side|corner|moved?|streets?)\b[^\n.!?\d]{{0,30}}? )\K(?:(?:{CAP}|{LINK}|\p{{L}}{{1,5}}\.) ){{1,4}}\d{{1,5}}\b{WHERE}",
        names.is_place,
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
    ),
    Rule(
        "ADDRESS",
        0.9,
        r"(?i)(?<!\w)(?:(?:PSC|CMR|Unit) \d{1,6},? Box \d{1,6}|US(?:NS|NV|CGC|S) \w+(?=\s+[AFD]PO))(?:[,\s]+[AFD]PO A[AEP] \d{5})?",
        cues="psc cmr unit usn usc uss",
    ),
    Rule("ADDRESS", 0.84, rf"(?<!\w)(?:{CAP}[ ,]+){{0,2}}{STATE},? \d{{5}}(?:-\d{{4}})?(?![\w-])"),
    Rule(
        "ADDRESS", 0.84, r"(?<![\w-])[A-Za-z]{2},? \d{5}(?:-\d{4})?(?![\w-])", names.is_in_a_state
    ),
    Rule(
        "ADDRESS",
        0.8,
        r"(?<!\w)(?i:apartment|apt|suite|ste)\b\.? ?#?\d+[A-Za-z]?(?![\w-])",
        cues="ap suite ste",
    ),
    Rule("ADDRESS", 0.8, rf"^[\s>]*\K(?:{CAP} ){{1,4}}\d{{4,6}}\.?\s*$"),
    Rule(
        "ADDRESS",
        0.8,
        r"(?i:\baddress: ?[^\n]*\n(?:[^\n]*\n){1,4}\s*)\K\d{2,5}(?:-\d{3})?(?=\s*$)",
    ),
    Rule(
        "ADDRESS",
        0.84,
        r"(?i:\b(?:zip|postal|post) ?-?(?:code)?(?: (?:is|of|for|number|area))*:? )\K(?:\d[\d -]{1,8}\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b",
        cues="zip post",
    ),
    Rule(
        "ADDRESS",
        0.84,
        r"(?i:\b(?:zip|postal code|postcode|address)\b[^\n]*\n(?:[^\n]*\n){0,3}?[^\n]*?)\K(?<![\w$€£.,#-])\d{5}(?:-\d{4})?(?![\w-]|[.,]\d)",
        cues="zip post address",
    ),
    Rule(
        "ADDRESS",
        0.83,
        r"(?i:\b(?:zip|postal|post|area)(?: ?code)?(?: (?:code|number|for|my|area|is|of|the|this|to|here|in|place|location|city|current|new|billing|shipping|home|house|where|i|live|we|are|it['’]?s|would|be)){1,8}:? )\K\d{5}(?![\w-]|[.,]\d)",
        cues="zip post area",
    ),
    Rule("ADDRESS", 0.8, r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?![\w-])"),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<![\w-])\d{{1,5}}[A-Za-z]? (?:[NSEW]\.? )?(?:{CAP} |\d{{1,3}}(?:st|nd|rd|th) ){{1,4}}{STREET}\b\.?{REST}",
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<!\w){CAP}(?:(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|straat|laan|plein)| (?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee)) \d{{1,4}} ?[a-z]?\b{TOWN}",
        cues="stra str. weg platz allee gasse laan plein",
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<!\w)(?i:calle|avenida|avda|paseo|plaza|carrera|c/|via|viale|piazza|corso|rua|travessa)\.? (?:(?:{LINK}|{CAP}) ?){{1,4}},? (?:n[ºo°]\.? ?)?\d{{1,4}}\b(?:, ?\d[ºª°][^\n,.]{{0,4}})?{TOWN}",
        cues="calle avenida avda paseo plaza carrera c/ via piazza corso rua travessa",
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<![\w-])\d{{1,4}}(?: ?bis| ?ter)?,? (?i:rue|avenue|boulevard|place|chemin|allée|impasse|quai|cours)(?: (?i:de la|de l['’]|des|de|du|d['’]|le|la|l['’]|{CAP}))+{TOWN}",
        cues="rue avenue boulevard place chemin allée impasse quai cours",
    ),
    Rule(
        "ADDRESS",
        0.86,
        r"(?<!\w)(?i:p\.? ?o\.? box|postfach|apartado(?: de correos)?) \d{1,6}\b" + REST,
        cues="box postfach apartado",
    ),
    Rule(
        "ADDRESS",
        0.8,
        r"(?i:\b(?:address(?:(?: is|'s|’s)\b|:)|(?:live|living|reside|ship(?:ped)?(?: it)?|deliver(?:ed)?(?: it)?"
        r"|send(?: it)?|sent) (?:at|to)|vivo en|wohne in)(?: my address| my home)?:? )"
        r"\K\d{1,5}[A-Za-z]? [\p{L}\d][^\n.;!?]{4,80}?(?=[.;!?]|\n|$|,? (?i:and|but|please|pls|plz|is|not|so|which|how|why|when|what|where|who|they|i|you|this|that|it|if|or|then|my|can)\b)",
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"{FIELD}(?i:(?:(?:street|postal|shipping|billing|delivery|home|mailing|my|full)[ _-]?)*address|direcci[óo]n|adresse|indirizzo){IS}[^\s<][^\n<]{{3,120}}",
        cues="address direcci adresse indirizzo",
    ),
    Rule(
        "ADDRESS",
        0.8,
        r"(?i:\b(?<!mail )address\b[^\n?]{0,60}\?[^\n]{0,200}\n[^:\n]{1,20}: (?:it['’]?s |it is |sure,? )?)\K\d{1,5} [\p{L}\d][^\n.;!?]{4,100}",
    ),
    Rule(
        "ADDRESS",
        0.75,
        r"(?i:\b(?:zip|postal|post)[ -]?code(?: is|:)? )\K(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b",
        cues="zip post",
    ),
    Rule(
        "ADDRESS",
        0.86,
        rf"(?<!\w)(?:Am|An der|Im|In der|Zum|Zur|Auf der|Auf dem|Unter den) {CAP}(?: {CAP})? \d{{1,4}} ?[a-z]?\b, ?\d{{5}}(?: {CAP}\b){{1,3}}",
        cues="am an im in zu auf unter",
    ),
    # --- user names: by field, in context, or by a form that words do not have ---
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
        names.is_handle,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b{USER_WORD} [\"'“‘(@]?)\K{MIXED_HANDLE}",
        names.is_mixed_handle,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.84,
        r"(?i:\b(?:user|account|seller|buyer|member|profile|store|shop|handle|nick|(?:us\w+|my|your|login|customer) id|known as|in as|in question|out of|i am|i['’]?m|vendedora?"
        r"|compradora?|(?:ver)?käufer(?:in)?|vende(?:ur|use)|ache?te(?:ur|use)|cuenta|konto|compte|venditore|acquirente"
        r"|password(?: reset)? (?:for|of|di|de|von|für|pour)|login for|log in to)"
        rf"\b(?: (?:name|id|is|was|called|named|under|with|es|ist|est))*[:,]? [\"'“‘(@]?)\K{MIXED_HANDLE}",
        names.is_mixed_handle,
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b{USER_WORD}[^\n]{{0,80}}\n[^:\n]{{1,20}}: (?:it['’]?s |it is |sure,? )?)\K{HANDLE}(?=[.,!]?$)",
        names.is_handle,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.63,
        r"(?<![\w@.\[{</])(?!\p{Lu}{2})\p{L}[\p{L}\d.-]*_[\p{L}\d_.-]*[\p{L}\d](?!\w)",
    ),
    Rule("USERNAME", 0.63, r"\b(?<![@.$#/-])\p{Ll}{3,}+-?\d{1,6}(?![\w-])", names.is_new_handle),
    Rule(
        "USERNAME",
        0.62,
        r"^(?:[^:\n]{1,20}: )?\s*\K(?=\p{L}+\d)[\p{L}\d]{5,20}(?=[.!]?\s*$)",
        names.is_new_handle,
    ),
    Rule("ACCOUNT_ID", 0.62, r"^(?:[^:\n]{1,20}: )?\s*\K\d{4,}(?=[.!]?\s*$)"),
    Rule("USERNAME", 0.63, r"\b(?<![@.$#/-])\p{Ll}{3,}+-\p{Ll}{3,}(?![\w@-])", names.is_known),
    Rule(
        "USERNAME",
        0.63,
        r"\b(?<![@.$#/-])\p{Ll}{3,}+\.\p{Ll}{3,}+(?![\w@-]|\.\w)",
        names.is_dotted_handle,
    ),
    Rule("USERNAME", 0.8, r"(?<![\w.@])@\K\p{L}[\w.]*\w"),
    Rule(
        "USERNAME",
        0.63,
        r"(?i:\b(?:from|by|to|with|of|named|against|contacted|messaged|reported) )\K\p{Ll}{3,}\d{2,4}(?![\w-])",
        names.is_mixed_handle,
    ),
    Rule(
        "USERNAME",
        0.63,
        r"(?i:\b(?:fro?m|for|by|with|of|as|named|called|against|user|seller|buyer|contacted|messaged|reported|id|id is|de|di|du|von|für|pour|par|por) )\K\p{Ll}{3,}-\p{Ll}{3,}(?![\w@-])",
        names.is_dashed_handle,
    ),
    # --- names ---
    Rule("PERSON", 0.88, r"^(?i:from|to|cc|bcc|reply-to): \"?\K\p{L}[^<>\n,@\"]{1,60}?(?=\"? ?<)"),
    Rule("PERSON", 0.8, r"^Signature: \K\p{L}[\p{L}\p{M} .'’-]{1,40}(?=,|$)", names.is_signature),
    Rule(
        "PERSON",
        0.88,
        rf"{FIELD}(?i:(?:(?:full|first|last|given|family|your|my|customer|contact|buyer|seller|billing|shipping|recipient|sender|from|to)[ _-]?)*(?:name|nombre|nom|surname|apellidos?)){IS}[\p{{L}}][\p{{L}}\p{{M}} .'’-]{{1,60}}",
        names.is_name_field,
        cues="name nom apellido",
    ),
    Rule(
        "PERSON",
        0.8,
        r"(?i:\b(?:my (?:\w{3,6} )?name(?: is|'s|’s|:)|i am called|(?:call|calls|called) me|(?:go|goes|going) by|named (?:him|her|it|them)|me llamo|mi nombre es|je m['’]appelle"
        r"|mon nom est|ich hei(?:ß|ss)e|mein name ist|mi chiamo|il mio nome è|meu nome é|mijn naam is"
        r"|(?:under|by) the name(?: of)?|account (?:holder|owner)(?: name)?(?: is|:)"
        rf"|name on (?:the|my) (?:account|card|order)(?: is|:)) )\K{ANY_NAME}",
        names.is_stated,
    ),
    Rule(
        "PERSON",
        0.74,
        rf"(?i:\b(?:first|last|middle|full|family|sur|given|birth) ?names?{NAME_IS} )\K{SMALL_NAME}",
        names.is_likely,
        cues="name",
    ),
    Rule(
        "PERSON",
        0.73,
        rf"(?i:\b(?<!user |item |book |product |screen |nick |brand |code |file )names?{NAME_IS} )\K{SMALL_NAME}",
        names.is_unusual,
        cues="name",
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:this is|i am|i['’]?m|it['’]?s) )\K\p{Ll}{3,}+(?= (?:calling|speaking|and (?:i|my))\b)",
        names.is_likely,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:this is|i am|i['’]?m|it['’]?s|it is|soy|je suis|ich bin|sono|hier ist|hier spricht|c['’]est|habla|(?:chatting|speaking|talking|spoke|talked|chatted) (?:with|to)|by|with|named|agent|yours truly|wife|husband|son|daughter|colleague|friend|deliver(?:ed)? to|addressed to|sold by|attn:?) )\K{NAME}",
        names.is_known_or_full,
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:this is|i am|i['’]?m|soy|ich bin|je suis|sono) )\K\p{Ll}+(?: \p{Ll}+)?(?= (?:here|from|again)\b|[.,!]|$)",
        names.is_known,
    ),
    Rule("PERSON", 0.8, rf"(?<![\p{{L}}\d.-]){NAME}(?= (?:here|speaking)[.,!])", names.is_stated),
    Rule("PERSON", 0.7, rf"{LINE}\K{CAP} {CAP}(?= \w{{2,4}}[.,!])", names.is_known_or_full),
    Rule(
        "PERSON",
        0.7,
        rf"(?<![\p{{L}}\d.-]){NAME}(?= (?:sent|told|said|transferred|passed|helped) (?:me|us)\b)",
        names.is_stated,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:colleague|agent named|representative named) )\K{NAME}",
        names.is_stated,
        cues="colleague named",
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:my (?:\w{{3,6}} )?\w{{3,6}} is|by the \w{{3,6}} of) )\K{NAME}",
        names.is_known_or_full,
    ),
    Rule(
        "PERSON",
        0.75,
        rf"(?i:\b(?:mr|mrs|ms|miss|dr|herr|frau|señora?|sra?|monsieur|madame|mme|prof|signora?)\.? )\K{NAME}",
        names.is_stated,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:hi|hello|hey|dear|hola|hallo|bonjour|ciao|welcome(?: back)?|querid[oa]|estimad[oa]|liebe[r]?|cher|chère|good (?:morning|afternoon|evening|day))(?: again| there)?,? )\K{NAME}",
        names.is_stated,
    ),
    Rule(
        "PERSON",
        0.7,
        r"(?i:\b(?:hi|hello|hey|dear|hola|hallo|thanks|thank you)(?: again| there| so much)?,? )\K\p{Ll}+\b",
        names.is_american,
    ),
    Rule(
        "PERSON",
        0.7,
        rf"(?i:\b(?:regards|sincerely|thanks|thank you|thx|cheers|best|wishes|yours|saludos?|atentamente|cordialement|merci|gracias|grü(?:ß|ss)en?|danke|saluti|grazie|groet(?:en)?)(?: again| in advance| so much)?[,!.–—-]*)\s+\K{NAME}(?=[.!]?\s*$)",
        names.is_stated,
        cues="regards sincerely thank thx cheers best wishes yours saludo atentamente cordialement merci gracias gr danke saluti grazie groet",
    ),
    Rule("PERSON", 0.7, rf"(?:[,–—~]|(?<=\s)-) ?\K{NAME}(?=[.,!?]|\s*$)", names.is_known),
    Rule("PERSON", 0.7, rf"{LINE}\K{CAP}(?=,)", names.is_known),
    Rule(
        "PERSON",
        0.72,
        rf"(?i:\bname\b[^\n?]{{0,80}}\?[^\n]{{0,200}}\n[^:\n]{{1,20}}: (?:it['’]?s |it is |sure,? |yes,? |of course,? |that (?:is|would be) )?)\K{ANY_NAME}(?=[.,!]?(?:$| and\b))",
        names.is_plausible,
        cues="name",
    ),
    Rule("PERSON", 0.65, rf"(?<![\p{{L}}\d.-]){NAME}", names.is_first_and_last),
    Rule("PERSON", 0.72, rf"(?<![\p{{L}}\d.-]){NAME}(?= ?[,(<-]+ ?[\w.+-]+@)", names.is_plausible),
)
