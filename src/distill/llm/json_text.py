"""A model's reply in JSON, read strictly."""

import json
import re

_FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")


def loads(text: str) -> object:
    """Return the value of a JSON text, with or without a Markdown fence.

    Raises ValueError for anything else, for a repeated key, whose value is ambiguous, and for text
    that is no valid Unicode.
    """
    try:
        value: object = json.loads(
            _FENCE.sub("", text.strip()), object_pairs_hook=_with_unique_keys
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair: ValueError
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _with_unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key is repeated")
    return members
