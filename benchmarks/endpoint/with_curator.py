"""Bespoke Curator over its own OpenAI client: python with_curator.py job.json

Its cache lies in the working folder. Two things are in its favour: the rows that failed do not
fail the whole (`require_all_responses`), and it counts tokens at no cost, because the vocabulary
that it would count with has to be downloaded.
"""

import json
import sys
from pathlib import Path
from typing import Any

import tiktoken
from bespokelabs import curator


class Quarters:
    """A stand-in for a tokenizer: four characters are a token."""

    def encode(self, text: str, **_: Any) -> str:
        """Return something as long as the tokens would be."""
        return text[::4]


class Summaries(curator.LLM):
    """One prompt a row, one answer a row."""

    def prompt(self, row: dict[str, str]) -> str:
        """Return what is asked."""
        return row["prompt"]

    def parse(self, row: dict[str, str], response: str) -> dict[str, str]:
        """Return the row with its answer."""
        return {"id": row["id"], "answer": response}


def main() -> None:
    """Ask for every row and write the answers."""
    tiktoken.get_encoding = lambda name: Quarters()
    job = json.loads(Path(sys.argv[1]).read_text())
    rows = [json.loads(line) for line in Path("rows.jsonl").read_text().splitlines()]
    llm = Summaries(
        model_name="m",
        backend="openai",
        generation_params={"max_tokens": job["max_tokens"], "temperature": 0.0},
        backend_params={
            "base_url": job["base_url"],
            "api_key": "none",
            "max_concurrent_requests": job["concurrency"],
            "max_requests_per_minute": 10_000_000,
            "max_tokens_per_minute": 10_000_000_000,
            "max_retries": job["retries"],
            "request_timeout": int(job["timeout"]),
            "seconds_to_pause_on_rate_limit": 1,
            "require_all_responses": False,
        },
    )
    made = llm(rows, working_dir="cache").dataset
    with Path("answers.jsonl").open("w") as lines:
        for row in made:
            lines.write(json.dumps({"id": row["id"], "answer": row["answer"]}) + "\n")


if __name__ == "__main__":
    main()
