"""Presidio's recognizer and result, in 3 s instead of 7.

Presidio imports transformers where it is installed, for an engine that is not used here. It is told
that there is none; whoever imports it later has it as ever.
"""

import sys
from typing import Any

_modules: dict[str, Any] = sys.modules
_modules.setdefault("transformers", None)

from presidio_analyzer import EntityRecognizer, RecognizerResult  # noqa: E402

if _modules["transformers"] is None:
    del _modules["transformers"]

__all__ = ["EntityRecognizer", "RecognizerResult"]
