"""A bare loop over the openai SDK: python with_openai.py job.json

64 requests in flight, the SDK's own retries, no cache: an interrupted run starts over.
"""

import asyncio
import json
import sys
from pathlib import Path

from openai import AsyncOpenAI


async def main() -> None:
    """Ask for every row and write the answers in order."""
    job = json.loads(Path(sys.argv[1]).read_text())
    rows = [json.loads(line) for line in Path("rows.jsonl").read_text().splitlines()]
    enter = asyncio.Semaphore(job["concurrency"])
    client = AsyncOpenAI(
        base_url=job["base_url"],
        api_key="none",
        timeout=job["timeout"],
        max_retries=job["retries"],
    )

    async def one(row: dict[str, str]) -> str | None:
        async with enter:
            try:
                reply = await client.chat.completions.create(
                    model="m",
                    messages=[{"role": "user", "content": row["prompt"]}],
                    temperature=0.0,
                    max_tokens=job["max_tokens"],
                )
                return reply.choices[0].message.content
            except Exception:  # the row has no answer
                return None

    answers = await asyncio.gather(*map(one, rows))
    with Path("answers.jsonl").open("w") as lines:
        for row, text in zip(rows, answers, strict=True):
            lines.write(json.dumps({"id": row["id"], "answer": text}) + "\n")


asyncio.run(main())
