"""The code fence that many models put around an answer."""

import re

_FENCE = "```"
_LANGUAGE = re.compile(r"[a-zA-Z]*[ \t]*(?:\r?\n|(?=[\[{]))")


def unfenced(text: str) -> str:
    """Return a reply without the fence around it, open or closed, and without outer spaces.

    The time is linear in the reply's length, whatever it holds.
    """
    text = text.strip()
    if not text.startswith(_FENCE):
        return text
    inner = text.removeprefix(_FENCE).removesuffix(_FENCE)
    return inner[language.end() if (language := _LANGUAGE.match(inner)) else 0 :].strip()
