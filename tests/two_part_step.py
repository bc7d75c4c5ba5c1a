"""One optimizer step of the loss in two parts: writes the gradients that the optimizer sees.

python two_part_step.py <out> <batch> <accumulate>, in a folder with models.STUDENT's base; alone or
under a launcher.
"""

import sys
from pathlib import Path

if __name__ == "__main__":  # under a launcher, without pytest's path
    sys.path[:0] = [str(Path(__file__).parents[1] / "src")]

from models import STUDENT

from distill.students import causal, device
from distill.students.models import load_tokenizer
from distill.students.settings import Student

# isort: split
import torch
from transformers import TrainerCallback

ALPHA = 0.3
SEED = 1
LENGTHS = [(3, 40), (25, 5), (8, 60), (1, 12)]  # tokens of feedback and of rationale


def example(first, prompt, completion):
    """As many tokens of a prompt and of a completion, different ones in each example."""
    ids = [3 + (first + 7 * place) % 250 for place in range(prompt + completion)]
    return {"input_ids": ids, "completion_mask": [0] * prompt + [1] * completion}


def examples():
    """Four pairs, whose parts have unlike numbers of tokens."""
    return [
        one
        for number, (feedback, rationale) in enumerate(LENGTHS)
        for one in (example(number, 30, feedback), example(100 + number, 12, rationale))
    ]


def student(batch, accumulate):
    values = {**STUDENT, "lora": {**STUDENT["lora"], "dropout": 0.0}}
    values["train"] = {**STUDENT["train"], "batch": batch, "accumulate": accumulate}
    return Student(**values)


class Gradients(TrainerCallback):
    """Keeps what the optimizer is about to apply."""

    def __init__(self):
        self.found = {}

    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        for name, weight in model.named_parameters():
            if weight.requires_grad:
                self.found[name.removeprefix("module.")] = weight.grad.detach().clone()


def trainer(batch, accumulate, *callbacks):
    settings, how = student(batch, accumulate), device.choose()
    causal.set_seed(SEED)
    args = causal.config(settings, SEED, how, Path("scratch"))
    args.max_grad_norm = 1e9
    phase = causal.Phase(["refund"], examples(), examples(), ALPHA)
    tokenizer, model = load_tokenizer(settings), causal.new_adapter(settings, how)
    return causal.new_trainer(model, tokenizer, args, phase, how, *callbacks)


def main(out, batch, accumulate):
    kept = Gradients()
    made = trainer(int(batch), int(accumulate), kept)
    made.train()
    if device.is_main_process():
        torch.save({"gradients": kept.found, "loss": made.state.log_history[0]["loss"]}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
