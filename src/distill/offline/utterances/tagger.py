"""The offline tagger of many texts at once: it reads them, or remembers what it meant by them."""

import json
from collections.abc import Mapping
from typing import Any

from distill import tasks


def tag(request: Mapping[str, Any]) -> str:
    """Return an answer for each text, in order, as JSON: {"answers": ["refund_missing", ...]}.

    {"task": "classify", "labels": ["refund_missing"], "texts": ["Where is ..."], "meant": None}

    A separate conversation, without `meant`, reads each text by the rule of its task, with the
    errors declared there. The conversation that wrote the texts answers what it meant by them.
    """
    if request["meant"] is not None:
        return json.dumps({"answers": list(request["meant"])}, ensure_ascii=False)
    return json.dumps(
        {"answers": [_read(text, request) for text in request["texts"]]}, ensure_ascii=False
    )


def _read(text: str, request: Mapping[str, Any]) -> Any:
    answer = tasks.load(request["task"]).rule({"input": text, "labels": request["labels"]})
    return answer if request["task"] == "classify" else json.loads(answer)
