"""The JSON lines of the batch API's files.

Source: OpenAI's API reference, "Batch". A line of the input file, and one of the output or error
file:

    {"custom_id": "9f86...", "method": "POST", "url": "/v1/chat/completions", "body": {...}}
    {"custom_id": "9f86...", "response": {"status_code": 200, "body": {...}}, "error": null}
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from distill.llm.endpoint.responses import Response, parsed

REQUESTS, BYTES = 50_000, 200_000_000  # limits of one input file
COMPLETIONS = "/v1/chat/completions"


def line(key: str, body: dict[str, Any]) -> bytes:
    """Return one request as a line of an input file."""
    request = {"custom_id": key, "method": "POST", "url": COMPLETIONS, "body": body}
    return json.dumps(request).encode() + b"\n"


def responses(lines: BinaryIO, model: str) -> Iterator[tuple[str, Response]]:
    """Yield (key, response) for each readable line of an output or error file."""
    for text in lines:
        try:
            found = json.loads(text)
            key, response = found["custom_id"], found["response"]
            status, content = int(response["status_code"]), json.dumps(response["body"]).encode()
        except (ValueError, LookupError, TypeError):
            continue  # malformed, or a request that never ran: its response is null
        yield str(key), parsed(status, content, model)
