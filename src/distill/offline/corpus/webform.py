"""Contact forms: fields, some of them empty, and a message."""

from random import Random
from typing import Any

from distill.offline.corpus import story as stories
from distill.offline.corpus import truth
from distill.offline.corpus.phrasings import Voice
from distill.offline.corpus.story import Story

# Field -> share of forms in which it is filled. Fields of the item and of the order are filled only
# where the intent has an item or an order.
FILLED = {
    "customer/role": 0.8,
    "customer/username": 0.35,
    "customer/name": 0.5,
    "customer/email": 0.4,
    "customer/phone": 0.15,
    "item/number": 0.3,
    "item/title": 0.12,
    "order/number": 0.2,
}
SLOTS = {
    "customer/username": ("username", "USERNAME"),
    "customer/name": ("name", "PERSON"),
    "customer/email": ("email", "EMAIL"),
    "customer/phone": ("phone", "PHONE"),
    "item/number": ("item_number", None),
    "item/title": ("item_name", None),
    "order/number": ("order_number", None),
}
WITHOUT_ITEM = {"account_locked", "payout_on_hold", "nothing"}


def compose(rng: Random, row_id: str, voice: Voice) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the raw form {"id", "topic", "customer/role", ..., "message"} and its truth row.

    Keys are the elements' paths in the XML; an empty field is "".
    """
    story = stories.tell(rng, "webform", voice)
    sentences = story.sentences
    fields = _fields(rng, story)
    gaps = [_gap(rng) for _ in sentences[1:]]
    message, spans = truth.joined("message", sentences, gaps)
    entities = {"role": fields["customer/role"]}
    entities |= {SLOTS[p][0]: v for p, v in fields.items() if p in SLOTS and SLOTS[p][1] is None}
    raw = {"id": row_id, **fields, "message": message}
    pii = _field_spans(fields) + spans
    return raw, truth.row(story, f"webform-{row_id}", sentences, entities, pii)


def _fields(rng: Random, story: Story) -> dict[str, str]:
    filled = {path: rng.random() < share for path, share in FILLED.items()}
    either = rng.choice(["buyer", "seller"])
    # The field must not contradict the message.
    role = story.role_in_facts[0] or story.role or either
    fields = {"topic": _topic(rng, story)}
    fields["customer/role"] = role if filled["customer/role"] else ""
    for path, (slot, pii) in SLOTS.items():
        applies = pii is not None or story.intent not in WITHOUT_ITEM
        fields[path] = story.values[slot] if filled[path] and applies else ""
    return fields


def _topic(rng: Random, story: Story) -> str:
    topic = story.voice["intents"].get(story.intent, {}).get("topic", "Other")
    return "Other" if rng.random() < 0.1 else str(topic)


def _gap(rng: Random) -> str:
    return rng.choices([" ", "\n", "\n\n", "  "], weights=[80, 8, 8, 4])[0]


def _field_spans(fields: dict[str, str]) -> list[truth.Span]:
    return [
        {"where": path, "start": 0, "end": len(fields[path]), "type": pii, "value": fields[path]}
        for path, (_, pii) in SLOTS.items()
        if pii is not None and fields[path]
    ]
