"""What the tiny base learned: python benchmarks/exercises.py [exercises of a kind]

Exercises of each kind (300 by default) that the base student never saw, on interactions of another
seed: how many it answers without a wrong token, each token given the right ones before it.
"""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

import torch  # noqa: E402
from transformers import (  # noqa: E402
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedTokenizerFast,
)

import base  # noqa: E402
from distill.offline.base import curriculum  # noqa: E402

SEED = 90_210  # neither the base's nor the sample's


Make = Callable[[random.Random, curriculum.Told], curriculum.Exercise]


def kinds(tok: PreTrainedTokenizerFast) -> dict[str, Make]:
    """What makes an exercise of each kind, of an interaction."""
    pieces, beginning, questions = base.pieces(tok), base.beginnings(tok), curriculum.QUESTIONS
    return {
        "all but what is about something": curriculum.leaving_out_topics,
        "all but what begins in some way": lambda rng, told: curriculum.leaving_out(
            rng, curriculum.parse(told.text), beginning, tags=False
        ),
        "what stands somewhere in an interaction": lambda rng, told: curriculum.finding(
            rng, curriculum.parse(told.text), questions, tags=False
        ),
        "what stands somewhere in a made-up chat": lambda rng, _: curriculum.finding(
            rng, curriculum.MadeUp(rng, pieces, 1.0).chat(), questions, tags=True
        ),
    }


def texts(count: int) -> list[curriculum.Told]:
    """Interactions of another seed than the training's."""
    base.SEED, base.ROWS = SEED, count
    return list(base.corpus())


@torch.inference_mode()
def is_right(model: torch.nn.Module, ids: list[int], prompt: int) -> bool:
    """Whether every token of the answer is the likeliest after those before it."""
    guessed = model(torch.tensor([ids])).logits[0].argmax(-1).tolist()
    return guessed[prompt - 1 : -1] == ids[prompt:]


def answered(count: int) -> Iterator[tuple[str, int]]:
    """Yield each kind and the number of its exercises that were answered without a wrong token."""
    tok = AutoTokenizer.from_pretrained(REPO / "models/base")
    model = AutoModelForCausalLM.from_pretrained(REPO / "models/base", dtype=torch.float32).eval()
    known = texts(count)
    for kind, make in kinds(tok).items():
        rng, right, seen = random.Random(SEED), 0, 0
        while seen < count:
            ids, prompt = base.encode(tok, make(rng, rng.choice(known)))
            if len(ids) <= base.LONGEST:
                right, seen = right + is_right(model, ids, prompt), seen + 1
        yield kind, right


def main() -> None:
    """Print a Markdown table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(f"| asked for | answered without a wrong token, of {count} |\n|---|---|")
    for kind, right in answered(count):
        print(f"| {kind} | {right} |")


if __name__ == "__main__":
    main()
