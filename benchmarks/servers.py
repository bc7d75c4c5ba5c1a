"""How often a server's answers equal the run's: vLLM, transformers serve, llama.cpp.

    make serve RUN=smollm2-r1        # a run or an export, in another shell; or any other server
    DISTILL_DEVICE=cpu/float32/2 python benchmarks/servers.py smollm2-r1 http://127.0.0.1:8000/v1 40

It asks about that many test rows, one at a time, by the prompts of the run's folder, and prints how
many answers equal those that the run gives here, in the dtype of DISTILL_DEVICE, and how many equal
the run's predictions; the first that differ; and the answers per minute.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from distill import paths, records
from distill.exports import parity
from distill.params import load
from distill.students.generate import LocalStudent

SHOWN = 3


def main() -> None:
    name, url, count = sys.argv[1], sys.argv[2].rstrip("/"), int(sys.argv[3])
    params = load()
    run = params.exports[name].run if name in params.exports else name
    student = params.student(run)
    chats = parity.chats(paths.model(run), parity.drawn(records.read(paths.split("test")), count))
    settings = {"max_tokens": student.predict.max_new_tokens, "temperature": 0, "model": name}
    began = time.monotonic()
    answers = dict(parity.remote(url, chats, settings))
    seconds = time.monotonic() - began
    own = parity.local(LocalStudent(student, paths.model(run)), chats)
    judged = {row["id"]: row["output"] for row in records.read(paths.predictions(run))}
    print(f"{name} at {url}: {60 * len(answers) / seconds:.0f} answers a minute; equal are")
    for what, known in (("the run's answers here", own), ("its predictions", judged)):
        share, unlike = parity.equal(answers, known)
        print(f"{share:.1%} of {len(answers) - len(answers.keys() - known.keys())} with {what}")
        for id in unlike[:SHOWN]:
            print(f"  {id}\n    {known[id]!r}\n    {answers[id]!r} served")


if __name__ == "__main__":
    main()
