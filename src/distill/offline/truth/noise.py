"""Reported noise: what a summary must leave out, by kind, clause by clause."""

import re

from distill.offline.truth.mentions import Reading
from distill.offline.truth.words import Words, canonical, share, stems, telling

ALIKE = 0.6  # least share of a clause's words in a sentence from which it comes
CODES = {
    "requests_agent": "unn_content_requests_agent",
    "transfer": "unn_content_transfer",
    "courtesy": "unn_content_courtesy",
    "customer_rant": "unn_content_customer_rant",
    "webform_email_copy": "unn_content_webform_email_copy",
    "bot": "unn_content_ebay_response_included",
}
_CHATS_ONLY = {"unn_content_requests_agent", "unn_content_transfer"}
_FORMS_ONLY = {"unn_content_webform_email_copy"}
_PERSON = (
    r"agents?|humans?|representatives?|reps?|(?:real|live|actual) (?:person|people|one)|operators?"
    r"|persons?|staff|someone (?:from|on|at|real|live)|somebody (?:from|on|at|real)|advis[oe]rs?"
    r"|support (?:people|team|staff)|members? of (?:\w+ ){0,2}(?:team|staff)|team ?members?"
    r"|colleagues?|employees?|specialists?|associates?|(?:the|your|support) team|in person"
)
_REACH = (
    r"speak|talk|chat|connect|transfer|put through|reach|want|wish|request|ask|need|prefer|call"
    r"|in touch|deal|take over|escalat|like|contact|demand|seek|insist|assist|help|looking for"
    r"|rather|please"
    r"|get me|give me"
)
_PATTERNS = {
    "transfer": (
        r"(?:was|were|been|being|is|got|gets|be) (?:\w+ )?(?:transferr|passed on|redirected"
        r"|referred|moved to (?:this|another|a different) (?:chat|team|agent)|sent here"
        r"|sent to this chat|routed)",
        rf"(?:handed over|forwarded|connected|passed) to (?:an? |the |another )?(?:{_PERSON})",
        r"transfer(?:red)? (?:to|from|of|by)|(?:several|multiple|earlier) transfers"
        r"|transferred (?:\w+ )?times",
    ),
    "requests_agent": (rf"(?:{_PERSON})\b.*\b(?:{_REACH})|(?:{_REACH}).*\b(?:{_PERSON})\b",),
    "webform_email_copy": (
        r"(?:cop(?:y|ies)|duplicate)\b.*\b(?:e-?mail|mail|inbox|records|mailbox|form|message|submission"
        r"|request|text|webform|sent|receive)",
        r"(?:e-?mail|mail|inbox|mailbox|forward|send)\w*\b.*\b(?:cop(?:y|ies)|duplicate)\b",
        r"(?:forward|send|receive|want)\w*\b.*\b(?:form|message|text|written|submission)\b.*"
        r"\b(?:e-?mail|inbox|mailbox)",
    ),
    "customer_rant": (
        r"(?:service|site|company|platform|support)\b.*\b(?:joke|worst|terrible|bad|poor|worse|awful"
        r"|useless|declin|deteriorat|criticiz|criticis)",
        r"(?:criticiz|criticis|complain(?:s|ed|ing)?|unhappy|dissatisf\w+|disappoint\w+)"
        r" (?:\w+ ){0,3}(?:service|site|company|platform|support|response time)",
        r"waste of time|leave (?:a )?(?:bad|negative) review|shop elsewhere|only care"
        r"|nobody (?:there )?knows"
        r"|other (?:sites|shops|companies)|third time|how many times|trying all day|tired of \w+ing"
        r"|already told|again and again|over and over"
        r"|no answer from anyone|repeating (?:him|her|them|my)sel|nobody (?:seems to )?care"
        r"|(?:two|three|four|five|six) weeks (?:with|and)|going on for (?:\w+ )?weeks"
        r"|takes? so long|is anybody there"
        r"|come on|seriously|contacted (?:us )?(?:three|several|multiple) times before"
        r"|hard(?:ly)? (?:to )?believe|can not be so hard|long wait",
    ),
    "courtesy": (
        r"(?:say|said|says|sends?|offer\w*|express\w*) (?:\w+ ){0,2}(?:hello|hi|thanks?|goodbye"
        r"|gratitude|regards|bye|appreciation|good (?:morning|day|evening|afternoon))",
        r"\b(?:greet\w*|thank(?:s|ed|ful|ing)?|appreciat\w*|grateful|polite\w*|courte\w*"
        r"|pleasantr\w*"
        r"|introduc\w* (?:him|her|them)sel\w*|kind regards|best wishes|good luck)\b",
        r"(?:wish\w*|have) (?:\w+ ){0,3}(?:nice|good|great) (?:day|evening|one)",
    ),
}
_COMPILED = {
    kind: tuple(re.compile(rf"\b(?:{pattern})") for pattern in patterns)
    for kind, patterns in _PATTERNS.items()
}
_BOT = re.compile(
    r"\b(?:chat|virtual |automated )?(?:bot|assistant|chatbot|system)\b.*\b(?:say|said|offer|ask"
    r"|told|tell|explain|inform|advis|suggest|mention|confirm|apologi|respond|repl|promis|refus|answer)"
)
NO_DETAILS = re.compile(
    r"\b(?:no|without)\b.*\b(?:given|provided|details?|mentioned|included|specified|information|stated)\b"
    r"|\b(?:not|n't) (?:give|provide|mention|specif|include|state|disclose|share)"
    r"|\bdetails? (?:are|is|were) (?:missing|lacking|unknown|not)"
    r"|\b(?:does|did|is|was|are|were) not (?:\w+ )?(?:provide|mention|specif|state|include|give)"
)


def code(reading: Reading, clause: str, states_fact: bool) -> str | None:
    """Return the code of the noise that a clause reports; None where it reports none.

    A clause that states a fact is noise, too, only where a pattern of noise is found in it.
    """
    kinds = {noise["kind"] for noise in reading.row["noise"]}
    for kind, patterns in _COMPILED.items():
        if kind in kinds and any(pattern.search(clause) for pattern in patterns):
            return _applicable(CODES[kind], reading.is_form)
    if states_fact:
        return None
    if NO_DETAILS.search(clause):
        return "unn_content_no_details"
    if _BOT.search(clause):
        return CODES["bot"] if "bot" in kinds else None
    copied = _verbatim(reading, clause)
    return _applicable(CODES[copied], reading.is_form) if copied else None


def _verbatim(reading: Reading, clause: str) -> str | None:
    """Return the kind of the sentence of noise from which a clause is taken."""
    words = stems(clause)
    for noise in reading.row["noise"]:
        if noise["kind"] in CODES and canonical(noise["text"]).strip(" .!?") == clause.strip(
            " .!?"
        ):
            return str(noise["kind"])
    if len(telling(clause)) < 2:
        return None
    if any(share(words, stems(fact.text)) >= ALIKE for fact in reading.facts):
        return None
    likely = [
        (share(words, _words(noise["text"])), noise["kind"])
        for noise in reading.row["noise"]
        if noise["kind"] in CODES
    ]
    best, kind = max(likely, default=(0.0, ""))
    return kind if best >= ALIKE else None


def _words(text: str) -> Words:
    return stems(canonical(text))


def _applicable(name: str, is_form: bool) -> str:
    other = name in (_CHATS_ONLY if is_form else _FORMS_ONLY)
    return "unn_other" if other else name
