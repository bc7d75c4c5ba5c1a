"""A bare loop over aiohttp: python with_aiohttp.py job.json

What one would write in an afternoon: 64 requests in flight, retries with growing waits for 429,
5xx and what the network does, and no cache: an interrupted run starts over.
"""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import aiohttp

Job = dict[str, Any]


async def ask(session: aiohttp.ClientSession, job: Job, prompt: str) -> str:
    """Return the answer to a prompt; raises what the last attempt raised."""
    url = job["base_url"] + "/chat/completions"
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0.0,
        "max_tokens": job["max_tokens"],
    }
    for attempt in range(job["retries"] + 1):
        wait = min(0.5 * 2**attempt, 8) * (1 - 0.25 * random.random())
        try:
            async with session.post(url, json=body) as response:
                if response.status == 429 or response.status >= 500:
                    wait = float(response.headers.get("Retry-After", wait))
                response.raise_for_status()
                data = await response.json()
            return str(data["choices"][0]["message"]["content"])
        except (aiohttp.ClientConnectionError, aiohttp.ClientResponseError, TimeoutError):
            if attempt == job["retries"]:
                raise
        await asyncio.sleep(wait)
    raise AssertionError


async def main() -> None:
    """Ask for every row and write the answers in order."""
    job = json.loads(Path(sys.argv[1]).read_text())
    rows = [json.loads(line) for line in Path("rows.jsonl").read_text().splitlines()]
    enter = asyncio.Semaphore(job["concurrency"])
    timeout = aiohttp.ClientTimeout(total=job["timeout"])

    async def one(row: dict[str, str]) -> str | None:
        async with enter:
            try:
                return await ask(session, job, row["prompt"])
            except Exception:  # the row has no answer
                return None

    connector = aiohttp.TCPConnector(limit=job["concurrency"])
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        answers = await asyncio.gather(*map(one, rows))
    with Path("answers.jsonl").open("w") as lines:
        for row, text in zip(rows, answers, strict=True):
            lines.write(json.dumps({"id": row["id"], "answer": text}) + "\n")


asyncio.run(main())
