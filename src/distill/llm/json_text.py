"""A model's reply in JSON, read strictly."""

import json

from distill.llm.wrappers import unfenced


def loads(text: str) -> object:
    """Return the value of a JSON text, with or without a Markdown fence; raises as `decoded`."""
    return decoded(unfenced(text))


def decoded(text: str) -> object:
    """Return the value of a JSON text.

    Raises ValueError for anything else, for a repeated key, whose value is ambiguous, and for text
    that is no valid Unicode.
    """
    try:
        value: object = json.loads(text, object_pairs_hook=_with_unique_keys, parse_float=_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair: ValueError
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _number(text: str) -> int | float:
    """Return a number with a fraction of 0, such as 4.0, as the integer that JSON Schema takes."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _with_unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key is repeated")
    return members
