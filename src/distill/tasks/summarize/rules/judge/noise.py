"""Kinds of clauses that a summary does not need, by cues and by likeness to prototypes."""

import re
from collections.abc import Sequence
from functools import cache

from distill.tasks.summarize.rules.judge import topics, values
from distill.tasks.summarize.rules.judge.encoder import Vectors, encoder
from distill.tasks.summarize.rules.judge.meaning import plain

AGENT = "unn_content_requests_agent"
TRANSFER = "unn_content_transfer"
COPY = "unn_content_webform_email_copy"
COURTESY = "unn_content_courtesy"
COMPANY = "unn_content_ebay_response_included"
RANT = "unn_content_customer_rant"
NO_DETAILS = "unn_content_no_details"
SELF = "self"  # the customer's name or contact data: no point, and no error where it is reported

_STAFF = (
    r"(?:agents?|humans?|persons?|people|representatives?|reps?|operators?|supervisors?|managers?|"
    r"advisors?|advisers?|specialists?|someone|somebody|customer (?:service|care|support)|"
    r"support (?:team|staff)|staff|colleagues?|employees?)"
)
_DESIRE = (
    r"(?:want|ask|request|would like|like to|need|prefer|can i|could i|may i|let me|please|wish|"
    r"demand|insist|desire|seek|look(?:s|ing)? (?:for|to)|have me|how (?:do|can) i)"
)
_DOCUMENT = re.compile(
    r"\b(?:invoice|receipt|bill|label|warranty|contract|proof|certificate)", re.I
)
_CUES: dict[str, re.Pattern[str]] = {
    kind: re.compile(cue, re.I)
    for kind, cue in {
        AGENT: rf"\b(?:speak|talk|chat|connect(?:ed)?|transfer(?:red)?|escalat\w*|put|pass(?:ed)?|"
        rf"reach|deal|get me|switch(?:ed)?)\b[^.;]{{0,30}}\b(?:to|with|through|an?|via)\b"
        rf"(?:(?! about| that)[^.;]){{0,18}}\b(?<!seller's ){_STAFF}\b"
        rf"|\b{_DESIRE}\w*\b(?: \w+){{0,2}}? (?:an?|the|some|any) (?:\w+ )?(?:live |real |"
        rf"human |actual )*"
        rf"(?:agent|human|person|representative|operator|supervisor|manager)\b"
        rf"|\b(?:human|live|real|actual) (?:agent|person|being|representative|help|support|"
        rf"assistance)\b"
        rf"|\b(?:not|no|n't|instead of|rather than)\b.{{0,25}}\b(?:chat ?)?(?:bot|robot|machine)\b",
        COPY: r"\bcop(?:y|ies)\b.{0,50}\b(?:e-?mail|mail|inbox|mailbox|address)"
        r"|\b(?:e-?mail|send|forward|mail)\w*\b.{0,30}\bcopy\b|\bcopy of (?:this|the|their|my) "
        r"(?:form|message|request|submission|inquiry|enquiry|report)",
        COURTESY: r"\b(?:hello|hi|hey|greet(?:s|ing|ings|ed)?|good (?:morning|afternoon|evening|"
        r"day)|"
        r"thank(?:s|ed|ing|ful)?|thx|grateful|gratitude|appreciat(?:es|ed|ion|ing|ive)|"
        r"(?<!would )appreciate|"
        r"(?:kind|best|"
        r"warm) (?:regards|wishes)|"
        r"nice day|great day|goodbye|bye|farewell|you'?re welcome|polite(?:ly)?|dear (?:sir|"
        r"team|support))\b",
        NO_DETAILS: r"\bno (?:\w+ ){0,3}(?:details?|information|number|name|date|reason|id|"
        r"specifics)\b"
        r".{0,20}\b(?:given|provided|mentioned|specified|included|stated|available|shared)\b"
        r"|\bno (?:further|other|additional|more|specific) (?:\w+ )?(?:details?|information|"
        r"specifics)\b"
        r"|\b(?:not|n't|without|never) (?:provid|giv|mention|specif|includ|stat|nam|shar|"
        r"identif)\w*\b"
        r".{0,30}\b(?:details?|information|number|name|date|reason|id|which|specifics|amount|"
        r"price)\b"
        r"|\b(?:details?|number|information)\b.{0,20}\b(?:not|n't|missing from) "
        r"(?:provided|given|mentioned|specified|included|stated|known)",
        RANT: r"\b(?:joke|ridiculous|useless|nothing (?:ever )?works|waste of (?:\w+ )?time|"
        r"unbelievable|"
        r"pathetic|disgrace|shame on|what a|nobody cares|no ?one cares|so hard|never again|"
        r"nonsense|"
        r"incompeten\w+|worst|circus|nightmare|laughable|fed up with (?:this|your)|"
        r"always the same)\b",
    }.items()
}
_TRANSFER = re.compile(
    rf"\b(?:transferr?(?:ed|ring|s)?|hand(?:ed|ing|s)?|pass(?:ed|ing|es)?|connect(?:ed|ing|s)?|"
    rf"forward(?:ed|ing|s)?|redirect\w*|rout(?:ed|ing)|escalated)\b[^.;]{{0,40}}"
    rf"\b(?:to|with|over|on)\b[^.;]{{0,25}}\b(?:{_STAFF}|team|department)\b"
    r"|\b(?:chat|conversation|customer)\b[^.;]{0,15}\b(?:is|was|being|been|has been) "
    r"(?:being )?(?:transferred|handed|passed|escalated)\b",
    re.I,
)
_DONE = re.compile(
    r"\b(?:was|were|is|are|been|being|got|gets|has|had|bot|agent|system|company)\b", re.I
)
_WILL = re.compile(rf"\b{_DESIRE}", re.I)
_PROTOTYPES: dict[str, tuple[str, ...]] = {
    AGENT: (
        "customer wants to speak to a human agent",
        "customer asks to be connected with a live representative",
        "let customer talk to a real person",
        "customer does not want to chat with a bot",
        "is there a human available",
        "customer would like to be put in touch with the team",
        "a member of staff should take over",
        "customer prefers to deal with a person",
        "somebody should call back",
    ),
    TRANSFER: (
        "the chat was transferred to an agent",
        "the conversation is handed over to a colleague",
        "customer is being connected with a specialist",
        "customer was transferred several times",
        "a colleague sent customer to this chat",
        "customer was told to continue here",
        "customer was passed on from the phone line",
    ),
    COPY: (
        "customer wants a copy of this form sent by email",
        "send a copy of this message to their inbox",
        "the form should also go to their inbox",
        "forward what customer wrote to their mailbox",
        "customer would like to receive their submission by mail",
    ),
    COURTESY: (
        "customer says hello",
        "customer thanks the agent for the help",
        "customer wishes a nice day",
        "kind regards",
        "customer is looking forward to the answer",
        "customer appreciates the support",
        "customer is grateful for assistance",
        "customer hopes that you are well",
        "customer needs some help with a matter",
    ),
    COMPANY: (
        "the bot asks for the order number",
        "the agent apologizes for the inconvenience",
        "the assistant offers help",
        "the company will reply within two days",
        "the agent promises to look into it",
    ),
    RANT: (
        "nothing works these days",
        "this company is the worst",
        "customer complains about the bad service in general",
        "this is a joke",
        "why is this so complicated",
        "customer has been waiting for an answer forever",
        "this has been going on for weeks",
        "customer has been trying all day",
        "again and again the same thing",
        "why does it take so long",
        "customer is tired of waiting",
        "hurry up",
        "nobody ever answers",
        "how many times does customer have to say it",
        "is anyone there",
        "customer will never buy here again",
        "nobody seems to care",
        "other sites are faster",
        "customer will leave a bad review",
        "this company only wants money",
        "nobody there knows what they are doing",
        "it gets worse every year",
        "does anybody read what customers write",
        "customer is tired of explaining this again and again",
        "customer can hardly believe it",
    ),
    SELF: (
        "my name is Anna Smith",
        "customer is called Peter",
        "this is Maria Jones writing",
        "they live at 12 Oak Street, Springfield",
        "their address is 5 Main Road, 12345 Town",
        "their phone number is",
        "customer can be reached by phone",
        "their card number is",
        "here is their bank account",
        "their email address is",
        "their user ID is",
        "their date of birth is",
        "their social security number is",
        "they are connecting from this IP address",
    ),
    NO_DETAILS: (
        "no order number was provided",
        "customer gave no further details",
        "the reason is not mentioned",
    ),
}
_LIKE = 0.55  # least cosine of a clause and the prototype of its kind
_LIKE_ANCHORED = 0.4  # the same where the clause has a word that such a clause must have
_ANCHORS = {
    AGENT: re.compile(rf"\b(?:{_STAFF}|team)\b", re.I),
    TRANSFER: re.compile(rf"\b(?:{_STAFF}|team|department|transfer\w*|hand(?:ed|ing))\b", re.I),
    COPY: re.compile(r"\b(?:cop(?:y|ies)|duplicate|e-?mail|inbox)\b", re.I),
    NO_DETAILS: re.compile(r"\b(?:no|not|without|un(?:known|clear|specified))\b|n['’]t\b", re.I),
}
_MARGIN = 0.08  # by which the prototype is nearer than any of substance


@cache
def _space() -> tuple[list[str], Vectors]:
    """Return the kind of each prototype ("" for the phrasebook's) and the prototypes' vectors."""
    kinds = [kind for kind, texts in _PROTOTYPES.items() for _ in texts]
    texts = [text for group in _PROTOTYPES.values() for text in group]
    substance = [plain(sentence) for sentence in topics.sentences()]
    return [*kinds, *[""] * len(substance)], encoder().encode([*texts, *substance])


def kinds(clauses: Sequence[str]) -> list[str]:
    """Return for each clause the code of its kind of noise, "" for a clause of substance."""
    if not clauses:
        return []
    names, prototypes = _space()
    likeness = encoder().encode([plain(clause) for clause in clauses]) @ prototypes.T
    return [
        cue(clause) or _nearest(clause, names, row)
        for clause, row in zip(clauses, likeness, strict=True)
    ]


def cue(clause: str) -> str:
    """Return the kind of noise that a cue in the clause shows, "" for none."""
    if _CUES[COPY].search(clause) and not _DOCUMENT.search(clause):
        return COPY
    if _TRANSFER.search(clause) and not _WILL.search(clause):
        return TRANSFER
    for kind in (AGENT, NO_DETAILS):
        if _CUES[kind].search(clause):
            return kind
    if len(clause.split()) <= 12 and not values.find(clause):
        for kind in (COURTESY, RANT):
            if _CUES[kind].search(clause):
                return kind
    return ""


def _nearest(clause: str, names: Sequence[str], likeness: Vectors) -> str:
    substance = max(value for name, value in zip(names, likeness, strict=True) if not name)
    value, name = max((value, name) for name, value in zip(names, likeness, strict=True) if name)
    if name == TRANSFER and not _DONE.search(clause):
        name = AGENT  # a wish, if nobody did it
    anchor = _ANCHORS.get(name)
    if anchor and not anchor.search(clause):
        return ""
    is_sure = anchor and name != NO_DETAILS
    least, margin = (_LIKE_ANCHORED, 0.0) if is_sure else (_LIKE, _MARGIN)
    if value < least or value < substance + margin:
        return ""
    kinds = {value.kind for value in values.find(clause)} - {"count"}
    return name if not kinds or (name == SELF and kinds <= {"other", "username", "date"}) else ""
