"""Errors of content by the truth: missing, disordered and unsupported points; noise; repetition."""

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
# A paraphrase of noise is detected by one word of each group.
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
    """Return content_missing, unless an item states each unstated fact wrongly."""
    wrong = [item for item in items.all if items.unsupported(item)]
    for at, fact in enumerate(items.facts):
        if at not in items.stated_facts and not any(
            likeness(item.words, fact.words) >= 0.4
            for item in wrong
            if unsupported_code(items, item)
        ):
            return {"content_missing"}
    return set()


def disordered(items: Items) -> set[str]:
    """Return content_order where an item's fact precedes the fact of an earlier item."""
    stated = [items.facts.index(item.source) for item in items.all if item.source in items.facts]
    first = list(dict.fromkeys(stated))
    return {"content_order"} if first != sorted(first) else set()


def unsupported(items: Items) -> set[str]:
    """Return content_hallucination and content_inaccurate for items with unsupported words."""
    return {code for item in items.all if (code := unsupported_code(items, item))}


def unsupported_code(items: Items, item: Item) -> str | None:
    """Return content_hallucination above half of unsupported words, _inaccurate above a quarter."""
    if item.words & MOODS or names_language(item.words) or _NO_DETAILS.search(item.text.casefold()):
        return None
    if _paraphrased(item):
        return None
    unsupported, words = items.unsupported(item), item.checkable_words
    if len(unsupported) >= 2 and len(unsupported) > len(words) / 2:
        return "content_hallucination"
    return "content_inaccurate" if unsupported and len(unsupported) > len(words) / 4 else None


def noise(row: Row, items: Items, only: bool = False) -> set[str]:
    """Return the codes of reported noise; with `only`, none unless all items are noise."""
    kinds = {noise["kind"] for noise in row["noise"]}
    codes: set[str] = set()
    for item in items.sentences:
        code = _noise_code(row, items, item, kinds)
        if code:
            codes.add(code)
        elif only and item.text.casefold() != NOTHING:
            return set()
    return codes | _repeated(items)


def _noise_code(row: Row, items: Items, item: Item, kinds: set[str]) -> str | None:
    if item.source:
        code = NOISE.get(item.source.kind)
        if code is None or item.source.kind == "redundant":  # _repeated finds repetitions
            return None
        return _applicable(code, row["channel"])
    for kind in sorted(_paraphrased(item) & kinds):
        return _applicable(NOISE[kind], row["channel"])
    if _NO_DETAILS.search(item.text.casefold()):
        return "unn_content_no_details"
    by_others = any(likeness(line, item.words) >= ALIKE for line in items.other_sentences)
    return NOISE["bot"] if by_others and item.checkable_words else None  # not for a bare value


def _applicable(code: str, channel: str) -> str:
    chats_only = {"unn_content_requests_agent", "unn_content_transfer"}
    forms_only = {"unn_content_webform_email_copy"}
    other = (channel == "webform" and code in chats_only) or (
        channel == "botchat" and code in forms_only
    )
    return "unn_other" if other else code


def _paraphrased(item: Item) -> set[str]:
    words = item.all_words
    return {kind for kind, (what, how) in _PARAPHRASED.items() if words & what and words & how}


def _repeated(items: Items) -> set[str]:
    """Return unn_content_redundant where two items state the same."""
    facts = [
        items.facts.index(item.source) for item in items.sentences if item.source in items.facts
    ]
    facts += [items.restated_fact(item.source) for item in items.restatements if item.source]
    if len(facts) > len(set(facts)):
        return {"unn_content_redundant"}
    others = [item.words for item in items.sentences if item.source is None]
    repeated = any(
        likeness(words, earlier) >= 0.9
        for at, words in enumerate(others)
        for earlier in others[:at]
    )
    return {"unn_content_redundant"} if repeated else set()


def is_concise(row: Row, items: Items) -> bool:
    """Return whether each item has a fact, a listed value, the role, the language or a mood."""
    listed = {token for values in row["entities"].values() for v in values for token in tokens(v)}
    return all(_is_useful(item, listed) for item in items.all)


def _is_useful(item: Item, listed: set[str]) -> bool:
    if item.source is not None or item.text.casefold() == NOTHING:
        return True
    if names_language(item.words) or item.words & MOODS or item.all_words & _ROLES:
        return True
    return bool(item.words & listed)
