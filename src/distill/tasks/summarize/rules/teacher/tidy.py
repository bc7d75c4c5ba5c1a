"""Clean clauses of a customer's sentence: spelling, contractions and openings put right.

"hi, i dont hv my order 12 n i want a refund!!" -> [("", "I do not have my order 12"),
("and", "I want a refund")]. Words with digits and capitalized names are left as they are.
"""

import re

from distill.tasks.summarize.rules.teacher import words

_EDGES = re.compile(r"^([\"“'(*\[]*)(.*?)([\"”')*\],.;:!?…]*)$", re.DOTALL)
_SMILEY = re.compile(
    r"(?:^|\s)[:;=]['-]?[()DPp/|](?=\s|$)|[^\w\s$€£¥%.,;:!?'’\"“”()&/#@+*\[\]<>_–—…-]"
)
_OPENING = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|dear|greetings|good (?:morning|afternoon|evening|day))"
    r"(?: (?:there|(?:support |customer )?(?:team|service|support)|all|everyone|seller|sir|madam"
    r"|sir or madam))?\b[\s,.!-]*"
    r"|(?:(?:no|now|again|yes)(?=[,.:…])|well|so|but|and|ok|okay|fine|yes|yeah|yep|nope|oh|ah|look"
    r"|listen|honestly|anyway"
    r"|basically|actually|also|like|please note that|plus|however|right|sure|seriously"
    r"|the (?:problem|issue) is(?: that)?|the thing is that|i mean|you know"
    r"|as you know|for the record"
    r"|for your information|(?:thank you|thanks|sorry)(?=\s*[,.!])|alright|firstly|secondly"
    r"|finally|i (?:already )?told you(?=,)"
    r"|then|i (?:just )?wanted to (?:say|tell you)(?: that)?|hmm+|unfortunately"
    r"|as i (?:said|wrote above|wrote|told you|mentioned|see it)|like i (?:said|told you)"
    r"|as (?:stated|described|mentioned|far as i can tell)|once more|i repeat(?: that)?|to repeat"
    r"|(?:how can it be|why is it) that|for the \w+ time(?: now)?|in other words|to put it plainly"
    r"|in short|let me repeat(?: that)?"
    r"|i am (?:writing|contacting|reaching out)(?: to)?(?: you)?"
    r"(?: to (?:say|report|inform you|complain) that| because| since)(?= (?:i|my|the)\b)"
    r"|i (?:would like|want) to (?:report|inform you)(?: that)?"
    r"|i (?:think|believe|see|guess|hope)(?: that)?(?= (?:i|the|my|it|they|there)\b))"
    r"(?:\s*[,.:…-]+\s*|\s+(?=\S)))",
    re.IGNORECASE,
)  # fmt: skip
_CLOSING = re.compile(
    r"[\s,]+(?:please|thanks|thank you|thx|now|then|ok|okay|right|man|guys|yaar|seriously|you know"
    r"|though|anyway|again|already|at all|or what|or something|man|bro|sir|madam|today itself"
    r"|as soon as possible|immediately|right now|kindly)$",
    re.IGNORECASE,
)
_SUBJECT = (
    r"(?:i|we|my|our|please|kindly|(?:can|could|would)(?= (?:you|i)\b)|you|your|it|he|she|they"
    r"|this|that|there|the"
    r"|nobody|now|if|how|why|what|when|where|who|is|are|just|nothing|no|a|an|order|do)\b"
)
_BREAK = re.compile(
    rf"\s*(?:;|\s[–—-]{{1,2}}|\.{{2,}}|…|[.!?]+)\s+|\s*,?\s+(and|but|so)\s+(?={_SUBJECT})"
    rf"|\s*,\s+(?=(?:i|please|can|could|we|my|you|this|there|it)\b)",
    re.IGNORECASE,
)
_IT_IS = re.compile(
    r"(?:(?<=^)|(?<=because )|(?<=and )|(?<=but )|(?<=, )|(?<=[.!?] )|(?<=that )|(?<=or )"
    r"|(?<=if ))its (?=(?:totally|completely|broken|not|an?|the|still|missing|damaged|so|really"
    r"|too|already"
    r"|my|all|urgent|only|just|for|in|very|defective|fake|wrong|late|lost|stuck|out|gone|now"
    r"|useless|urgent|his"
    r"|her|been|\w+ing|\w+ed)\b)",
    re.IGNORECASE,
)
_OBJECT = re.compile(r"\b(?:between|both|either|the|a|an|my|your|of|with|for|in|on|to)$", re.I)


_EXCLAIMED = re.compile(r"(?:how can it be|why is it) that\b", re.IGNORECASE)
_REGARDING = re.compile(
    r"^(?:(?:re|ref|regarding|about|for|concerning)\b[\s:]*)?(?:the |my )?(?:[a-z]+ (?:for|of"
    r"|on) )?"
    r"(?:the |my )?((?:order|return|case|item|ticket)(?: (?:id|number"
    r"|no\.?))?[\s:#]*#?[\w-]*\d[\w-]*)"
    r"\s*(?:[:,.–—-]+\s+|\s(?=(?-i:[A-Z][a-z])))(?=\S+ \S+)",
    re.IGNORECASE,
)


def clauses(sentence: str) -> list[tuple[str, str]]:
    """Return (connector, clause) pairs; a question's clause ends with "?"."""
    cleaned = _spelled(sentence)
    asks = cleaned.rstrip("\"')!. ").endswith("?") and not _EXCLAIMED.match(cleaned)
    about = _REGARDING.match(cleaned)
    parts = _split(_opened(cleaned[about.end() :] if about else cleaned))
    if about:
        parts.insert(0, ("", about[1]))
    found = [(link, text) for link, part in parts if (text := _opened(part))]
    return [
        (link, text + "?" if asks and at == len(found) - 1 else text)
        for at, (link, text) in enumerate(found)
    ]


def _split(text: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    start, link = 0, ""
    for match in _BREAK.finditer(text):
        before = text[start : match.start()]
        small = len(before.split()) < 2 or _OBJECT.search(before)
        if small or len(text[match.end() :].split()) < 2 or before.casefold().startswith("if "):
            continue
        parts.append((link, before))
        start, link = match.end(), (match[1] or "").lower()
    return [*parts, (link, text[start:])]


def _opened(text: str) -> str:
    """Return the clause without words that open or close a turn and say nothing."""
    text = text.strip(" .!?…,;:-–—*" + ('"' if text.count('"') % 2 else ""))
    for pattern in (_OPENING, _CLOSING):
        while not text.endswith("just now") and (shorter := pattern.sub("", text, count=1)) != text:
            text = shorter
    return text.strip(" ,;:-")


def _spelled(text: str) -> str:
    text = _SMILEY.sub(" ", text.replace("’", "'"))
    text = re.sub(r"\[[^\]]*\]", " ", text)
    text = re.sub(
        r",?\s+like(?:,|\s*\.{2,})|\s+(?:uh+|um+|hm+)\b[,.]*", " ", text, flags=re.IGNORECASE
    )
    text = re.sub(r"\b(you) (?:guys|people|all|ppl|lot)\b", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r",?\s+(?:ya|you) know\b", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\b([Aa]) (?=[aeio]\w|u[lmp])(?!one\b|eu)", r"\1n ", text)
    text = re.sub(r"([!?])[!?]+", lambda marks: "?" if "?" in marks[0] else "!", text)
    first, _, rest = text.partition(" ")
    if first.istitle():
        first = words.corrected(first.lower()).capitalize()
    text = _IT_IS.sub("it is ", " ".join(_word(word) for word in [first, *rest.split()]))
    return re.sub(r"\b([Ii]t|[Tt]hat) is been\b", r"\1 has been", text)


def _word(word: str) -> str:
    edges = _EDGES.match(word)
    if edges is None or not edges[2]:
        return word
    before, core, after = edges.groups()
    return before + _core(core) + after


def _core(core: str) -> str:
    low = core.casefold()
    if low in words.CONTRACTIONS:
        return words.CONTRACTIONS[low]
    if low in words.SPELLINGS and (core.islower() or len(core) > 1 or core == "I"):
        return words.SPELLINGS[low]
    for ending, full in (("n't", " not"), ("'ve", " have"), ("'ll", " will"), ("'re", " are")):
        if low.endswith(ending) and len(low) > len(ending):
            return low[: -len(ending)] + full if low != "i" + ending else "I" + full
    if low.endswith("'d") and low[:-2] in ("i", "you", "we", "they", "it"):
        return ("I" if low[0] == "i" and low[1] == "'" else low[:-2]) + " would"
    if core.islower():
        return words.corrected(core)
    return low if len(core) > 1 and core.isupper() and low in _PLAIN | words.VOCABULARY else core


_PLAIN = (
    frozenset(words.BASE)
    | words.SINGULARS
    | words.PAST
    | words.PARTICIPLES
    | words.AUXILIARIES
    | words.ADVERBS
    | frozenset(
        words.listed(
            """a an the this that these those my your me you it its not no and or but so to of in
            on for with by please money back nothing anything everything wrong broken damaged
            very all what why how when where who urgent urgently asap tomorrow today days weeks
            full refunded missing new old real human being agent person order package parcel
            delivered time every single never ever again help delayed late worst horrible
            terrible ridiculous scam fake waiting within exact correct going still different
            completely totally empty replacement"""
        )
    )
)
