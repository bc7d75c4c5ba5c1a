"""What a summary says beside what it must say: facts, noise, inventions."""

import re

from distill.offline.truth.feelings import MOODS, names_language
from distill.offline.truth.items import ALIKE, Item, Items
from distill.offline.truth.words import likeness, tokens
from distill.records import Row
from distill.tasks.summarize.format import NOTHING

NOISE = {
    "requests_agent": "unn_content_requests_agent",
    "transfer": "unn_content_transfer",
    "courtesy": "unn_content_courtesy",
    "customer_rant": "unn_content_customer_rant",
    "webform_email_copy": "unn_content_webform_email_copy",
    "redundant": "unn_content_redundant",
    "bot": "unn_content_ebay_response_included",
}
# Where the noise is there in other words than the customer's, a word of each group gives it away.
_PARAPHRASED = {
    "requests_agent": (
        {"agent", "human", "person", "representative", "someone", "operator", "advisor"},
        {"speak", "talk", "connect", "connected", "chat", "live", "real", "transferred"},
    ),
    "webform_email_copy": ({"copy"}, {"email", "e-mail", "mail", "inbox", "mailbox"}),
}
_NO_DETAILS = re.compile(
    r"\bno\b.*\b(?:given|provided|details?|mentioned|included)\b"
    r"|\bnot (?:give|provide|mention|specif|include|state)"
)
_ROLES = {"buyer", "seller"}


def missing(items: Items) -> set[str]:
    """content_missing, unless every unstated fact is one that an item tells wrongly."""
    wrong = [item for item in items.all if items.unknown(item)]
    for at, fact in enumerate(items.facts):
        if at not in items.stated and not any(
            likeness(item.words, fact.words) >= 0.4
            for item in wrong
            if unsupported_code(items, item)
        ):
            return {"content_missing"}
    return set()


def disordered(items: Items) -> set[str]:
    """content_order, where an item's fact comes before that of the item above it."""
    told = [items.facts.index(item.source) for item in items.all if item.source in items.facts]
    first = list(dict.fromkeys(told))
    return {"content_order"} if first != sorted(first) else set()


def unsupported(items: Items) -> set[str]:
    """content_hallucination or content_inaccurate of items with words from nowhere."""
    return {code for item in items.all if (code := unsupported_code(items, item))}


def unsupported_code(items: Items, item: Item) -> str | None:
    """Most words without basis: made up; more than a quarter: inaccurate."""
    if item.words & MOODS or names_language(item.words) or _NO_DETAILS.search(item.text.casefold()):
        return None
    if _paraphrased(item):
        return None
    unknown, words = items.unknown(item), item.plain
    if len(unknown) >= 2 and len(unknown) > len(words) / 2:
        return "content_hallucination"
    return "content_inaccurate" if unknown and len(unknown) > len(words) / 4 else None


def noise(row: Row, items: Items, only: bool = False) -> set[str]:
    """Return the codes of noise that is reported; with `only`, none unless all items are noise."""
    kinds = {noise["kind"] for noise in row["noise"]}
    found: set[str] = set()
    for item in items.said:
        code = _noise_code(row, items, item, kinds)
        if code:
            found.add(code)
        elif only and item.text.casefold() != NOTHING:
            return set()
    return found | _repeated(items)


def _noise_code(row: Row, items: Items, item: Item, kinds: set[str]) -> str | None:
    if item.source:
        code = NOISE.get(item.source.kind)
        alone = item.source.kind == "redundant"  # a fault only beside the fact that it repeats
        return None if code is None or alone else _applicable(code, row["channel"])
    for kind in sorted(_paraphrased(item) & kinds):
        return _applicable(NOISE[kind], row["channel"])
    if _NO_DETAILS.search(item.text.casefold()):
        return "unn_content_no_details"
    said = any(likeness(line, item.words) >= ALIKE for line in items.others_lines)
    return NOISE["bot"] if said and item.plain else None  # a bare value is nobody's words


def _applicable(code: str, channel: str) -> str:
    chats_only = {"unn_content_requests_agent", "unn_content_transfer"}
    forms_only = {"unn_content_webform_email_copy"}
    other = (channel == "webform" and code in chats_only) or (
        channel == "botchat" and code in forms_only
    )
    return "unn_other" if other else code


def _paraphrased(item: Item) -> set[str]:
    words = item.every
    return {kind for kind, (what, how) in _PARAPHRASED.items() if words & what and words & how}


def _repeated(items: Items) -> set[str]:
    """unn_content_redundant, where two items say the same."""
    facts = [items.facts.index(item.source) for item in items.said if item.source in items.facts]
    said = facts + [items.repeated(item.source) for item in items.restating if item.source]
    if len(said) > len(set(said)):
        return {"unn_content_redundant"}
    loose = [item.words for item in items.said if item.source is None]
    twice = any(
        likeness(words, earlier) >= 0.9 for at, words in enumerate(loose) for earlier in loose[:at]
    )
    return {"unn_content_redundant"} if twice else set()


def is_concise(row: Row, items: Items) -> bool:
    """Whether every item is of use: a fact, a listed value, the role, the language, a mood."""
    listed = {token for values in row["entities"].values() for v in values for token in tokens(v)}
    return all(_useful(item, listed) for item in items.all)


def _useful(item: Item, listed: set[str]) -> bool:
    if item.source is not None or item.text.casefold() == NOTHING:
        return True
    if names_language(item.words) or item.words & MOODS or item.every & _ROLES:
        return True
    return bool(item.words & listed)
