"""Personal data: found by a table of patterns, replaced by artificial values, looked for again."""

from arf.privacy.detect import TYPES, Span, find
from arf.privacy.replace import is_surrogate, left, replace
from arf.privacy.surrogates import surrogate

# The sample corpus is made up and public, and so is its key: the same values in every clone.
SAMPLE_KEY = b"public: sample corpus only"

__all__ = ["SAMPLE_KEY", "TYPES", "Span", "find", "is_surrogate", "left", "replace", "surrogate"]
