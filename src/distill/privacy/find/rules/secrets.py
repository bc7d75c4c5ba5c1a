# ruff: noqa: E501 - a pattern is easier to read on one line
r"""Passwords, PINs, one-time codes and answers to security questions, all by context.

"my password is hunter2!", "pin 4821", "What is your mother's maiden name?\nCustomer: Kowalczyk".
"""

import re

from distill.privacy.find.lexicon import words_of
from distill.privacy.find.rules.rule import Rule
from distill.privacy.find.words import is_english, is_everyday, is_top_500

SAID_DIGIT = r"(?:zero|one|two|three|four|five|six|seven|eight|nine)"
SECRET = (
    r"(?:(?=[^\s]*[\d!@#$%^&*]|[a-z]+[A-Z])[^\s,;\"'”’]{4,40}(?<![.,])|\p{L}{6,30}(?=[.,\"'”’]|$))"
)


_REPLIES_WORDS = """
    yes yeah yep yup nope sure okay sorry hello thanks thank please why idk dunno forgot hmm hold wait
    nothing none never skip maybe unsure what's whats
"""
_REPLIES = frozenset(_REPLIES_WORDS.split())
_NO_SECRET = re.compile(
    r"[$€£₹]?\d+(?:[.,:/]\d+)*(?:[a-z%]{1,4})?|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|(?:\d+-)+[a-z]+s?",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[/&+|.…'’_-]+")


def is_not_english(text: str) -> bool:
    """Whether the value is anything but one English word: "my password is wrong" names none."""
    return not (text.isalpha() and is_english(text))


def is_a_secret(text: str) -> bool:
    """Whether a word of mixed signs is no e-mail, price, date, measure, list or English word."""
    plain = text.strip("\"'()[].!?")
    if not plain or _NO_SECRET.fullmatch(plain) or "://" in plain:
        return False
    parts = [part for part in _PARTS.split(plain) if part]
    said = all(len(part) > 1 and part.isalpha() and is_english(part) for part in parts)
    return not said or (plain != plain.lower() and any(c.isdigit() for c in plain))


def is_said_secret(text: str) -> bool:
    """Whether "hunter two" is a password, as "at least 8" is not: its first word is not frequent."""
    return not is_top_500(text.split(maxsplit=1)[0])


def is_code(text: str) -> bool:
    """Whether the first of one or more codes has letters and digits, as no word or number has."""
    first = re.split(r"[ ,]", text, maxsplit=1)[0]
    return any(map(str.isalpha, first)) and len(re.findall(r"\d", first)) > 1


def is_password_shape(text: str) -> bool:
    """Whether capitals, small letters, a digit and a sign stand in one word that is no address."""
    return "@" not in text and "://" not in text and is_a_secret(text)


def is_asked_for(text: str) -> bool:
    """Whether a whole turn behind a security question answers it, whatever the word: "Biscuit"."""
    words = words_of(text)
    return (
        len(words) < 4 and not any(map(is_top_500, words)) and words[0].casefold() not in _REPLIES
    )


def is_not_everyday(text: str) -> bool:
    """Whether the answer's first word is no everyday word."""
    return not is_everyday(words_of(text)[0])


# A word of letters and signs that no language has: "hunter2", "Tr0ub4dor&3", "iloveMyDog!99".
MIXED = r"(?=[^\s]*\d|[^\s]*[a-z][A-Z]|\w+[!@#$%^&*+=~]\S)[^\s,;\"'”’<>]{4,60}(?<![.,?:)])"
_PASS = r"(?:pass(?:word|wrd|wd|code|phrase|key)?s?|passw[oa]r[ds]|passward|pasw+ord|pwd?|pswd|psw|passwort|kennwort|contrase[ñn]a|mot de passe|senha|clave|wachtwoord|has[łl]o|(?:wi-?fi|wlan|network|router|wpa2?|wep|api|secret|access|private|license|licence|product|recovery|encryption)[ -](?:key|code|password|pw|pass|token)|(?:auth\w*|bearer|access|refresh|session|api)? ?token|credentials?)"
_CODE = r"(?:otp|o\.t\.p\.?|2fa|mfa|tan|cvv2?|cvc2?|cv2|pin|atm pin|passcode|(?:verification|verify|security|auth\w*|sms|text|login|log-?in|sign-?in|access|activation|recovery|backup|unlock|gate|door|entry|alarm|safe|locker|pickup|pick-up|collection|delivery|secret|one[- ]time|six[- ]digit|4[- ]digit|6[- ]digit|confirmation|reset|temporary) (?:code|pin|password|passcode)s?|codes?|keypad|keybox|lockbox|key ?safe)"
PASS_CUES = "^pas ^pw ^psw kennwort contrase senha ^clave wachtwoord hasło haslo ^key ^code token credential"
CODE_CUES = "otp o.t.p 2fa mfa ^tan ^cv ^pin ^pass ^code passcode ^key lockbox"
_NO_CODE = r"(?<!zip |pin |postal |post |area |country |dial |error |status |promo |promotional |coupon |discount |voucher |product |item |style |model |color |colour |bar|bar |qr |source |fault |response |gift |offer |referral |sort |ifsc |swift |hsn |tax )"
_SAYS = r"(?: (?:is|was|are|it['’]?s|its|the|my|our|your|of|on|for|to|from|by|with|in|this|that|they|you|u|i|me|got|get|sent|received|says?|said|shows?|showed|gave|card|account|number|num|no|code|as|now|still|here|just|and|back|phone|sms|text|set|changed|reset|new|be|will|would|should|kept|keeps?|behind|reads?|app|mail|email|like|entered|typed|tried|used|bank|wi-?fi|router|site|shop|login|texted|emailed|mailed))*"
SAID = r"(?:(?:double|triple|treble) )?(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine)"

SECRETS: tuple[Rule, ...] = (
    Rule(
        "PASSWORD",
        0.93,
        rf"(?i:\b{_PASS}\b{_SAYS}(?: ?[:=]+ ?| - |[,.]? )[\"'“‘`(]?)\K{MIXED}",
        is_a_secret,
        cues=PASS_CUES,
    ),
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b{_PASS} ?(?:[:=]+|is:|was:) ?[\"'“‘`(]?)\K[^\s,;\"'”’<>]{{3,60}}(?<![.,?!)])",
        is_not_english,
        cues=PASS_CUES,
    ),
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b{_PASS}\b{_SAYS}(?: (?:is|was|to|it['’]?s)|:)[: ]*[\"'“‘`])\K[^\n\"'”’`]{{3,60}}(?=[\"'”’`])",
        cues=PASS_CUES,
    ),
    Rule(
        "PASSWORD",
        0.9,
        rf"{MIXED}(?i:(?= (?:is|was|as|for|to be)(?: (?:my|the|our|his|her|a|old|new|current|your))* (?:pass(?:word|code|phrase)?|pw|pwd|pin|otp|login)\b))",
        is_a_secret,
        cues="^pass ^pw ^pin ^otp ^login",
    ),
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b(?:log ?in|logged in|login|sign ?in|signed in|user ?(?:name|id)?|usr|username|creds?|credentials?|account|acct|access)\b(?: (?:is|was|are|as|in|with|using|to|my|the|name|id|details?|info))*[:= ]{{1,3}}[\w.@+-]{{2,40}} ?(?:/|\||:|,| and| with| using| & | -)+ ?(?:(?:the|my|pass\w*|pw|pwd|pin|is|code)[:= ]+)*)\K{MIXED}",
        is_a_secret,
        cues="^log ^sign ^user ^usr ^cred ^acc",
    ),
    Rule(
        "PASSWORD",
        0.91,
        r"(?i:\b(?:pass ?phrase|(?:secret|seed|recovery|backup|mnemonic|security) (?:phrase|words?)|safe ?word|memorable (?:word|phrase|name|place)|code ?word|password hint|hint|keyword)\b(?: (?:is|was|are|of|for|my|the|it['’]?s))*[:=]? ?[\"'“‘]?)\K(?! ?(?:is|was|not|no|for|on|in|and|or|to|that|which|but)\b)[^\n.,;:!?\"”’]{3,160}",
        cues="phrase word memorable hint",
    ),
    Rule(
        "PASSWORD",
        0.92,
        rf"(?i:\b{_NO_CODE}{_CODE}\b{_SAYS}[:=,. -]{{1,3}}[\"'“(]?)\K\d(?:[ -]?\d){{2,9}}(?![\w-]|[.,/:]\d| ?(?:times?|days?|hours?|minutes?|mins?|seconds?|secs?|char\w*|digits?|letters?|numbers?|%|rs|rupees|inr|dollars?|euros?|pounds?|attempts?|years?|items?|orders?)\b)",
        cues=CODE_CUES,
        digit=True,
    ),
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b{_NO_CODE}(?:otp|2fa|pin|passcode|(?:verification|security|auth\w*|sms|login|access|activation|recovery|backup|unlock|gate|door|entry|alarm|safe|locker|pickup|secret|one[- ]time|reset) (?:code|pin|password)s?)(?: (?:is|was|it['’]?s|its|says?))*[:= ]{{1,2}}[\"'“(]?)\K(?-i:(?=[A-Z-]*\d)(?=[\d-]*[A-Z])[A-Z\d]{{4,12}}(?:-[A-Z\d]{{3,8}})*)(?![\w-])",
        cues="^otp ^2fa ^pin ^pass ^code",
        digit=True,
    ),
    Rule(
        "PASSWORD",
        0.93,
        rf"(?i:\b{_NO_CODE}{_CODE}\b{_SAYS}[:=,. ]{{1,3}})\K(?i:{SAID}(?:[ ,-]+{SAID}){{2,9}})(?!\w)",
        cues=CODE_CUES,
    ),
    Rule(
        "PASSWORD",
        0.88,
        rf"(?i:\b(?:{_CODE}|{_PASS})\b[^\n]{{0,80}}\n[^:\n]{{1,20}}:(?: (?:it['’]?s|its|it is|yes|yeah|sure|ok|okay|um|uh|so|the|code|is|here|you|go|got|i|that['’]?s|says?)[,.:]?)* )\K(?:[A-Z]-)?\d(?:[ -]?\d){{2,9}}(?=[.!]?\s*(?:$|thanks|thx))",
        cues=f"{PASS_CUES} {CODE_CUES}",
        digit=True,
        across=True,
    ),
    Rule(
        "PASSWORD",
        0.87,
        rf"(?i:\b{_PASS}\b[^\n]{{0,80}}\n[^:\n]{{1,20}}:(?: (?:it['’]?s|its|it is|yes|yeah|sure|ok|okay|um|uh|so|the|is|here|that['’]?s)[,.:]?)* )\K[^\s]{{4,40}}(?=[.!]?\s*$)",
        is_a_secret,
        cues=PASS_CUES,
        across=True,
    ),
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b{_NO_CODE}{_CODE}\b[^\n.?!\d]{{0,40}}? (?:is|was|says?|reads?|shows?|it['’]?s):? )\K(?:\d(?:[ -]?\d){{3,7}}(?![\w-]|[.,/:]\d)|(?i:{SAID}(?:[ ,-]+{SAID}){{2,9}}))(?!\w)",
        cues=CODE_CUES,
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\b(?:verification|confirmation|security|login|2fa|otp)(?: (?:number|no|is|was))*[: ]{1,2})\K\d{3}[- ]\d{3}(?![\w-]|[.,]\d)",
        cues="verif confirm secur login 2fa otp",
        digit=True,
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\b(?:sms|texts?|text message|texted|authenticator|whatsapp|app|e-?mail)(?: (?:me|you|that|it|just|i|got|came|has|had|which))* (?:said|says|say|shows?|showed|reads?|gave(?: me)?|sent(?: me)?|was|is|with)[: ]{1,2}[\"'“]?)\K(?:\d{3}[ -]\d{3}|\d{2}[ -]\d{2}[ -]\d{2}|\d{4,8})(?![\w-]|[.,/:]\d| ?(?:times?|days?|hours?|minutes?|mins?|rs|rupees|dollars?|items?|orders?)\b)",
        cues="sms text authenticator whatsapp app mail",
        digit=True,
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\b(?:backup|recovery|security|access|activation|unlock|login|one[- ]time|licen[cs]e|product|gift card|voucher|door|gate) (?:codes?|keys?)(?: (?:is|are|was|were|list|here))*[:= ]{1,2})\K[a-z\d]{3,8}(?:-[a-z\d]{2,8}){0,5}(?:(?:,| and|, and| or|;) [a-z\d]{3,8}(?:-[a-z\d]{2,8}){0,5}){0,9}(?![\w-])",
        is_code,
        cues="code key",
        digit=True,
    ),
    Rule(
        "PASSWORD",
        0.88,
        rf"(?i:(?:^|[.,;] |\b(?:my|the|and|your) )(?:{_PASS}|{_CODE})(?: (?:is|was))? ?[:=-]? *\n[>\s]*)\K[^\s]{{4,40}}(?=[.!]?\s*$)",
        is_a_secret,
        cues=f"{PASS_CUES} {CODE_CUES}",
        across=True,
    ),
    Rule(
        "PASSWORD",
        0.7,
        r"(?<![\w./@:#-])(?=[^\s]{0,30}[a-z])(?=[^\s]{0,30}[A-Z])(?=[^\s]{0,30}\d)\w[\w.-]{1,20}[!?*$%&^~=][\w!?*$%&^~=.-]{1,20}(?<![.?!-])!?(?![\w@])",
        is_password_shape,
        cues="! ? * $ % & ^ ~ =",
        digit=True,
    ),
    Rule(
        "SECURITY_ANSWER",
        0.86,
        r"(?i:\b(?:maiden name|first (?:pet|school|car|teacher|street|job|concert)|pet['’]s name|(?:security|secret) (?:question|answer|word)|memorable (?:word|name|place)|favou?rite (?:\w+)|(?:city|town) (?:were you|you were|of your) (?:born|birth)|code ?word)\b[^\n]{0,80}\n[^:\n]{1,20}:(?: (?:it['’]?s|it is|its|it was|was|yes|sure|ok|okay|that would be|is|um|uh)[,.:]?)* )\K\p{L}[\p{L}'’.-]+(?: \p{L}[\p{L}'’.-]+){0,2}(?=[.!]?\s*$)",
        is_asked_for,
        cues="name first pet question answer word favo memorable city town codeword",
        across=True,
    ),
    Rule(
        "SECURITY_ANSWER",
        0.87,
        r"(?i:\b(?:maiden name|(?:first|favou?rite|childhood|elementary|primary|high) (?:pet|teacher|car|school|street|colou?r|food|movie|book|friend|job|boss|concert|band|team)(?:['’]s name)?|(?:city|town) (?:i was|of) (?:born|birth)(?: in)?|security answer|secret answer|(?:pet|dog|cat|mother|father|mom|dad)['’]?s name)(?: (?:is|was|called))?[:,]? )\K(?!(?i:is|was|for|and|or|on|in|of|to)\b)\p{Lu}[\p{L}.]*(?:['’]\p{L}+)?(?: \p{Lu}[\p{L}'’-]+){0,3}",
        is_not_everyday,
        cues="maiden name first fav childhood answer elementary primary high city town",
    ),
    Rule(
        "PASSWORD",
        0.9,
        rf"(?i:\b(?:pass ?(?:word|code|phrase)|pwd)(?: (?:is|was|to|now|will be|should be|reset|set|changed|new|as))*[:=]? [\"'“‘]?)\K{SECRET}",
        is_not_english,
        cues="^pass ^pwd",
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\bpin(?: ?code| number)?(?: (?:is|was|to))*[:=]? )\K\d{4,8}(?!\w)",
        cues="^pin",
        digit=True,
    ),
    Rule(
        "SECURITY_ANSWER",
        0.86,
        r"(?i:\b(?:maiden name|(?:first|favou?rite|childhood) (?:pet|teacher|car|school|street|colou?r|food|movie|book|friend)(?:['’]s name)?|security answer|secret answer|pet['’]s name)(?: (?:is|was))?[:,]? )\K(?!(?i:is|was|for|and|or|on|in|of|to)\b)\p{L}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)?(?=[.,;!?]|\s|$)",
        is_not_everyday,
        cues="maiden name first fav childhood answer",
    ),
    Rule(
        "SECURITY_ANSWER",
        0.86,
        r"(?i:\b(?:maiden name|name of (?:your|the) first pet|first pet|pet['’]s name|security question|security answer|secret answer|favou?rite teacher)\b[^\n]{0,80}\n[^:\n]{1,20}: (?:(?:it['’]?s|it is|yes|sure|ok|okay|my mother['’]s|that would be|is)[,.:]? ){0,2})\K\p{L}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)?(?=[.,!]?(?:$|\s))",
        is_not_everyday,
        cues="name pet question answer teacher",
        across=True,
    ),
    Rule(
        "PASSWORD",
        0.89,
        rf"(?i:\bpass ?(?:word|code|phrase)(?: (?:is|was|to|it['’]?s))+[:]? )\K(?:\p{{L}}{{3,20}} )(?:\d{{1,6}}|{SAID_DIGIT}(?: {SAID_DIGIT})*)(?! ?(?:char|letter|digit|time|day|hour|minute|attempt|number|symbol)|\w)",
        is_said_secret,
        cues="pass",
    ),
    Rule(
        "PASSWORD",
        0.9,
        r"(?i:\b(?:cvv|cvc|cv2|security code|secret code|pin|otp|one time (?:code|password)|verification code|pass ?(?:code|word|phrase))(?: ?2)?(?: (?:code|no|number|num|is|was|of|for|on|my|the|this|that|card|debit|credit|account|it['’]?s))*[:=]? )\K\d{3,8}(?!\w|[-./:]\d| ?(?:times?|days?|hours?|minutes?|mins|char\w*|digits?|letters?)\b)",
        cues="^cv ^code ^pin ^otp ^pass",
        digit=True,
    ),
)
