"""Speed and memory of training and generation, by size: python benchmarks/students.py [size ...]

smollm2 is the student of params.yaml, 0.5b, 1b and 8b have the shapes of Qwen2.5-0.5B, Llama-3.2-1B
and Llama-3.1-8B (the paper's) with random weights, which take as long as learned ones. Made-up
chats with the rules' summaries go through finetune's trainer with the settings of params.yaml,
profiles/laptop.yaml and profiles/paper.yaml, then through predict's local student; one that was
never trained writes as many tokens as it may. Without a size: smollm2, and on a GPU all four.
Tokens are those of prompts and summaries, without padding.
"""

import json
import resource
import sys
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.students import device  # noqa: E402 - before torch: it prepares it

# isort: split

import torch  # noqa: E402
from transformers import (  # noqa: E402
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    PretrainedConfig,
    Qwen2Config,
    TrainerCallback,
)

from distill import params, tasks  # noqa: E402
from distill.ledger import Ledger  # noqa: E402
from distill.offline import corpus  # noqa: E402
from distill.students import causal, launch  # noqa: E402
from distill.students.generate import LocalStudent  # noqa: E402
from distill.students.models import fitting, load_tokenizer  # noqa: E402
from distill.students.settings import Student  # noqa: E402
from distill.tasks.summarize.rules.teacher import summarize  # noqa: E402

WARM = 5  # steps before the clock starts: the first ones compile, read and allocate
STEPS = 30
CHATS = 4  # in a row of the larger students: real chats are longer than made-up ones
PARAMS = {
    "smollm2": ("params.yaml", ""),  # the first student there
    "0.5b": ("profiles/laptop.yaml", "qwen"),
    "1b": ("profiles/paper.yaml", "llama-8b"),
    "8b": ("profiles/paper.yaml", "llama-8b"),
}
LLAMA = {"vocab_size": 128_256, "num_key_value_heads": 8, "rope_theta": 500_000.0}
SHAPES: dict[str, PretrainedConfig] = {
    "0.5b": Qwen2Config(
        vocab_size=151_936,
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    ),
    "1b": LlamaConfig(
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        tie_word_embeddings=True,
        **LLAMA,
    ),
    "8b": LlamaConfig(
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        **LLAMA,
    ),
}


class Clock(TrainerCallback):
    """Records the time at which each step ends."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, args: object, state: object, control: object, **kwargs: object) -> None:
        """Record the time, once the device has finished the step."""
        settle()
        self.ends.append(time.monotonic())


def settle() -> None:
    """Wait until the GPU, if there is one, has finished its work."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def student(size: str, folder: Path) -> Student:
    """Return a student of this size, with its profile's settings."""
    path, name = PARAMS[size]
    students = params.load(REPO / path).students
    found = students[name or next(iter(students))]
    if size == "smollm2":
        return found.model_copy(update={"base": str(REPO / found.base)})
    config = SHAPES[size]
    tokenizer = AutoTokenizer.from_pretrained(REPO / "models/base/smollm2")
    config.eos_token_id, config.pad_token_id = tokenizer.eos_token_id, tokenizer.pad_token_id
    where = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.device(where):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return found.model_copy(update={"base": str(folder)})


def rows(count: int, chats: int) -> list[dict[str, str]]:
    """Return `count` rows of `chats` made-up chats each, with the rules' summaries."""
    made = corpus.interactions("botchat", 1, count * chats)
    found = []
    while turns := [turn for chat in islice(made, chats) for turn in chat.raw["turns"]]:
        text = "\n".join(f"{turn['role'].capitalize()}: {turn['text']}" for turn in turns)
        summary = summarize(text, "botchat")
        found.append(
            {
                "id": "row",
                "channel": "botchat",
                "task": "summarize",
                "input": text,
                "target": summary,
            }
        )
    return found


def trained(
    one: Student, given: list[dict[str, str]], folder: Path, how: device.Device
) -> tuple[float, float, int, float]:
    """Return seconds per step, tokens per second, the mean tokens of a row, and the peak memory.

    The processes are those of finetune; their memory is added up.
    """
    processes = launch.count(one.train, how)
    launch.run(train, processes, how, one, given, folder, how)
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("process-*.json"))]
    seconds, length = found[0]["seconds"], found[0]["length"]
    per_step = one.train.batch * one.train.accumulate
    return seconds, per_step * length / seconds, length, sum(each["peak"] for each in found)


def train(one: Student, given: list[dict[str, str]], folder: Path, how: device.Device) -> None:
    """Time the steps of one process, and write process-<rank>.json."""
    tokenizer = load_tokenizer(one)
    examples = list(fitting(given, tokenizer, one.max_length, Ledger("benchmark", "rows")))
    lengths = [len(example["input_ids"]) for example in examples]
    args = causal.config(one, 7, how, folder)
    args.eval_strategy, args.save_strategy = "no", "no"
    args.num_train_epochs, args.max_steps = 1, WARM + STEPS
    clock = Clock()
    model = causal.new_adapter(one, how)
    phase = causal.Phase(["botchat"], examples, examples[:2])
    trainer = causal.new_trainer(model, tokenizer, args, phase, how, clock)
    trainer.train()
    seconds = (clock.ends[-1] - clock.ends[WARM - 1]) / (len(clock.ends) - WARM)
    found = {"seconds": seconds, "length": round(sum(lengths) / len(lengths)), "peak": peak()}
    (folder / f"process-{device.rank()}.json").write_text(json.dumps(found))


def generated(one: Student, given: list[dict[str, str]]) -> tuple[float, float]:
    """Return rows per second and new tokens per second."""
    provider = LocalStudent(one)
    asked = [replace(tasks.request(row), id=str(i), parse=None) for i, row in enumerate(given)]
    list(provider.complete(asked[:1]))
    settle()
    began = time.monotonic()
    replies = list(provider.complete(asked))
    seconds = time.monotonic() - began
    return len(replies) / seconds, sum(reply.completion_tokens for reply in replies) / seconds


def peak() -> float:
    """Return the peak memory in GB: the GPU's where there is one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    """Print a Markdown table."""
    sizes = sys.argv[1:] or (
        ["smollm2", "0.5b", "1b", "8b"] if torch.cuda.is_available() else ["smollm2"]
    )
    lines = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            one = student(size, Path(scratch) / "base")
            if torch.cuda.is_available():
                torch.cuda.reset_peak_memory_stats()
            per_step = one.train.batch * one.train.accumulate
            given = rows((WARM + STEPS) * per_step, chats=1 if size == "smollm2" else CHATS)
            steps = Path(scratch) / "steps"
            steps.mkdir()
            seconds, tokens, length, training = trained(one, given, steps, device.choose())
            made, new = generated(one, given[: 2 * one.predict.batch])
            lines.append(
                f"| {size} | {per_step} rows of {length} tokens | {seconds:.3f} | {tokens:,.0f} |"
                f" {training:.1f} | {one.predict.batch} | {made:.2f} | {new:,.0f} |"
            )
            print(lines[-1], file=sys.stderr, flush=True)
    print("| student | a step | s | tokens/s | GB | rows at once | rows/s | new tokens/s |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
