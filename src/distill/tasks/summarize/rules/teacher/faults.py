"""The teacher's errors, made on points: facts lost and altered, noise added alone or to a fact."""

import re
from collections.abc import Callable

from distill.tasks.summarize.rules.teacher import kinds
from distill.tasks.summarize.rules.teacher.content import Content, Point
from distill.tasks.summarize.rules.teacher.interaction import Interaction
from distill.tasks.summarize.rules.teacher.rates import Errors
from distill.tasks.summarize.rules.teacher.wording import clause, draw

# Words of a fact and what a hasty reader takes them for.
_MISTAKEN = [
    (r"\bhas not arrived\b|\bhas not been delivered\b|\bnever arrived\b", "arrived late"),
    (r"\b(?:broken|damaged|smashed|shattered)\b", "used"),
    (r"\ba replacement\b", "a refund"),
    (r"\ba (?:full )?refund\b", "a replacement"),
    (r"\bcharged twice\b", "overcharged"),
    (r"\bnot as described\b|\bthe wrong\b", "a defective"),
    (r"\bthree\b", "two"),
    (r"\bfive\b", "four"),
    (r"\bMonday\b", "Tuesday"),
    (r"\byesterday\b", "last week"),
    (r"\bis on hold\b", "was rejected"),
    (r"\bwas removed\b", "was changed"),
    (r"\bcannot access\b", "cannot update"),
]
_INVENTED = (
    "Customer has contacted support about this before",
    "Customer attached photos as proof",
    "Customer already tried to reach the seller",
    "Customer checked with the courier",
    "Customer mentions that this is urgent",
)
_IDENTIFIER = re.compile(r"(?<![\w$€£.-])(?=[\w-]*\d{4})[\w-]*\d(?![\w-])")
_DATED = re.compile(
    r" (?:on|since|until|by|before) (?=[A-Z\d])" + kinds.DATE.pattern, re.IGNORECASE
)
_PROMISE = re.compile(
    r"^(?:we|i|an agent|a colleague|you|our \w+|the team|someone) (?:will|shall)\b.{8,90}$",
    re.IGNORECASE,
)
_SHARP = re.compile(
    r"!|\b(?:ridiculous|seriously|joke|how many times|come on|third time|fed up|worst|useless"
    r"|all day|again and again|still waiting|asap|immediately|hurry|right now)\b"
    r"|(?-i:\b[A-Z]{4,}\b)",
    re.IGNORECASE,
)  # fmt: skip


def lost_and_altered(points: list[Point], errors: Errors) -> list[str]:
    """Return the texts of the points after the errors of content, entities and data elements."""
    if len(points) > 1 and errors.errs("content_missing", "there are two facts"):
        at = 1 + int(draw(errors.text, "lost fact") * (len(points) - 1))
        points = points[:at] + points[at + 1 :]
    texts = [point.text for point in points]
    texts = _once(
        texts, errors, "content_inaccurate", "a word of a fact is easily mistaken", _mistaken
    )
    texts = _once(texts, errors, "data_element_missing", "a date is told", _undated)
    return _once(texts, errors, "entity_inaccurate", "an identifier is told", _miscopied)


def _once(
    texts: list[str], errors: Errors, code: str, occasion: str, alter: Callable[[str], str]
) -> list[str]:
    """Alter the first point that offers the occasion, if the teacher errs at it."""
    for at, text in enumerate(texts):
        altered = alter(text)
        if altered != text:
            return (
                [*texts[:at], altered, *texts[at + 1 :]] if errors.errs(code, occasion) else texts
            )
    return texts


def _mistaken(text: str) -> str:
    for pattern, taken in _MISTAKEN:
        if re.search(pattern, text):
            return re.sub(pattern, taken, text, count=1)
    return text


def _undated(text: str) -> str:
    return _DATED.sub("", text, count=1)


def _miscopied(text: str) -> str:
    """Return the text with two neighbouring digits of its first identifier exchanged or changed."""
    return _IDENTIFIER.sub(_slip, text, count=1)


def _slip(match: re.Match[str]) -> str:
    value = match[0]
    at = max(at for at, sign in enumerate(value) if sign.isdigit())
    return f"{value[:at]}{(int(value[at]) + 1) % 10}{value[at + 1 :]}"


def repeated(points: list[str], repeats: tuple[Point, ...], errors: Errors) -> list[str]:
    """Add a fact that is told a second time in other words."""
    code = "unn_content_redundant"
    if not points:
        return points
    heard = [repeat for repeat in repeats if any(_alike(repeat.text, told) for told in points)]
    if heard:
        if errors.errs(code, "the customer repeats a fact"):
            return [*points, _again(heard[0].text, errors)]
    elif errors.errs(code, "there is a fact"):
        return [*points, _again(points[0], errors)]
    return points


def _alike(repeat: str, point: str) -> bool:
    """Return whether the point tells what the customer repeats."""
    mine, theirs = (set(re.findall(r"[\w-]{5,}", text.casefold())) for text in (repeat, point))
    shared = mine & theirs - {"customer", "customer's", "wants", "asks"}
    return bool(shared or kinds.topics(repeat) & kinds.topics(point))


_WISHED_AGAIN = [
    (r"Customer wants to know\b", "Customer asks to be told"),
    (r"Customer (?:wants|needs) (?=to\b)", "Customer would like "),
    (r"Customer (?:wants|needs|expects)\b", "Customer is asking for"),
    (r"Customer requests\b", "Customer would like"),
    (r"Customer asks support to\b", "Customer would like support to"),
    (r"Customer asks (?=wh|how)", "Customer would like to know "),
]


def _again(point: str, errors: Errors) -> str:
    for pattern, other in _WISHED_AGAIN:
        if re.match(pattern, point):
            return re.sub(pattern, other, point)
    told = clause(
        re.sub(
            r" \([^)]*\)|, and (?:the customer|it) .*$| and (?:wants|requests|asks) .*$", "", point
        )
    )
    openings = (
        "Customer reports that",
        "Customer says that",
        "The issue is that",
        "Customer contacted support because",
    )
    return f"{openings[int(draw(errors.text, 'again') * len(openings))]} {told}"


def noisy(
    points: list[str], content: Content, interaction: Interaction, errors: Errors
) -> list[str]:
    """Add what a summary should leave out, to a point of its own or to one with a fact."""
    noise = content.noise
    points = _frustrated(points, content, interaction.text, errors)
    if "agent" in noise and errors.errs(
        "unn_content_requests_agent", "the customer asks for an agent"
    ):
        points = _with(points, "unn_content_requests_agent", errors)
    if "copy" in noise and errors.errs(
        "unn_content_webform_email_copy", "the customer asks for a copy"
    ):
        points = _with(points, "unn_content_webform_email_copy", errors)
    if "transfer" in noise and errors.errs(
        "unn_content_transfer", "the customer mentions a transfer"
    ):
        points = _with(points, "unn_content_transfer", errors)
    if "rant" in noise and errors.errs("unn_content_customer_rant", "the customer rants"):
        points = _with(points, "unn_content_customer_rant", errors)
    promises = [answer for answer in interaction.answers if _PROMISE.match(answer)]
    code, occasion = "unn_content_ebay_response_included", "the other side promises something"
    if promises and errors.errs(code, occasion):
        points = [*points, _attributed(promises[-1])]
    if points and errors.errs("content_hallucination", "there is a fact"):
        points = [*points, _INVENTED[int(draw(errors.text, "invented") * len(_INVENTED))]]
    return points


def _frustrated(points: list[str], content: Content, said: str, errors: Errors) -> list[str]:
    sharp = len(_SHARP.findall(said)) >= 2 or (
        "impatience" in content.noise or "rant" in content.noise
    )
    if "mood" in content.noise:
        return points
    if sharp:
        if errors.errs("sentiment_inferred_frustrated", "the tone is sharp"):
            return _with(points, "sentiment_inferred_frustrated", errors)
    elif points and errors.errs("sentiment_inferred_not_frustrated", "the tone is calm"):
        return [*points, "Customer does not seem frustrated"]
    return points


# Noise alone; noise before a clause; noise behind a wish of "Customer"; by the error.
_ALONE = {
    "sentiment_inferred_frustrated": (
        "Customer is frustrated",
        "Customer is frustrated with the service",
        "Customer expresses frustration with the situation",
        "Customer is upset about the lack of a solution",
    ),
    "unn_content_requests_agent": (
        "Customer wants to speak to a human agent",
        "Customer requests to be connected to a live agent",
        "Customer asks to talk to a representative",
        "Customer prefers to speak with a real person",
    ),
    "unn_content_webform_email_copy": (
        "Customer requests a copy of this message by email",
        "Customer would like a copy of the form sent to their email address",
        "Customer asks for a copy of the submission to be emailed to them",
    ),
    "unn_content_transfer": (
        "Customer was transferred from another agent",
        "Customer was sent to this chat by a colleague",
    ),
    "unn_content_customer_rant": (
        "Customer complains about poor service",
        "Customer is considering shopping elsewhere",
        "Customer finds the company's service unacceptable",
    ),
}
_BEFORE = {
    "sentiment_inferred_frustrated": (
        "Customer is frustrated that {}",
        "Customer is upset because {}",
        "Customer expresses frustration that {}",
    ),
    "unn_content_requests_agent": (
        "Customer wants to speak to an agent because {}",
        "Customer asks for a human agent since {}",
    ),
    "unn_content_webform_email_copy": (
        "Customer requests an email copy of this form and reports that {}",
    ),
    "unn_content_transfer": ("Customer was transferred to this chat because {}",),
    "unn_content_customer_rant": ("Customer complains about poor service and says that {}",),
}
_BEHIND = {
    "sentiment_inferred_frustrated": ("Customer is frustrated and {}",),
    "unn_content_requests_agent": (
        "Customer {} and asks to speak to a human agent",
        "Customer wants to talk to a live agent and {}",
    ),
    "unn_content_webform_email_copy": (
        "Customer {} and a copy of this form by email",
        "Customer {} and asks for a copy of the message by email",
    ),
    "unn_content_transfer": ("Customer was transferred and {}",),
    "unn_content_customer_rant": ("Customer {} and complains about the service",),
}
_ABOUT = "Customer wants to speak to an agent about {}"
_WISH = re.compile(r"Customer (?:wants|requests|asks|needs|expects)\b")
_NOUN_WISHED = re.compile(
    r"Customer (?:wants|requests) ((?:a|an|the) (?:[\w-]+ )*?(?:refund|replacement|label|exchange"
    r"|case|payout|invoice|cancellation|return)\b.*)"
)


def _with(points: list[str], code: str, errors: Errors) -> list[str]:
    """Add the noise: to the one fact that can hold it if the teacher mixes, else as a point."""
    at = next((at for at in _order(code, points) if _can_hold(points[at])), None)
    alone = _pick(_ALONE[code], errors, code)
    if at is None:
        return [*points, alone]
    if not errors.mixes(code):
        return (
            [alone, *points]
            if code.startswith("sentiment") and draw(errors.text, "front") < 0.3
            else [*points, alone]
        )
    return [*points[:at], _mixed(points[at], code, errors), *points[at + 1 :]]


def _order(code: str, points: list[str]) -> list[int]:
    """Return the points' numbers: feelings go with the issue, requests rather with a wish."""
    wishes = [at for at, point in enumerate(points) if _WISH.match(point)]
    others = [at for at in range(len(points)) if at not in wishes]
    return others + wishes if code.startswith("sentiment") else wishes + others


def _can_hold(point: str) -> bool:
    several = " and " in point and (_WISH.match(point) or ", and " in point)
    return len(point.split()) <= _ROOM and not several and not _CLOSED.match(point)


_ROOM = 22  # most words of a point that noise is added to
_CLOSED = re.compile(
    r"Customer is (?:a|the|asking|reporting|contacting|writing)\b|Customer (?:complains|inquires)"
    r"|Customer asks (?:wh|how)|\w+ number is"
    r"|.*\b(?:agent|frustrat|copy|upset|complain|(?:reports|says|issue is) that|support because)"
)


def _mixed(point: str, code: str, errors: Errors) -> str:
    noun = _NOUN_WISHED.match(point)
    if code == "unn_content_requests_agent" and noun and draw(errors.text, "about") < 0.5:
        return _ABOUT.format(noun[1])
    if _WISH.match(point):
        form = _pick(_BEHIND[code], errors, code)
        if " and a copy" in form and not noun:
            form = _BEHIND[code][1]
        return form.format(point.removeprefix("Customer "))
    return _pick(_BEFORE[code], errors, code).format(clause(point))


def _pick(forms: tuple[str, ...], errors: Errors, code: str) -> str:
    return forms[int(draw(errors.text, f"{code} words") * len(forms))]


def _attributed(promise: str) -> str:
    """Return what the other side promised as if it were the customer's matter."""
    text = re.sub(r"^(?:we|i)\b", "Support", promise.rstrip(".!"), flags=re.IGNORECASE)
    text = re.sub(r"^you\b", "Customer", text, flags=re.IGNORECASE)
    text = re.sub(
        r"\bSupport (?:am|have)\b",
        lambda match: {"am": "Support is"}.get(match[0].split()[1], "Support has"),
        text,
    )
    text = re.sub(r"\bmy\b|\bour\b", "the", re.sub(r"\byour\b", "their", text))
    text = re.sub(r"\b(?:us|me)\b", "support", text)
    return re.sub(r"\byou\b", "the customer", text)
