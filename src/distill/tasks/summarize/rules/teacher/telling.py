"""A customer's clause as a point of the summary, in the teacher's own words.

"Where is my parcel" -> "Customer asks where the parcel is"; "Please send me a label" -> "Customer
requests a label"; "You took down my listing" -> "Customer's listing was taken down".
"""

import re

from distill.tasks.summarize.rules.teacher import words
from distill.tasks.summarize.rules.teacher.person import third

_VERBS = "|".join(sorted(words.BASE, key=len, reverse=True))
_BE = "is|are|was|were"
_AUX = "is|are|was|were|has|have|will|would|can|could|should|do|does|did|must|may"
_I = "(?:i|we)"
_POLITE = re.compile(
    rf"^(?:please|kindly)\s+|^(?:can|could|would|will)\s+(?:you|someone|somebody|anyone)"
    rf"(?:\s+(?:please|kindly|just|also|possibly|maybe|at least))*\s+(?=(?:{_VERBS})\b)"
    rf"|^i (?:would like|want|need|ask|expect|request) you(?: guys| people)? to\s+",
    re.IGNORECASE,
)
_PLEASE = re.compile(r"\s*,?\s*\b(?:please|kindly|just)\b,?", re.IGNORECASE)
_COMMAND = re.compile(
    r"^(?:just )?(?!(?:return|order|refund|case|change|close|repair|block) [\d#]"
    r"|(?:return|order|refund) (?:not|delay|of|request|status|to|still|or)\b"
    r"|refund (?=.*\b(?:not|pending|still|rejected|delayed)\b)|\w+ (?:is|was|has|number)\b)(?:send"
    r"|give|get|refund|cancel|replace|fix|check|make|tell|let|do(?! (?:i|you|we|they|not)\b)|try"
    r"|arrange"
    r"|process|resend|reship|ship|deliver|return|update|explain|confirm|look|find|help|stop|remove"
    r"|unlock|reset|change|return|credit|investigate|expedite|resolve|escalate|call|email|keep"
    r"|take|put|release|reopen|restore|transfer|reimburse|waive|pay|connect|assist|provide"
    r"|advise|have|block|delete|ask|reverse|close|apply|repair|exchange)\b",
    re.IGNORECASE,
)
_MAY_I = re.compile(rf"^(?:can|could|may|should|do|must|shall|will|would|am) {_I} (.+)", re.I)
_HOW_TO = re.compile(
    rf"^(how|where|what|which \w+) (?:can|could|do|should|may|must|shall|would) {_I} (.+)", re.I
)
_WH_I = re.compile(
    rf"^(when|why|how long|how much|until when|where|what) (?:({_AUX}|am)) {_I} (.+)", re.I
)
_WH = re.compile(
    rf"^((?:by |until |since |for )?(?:where|when|why|what|how|who|which|whose)"
    rf"(?: (?:long|much|many|soon|often|far|come|else))?(?: (?!{_AUX})[\w-]+){{0,2}}?)"
    rf" ({_AUX}) (.+)",
    re.IGNORECASE,
)
_WH_SUBJECT = re.compile(rf"^(?:who|what|which \w+) (?!{_AUX})\w+s\b .+", re.I)
_YES_NO = re.compile(rf"^({_AUX}) (.+)", re.I)
_PRONOUN = re.compile(r"^(?:it|this|that|there|they|he|she|you|these|those|i|we)\b", re.I)
_PREDICATE = re.compile(
    r"(?<! i)\s(so|too|not|still|going|being|always|taking|coming|showing|wrong|right|there|here"
    r"|late"
    r"|high|low|available|possible|open|missing|gone|blocked|held|different|delayed|stuck|worth"
    r"|valid|responsible|locked|refused|\w{3,}ed|back|due|supposed|on hold)\b",
    re.IGNORECASE,
)
_IF = re.compile(
    r"^if (.+?)(?:, (?:then )?|\s+(?=(?:please|i (?:want|need|would)|just give)\b))(.+)$",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"^(?:please )?(?:tell|let|show|inform|explain|advise)(?: to)?(?: me| us)?(?: know| about)?"
    r"(?= (?:what|why|when|where|how|which|who|whether|if|(?:the|your) (?:exact )?(?:reason"
    r"|status))\b)\s+",
    re.IGNORECASE,
)
_SEND = re.compile(r"^(?:send|give|get|provide|email|issue|make) (?:me|us)(?: with)? (.+)", re.I)
_SELLER = re.compile(
    r"^(?:ask|make|get|have|tell) (the (?:seller|buyer)|them|him|her) (?:to )?(.+)", re.IGNORECASE
)
_REFUND = re.compile(r"^(?:refund|reimburse|credit)(?: (?:me|us))?(?: for)? (.+)", re.IGNORECASE)
_NO_NOUN = re.compile(r".* and |(?:in|to|shows?|still|not|on|if|when|by|is|was)\b", re.IGNORECASE)
_AMOUNT = re.compile(
    r"^(?:the |my )?(?:full |entire |whole )?(?:[$€£₹]|\d|amount|price|diff|money)", re.I
)
_VAGUE = re.compile(
    r"^(?:do|try|fix|sort|check|handle|hurry|look|make it|confirm|resolve|solve|escalate|be) ?"
    r"(?:it|that|this|anything|something|me|up|into|out|fast|quick|happen|sure|really"
    r"|now)?\b(?: \w+){0,3}$",
    re.IGNORECASE,
)
_MADE = re.compile(r"^have (.+)", re.IGNORECASE)
_ACTOR = re.compile(
    r"^(?:you|they|somebody|someone)(?: people| guys)? (?:have |has |had )?(?:just |already |now )?"
    r"(\w+)(?: (down|off|out|up|away|back))? ((?:my|our|the|me|us)\b.*)",
    re.IGNORECASE,
)
_TO_ME = re.compile(r"^(?:me|us)\b ?(.*)", re.IGNORECASE)
_NOUN_ENDS = re.compile(
    r"\s(?:and|but|from|on(?! (?:my|our))|at|in|by|with|because|although|without|to|last|yesterday"
    r"|today|since|again|twice|as|when|after|before|until|while|that)\s",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^(?:received|got|ordered|bought|returned|paid|tried|called|checked|contacted|purchased|sent"
    r"|asked|spoke|requested|reported|applied|need|want|paid|waiting|opened|noticed|only received"
    r"|only got|never received|never got|still waiting|still have|have not|did not|cannot|could not"
    r"|was (?:told|promised|charged|expecting)|been waiting|expecting|looking)\b",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"^((?:my |the )?(?:refund|order|item|product|payment|parcel|package|money|delivery))"
    r" (?:is )?(?:still )?not (?:yet |been )?(\w+ed)\b",
    re.IGNORECASE,
)
_ORDER_RECEIVED = re.compile(
    r"^(order(?: (?:id|number|no\.?))?[:\s]*#?[\w-]*\d[\w-]*) received(?= with| in| damaged"
    r"| broken)",
    re.I,
)
_NO_SUBJECT = re.compile(
    r"^(?:still |only )?(?:no|nothing|not a single)\b(?!.*\b(?:is|was|has|came|comes|arrived|got"
    r"|were|will|happened|works?)\b)",
    re.I,
)


def point(clause: str) -> str:
    """Return the point that tells the clause, "" where the teacher cannot reword it."""
    asks, text = clause.endswith("?"), clause.rstrip("?").strip()
    wish = _wish(text)
    if wish or _POLITE.search(text):
        return _whole(wish)
    question = _question(text, asks)
    return _whole(question or (_statement(text) if not asks else ""))


def _wish(text: str) -> str:
    if (condition := _IF.match(text)) and (wish := _wish(condition[2])):
        return f"{wish} if {third(condition[1], True)}"
    shown = _SHOWN.sub("", text)
    if shown != text:
        return f"Customer wants to know {_known(shown)}"
    if re.match(r"i (?:want|need|would like|expect)\b", text, re.IGNORECASE) and not _POLITE.match(
        text
    ):
        return third(text)
    polite = _PLEASE.sub("", _POLITE.sub("", text)).strip()
    asked = bool(_POLITE.search(text)) or "please" in text.casefold()
    if asked and re.match(r"(?:i|my|the|it|is|this)\b", polite, re.IGNORECASE):
        return ""
    if not (asked or _COMMAND.search(polite)):
        return ""
    return _request(polite)


def _request(verb_phrase: str) -> str:
    """Return the point of a wish: "send me a label" -> "Customer requests a label"."""
    for form in (_knowledge, _thing, _of_the_seller, _refund, _done):
        if told := form(verb_phrase):
            return told
    verb, _, rest = verb_phrase.partition(" ")
    if _VAGUE.match(verb_phrase) or verb.casefold() in _NO_VERB or not (verb.isalpha() and rest):
        return ""
    return f"Customer asks support to {_small(third(verb_phrase, True))}"


_NO_VERB = frozenset(
    words.listed("the a an my our no not as for this that it its help advise be so in on at to")
)


def _knowledge(verb_phrase: str) -> str:
    shown = _SHOWN.sub("", verb_phrase)
    return f"Customer wants to know {_known(shown)}" if shown != verb_phrase else ""


def _thing(verb_phrase: str) -> str:
    match = _SEND.match(verb_phrase)
    return f"Customer requests {third(match[1], True)}" if match else ""


def _of_the_seller(verb_phrase: str) -> str:
    match = _SELLER.match(verb_phrase)
    return f"Customer wants {match[1].lower()} to {third(match[2], True)}" if match else ""


def _refund(verb_phrase: str) -> str:
    match = _REFUND.match(verb_phrase)
    if not match or _NO_NOUN.match(match[1]):
        return ""
    if match[1].casefold() in ("it", "this", "that", "also", "now", "me"):
        return "Customer requests a refund"
    link = "of" if _AMOUNT.match(match[1]) else "for"
    return f"Customer requests a refund {link} {third(match[1], True)}"


def _done(verb_phrase: str) -> str:
    match = _MADE.match(verb_phrase)
    return f"Customer wants {third(match[1], True)}" if match else ""


def _question(text: str, asks: bool) -> str:
    forms = (_may_they, _how_to, _what_if, _they_asked, _wh_asked)
    if told := next((told for form in forms if (told := form(text))), ""):
        return told
    if asks and _WH_SUBJECT.match(text):
        return f"Customer asks {_small(third(text, True))}"
    if asks and (match := _YES_NO.match(text)):
        return f"Customer asks whether {_inverted(match[1].lower(), match[2])}"
    return ""


def _may_they(text: str) -> str:
    match = _MAY_I.match(text)
    if not match:
        return ""
    modal = "should " if text.casefold().startswith(("should", "shall")) else "can "
    verb = match[1].split(" ", 1)[0].casefold()
    if text.casefold().startswith("do ") or verb not in words.BASE | words.ADVERBS | {"be"}:
        modal = ""
    return f"Customer asks whether they {modal}{third(match[1], True)}"


def _how_to(text: str) -> str:
    match = _HOW_TO.match(text)
    return f"Customer asks {match[1].lower()} to {third(match[2], True)}" if match else ""


def _what_if(text: str) -> str:
    match = re.match(r"what (?:happens )?if (.+)", text, re.IGNORECASE)
    return f"Customer asks what happens if {third(match[1], True)}" if match else ""


def _they_asked(text: str) -> str:
    match = _WH_I.match(text)
    if not match:
        return ""
    aux = match[2].lower()
    verb, _, rest = match[3].partition(" ")
    verb = words.past(verb) if aux == "did" and verb in words.BASE else verb
    aux = {"am": "are", "was": "were", "do": "", "did": ""}.get(aux, aux)
    return f"Customer asks {match[1].lower()} they {aux} {third(f'{verb} {rest}'.strip(), True)}"


def _wh_asked(text: str) -> str:
    match = _WH.match(text)
    if not match or _WH_SUBJECT.match(text):
        return ""
    return f"Customer asks {match[1].lower()} {_inverted(match[2].lower(), match[3])}"


def _known(text: str) -> str:
    """Return an indirect question: "what is the plan" -> "what the plan is"."""
    match = _WH.match(text)
    direct = match and " " not in match[1] and match[2].lower() in ("is", "are")
    if match and direct and not _PREDICATE.search(match[3]):
        return f"{match[1].lower()} {_inverted(match[2].lower(), match[3])}"
    return _small(third(text, True))


def _inverted(aux: str, rest: str) -> str:
    """Return "the parcel is" for ("is", "my parcel"), "it takes long" for ("does", "it take")."""
    noun, predicate = _subject(aux, rest)
    noun = re.sub(r"^(?:my|our)\b", "the", noun, flags=re.IGNORECASE)
    noun = re.sub(r"^you\b", "the company", noun, flags=re.IGNORECASE)
    noun, predicate = _small(third(noun, True)), third(predicate, True)
    verb, _, after = predicate.partition(" ")
    if aux == "does" and verb in words.BASE:
        aux, predicate = "", f"{words.singular(verb)} {after}"
    elif aux == "did" and verb in words.BASE:
        aux, predicate = "", f"{words.past(verb)} {after}"
    elif aux == "do" and verb in words.BASE:
        aux, predicate = "", f"{words.singular(verb)} {after}" if "company" in noun else predicate
    if noun == "the company":
        aux = {"are": "is", "have": "has", "were": "was"}.get(aux, aux)
    return " ".join(f"{noun} {aux} {predicate}".split())


def _subject(aux: str, rest: str) -> tuple[str, str]:
    pronoun = _PRONOUN.match(rest)
    if pronoun and not (aux in _BE.split("|") and re.match(r"(?:this|that) [a-z]+\s*$", rest)):
        return pronoun[0], rest[pronoun.end() :].strip()
    if aux in _BE.split("|") or aux in ("has", "have"):
        match = _PREDICATE.search(rest)
        return (rest[: match.start()], rest[match.start() :].strip()) if match else (rest, "")
    tokens = rest.split()
    for at in range(1, len(tokens)):
        if tokens[at].casefold() in words.BASE | {"be", "have", "not"}:
            return " ".join(tokens[:at]), " ".join(tokens[at:])
    return rest, ""


def _statement(text: str) -> str:
    if passive := _passive(text):
        return passive
    if _NO_SUBJECT.match(text):
        lacking = re.sub(r"^still ", "", text, flags=re.IGNORECASE)
        still = " still" if lacking != text else ""
        return f"There is{still} {_small(third(lacking, True))}"
    if _BARE.match(text):
        verb = re.sub(
            r"^(still |been )?(waiting|expecting|looking)\b", r"am \1\2", text, flags=re.I
        )
        return third(f"I {verb[:1].lower()}{verb[1:]}")
    text = re.sub(
        rf"^i am (?:writing|contacting you|reaching out)(?: to you)? to (?=(?:{_VERBS})\b)",
        "I ",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"\bexpress (?:my|our) (?:\w+ )?(?:dissatisfaction|frustration|disappointment|concern"
        r"|anger)"
        r" (?:with|about|over|regarding|at)\b",
        "complain about",
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(r"^i am writing (?=about|regarding)", "I am asking ", text, flags=re.IGNORECASE)
    text = _NOT_DONE.sub(r"\1 has not been \2", text)
    text = _ORDER_RECEIVED.sub(r"I received \1", text)
    text = re.sub(
        r"^(?:my|the) order(?: (?:id|number|no\.?))?[ :#]+(?=[\w-]*\d)", "Order ", text, flags=re.I
    )
    return third(text)


def _passive(text: str) -> str:
    """Return "Customer was sent a lamp" for "They sent me a lamp", "" where it does not apply."""
    match = _ACTOR.match(text)
    if not match or not words.is_past(match[1].casefold()) or match[1].casefold() in _STATES:
        return ""
    done = words.participle(match[1].casefold())
    particle = f" {match[2].lower()}" if match[2] else ""
    if me := _TO_ME.match(match[3]):
        return f"Customer was {done}{particle} {third(me[1], True)}".strip()
    noun, rest = match[3], ""
    if end := _NOUN_ENDS.search(noun):
        noun, rest = noun[: end.start()], noun[end.start() :]
    were = "were" if re.search(r"[a-rt-z]s$", noun) and not noun[-1].isdigit() else "was"
    told = third(noun)
    return f"{told} {were} {done}{particle} {third(rest.strip(), 'ustomer' in told)}".strip()


_STATES = frozenset(words.listed("had said told were was did wanted needed seemed came went"))


def _small(text: str) -> str:
    """Return the text with a small first letter, unless it starts with a name or an "I"."""
    first = text.split(" ", 1)[0]
    if first.casefold() in _SMALL or first.casefold().rstrip("s") in _SMALL:
        return text[:1].lower() + text[1:]
    return text


_SMALL = (
    frozenset(
        words.listed(
            """the a an this that these those there their they it its no nothing order item return
            case transaction customer customer' refund payment please what when where who why
            how which whether if only some something somebody nobody all every each instead more"""
        )
    )
    | words.BASE
    | words.PAST
    | words.AUXILIARIES
    | words.ADVERBS
)


def _whole(text: str) -> str:
    """Return the point with a capital first letter and single blanks."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] if not re.match(r"[a-z]+[A-Z\d]", text) else text
