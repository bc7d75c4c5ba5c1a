"""Patterns of the wording of a single sentence or bullet, and its weight for the next agent."""

import re
from collections.abc import Callable
from functools import lru_cache

from distill.tasks.summarize.format import NOTHING
from distill.tasks.summarize.reading import entities, moods
from distill.tasks.summarize.reading.words import announces_repeat, strip, words

_PERSON = (
    r"(?:human(?: being)?|(?:\w+ )?agents?|(?:(?:live|real|actual|proper|human) )+\w+|person"
    r"|representatives?|reps?|supervisor|manager|operator|advis[oe]r|associate|colleague"
    r"|specialist|someone|somebody|anyone|anybody|staff|(?:customer )?(?:support"
    r"|service)(?: team)?|a real one)\b"
)
_AGENT = re.compile(
    rf"""\b(?:speak|talk|chat(?!\ between)|connect|transfer|to\ be\ (?:connected|transferred|put)
            |(?:put|pass|hand|switch)\ (?:me|us)|reach|escalated?
            |get\ (?:me|us|hold\ of|in\ touch)|contact\ with)\b
        [^.!?]{{0,30}}?\b{_PERSON}
    | \b(?:want|need|wants|needs|give\ me|get|prefer|like|rather\ have|is\ there|are\ there|have
            |requests?|requested|asks?\ for|asked\ for|asking\ for|demands?|insists?\ on|where\ is)
        \ (?:an?\ |the\ |some\ |your\ |to\ )?(?:(?:live|real|actual|human|different)\ )*
        (?:human|agent|person|representative|rep|supervisor|manager|operator|advis[oe]r)\b
    | \b(?:live|real|human|actual)\ (?:agent|person|human|being|rep|representative|support)\b
        .{{0,20}}\b(?:please|pls|plz|now)\b
    | ^\W*(?:(?:please|pls|an?|live|real|human|agent|representative|operator|person|now|again
            |speak|talk|to|i|said|just)\W+)*(?:human|agent|representative|operator|person)
        (?:\W+(?:please|pls|plz|now|again))*\W*$
    | \bnot\ (?:to\ )?(?:an?\ |this\ |some\ )?(?:bot|robot|machine|chatbot)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TRANSFER = re.compile(
    r"\b(?:transferr(?:ed|ing)|transfers?\b.{0,30}\b(?:agent|colleague|team|specialist|department)"
    r"|(?:hand(?:ed|ing)?|pass(?:ed|ing)?) (?:\w+ ){0,3}(?:over|on) (?:to|from)|connecting you"
    r"|(?:being|was|were|been|be|get) (?:connected|forwarded|redirected|routed)\b"
    r"|(?:colleague|agent|team|they)\b.{0,20}\b(?:sent|moved|forwarded) me\b|continue here"
    r"|(?:next|another|different) (?:agent|representative|colleague|department))",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"\bcop(?:y|ies)\b(?!\s+of\s+(?:(?:the|my|an?|this|that|your)\s+)?(?:invoice|receipt|label|bill"
    r"|id|passport|contract|statement|warranty|manual|order|book|policy|proof|photo|listing))",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"\b(?:e-?mail|inbox|mailbox|mail|send|sent|forward|cc|receive|get|want|like)\w*\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\b(?:hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear|thanks?"
    r"|thank you|thx|ty|cheers|appreciated?|regards|best wishes|sincerely|yours|have a \w+ (?:one"
    r"|day|evening|weekend)|bye|goodbye|you(?:'re| are) welcome|nice to meet you|how are you"
    r"|thanking you|looking forward|(?:please find|see) below|(?:let me|i will) (?:describe"
    r"|explain|tell you|try to be)|hope (?:that )?you can help|to fill in this form"
    r"|can you help me|need (?:some |your )?help|quick question|that is kind)\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"\b(?:there|team|sir|madam|in advance|so much|much|a lot|many|kind|best|warm|help|helping"
    r"|support|time|assistance|quick|reply|patience|day|hope|you|well|everyone|again|for now"
    r"|looking|having|into|this|good|great|nice|have)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\W*(?:thank|thanks|i hope|hope|please find|let me|i will (?:describe|explain|try)"
    r"|i was told)\b",
    re.IGNORECASE,
)
_RANT = re.compile(
    r"\b(?:worst|terrible|awful|horrible|pathetic|useless|ridiculous|joke|disgrac\w+"
    r"|shame(?:ful)?|incompeten\w+|scam(?:mers?)?|rip-?off|unbelievable|unaccept\w+|absurd"
    r"|outrageous|nonsense|crap|nothing (?:ever )?works|these days|never (?:again|shop|buy|use"
    r"|order)\w*|you (?:people|guys|lot)|(?:nobody|no ?one|does anyone)(?: \w+)? (?:cares?"
    r"|listens?|knows?|works?)|waste of (?:my )?(?:time|money)|going downhill"
    r"|used to be (?:better|good)|gets? worse|what(?:'s| is) wrong with|don't care|only care|wtf"
    r"|every (?:single )?(?:time|year)|(?:shop|buy|go) elsewhere|tell (?:all )?my friends"
    r"|bad reviews?|loyal (?:customer|member)|other (?:sites|shops|companies|stores))\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"^\W*(?:(?:here is )?my (?:full |first |last |credit |debit |shipping )?(?:name|e-?mail"
    r"|phone|mobile|number|address|username|user ?id|card|iban|bank account|ip|date of birth"
    r"|birthday|ssn|social security|national insurance|ni|dni)(?: number| address)?(?: is\b|,|:)"
    r"|the (?:shipping address|address for mails|account for transfers"
    r"|number of my \w+ id card) is\b|(?:for the record, )?i (?:am at|live at|live in|was born"
    r"|am signed in as|am connecting from|use the card|go by)\b|.{0,25}\b(?:reach|write to|call"
    r"|mail) me (?:at|on)\b|date of birth\b|(?:my name is|this is|you are chatting with|i(?: a"
    r"|['’])m)(?-i: [A-Z]\S+){1,3}\W*$|(?-i:[A-Z]\S+(?: [A-Z]\S+)? here\W*$)"
    r"|i am [\w.-]*[\d._-][\w.-]* (?:on|here)\b)|\S@\S+\.\w|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,}|\bIP\b",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\b(?:(?:second|third|fourth|fifth|last) time|how many times|times!|seriously|come on"
    r"|already (?:told|said|asked|wrote|explained)|still (?:waiting|no answer|nothing|not)"
    r"|all day|again and again|going on for|take so long|so hard|anybody there|anyone there"
    r"|how long|fed up|this is taking)\b",
    re.IGNORECASE,
)
_ISSUE = re.compile(
    r"\b(?:never|not|no|n't|hasn't|haven't|didn't|isn't|wasn't|won't|can't|cannot|nothing|without"
    r"|broke\w*|damag\w+|defect\w*|fault\w*|crack\w*|missing|lost|late|delay\w*|wrong|different"
    r"|fake|counterfeit|incorrect|fail\w*|reject\w*|refus\w+|declin\w+|charged?|paid|overcharg\w+"
    r"|twice|cancel\w*|return\w*|refund\w*|replac\w+|exchang\w+|deliver\w*|ship\w*|arriv\w+"
    r"|receiv\w+|got|order\w*|bought|purchas\w+|sold|sent|list(?:ed|ing)|stuck|block\w*"
    r"|suspend\w*|lock\w*|error|stop\w*|empty|used|open\w*|torn|scratch\w*|stain\w*|leak\w*|size"
    r"|colou?r|track\w*|parcel|package|payment|password|account|fee|fees|invoice|label|address"
    r"|discount|coupon|warranty|dispute)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:want|wants|need|needs|would like|i'd like|wish|expect|request\w*|ask\w*|demand\w*"
    r"|please|pls|plz|can (?:you|u|i)|could (?:you|u|i)|how (?:do|can|long|much)|where|when|why"
    r"|what|help me|help with|let me know|tell me|check|how to|is it possible|may i|should i"
    r"|do i)\b",
    re.IGNORECASE,
)

_WISH = re.compile(
    r"\b(?:want|need|would like|i'd like|please|pls|plz|expect|how)\b", re.IGNORECASE
)
_NO_DETAILS = re.compile(
    r"\b(?:no|without) (?:\w+ ){0,4}(?:details?|information|number|id|reason"
    r"|specifics)\b(?: \w+){0,2} (?:given|provided|mentioned|specified|stated|shared|available)\b"
    r"|\b(?:did|does|has|have|was|were|is|are) ?(?:not|n't) (?:been )?(?:provide|specif|mention"
    r"|state|give|share|includ|disclos)\w*|\bunspecified\b|\black of (?:specific "
    r"|further )?details\b",
    re.IGNORECASE,
)


def asks_for_agent(text: str) -> bool:
    """Return whether the text asks for a human agent."""
    return bool(_AGENT.search(text))


def reports_transfer(text: str) -> bool:
    """Return whether the text reports a transfer to another agent."""
    return bool(_TRANSFER.search(text)) and not asks_for_agent(text)


def asks_for_copy(text: str) -> bool:
    """Return whether the text asks for a copy of the message by e-mail, not of an invoice."""
    return bool(_COPY.search(text)) and bool(_MAIL.search(text))


def is_courtesy(text: str) -> bool:
    """Return whether the text is a greeting, thanks or a farewell with at most a name."""
    if not _COURTESY.search(text) or entities.find(text):
        return False
    if _OPENING.search(text) and not _ISSUE.search(text):
        return True
    remainder = _FILLER.sub(" ", _COURTESY.sub(" ", text))
    return len(words(remainder)) <= 1 or all(not word[0].islower() for word in remainder.split())


def is_rant(text: str) -> bool:
    """Return whether the text is a general complaint, without an identifier or an issue."""
    if not _RANT.search(text) or entities.find(text):
        return False
    return not _ISSUE.search(_RANT.sub(" ", text)) and not _WISH.search(text)


def gives_contact(text: str) -> bool:
    """Return whether the text only gives the customer's name or contact data."""
    return bool(_CONTACT.search(text)) and len(text.split()) <= 15


def is_outburst(text: str) -> bool:
    """Return whether the text is impatience without a fact: "This is the third time!"."""
    if entities.find(text) or len(words(text)) > 4:
        return False
    return bool(_WEAK.search(text)) and not announces_repeat(text)


def lacks_details(text: str) -> bool:
    """Return whether the text remarks that details are missing."""
    return bool(_NO_DETAILS.search(text)) and not re.search(r"\bI\b|\bmy\b", text)


@lru_cache(maxsize=8192)
def weight(sentence: str) -> int:
    """Return a sentence's weight for the next agent: 0 for none, 4 or more for a point."""
    count, named = len(words(sentence)), entities.find(sentence)
    if not count and not named:
        return 0
    if any(is_noise(sentence) for is_noise in (is_courtesy, is_rant, is_outburst, gives_contact)):
        return 0
    points = 2 * bool(_ISSUE.search(sentence)) + bool(_REQUEST.search(sentence))
    points += sum(1 if entity.kind in ("price", "date", "other") else 3 for entity in named)
    return points + (count >= 2) + (count >= 4) + (count >= 6)


def is_nothing(bullet: str) -> bool:
    """Return whether the bullet is "nothing to summarize"."""
    return strip(bullet).casefold().replace("summarise", "summarize") == NOTHING


@lru_cache(maxsize=8192)
def faults(bullet: str) -> frozenset[str]:
    """Return the codes of FAULTS that the bullet shows by itself."""
    return frozenset(code for code, fault in FAULTS.items() if fault(bullet))


# Error code -> a test of one bullet. Sentiments count as inferred only where the customer did not
# state them, which `checks` decides.
FAULTS: dict[str, Callable[[str], bool]] = {
    "unn_content_requests_agent": asks_for_agent,
    "unn_content_transfer": reports_transfer,
    "unn_content_webform_email_copy": asks_for_copy,
    "unn_content_courtesy": is_courtesy,
    "unn_content_customer_rant": is_rant,
    "unn_content_no_details": lacks_details,
    "sentiment_inferred_frustrated": moods.calls_frustrated,
    "sentiment_inferred_confused": moods.calls_confused,
    "sentiment_inferred_not_frustrated": lambda bullet: bool(moods.NOT_FRUSTRATED.search(bullet)),
    "sentiment_inferred_not_confused": lambda bullet: bool(moods.NOT_CONFUSED.search(bullet)),
    "sentiment_inferred_no_complaint": lambda bullet: bool(moods.NO_COMPLAINT.search(bullet)),
    "sentiment_other": moods.names_other_mood,
}
