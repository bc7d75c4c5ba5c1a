"""Personal data of one text in production: replaced as the pipeline did, and put back."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from distill.errors import ParamsError, RowError
from distill.privacy.kinds import KEEP
from distill.privacy.rows import anonymize
from distill.privacy.seal import derived, key
from distill.privacy.seen import Seen
from distill.privacy.settings import Anonymize
from distill.privacy.survey import Survey, look


class Anonymized(NamedTuple):
    """A text with artificial values, and the original of each of them."""

    text: str
    values: Mapping[str, str]


def anonymized(
    text: str, settings: Anonymize, on_sample: bool = False, id: str = "production"
) -> Anonymized:
    """Return the text as stage `anonymize` would have written it.

    `settings` are those of params.yaml, `on_sample` tells whether its source is the public sample.
    Texts of one `id` get equal artificial values for equal values. The pipeline also avoids
    artificial values that occur anywhere in the channel, which a text alone does not show. Raises
    RowError where something personal is left, and ParamsError for mode strict, which needs the
    channel's vocabulary, and without the secret.
    """
    if settings.mode == "strict":
        raise ParamsError("anonymize.mode: strict needs a whole channel; for one text set rules")
    secret = derived(key(settings, on_sample), "values")
    row, spans = look({"id": id, "input": text}, settings.added)
    seen = Seen()
    for span in () if isinstance(spans, str) else spans:
        if span.type != KEEP:
            seen.add(span.type, text[span.start : span.end])
    found = anonymize((row, spans), settings, Survey(seen, None), secret)
    if found.reason:
        raise RowError(f"{id}: {found.reason}; the text must not leave")
    return Anonymized(found.row["input"], found.values)


def restored(text: str, values: Mapping[str, str]) -> str:
    """Return a summary with the originals in the place of artificial values."""
    if not values:
        return text
    found = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{found})(?!\w)", lambda match: values[match[0]], text)
