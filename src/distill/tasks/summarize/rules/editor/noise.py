"""What a summary should leave out, by error code, and how to take it out of a point with a fact."""

import re
from dataclasses import dataclass

from distill.tasks.summarize.rules.editor.sentences import capital, predicate, standalone

_WHO = r"(?:(?:the )?(?:customer|user|client|buyer|seller|caller|shopper)|they|he|she)"
_VERY = (
    r"(?:(?:very|quite|so|really|extremely|increasingly|clearly|also|now|still|getting|being"
    r"|a bit|visibly|understandably|highly|rather|becoming|more and more|\w+ly) )*"
)
_FEELING = (
    r"(?:frustrat(?:ed|ing)|upset|angry|annoy(?:ed|ing)|irritated|disappoint(?:ed|ing)|furious"
    r"|dissatisfied"
    r"|unhappy|displeased|exasperated|fed up|outraged|livid|impatient|agitated|distressed|worried"
    r"|anxious|stressed|confused|embarrassed|shocked|disgusted|infuriated|calm|not (?:happy"
    r"|satisfied)"
    r"|unsatisfied|aggravated|enraged|bothered|alarmed|out of patience|losing patience)"
)
_EMOTION = (
    r"(?:frustration|anger|annoyance|irritation|disappointment|dissatisfaction|displeasure"
    r"|impatience"
    r"|exasperation|outrage|distress|confusion|embarrassment|worry|anxiety|stress|unhappiness"
    r"|upset)"
)
_FEELS = (
    rf"(?:(?:does|did|do) not (?:seem|appear|sound|feel)|is|was|are|were|feels?|felt|seems?"
    rf"|sounds?|appears?|appeared|gets?|got|became|becomes|remains?|grew|has become"
    rf"|has been)(?: to be)? {_VERY}"
)
_SHOWS = (
    rf"(?:express(?:es|ed)?|voic(?:es|ed)|show(?:s|ed)?|conveys?|vents?|communicates?|has|had"
    rf"|indicates?)(?: \w+)?? {_VERY}(?:their |his |her |some |great |much |deep )?"
)
_STAFF = (
    r"(?:(?:an?|the|another|some|any|their) )?(?:(?:live|human|real|actual|different|senior"
    r"|customer|support|service|care) )*"
    r"(?:agents?|humans?|person|people|representatives?|reps?|supervisors?|managers?|operators?"
    r"|advis[eo]rs?"
    r"|specialists?|someone|somebody|associates?|team member|staff(?: member)?|human being"
    r"|support team|customer service|customer support)\b"
)
_AGENTS = (
    r"(?:(?:an?|the|another|their) )?(?:(?:live|human|real|actual|different|senior|customer"
    r"|support|service|care) )*"
    r"(?:agents?|humans?|representatives?|reps?|supervisors?|managers?|operators?|advis[eo]rs?"
    r"|human being"
    r"|(?<=live )person|(?<=real )person|(?<=actual )person|human assistance|human support)\b"
)
_TALK = (
    r"(?:speak|talk|chat|be (?:connected|transferred|put through|escalated|forwarded)|connect"
    r"|get in touch|be in contact|communicate)"
)
_ASKS = (
    r"(?:wants?|wanted|wishes|would like|asks?|asked|requests?|requested|needs?|needed"
    r"|prefers?|preferred|demands?|demanded|insists? on|is (?:asking|requesting|looking|trying)"
    r"|would prefer|seeks?|tried|tries|is requesting)"
)
_NO_BOT = (
    r"(?:does not|did not|refuses to|would rather not) (?:want to |wish to )?(?:speak|talk"
    r"|chat|deal|interact) (?:to|with) (?:a|the|any) (?:\w+ )?(?:chat|ro)?bot"
)
_FORM = (
    r"(?:(?:this|the|their|a|that) )?(?:(?:contact|web|submitted|original|email"
    r"|web ?form) )?(?:form|message|submission|request|webform|communication|inquiry"
    r"|conversation|chat|correspondence|e-?mail|ticket|complaint|transcript|it|what they wrote)"
)
_COPIED = (
    rf"(?:(?:an?|the) )?(?:(?:e-?mail(?:ed)?) )?cop(?:y"
    rf"|ies)(?: of {_FORM}\b)?(?:,? (?:to be )?(?:sent|e?-?mailed|forwarded))?(?: (?:by|via"
    rf"|in an?|through|to|over) (?:(?:their|his|her|the|an|this) )?(?:own )?(?:e-?mail|inbox"
    rf"|mailbox|them|records?)(?: (?:address|inbox|account))?)*(?: for (?:their|the|his"
    rf"|her) records)?"
)
_HUMAN = (
    rf"(?:to )?{_TALK}(?: directly)?(?: (?:with|to|through))? {_STAFF}"
    rf"|(?:for )?{_AGENTS}(?: (?:assistance|help|support))?(?: to (?:contact|call|assist|help"
    rf"|handle|take over)(?: (?:them|the customer|him|her))?(?: back)?)?"
    rf"|to be called back by {_STAFF}|not to (?:talk|speak|chat) (?:to|with) (?:a|the) (?:ro)?bot"
)


@dataclass(frozen=True)
class Noise:
    """One error: what finds it, the clause that states it, what it may be said of in a phrase.

    `states` matches the noise as a predicate without its subject: "is frustrated", "asks for an
    agent". `reason` matches a word behind it that opens a fact.
    """

    finds: re.Pattern[str]
    states: str
    generic: re.Pattern[str]


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_VAGUE = _compiled(
    r"^(?:(?:with|about|by|at|over|of|due to|because of|regarding|from|in) )?(?:(?:the|their|a"
    r"|this|all|how|lack|of|any|poor|bad"
    r"|slow|overall|current|whole|entire|customer|company's|being|no|without|further|repeated"
    r"|constant|and) )*(?:service|situation"
    r"|process|experience|support|company|response|responses|bot|answers?|solution|matter|issue"
    r"|help|this|it|delay|wait"
    r"|waiting|progress|assistance|handled|communication|platform|website|outcome|resolution"
    r"|treatment|problem|chatbot)?$"
)
_MOOD = Noise(
    _compiled(rf"\b{_FEELING}\b(?! to\b)|\b{_EMOTION}\b|\bfrustrates?\b|\bpatience\b"),
    rf"(?:{_FEELS}{_FEELING}|{_SHOWS}{_EMOTION})",
    _VAGUE,
)
_AGENT = Noise(
    _compiled(
        rf"\b{_NO_BOT}|\b{_ASKS}(?: \w+){{0,2}}?,? (?:{_HUMAN})(?!')|\b{_TALK} (?:with|to) {_STAFF}"
        rf"|\b(?:human|live|real) (?:agent|person|representative|support)\b"
        rf"|\bescalat\w+ to {_STAFF}"
    ),
    rf"{_NO_BOT}|{_ASKS}(?: (?:urgently|immediately|again|repeatedly"
    rf"|instead))?,? (?:{_HUMAN})(?: (?:instead|urgently|immediately|rather than (?:a"
    rf"|the) (?:ro)?bot|instead of (?:a|the) (?:chat|ro)?bot))?",
    _VAGUE,
)
_COPY = Noise(
    _compiled(
        rf"\b(?:e-?mail(?:ed)? cop(?:y|ies)|cop(?:y|ies) (?:of {_FORM}\b)?.{{0,40}}\b(?:e-?mail"
        rf"|inbox)"
        rf"|cop(?:y|ies) of {_FORM}(?! (?:number|id)\b)\b|(?:e-?mail|inbox).{{0,30}}\bcop(?:y"
        rf"|ies) of {_FORM}\b)"
    ),
    rf"(?:{_ASKS}(?: for| to (?:receive|get|have|be sent))?|asks support to (?:send|e?-?mail"
    rf"|forward)(?: them)?) {_COPIED}",
    _VAGUE,
)
_TRANSFER = Noise(
    _compiled(
        r"\b(?:was|were|been|being|got|is) (?:transferred|passed on|handed over|redirected"
        r"|forwarded|referred"
        r"|sent to this chat)\b"
    ),
    r"(?:was|has been|got|is being) (?:transferred|passed on|handed over|redirected|forwarded"
    r"|referred|sent to this chat)"
    r"(?: (?:from|to|by) (?:an?other |an |the |this |a )?(?:\w+ )?(?:agent|team|department"
    r"|colleague|chat|representative|specialist))*",
    _VAGUE,
)
_RANT = Noise(
    _compiled(
        r"\b(?:complains? about (?:the |poor |bad )*(?:customer )?(?:service|company|support)"
        r"|(?:shop|buy)(?:ping|ing)? elsewhere"
        r"|service (?:is )?unacceptable|bad review|waste of time|loyal customer)\b"
    ),
    r"(?:complains? about (?:the |poor |bad )*(?:customer )?(?:service|company|support)"
    r"|is considering shopping elsewhere"
    r"|finds the (?:company's )?service unacceptable|threatens to (?:leave a bad review"
    r"|shop elsewhere))",
    _VAGUE,
)
_COURTESY = Noise(
    _compiled(
        rf"^{_WHO} (?:thanks?|thanked|greets?|greeted|appreciates?|says? (?:hello|hi|goodbye"
        rf"|thanks?))\b"
    ),
    r"(?:thanks?|thanked|greets?|greeted|says? (?:hello|hi|goodbye))(?: (?:the )?(?:agent|support"
    r"|bot|team))?",
    _VAGUE,
)
NOISE = {
    "sentiment_inferred_frustrated": _MOOD,
    "sentiment_inferred_not_frustrated": _MOOD,
    "sentiment_inferred_confused": _MOOD,
    "sentiment_inferred_not_confused": _MOOD,
    "sentiment_other": _MOOD,
    "unn_content_requests_agent": _AGENT,
    "unn_content_webform_email_copy": _COPY,
    "unn_content_transfer": _TRANSFER,
    "unn_content_customer_rant": _RANT,
    "unn_content_courtesy": _COURTESY,
}
_VERB = (
    r"(?:is|was|has|had|wants?|wanted|needs?|asks?|asked|requests?|requested|says?|said|reports?"
    r"|reported|would|will|can(?:not)?"
    r"|does|did|states?|claims?|mentions?|expects?|bought|ordered|received|paid|tried|tries"
    r"|prefers?|demands?|returned|contacted"
    r"|complains?|complained|believes?|plans?|threatens?|express\w*|feels?|felt|seems?|purchased"
    r"|sent|notes?|adds?|explains?|insists?"
    r"|purchased|appears?|considers?|wishes|finds?|intends?|refuses?|accepts?|agrees?|voices?"
    r"|shows?)"
)
_JOINT = re.compile(
    rf"(?:;|,)? (?:and|but|so|while|then) (?=(?:the customer|customer|they|he|she) |{_VERB} )|; "
    rf"|, (?=(?:the customer|they) )"
    rf"|, (?=(?:which|leaving|making|causing|expressing|showing|asking|requesting) )"
    rf"| and (?=(?:(?:an?|the) )?(?:e-?mail )?cop(?:y|ies)\b)",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"^,? ?(?:that|because|since|as|after|when|over the fact that|about the fact that"
    r"|due to the fact that|by the fact that)\s+(.+)$",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"^,? ?(?:about|regarding|concerning|over|with|at|by|on|for|due to|because of|to (?:discuss"
    r"|resolve|ask about))\s+(.+)$",
    re.I,
)
_PURPOSE = re.compile(r"^,? ?(?:to|so that|in order to)\s+(.+)$", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rf"^(?:(?:the |an? )?{_VERY}{_FEELING}(?:,)? (?=(?:the )?{_WHO}\b)"
    rf"|{_VERY}{_FEELING}, (?=(?:the )?{_WHO}))",
    re.I,
)

_APPOSITION = re.compile(rf",? who (?:is|was|feels|seems) {_VERY}{_FEELING}[^,.]*,", re.IGNORECASE)


def sound(code: str, point: str) -> str:
    """Return the point without the error, "" if nothing else is in it, itself if it has none."""
    noise = NOISE.get(code)
    if noise is None or not noise.finds.search(point):
        return point
    if noise is _MOOD:
        point = _APPOSITION.sub("", point)
    if noise is _MOOD and (match := _ATTRIBUTE.match(point)):
        remainder = point[match.end() :]
        return sound(
            code, standalone(remainder) if "ustomer" in remainder[:13] else capital(remainder)
        )
    left = _without_clause(noise, point)
    return left if not noise.finds.search(left) else ""


def _without_clause(noise: Noise, point: str) -> str:
    """Return what remains when each faulty clause of the point is taken out or reworded."""
    remaining: list[tuple[str, str]] = []
    changed = False
    for joint, clause in _segments(point):
        if not noise.finds.search(clause):
            remaining.append((joint, clause))
            continue
        changed = True
        if fact := _fact(noise, clause):
            remaining.append((joint, fact))
    if not remaining:
        return ""
    first = remaining[0][1]
    bare = re.match(rf"{_VERB}\b", first) and _segments(point)[0][1] != first
    text = predicate(first) if bare else standalone(first) if changed else first
    return text + "".join(joint + _inner(clause) for joint, clause in remaining[1:])


def _inner(clause: str) -> str:
    """Return a clause behind another one: a reworded "Customer ..." gets a small letter."""
    return re.sub(r"^Customer\b", "the customer", clause)


def _segments(point: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    start, joint = 0, ""
    for match in _JOINT.finditer(point):
        found.append((joint, point[start : match.start()]))
        start, joint = match.end(), match[0]
    return [*found, (joint, point[start:])]


def _fact(noise: Noise, clause: str) -> str:
    """Return the fact in a faulty clause, reworded, "" where there is none."""
    stated = re.search(rf"\b(?:{noise.states})\b", clause, re.IGNORECASE)
    if not stated:
        return ""
    before, after = clause[: stated.start()].strip(" ,"), clause[stated.end() :].strip(" .")
    if match := re.match(
        r"^(?:(?:with|at|about|by|over) [^,]{3,40}? )?(?=(?:that|because) )", after, re.I
    ):
        after = after[match.end() :]
    if match := _REASON.match(after):
        return standalone(re.sub(r"^(?:reports?|says?|states?) that ", "", match[1], flags=re.I))
    if match := _TOPIC.match(after):
        if noise.generic.match(match[1]) or len(match[1].split()) < 2:
            return _before(before)
        return _topic(match[1])
    if (match := _PURPOSE.match(after)) and len(match[1].split()) > 2:
        return f"Customer wants to {match[1]}"
    return _before(before)


def _before(words: str) -> str:
    """Return what stands before the noise, unless it is only the subject."""
    subject = re.fullmatch(
        rf"(?:{_WHO}|which|this|the situation|who|and|also|\W)*", words, re.IGNORECASE
    )
    return "" if subject or len(words.split()) < 3 else words


def _topic(noun: str) -> str:
    """Return "Customer asks about a refund of $20" for the matter of a talk or a feeling."""
    if re.match(
        r"(?:being|having|not|getting|receiving|paying|waiting|losing)\b", noun, re.IGNORECASE
    ):
        return f"Customer reports {noun}"
    return (
        f"Customer has an issue with {noun}"
        if not re.match(r"(?:an?) ", noun)
        else f"Customer asks about {noun}"
    )
