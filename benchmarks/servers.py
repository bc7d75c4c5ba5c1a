"""How often a server's answers equal the run's predictions: vLLM, transformers serve, llama.cpp.

    make serve RUN=smollm2-r1        # in another shell, or any OpenAI-compatible server
    python benchmarks/servers.py smollm2-r1 http://127.0.0.1:8000/v1 60

It asks about that many test rows, one at a time, by the prompts of the run's folder, and prints the
share of equal answers, the first that differ, and the answers per minute.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from distill import paths, records
from distill.exports import parity
from distill.params import load

SHOWN = 3


def main() -> None:
    name, url, count = sys.argv[1], sys.argv[2].rstrip("/"), int(sys.argv[3])
    tokens = load().student(name).predict.max_new_tokens
    rows = parity.drawn(records.read(paths.split("test")), count)
    settings = {"max_tokens": tokens, "temperature": 0, "model": name}
    began = time.monotonic()
    answers = dict(parity.remote(url, parity.chats(paths.model(name), rows), settings))
    seconds = time.monotonic() - began
    judged = {row["id"]: row["output"] for row in records.read(paths.predictions(name))}
    share, unlike = parity.equal(answers, judged)
    print(f"{name} at {url}: {share:.1%} of {len(answers)} answers equal those of {name}'s")
    print(f"predictions; {60 * len(answers) / seconds:.0f} answers a minute")
    for id in unlike[:SHOWN]:
        print(f"{id}\n  predicted {judged[id]!r}\n  served    {answers[id]!r}")


if __name__ == "__main__":
    main()
