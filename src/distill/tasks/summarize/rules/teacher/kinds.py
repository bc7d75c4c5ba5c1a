"""What a clause is about: noise by kind, topics of service, identifiers, and its weight."""

import re
from dataclasses import dataclass
from functools import lru_cache

_STAFF = (
    r"(?:agents?|humans?|persons?|people|representatives?|reps?|supervisors?|managers?|operators?"
    r"|advis[eo]rs?|specialists?|somebody|someone|anyone|colleagues?|staff|seniors?|executives?"
    r"|customer (?:service|care|support)|(?:the |your )?(?:service |support )?team|human being)"
)
_TALK = r"(?:speak|talk|chat|connect|transfer|put|pass|escalate|switch|hand|forward|reach|get hold)"
PATTERNS = {
    "agent": re.compile(
        rf"\b{_TALK}\w*\b(?: \w+){{0,6}}? (?:to|with|through|over"
        rf"|of)\b(?: \w+){{0,5}}? ?\b{_STAFF}\b"
        rf"|\b(?:want|need|prefer|like|get|have|give|find|bring|is there|rather)\b(?: \w+){{0,3}}?"
        rf" (?:real |live |human |actual |different |proper |a |an |the )*"
        rf"\b(?:agent|human|person|representative|rep|supervisor|manager|operator|advis[eo]r)\b"
        rf"|^(?:a |an )?(?:live |real |human |actual )*{_STAFF}(?: (?:please|now))*[?!]?$"
        rf"|\b(?:not|no)\b(?: \w+){{0,4}} (?:bots?|robots?|machines?|chatbots?)\b"
        rf"|\b(?:call|phone|ring) me\b|\b(?:human|agent|person) (?:call|contact)s? me\b"
        rf"|\bask(?:ing)? for (?:a|an) (?:\w+ )?{_STAFF}\b",
        re.IGNORECASE,
    ),
    "copy": re.compile(
        r"\bcop(?:y|ies)\b(?!(?: of)? (?:the |my |an? |this )?(?:invoice|receipt|bill|id|policy"
        r"|passport|contract|label|listing|order|police|original))(?=.*(?:mail|inbox|me\b|cc\b))"
        r"|\bcop(?:y|ies) of (?:this|my|the|what i) (?:web ?)?(?:form|message|request|submission"
        r"|e-?mail|wrote|sent)"
        r"|\b(?:(?:e-?)?mail|inbox|cc)\b.*\bcop(?:y|ies)\b(?! of (?:the |my |an? )?(?:invoice"
        r"|receipt))"
        r"|\b(?:mail|send|forward|cc) (?:me )?(?:what i (?:wrote|sent)|(?:this|my) (?:message|form"
        r"|request))\b",
        re.IGNORECASE,
    ),
    "transfer": re.compile(
        r"\btransferred\b|\bpassed (?:on|around|along|from)\b|\b(?:sent|moved|forwarded|referred"
        r"|redirected|directed) me (?:here|to (?:this|you|another))|\bto continue here\b"
        r"|\b(?:last|previous) (?:agent|colleague) (?:transferred|sent|passed|moved)\b",
        re.IGNORECASE,
    ),
    "rant": re.compile(
        r"\b(?:joke|worst|ridiculous|pathetic|disgrac\w+|waste of|shop elsewhere|bad reviews?"
        r"|loyal (?:customer|member)|only cares? about|incompeten\w+|outrageous|unaccept?able"
        r"|horrible|terrible (?:service|way|company)|scam(?:mers?)?|rip-?off|unbelievable|absurd"
        r"|consumer court|never (?:shop|order|buy|use|trust)\w* |other (?:sites|shops|stores)"
        r"|gets worse|used to be better|what they are doing|how i am treated|treat customers"
        r"|even (?:work|care)\b|read what we"
        r"|pain in|shameful|going downhill|tell (?:all )?my friends|personally responsible"
        r"|too much stress|drama|screwed|peanuts|total misrepresentation|disaster|nuts)\b",
        re.IGNORECASE,
    ),
    "mood": re.compile(
        r"\b(?:frustrat\w+|angry|upset|annoy\w+|furious|mad|irritated|disappoint\w+|fed up|livid"
        r"|unhappy|not happy|pissed|confus\w+|puzzled|stressed|stressful|worried|panick\w+|sad"
        r"|embarrassed|excited|disgusted|patience|happy|glad|at a loss|do not understand (?:this"
        r"|you|any|your))\b",
        re.IGNORECASE,
    ),
    "impatience": re.compile(
        r"\b(?:how many times|(?:second|third|fourth|fifth|2nd|3rd|hundredth|\w+th) time|come on"
        r"|seriously|all day"
        r"|still waiting|no answer from|already (?:told|said|explained)|again and again|so hard"
        r"|anybody there|anyone there|take so long|going on for|hurry|waiting for ages|joking"
        r"|kidding|just do it|figure it out|are you blind|do something)\b",
        re.IGNORECASE,
    ),
    "contact": re.compile(
        r"\bmy (?:full |last |first )?(?:name|e-?mail|phone|mobile|number|address|ssn|dni|iban|ip"
        r"|date of birth|birthday|card|national \w+|social \w+|bank account)\b(?: \w+){0,3} (?:is"
        r"\b|:)|\S@\S+\.\w|\bi (?:was born|live (?:at|in)|am (?:at|called|signed in|connecting))\b"
        r"|\b(?:reach|call|write to|mail|text) me (?:at|on)\b|\b\d{1,3}(?:\.\d{1,3}){3}\b"
        r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3}|\bdate of birth\b|\bgo by\b|(?-i:\b[A-Z]\w+ here$)"
        r"|^(?:this is|it is|my name is|i am)(?-i: [A-Z][\w'-]+){1,3}$|\bIP\b|(?:shipping"
        r"|mailing) address"
        r"|\b\d+[A-Za-z]?,? (?:\w+ ){0,3}(?:park|road|street|st\.|avenue|ave|apartments?|sector"
        r"|nagar|lane|floor|colony)\b"
        r"|\b(?:sector|plot|flat|block) \d+\b|\bpin(?:code)? \d|\bacc(?:ount)?(?: (?:no"
        r"|number))\b.*\d"
        r"|\b\d{6}\b\W*$|\bmy (?:no|cell)\b|address for|account for transfers|last (?:four"
        r"|4) digits|\bzip\b|\bmy numbr\b|\bid card\b|(?<!yet to )(?<!did not )(?:call|reach) me\b",
        re.IGNORECASE,
    ),
    "courtesy": re.compile(
        r"^(?:(?:hi|hello|hey|thanks?|thank|thx|cheers|bye|goodbye|regards|kind|best|many|warm|dear"
        r"|sincerely|yours|greetings|good (?:morning|afternoon|evening|day))\b.{0,60}"
        r"|.*\b(?:appreciat"
        r"\w+|have a (?:\w+ )?(?:day|one|evening|weekend)|hope (?:that )?you (?:can|are)"
        r"|can you help"
        r"|(?:need|want) (?:some |your )?(?:help|assistance)|please (?:help|advise|assist)(?: me)?"
        r"|quick question|kind of you|help me (?:please|out)|looking forward|for your (?:time|help)"
        r"|see below|please find below|let me (?:explain|describe|tell)|where else to turn"
        r"|in your help pages|the right topic|fill in this form|i will try to|first time that i"
        r"|look into (?:this|it|that)|wait(?:ing)? for (?:the|your) (?:email|reply)|sorry for"
        r"|no (?:that is|thats) all"
        r"|hold on|let me check|are you sure|make sure|okay|problem is this)\b.*)$",
        re.IGNORECASE,
    ),
}  # fmt: skip
_REPEATS = re.compile(
    r"^(?:as i (?:said|wrote(?: above)?|told|mentioned)|like i (?:said|told)|once (?:more|again)"
    r"|again,"
    r"|i repeat|in other words|to (?:repeat|put it plainly|say it again)|as (?:stated|described"
    r"|mentioned|i see it|said)|in short|let me repeat|i already (?:said|told you|explained)"
    r"|(?:i )?(?:just )?want to repeat|to sum up)[^,]{0,25}[, ]",
    re.IGNORECASE,
)
TOPICS = {
    "arrival": r"arriv|deliver|never came|not come|turn up|show(?:n|ed)? up|reach(?:ed)? me"
    r"|got nothing"
    r"|received nothing|not (?:here|received)|nowhere|nothing (?:has|came)|where is|never (?:got"
    r"|received)"
    r"|receive (?:any|it|my)|parcel",
    "damage": r"damag|broke|smash|crush|crack|shatter|scratch|torn|ruin|does not (?:work|turn)"
    r"|defect|faulty"
    r"|stopped working|cannot be used|switched on|turn on",
    "wrong": r"wrong|different|something else|instead|not (?:the|what)|mix(?:ed)?[ -]?up"
    r"|other than|as described"
    r"|match|description|as advertised|differs|counterfeit|fake|replica|genuine|authentic|original"
    r"|copy",
    "parts": r"missing|incomplete|not complete|without|part\b|parts\b|empty",
    "refund": r"refund|money|reimburs|credit",
    "return": r"return|send (?:it )?back|sent (?:it )?back|give it back|back to the seller|label"
    r"|exchange",
    "replace": r"replac|new one|exchange",
    "cancel": r"cancel|too late|by (?:mistake|accident)|do not want the order",
    "tracking": r"track|stuck|moved|customs|depot|lost|out for delivery|does not move|no news",
    "payment": r"payment|pay\b|charge|card|declin|transaction|invoice|paid|authoriz|tax|receipt",
    "account": r"account|log ?in|logging in|sign(?:ing)? in|password|locked|suspend|username|hack"
    r"|access",
    "unpaid": r"not (?:pay|paid)|unpaid|never paid|no payment",
    "listing": r"listing|relist|listed|online|policy|photos?|auction",
    "fee": r"fee|fees|billed|subscription|overcharg|charged me",
    "payout": r"payout|funds|paid out|earnings|on hold|held",
    "coupon": r"coupon|voucher|discount|code|gift card|offer|promo",
    "case": r"case|appeal|decision|decided|evidence|claim|chargeback",
    "feedback": r"feedback|rating|review",
    "delay": r"late|delay|overdue|waiting|expected|promised",
}
_TOPICS = {name: re.compile(rf"\b(?:{cues})", re.IGNORECASE) for name, cues in TOPICS.items()}
# Identifier by its label, then by its form.
_LABELLED = {
    "order number": r"order(?: (?:id|number|no\.?|num))?",
    "item number": r"item(?: (?:id|number|no\.?))?|listing(?: number)?",
    "return number": r"return(?: (?:id|number|no\.?))?|\brma",
    "case number": r"case(?: (?:id|number|no\.?))?|ticket(?: number)?",
    "transaction id": r"transaction(?: (?:id|number))?|payment",
    "tracking number": r"tracking(?: (?:id|number))?",
}
_CODE = r"#?([A-Z]{0,4}[\d][\w-]{3,}[\w])"
_VALUES = [
    (
        name,
        re.compile(
            rf"\b(?:{label})(?: is| was| has)?(?: the number| called)?[\s:#(]*{_CODE}", re.I
        ),
    )
    for name, label in _LABELLED.items()
]
_PLAIN_CODE = re.compile(r"(?<![\w$€£₹.,/@-])#?((?:[A-Z]{1,4}-?)?\d[\d-]{5,}[\dA-Z])(?![\w/@-])")
PRICE = re.compile(
    r"(?:[$€£₹]|\bRs\.? ?|\bINR )\s?\d[\d,]*(?:\.\d+)?|\b\d[\d,]*(?:\.\d+)? (?:USD|EUR|GBP|INR"
    r"|rupees|dollars|euros|pounds)\b"
)
DATE = re.compile(
    r"\b(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?"
    r"|\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{2}-\d{2})\b",
    re.IGNORECASE,
)
_BARE_VALUE = re.compile(
    r"^(?:(?:the|my|this|it|that|there|on|in|this is|shows?|is|about|concerns?|already|a|has|of"
    r"|number|you can find it|under|as|filed|i opened|for|regarding|ref|reference|hi|hello"
    r"|statement"
    r"|order|item|return|case|transaction|payment|id|no|listing|tracking|with|and|was|sure|yes|ok)"
    r"[\s:,.#-]*)*#?[\w-]*\d[\w-]*[\s.,!:]*$",
    re.IGNORECASE,
)
_AMOUNT_ONLY = re.compile(
    r"^(?:(?:the|my|it|this|that|was|is|about|in total|total|amount|price|of|for|paid|sum|over"
    r"|exactly|around|sale|charge|label)[\s:]*)+$",
    re.IGNORECASE,
)


_DATE_ONLY = re.compile(
    r"^(?:it|this|that|the date) (?:was|happened)(?: \w+,)?(?: i think)?(?: on"
    r"| \w+ \w+, i think on)? ?(.{3,20})$",
    re.IGNORECASE,
)
_USERNAME_ONLY = re.compile(
    r"^(?:my |the |it is about the |for the )?(?:user ?name|user ?id|user|account in question"
    r"|login)"
    r"(?: is called| is|:)? ([\w.-]*[\d._-][\w.-]*)$",
    re.IGNORECASE,
)
_ROLE_ONLY = re.compile(
    r"^i am (?:(?:writing|here) as )?(?:an?|the) (?:buyer|seller)(?: (?:here|on (?:your"
    r"|this) site))?$",
    re.I,
)


@dataclass(frozen=True)
class Value:
    """An identifier with its label; the label is "" where the text does not say its kind."""

    label: str
    text: str


def kind(clause: str) -> str:
    """Return the kind of noise that the clause is, "" for a fact or a request."""
    if _ROLE_ONLY.match(clause):
        return "role"
    for name, pattern in PATTERNS.items():
        if pattern.search(clause) and not _outweighs(name, clause):
            return name
    return ""


_REASON = re.compile(
    r"\b(?:frustrated|angry|upset|annoyed|furious|disappointed|mad|confused|livid|unhappy|worried"
    r"|irritated|fed up)\b(?: \w+){0,2}? (?:that|because|since|as)\b",
    re.IGNORECASE,
)


def _outweighs(name: str, clause: str) -> bool:
    """Return whether the clause holds a fact that matters more than its noise."""
    if name in ("rant", "impatience", "courtesy", "transfer"):
        return bool(values(clause) or PRICE.search(clause)) or (
            name in ("rant", "impatience") and len(topics(clause)) > 1 and len(clause.split()) > 6
        )
    if name == "mood":
        rest = len(clause.split()) - 5
        return rest > 0 and not _REASON.search(clause) and bool(values(clause) or topics(clause))
    return (
        name == "contact"
        and bool(topics(clause) & {"account"})
        and not re.search(r"@|bank|IBAN|[A-Z]{2}\d{2}", clause)
    )


@lru_cache(maxsize=4096)
def topics(text: str) -> frozenset[str]:
    """Return the topics of service that the text speaks of."""
    return frozenset(name for name, pattern in _TOPICS.items() if pattern.search(text))


def without_topics(text: str) -> str:
    """Return the words of the text that belong to no topic."""
    return " ".join(word for word in text.casefold().split() if not topics(word))


def values(text: str) -> list[Value]:
    """Return the text's identifiers in order of their labels."""
    found = [Value(name, match[1]) for name, p in _VALUES for match in p.finditer(text)]
    known = {value.text for value in found}
    return found + [Value("", m[1]) for m in _PLAIN_CODE.finditer(text) if m[1] not in known]


def announces_repeat(text: str) -> bool:
    """Return whether the sentence says of itself that it repeats."""
    return bool(_REPEATS.match(text))


def only_value(clause: str) -> bool:
    """Return whether the clause gives an identifier and nothing else."""
    return bool(values(clause)) and bool(_BARE_VALUE.match(clause))


def only_date(clause: str) -> str:
    """Return the date of a clause that says when something happened and nothing else."""
    match = _DATE_ONLY.match(clause)
    return match[1].strip(" ?") if match and DATE.search(match[1]) else ""


def only_username(clause: str) -> str:
    """Return the username of a clause that gives a username and nothing else."""
    match = _USERNAME_ONLY.match(clause)
    return match[1] if match else ""


def only_amount(clause: str) -> str:
    """Return the price of a clause that gives a price and nothing else, "" for others."""
    match = PRICE.search(clause)
    rest = clause.replace(match[0], " ").strip(" .!") if match else clause
    return match[0] if match and (not rest or _AMOUNT_ONLY.match(rest)) else ""


def weight(clause: str) -> int:
    """Return how much the clause matters to the next agent."""
    named = len(values(clause)) + bool(PRICE.search(clause))
    wishes = bool(
        re.search(r"\b(?:want|need|please|refund|would like|can (?:you|i)|how)\b", clause, re.I)
    )
    return (
        3 * named
        + 2 * bool(DATE.search(clause))
        + 2 * min(len(topics(clause)), 2)
        + 2 * wishes
        + (len(clause.split()) > 5)
    )
