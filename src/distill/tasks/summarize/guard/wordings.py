"""How points word an error that can share its point with a fact.

    faultless("unn_content_requests_agent", "wants to talk to a human about the broken parcel")
    -> "wants to    about the broken parcel"

`shows` recognizes the error, paraphrases included, more widely than the checks do: a doubtful edit
is refused, where a doubtful finding would be a false alarm. `words` are the error's own words in
such a clause; what remains without them is the clause's fact.
"""

import re
from dataclasses import dataclass

from distill.tasks.summarize.reading import moods


@dataclass(frozen=True)
class Wording:
    """The patterns of one error: a clause that shows it, and its words in such a clause."""

    shows: re.Pattern[str]
    words: re.Pattern[str]


def _wording(shows: str, words: str) -> Wording:
    flags = re.IGNORECASE | re.VERBOSE
    return Wording(re.compile(shows, flags), re.compile(rf"\b(?:{words})\b", flags))


_PERSON = r"""(?:humans?(?:\ being)?|(?:real|live|actual|another|different|senior)\ \w+|persons?
    |people|agents?|representatives?|reps?|supervisors?|managers?|operators?|advis[oe]rs?
    |specialists?|associates?|employees?|colleagues?|staff|team|someone|somebody|anyone
    |(?:customer|live|human)\ (?:support|service|care|assistance|help))\b"""
_SPOKESMAN = r"""(?:humans?(?:\ being)?|agents?|representatives?|supervisors?|managers?|operators?
    |(?:real|live|actual)\ \w+|someone|somebody)\b"""
_WISH = r"""(?:wants?|wish\w*|ask\w*|request\w*|demand\w*|insist\w*|prefer\w*|need\w*|hop(?:es|ing)
    |expect\w*|seek\w*|look(?:s|ing)\ for|would\ (?:like|rather)|(?:i['’]d|rather)\ like
    |tr(?:y|ies|ied|ying)|please)\b"""
_HANDLE = r"""(?:speak(?:ing)?|talk(?:ing)?|chat(?:ting)?|discuss|connect\w*|transferred
    |escalat\w+|pass(?:ed)?|hand(?:ed)?|put|switch\w*|reach|contact|forward\w*|redirect\w*|rout\w+
    |help(?:ed)?|assist\w*|handl\w+|serv\w+|deal\w*|tak(?:e|es|en)\ (?:it\ |this\ )?over
    |step\w*\ in|look\w*\ into|call\w*\ back|attended)\b"""
_BOT = r"(?:bots?|chatbots?|robots?|automat\w+(?:\ \w+)?|virtual\ assistants?|AI)\b"
_AGENT = _wording(
    rf"""\b{_WISH}.{{0,40}}?\b{_HANDLE}.{{0,30}}?\b{_PERSON}
    | \b{_WISH}.{{0,30}}?\b{_SPOKESMAN}.{{0,20}}?\b{_HANDLE}
    | \b{_WISH}\ (?:\w+\ ){{0,2}}?(?:for\ |on\ |to\ have\ |to\ get\ )?(?:an?\ |the\ |some\ )?
        (?:\w+\ )?(?:humans?|agents?|representatives?|supervisors?|managers?|operators?|person
            |escalation|(?:human|live|personal)\ (?:support|help|assistance|contact))\b
    | \b(?:human|live|personal)\ (?:support|help|assistance|contact|agents?|interaction)\b
        .{{0,25}}\b(?:request\w*|want\w*|need\w*|prefer\w*|desired|please|asked)
    | \b(?:escalat\w+|transfer)\b.{{0,40}}\b(?:is|was)?\ ?(?:request\w*|want\w*|desired)
    | \b(?:not|no|never|n't|instead\ of|rather\ than|refus\w+|tired\ of|other\ than|beyond)
        \ (?:\w+\ ){{0,5}}?(?:an?\ |the\ |this\ |your\ |our\ )?{_BOT}
    | \b{_BOT}.{{0,25}}(?:\bnot|cannot|n['’]t|useless|\bno\ help|unhelpful|keeps?\ )
    | ^\W*(?:an?\ )?(?:live\ |real\ |human\ )*(?:human|agent|representative|operator|person)
        (?:\W+(?:please|pls|now|again))*\W*$""",
    rf"""(?:not|no|never|n['’]t|refus\w+|instead\ of|rather\ than)\ (?:\w+\ ){{0,5}}?{_BOT}
    | {_BOT}\ (?:\w+\ ){{0,2}}?(?:not|cannot|\w+n['’]t)\ \w+
    | {_PERSON} | {_HANDLE} | {_BOT} | human | live | real | actual | personal | support | service
    | help | unhelpful | useless | assistance | interaction | contact | conversation | case
    | escalation | transfer | call | back | through | over | tak\w+ | resol\w+ | solv\w+ | insist\w*
    | look\w* | instead | rather | directly | further | again | repeatedly | twice | several | times
    | please | urgent\w* | urgency | immediate\w* | (?:right\ )?now | soon | quick\w*""",
)
_MOOD = r"""frustrat\w* | upset\w* | angr\w+ | anger\w* | annoy\w* | irritat\w* | furious\w* | mad
    | fed\ up | livid | disappoint\w* | unhapp\w+ | dissatisf\w* | discontent\w* | displeas\w*
    | exasperat\w* | pissed | enraged | fuming | irate | outrag\w+ | aggravat\w* | agitated
    | impatien\w* | resent\w* | dismay\w* | distress\w* | indignan\w*
    | (?:los(?:t|es|ing)|(?:runs?\ |running\ )?out\ of)\ (?:\w+\ ){0,2}patience
    | (?:not|isn['’]t|is\ no\ longer|hardly|anything\ but)\ (?:\w+\ )?(?:happy|pleased|satisfied
        |amused|impressed)
    | (?:sick|tired)\ (?:and\ tired\ )?of | had\ (?:more\ than\ )?enough
    | (?:at\ )?(?:their|his|her)\ (?:wit['’]?s?['’]?|rope['’]?s?)\ end
    | end\ of\ (?:their|his|her)\ (?:rope|tether)"""
_UNSURE = r"""confus\w* | puzzl\w* | baffl\w* | perplex\w* | bewilder\w* | unclear\ (?:to|about)
    | unsure | uncertain | (?:does|do)\ ?(?:not|n['’]t)\ understand | at\ a\ loss | bemused
    | feel\w*\ lost"""
_OTHER = r"""happy | pleased | satisfied | excited | anxious | worried | concerned | sad | amused
    | disgusted | relieved | desperate | stressed | shocked | heartbroken | embarrassed | nervous
    | scared | grateful | sarcastic | calm | patient"""
_FEELING = rf"""{_MOOD} | {_UNSURE} | {_OTHER} | very | quite | extremely | increasingly | clearly
    | deeply | highly | rather | strong\w* | really | great | growing | gett?ing | some | emotion\w*
    | mood | sentiment | feeling\w* | tone | service | overall"""
_COPY = _wording(
    r"""\b(?:copy|copies)\b(?!\ of\ (?:\w+\ )?(?:invoice|receipt|label|bill|id|passport|contract
            |statement|warranty|manual|order|policy|proof|photo|listing|book)\b)
    | \b(?:form|message|submission|request|report|inquiry|enquiry|transcript)\b.{0,30}
        \b(?:e-?mailed|mailed|forwarded|cc)\b
    | \b(?:e-?mail|mail|forward|send)\w*\b.{0,20}\b(?:this|the|their|my)\ (?:form|message|submission
        |request|inquiry|transcript)\b""",
    r"""cop(?:y|ies) | e-?mail\w* | mail\w* | inbox | sen[dt]\w* | forward\w* | receiv\w* | get
    | cc | form | message | submission | request | report | inquiry | enquiry | transcript
    | conversation | records? | address | well""",
)
_TRANSFER = _wording(
    r"""\btransferr?\w*\b.{0,40}\b(?:agent|colleague|team|specialist|department|representative|chat)
    | \b(?:hand|pass|rout|redirect|connect|forward)\w*\b.{0,25}
        \b(?:agent|colleague|team|specialist|department|representative)\b""",
    r"""transferr?\w* | hand\w* | pass\w* | rout\w+ | redirect\w* | connect\w* | forward\w*
    | agents? | colleagues? | team | specialists? | departments? | representatives? | another
    | over | chat | support | new | next""",
)
WORDINGS = {
    "unn_content_requests_agent": _AGENT,
    "unn_content_transfer": _TRANSFER,
    "unn_content_webform_email_copy": _COPY,
    "sentiment_inferred_frustrated": _wording(rf"\b(?:{_MOOD})\b", _FEELING),
    "sentiment_inferred_confused": _wording(rf"\b(?:{_UNSURE})\b", _FEELING),
}
_ANY_FEELING = _wording(rf"\b(?:{_MOOD} | {_UNSURE} | {_OTHER})\b", _FEELING)
STATED = {  # what customers may say of themselves, so that a summary may repeat it
    "sentiment_inferred_frustrated": moods.FRUSTRATED,
    "sentiment_inferred_confused": moods.CONFUSED,
}


def shows(code: str, text: str) -> bool:
    """Return whether the text words the error; False for an error without a wording."""
    return code in WORDINGS and bool(WORDINGS[code].shows.search(text))


def faultless(code: str, clause: str) -> str:
    """Return a clause without the error's own words; unchanged where it does not show the error.

    An edit of one inferred feeling may remove the others as well.
    """
    wording = _ANY_FEELING if code.startswith("sentiment_") else WORDINGS.get(code)
    if wording is None or not wording.shows.search(clause):
        return clause
    return wording.words.sub(" ", clause)
