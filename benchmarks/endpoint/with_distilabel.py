"""A distilabel pipeline of one text generation step: python with_distilabel.py job.json

distilabel asks for one batch at a time, so a batch is as large as the requests in flight may be.
Its cache lies in the working folder.
"""

import json
import sys
from pathlib import Path
from typing import Any

from distilabel.models.llms import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import TextGeneration


def pipeline(job: dict[str, Any], rows: list[dict[str, str]]) -> Pipeline:
    """Return the pipeline: the rows, then one step that asks about them."""
    size = job["concurrency"]
    with Pipeline("label", cache_dir="cache") as made:
        data = LoadDataFromDicts(
            data=[{"row": row["id"], "instruction": row["prompt"]} for row in rows],
            batch_size=size,
        )
        llm = OpenAILLM(
            model="m",
            base_url=job["base_url"],
            api_key="none",
            max_retries=job["retries"],
            timeout=job["timeout"],
            generation_kwargs={"max_new_tokens": job["max_tokens"], "temperature": 0.0},
        )
        data >> TextGeneration(llm=llm, input_batch_size=size)
    return made


def main() -> None:
    """Ask for every row and write the answers."""
    job = json.loads(Path(sys.argv[1]).read_text())
    rows = [json.loads(line) for line in Path("rows.jsonl").read_text().splitlines()]
    made = pipeline(job, rows).run(use_cache=True)
    with Path("answers.jsonl").open("w") as lines:
        for row in made["default"]["train"]:
            lines.write(json.dumps({"id": row["row"], "answer": row["generation"]}) + "\n")


if __name__ == "__main__":
    main()
