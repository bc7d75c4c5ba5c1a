"""How customers and summaries word things: patterns of one sentence or one bullet alone."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from arf import entities
from arf.summary import NOTHING

_TOKEN = re.compile(r"\w+(?:[-'’./]\w+)*")
_STOP = frozenset(
    """a an the and or but if so as at by for from in into of off on onto out over to up with about
    after before than then that this these those there here i i'm i've i'd i'll im ive me my mine
    myself we us our you your yours u ur he she it it's its they them their is am are was were be
    been being do does did done have has had having will would can could should shall may might must
    just very really also too only even now well yes no ok okay oh hi hello hey please pls plz thank
    thanks which who whom whose what when where why how all any some such own same because while
    customer customers user customer's says said say states stated state reports reported report
    mentions mentioned claims claimed explains explained number no. id the's isn't wasn't don't dont
    didn't didnt doesn't doesnt""".split()
)
_NEGATION = frozenset("not never no none nothing cannot can't cant won't wont without".split())


def strip(sentence: str) -> str:
    """The sentence without its closing punctuation: what a bullet holds."""
    return sentence.strip().rstrip(".!?…,;: ").lstrip("-–•* ")


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    word = word.replace("’", "'").removesuffix("'s")
    for suffix, least in (("ing", 6), ("ed", 5), ("es", 5), ("s", 4), ("ly", 6)):
        if word.endswith(suffix) and len(word) >= least and not word.endswith("ss"):
            return word[: -len(suffix)]
    return word


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """The text's content words: stems of what is no function word; identifiers normalised."""
    found = (token.replace("’", "'") for token in _TOKEN.findall(text.casefold()))
    return frozenset(
        re.sub(r"[\W_]+", "", token) if _has_digit(token) else _stem(token)
        for token in found
        if token not in _STOP and (len(token) > 1 or not token.isascii() or token.isdigit())
    )


@lru_cache(maxsize=8192)
def plain_words(text: str) -> frozenset[str]:
    """The content words without identifiers and figures."""
    return frozenset(word for word in words(text) if not _has_digit(word))


def _has_digit(token: str) -> bool:
    return any(map(str.isdigit, token))


def share(part: frozenset[str], whole: Iterable[str]) -> float:
    """The share of part's words that whole holds; 0 where part is empty."""
    return len(part.intersection(whole)) / len(part) if part else 0.0


def negated(text: str) -> bool:
    """Whether the text denies something."""
    lowered = text.casefold().replace("’", "'")
    return "n't" in lowered or not _NEGATION.isdisjoint(lowered.split())


# ------------------------------------------------------------------ what a sentence is about

_PERSON = (
    r"(?:human(?: being)?|(?:\w+ )?agents?|(?:(?:live|real|actual|proper|human) )+\w+|person"
    r"|representatives?|reps?|supervisor|manager|operator|advis[oe]r|associate|colleague|specialist"
    r"|someone|somebody|anyone|anybody|staff|support team|a real one)\b"
)
_AGENT = re.compile(
    rf"""\b(?:speak|talk|chat|connect(?:ed)?|put\ (?:me|us)|pass\ (?:me|us)|hand\ (?:me|us)
            |transfer(?:red)?|reach|escalate|get\ (?:me|us|hold\ of|in\ touch)|switch\ me
            |contact\ with)\b
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
    r"|(?:hand(?:ed|ing)?|pass(?:ed|ing)?) (?:\w+ ){0,3}(?:over|on) to|connecting you"
    r"|(?:being|was|were|been|be|get) (?:connected|forwarded|redirected|routed)\b"
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
    r"\b(?:hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear|thanks?|thank you"
    r"|thx|ty|cheers|much appreciated|appreciate|(?:kind|best|warm)? ?regards|have a (?:nice|good"
    r"|great|lovely) (?:one|day|evening|weekend)|bye|goodbye|you(?:'re| are) welcome|sincerely"
    r"|nice to meet|hope (?:you|this|all)|how are you|team|there|sir|madam|in advance|so much"
    r"|for your (?:help|time|assistance|support|quick reply)|great day|support|everyone|patience"
    r"|(?:very|most) (?:kind|helpful)|looking forward|sorry|welcome|greets|thanking)\b",
    re.IGNORECASE,
)
_RANT = re.compile(
    r"\b(?:worst|terrible|awful|horrible|pathetic|useless|ridiculous|joke|disgrac\w+|shame(?:ful)?"
    r"|incompeten\w+|scam(?:mers?)?|rip-?off|unbelievable|unaccept\w+|absurd|outrageous|nonsense|crap"
    r"|nothing (?:ever )?works|these days|never (?:again|shop|buy|use|order)\w*|you (?:people|guys)"
    r"|nobody (?:cares|listens)|waste of (?:my )?(?:time|money)|going downhill|used to be (?:better|good)"
    r"|what(?:'s| is) wrong with|don't care|wtf|no one cares|every single time|all the same)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"^\W*(?:(?:my|the|here is my) (?:full |first |last )?(?:name|e-?mail|phone|mobile|number|address"
    r"|shipping address|username|user ?id|(?:credit |debit )?card|iban|bank account|ip|date of birth"
    r"|birthday|ssn|social security|national insurance|ni|dni|account for transfers)\b.{0,30}(?:\bis\b|,)"
    r"|(?:for the record, )?i (?:am at|live at|live in|was born|am signed in as|am connecting from|use"
    r" the card)\b|.{0,25}\b(?:reach me (?:at|on)|write to me at|call me (?:at|on)|mail me at)\b"
    r"|please write to \S+@|date of birth\b|(?:my name is|this is|you are chatting with)"
    r"(?-i: [A-Z]\S+){1,3}\W*$|(?-i:[A-Z]\S+(?: [A-Z]\S+)? here\W*$)"
    r"|i(?: a|['’])m(?-i: [A-Z]\S+){1,3}\W*$)",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\b(?:(?:second|third|fourth|fifth|last) time|how many times|times!|seriously|come on|already"
    r" (?:told|said|asked|wrote|explained)|still (?:waiting|no answer|nothing|not)|all day|again and again"
    r"|going on for|take so long|so hard|anybody there|anyone there|how long|fed up|this is taking)\b",
    re.IGNORECASE,
)
_REPEAT = re.compile(
    r"^\W*(?:as (?:i|we) (?:\w+ )?(?:said|told|wrote|mentioned|explained|stated)|as stated|as mentioned|again"
    r"|like i (?:said|told|wrote)|to repeat|i repeat|once (?:more|again)|in other words"
    r"|to put it (?:plainly|differently|another way)|to say it again)\b",
    re.IGNORECASE,
)
_ISSUE = re.compile(
    r"\b(?:never|not|no|n't|hasn't|haven't|didn't|isn't|wasn't|won't|can't|cannot|nothing|without"
    r"|broke\w*|damag\w+|defect\w*|fault\w*|crack\w*|missing|lost|late|delay\w*|wrong|different|fake"
    r"|counterfeit|incorrect|fail\w*|reject\w*|refus\w+|declin\w+|charged?|paid|overcharg\w+|twice"
    r"|cancel\w*|return\w*|refund\w*|replac\w+|exchang\w+|deliver\w*|ship\w*|arriv\w+|receiv\w+|got"
    r"|order\w*|bought|purchas\w+|sold|sent|list(?:ed|ing)|stuck|block\w*|suspend\w*|lock\w*|error"
    r"|stop\w*|empty|used|open\w*|torn|scratch\w*|stain\w*|leak\w*|size|colou?r|track\w*|parcel|package"
    r"|payment|password|account|fee|fees|invoice|label|address|discount|coupon|warranty|dispute)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:want|wants|need|needs|would like|i'd like|wish|expect|request\w*|ask\w*|demand\w*|please"
    r"|pls|plz|can (?:you|u|i)|could (?:you|u|i)|how (?:do|can|long|much)|where|when|why|what|help me"
    r"|help with|let me know|tell me|check|how to|is it possible|may i|should i|do i)\b",
    re.IGNORECASE,
)

_FRUSTRATED = (
    r"frustrat\w*|upset\w*|angry|anger\w*|annoy\w*|irritat\w*|furious|mad|fed up|livid|disappoint\w*"
    r"|unhappy|dissatisf\w*|exasperat\w*|pissed|enraged|(?:los(?:t|ing)|out of) (?:\w+ )?patience|fuming"
)
_CONFUSED = (
    r"confus\w*|puzzled|baffled|perplexed|bewildered|(?:do(?:n't| not|es not|esn't)) understand"
    r"|at a loss"
)
_OTHER_MOOD = (
    r"happy|pleased|satisfied|excited|anxious|worried|concerned|sad|amused|disgusted|relieved"
    r"|desperate|stressed|impatient|shocked|heartbroken|embarrassed|nervous|scared|grateful|sarcastic"
)
FRUSTRATED = re.compile(rf"\b(?:{_FRUSTRATED})\b", re.IGNORECASE)
CONFUSED = re.compile(rf"\b(?:{_CONFUSED})\b", re.IGNORECASE)
OTHER_MOOD = re.compile(rf"\b(?:{_OTHER_MOOD})\b", re.IGNORECASE)
_NOT = r"\b(?:not|no|without|n't|never|any)\b[^.;,]{0,30}\b(?:%s)\b"
_NOT_FRUSTRATED = re.compile(
    _NOT % _FRUSTRATED + r"|\b(?:stays?|remains?|is|was|seems?) (?:\w+ )?(?:calm|patient)\b",
    re.IGNORECASE,
)
_NOT_CONFUSED = re.compile(_NOT % _CONFUSED, re.IGNORECASE)
_NO_COMPLAINT = re.compile(
    r"\b(?:no|without|not|any|n't) (?:\w+ ){0,3}(?:complain\w*|dissatisfaction)\b", re.IGNORECASE
)
_NO_DETAILS = re.compile(
    r"\b(?:no|without) (?:\w+ ){0,4}(?:details?|information|number|id|reason|specifics)\b"
    r"(?: \w+){0,2} (?:given|provided|mentioned|specified|stated|shared|available)\b"
    r"|\b(?:did|does|has|have|was|were|is|are) ?(?:not|n't) (?:been )?(?:provide|specif|mention|state|give"
    r"|share|includ|disclos)\w*|\bunspecified\b|\black of (?:specific |further )?details\b",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(r"\b(?:customer|user|buyer|seller|they|he|she)\b", re.IGNORECASE)


def asks_for_agent(text: str) -> bool:
    """The wish to reach a human being."""
    return bool(_AGENT.search(text))


def tells_transfer(text: str) -> bool:
    """A hand-over to somebody else."""
    return bool(_TRANSFER.search(text)) and not asks_for_agent(text)


def asks_for_copy(text: str) -> bool:
    """The wish for a copy of the message by e-mail; a copy of an invoice is another matter."""
    return bool(_COPY.search(text)) and bool(_MAIL.search(text))


def is_courtesy(text: str) -> bool:
    """A greeting, thanks or farewell that holds nothing else."""
    rest, count = _COURTESY.subn(" ", text)
    return count > 0 and len(words(rest)) <= 1 and not entities.find(rest)


def is_rant(text: str) -> bool:
    """A general complaint: strong words, no identifier and no point of the case."""
    if not _RANT.search(text) or entities.find(text):
        return False
    return not _ISSUE.search(_RANT.sub(" ", text)) and not _REQUEST.search(text)


def gives_contact(text: str) -> bool:
    """Who the customer is and how to reach them; not a point of the case."""
    return bool(_CONTACT.search(text))


def is_outburst(text: str) -> bool:
    """Impatience without a fact: "This is the third time!", "Still no answer.", "COME ON"."""
    if entities.find(text) or len(words(text)) > 4:
        return False
    return bool(_WEAK.search(text)) and not _REPEAT.search(text)


def heat(text: str) -> int:
    """Weak cues of impatience in what a customer says: marks, capitals, "still", "third time"."""
    shouted = sum(len(word) > 3 and word.isupper() and word.isalpha() for word in text.split())
    return text.count("!") + len(_WEAK.findall(text)) + len(_RANT.findall(text)) + shouted


def announces_repeat(text: str) -> bool:
    """An opening such as "As I said" or "Once more"."""
    return bool(_REPEAT.search(text))


def lacks_details(text: str) -> bool:
    """A remark that details were not given."""
    return bool(_NO_DETAILS.search(text)) and not re.search(r"\bI\b|\bmy\b", text)


def is_mood(text: str) -> bool:
    """A statement of how the customer feels, and of nothing else."""
    rest, count = FRUSTRATED.subn(" ", text)
    rest, more = CONFUSED.subn(" ", rest)
    rest = OTHER_MOOD.sub(" ", rest) if count + more == 0 else rest
    return (
        rest != text and len(words(rest)) <= 3 and not _ISSUE.search(_NEGATED_MOOD.sub(" ", rest))
    )


_NEGATED_MOOD = re.compile(r"\b(?:not|never|no|got)\b", re.IGNORECASE)


def weight(sentence: str) -> int:
    """How much the next agent needs a customer's sentence; 0 for none, 3 and more for a point."""
    found = words(sentence)
    if len(found) < 2 and not entities.find(sentence):
        return 0
    if any(drop(sentence) for drop in (is_courtesy, is_rant, is_outburst, gives_contact)):
        return 0
    points = 2 * bool(_ISSUE.search(sentence)) + bool(_REQUEST.search(sentence))
    for entity in entities.find(sentence):
        points += 1 if entity.kind in ("price", "date", "other") else 3
    return points + (len(found) >= 3) + (len(found) >= 6)


def is_nothing(bullet: str) -> bool:
    """The bullet that says that there is nothing to summarize."""
    return strip(bullet).casefold().replace("summarise", "summarize") == NOTHING


def _about_customer(mood: re.Pattern[str], denied: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda bullet: bool(mood.search(bullet)) and not denied.search(bullet)


# What a bullet alone shows: code of taxonomy.yaml -> whether the bullet has the fault. The
# sentiments count as inferred only where the customer did not state them (arf.checks).
FAULTS: dict[str, Callable[[str], bool]] = {
    "unn_content_requests_agent": asks_for_agent,
    "unn_content_transfer": tells_transfer,
    "unn_content_webform_email_copy": asks_for_copy,
    "unn_content_courtesy": is_courtesy,
    "unn_content_customer_rant": is_rant,
    "unn_content_no_details": lacks_details,
    "sentiment_inferred_frustrated": _about_customer(FRUSTRATED, _NOT_FRUSTRATED),
    "sentiment_inferred_confused": _about_customer(CONFUSED, _NOT_CONFUSED),
    "sentiment_inferred_not_frustrated": lambda bullet: bool(_NOT_FRUSTRATED.search(bullet)),
    "sentiment_inferred_not_confused": lambda bullet: bool(_NOT_CONFUSED.search(bullet)),
    "sentiment_inferred_no_complaint": lambda bullet: bool(_NO_COMPLAINT.search(bullet)),
    "sentiment_other": lambda bullet: bool(
        OTHER_MOOD.search(bullet) and _THIRD_PERSON.search(bullet)
    ),
}
