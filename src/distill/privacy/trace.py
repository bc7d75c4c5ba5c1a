"""Whether a request says anything personal that none of its cleared interactions says.

A summary changed by hand, an example in a prompt and a stage that puts raw text back reach a model
beside the interaction whose seal is checked, so the whole rendered request is searched. Identifiers
and user names are left out, since the codes of a taxonomy look like them.
"""

from collections.abc import Iterable
from functools import lru_cache

from distill.privacy.find.detect import Span
from distill.privacy.kinds import IDENTIFIERS, DetectionError
from distill.privacy.replace import is_traced_to, second_look, words_of_all
from distill.privacy.settings import Added

_LIKE_CODES = IDENTIFIERS | {"USERNAME"}


def is_traced(messages: Iterable[str], cleared: Iterable[str], added: Added) -> bool:
    """Whether whatever is personal in the messages consists of words of the cleared texts.

    False as well where a text cannot be searched.
    """
    texts = list(cleared)
    known = {line.strip() for text in texts for line in text.splitlines()}
    words = words_of_all(texts)
    lines = (line for text in messages for line in text.splitlines() if line.strip() not in known)
    try:
        return all(
            is_traced_to(line[span.start : span.end], words)
            for line in lines
            for span in _personal(line, added)
        )
    except DetectionError:
        return False


@lru_cache(maxsize=4096)  # the lines of a prompt stand in every request
def _personal(line: str, added: Added) -> tuple[Span, ...]:
    found = second_look(line, (), added)
    return tuple(span for span in found if span.type not in _LIKE_CODES)
