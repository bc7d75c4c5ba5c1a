"""Speed and memory of training and generation, by size: python benchmarks/students.py [size ...]

smollm2 is the student of params.yaml, 0.5b, 1b and 8b have the shapes of Qwen2.5-0.5B, Llama-3.2-1B
and Llama-3.1-8B (the paper's) with random weights, which take as long as learned ones; nothing is
downloaded. Made-up chats with the rules' summaries go through finetune's trainer with the settings
of params.yaml, profiles/laptop.yaml and profiles/paper.yaml, then through predict's local student;
one that was never trained writes as many tokens as it may. Without a size: smollm2, and on a GPU
all four, each with the settings of SPEEDS in turn: the first are those that every training had
before there was a choice. The base of smollm2 is that of the default: `python src/base.py smollm2`
unpacks it.

Tokens are those of prompts and summaries, without padding. The share is that of the device's peak,
as one large product of matrices reaches it, that the step's own products take: 4 FLOP a token and
weight of the base's linear layers, forward and backward, whether or not they are done again.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.students import device  # noqa: E402 - before torch: it prepares it

# isort: split

import torch  # noqa: E402
from peft.tuners.lora import LoraLayer  # noqa: E402
from transformers import (  # noqa: E402
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    PretrainedConfig,
    Qwen2Config,
    TrainerCallback,
)

from distill import params, tasks  # noqa: E402
from distill.errors import DistillError  # noqa: E402
from distill.ledger import Ledger  # noqa: E402
from distill.offline import corpus  # noqa: E402
from distill.students import causal, launch  # noqa: E402
from distill.students.generate import LocalStudent  # noqa: E402
from distill.students.models import fitting, load_tokenizer  # noqa: E402
from distill.students.settings import Speed, Student  # noqa: E402
from distill.tasks.summarize.rules.teacher import summarize  # noqa: E402

WARM = 5  # steps before the clock starts: the first ones compile, read and allocate
STEPS = 30
PRODUCT = {"cuda": 8192, "cpu": 1024}  # rows and columns of the matrices whose product is timed
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


SPEEDS: dict[str, dict[str, object]] = {
    "padded, checkpointing": {"attention": "sdpa", "padding_free": False, "checkpointing": True},
    "padded": {"attention": "sdpa", "padding_free": False},
    "default": {},  # without padding, where FlashAttention is installed
    "kernels": {"kernels": True},
    "compile": {"compile": True},
}
ENGINES = ("transformers", "paged")


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
    one: Student, given: list[dict[str, str]], folder: Path, how: device.Device, processes: int
) -> dict[str, float]:
    """Return seconds per step, tokens per second, the mean tokens of a row, and the peak memory.

    The processes are those of finetune; their memory is added up.
    """
    folder.mkdir()
    launch.run(train, processes, how, one, given, folder, how)
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("process-*.json"))]
    per_step = one.train.batch * one.train.accumulate
    tokens = per_step * found[0]["length"] / found[0]["seconds"]
    peak = sum(each["peak"] for each in found)
    return {**found[0], "tokens": tokens, "peak": peak}


def train(one: Student, given: list[dict[str, str]], folder: Path, how: device.Device) -> None:
    """Time the steps of one process, and write process-<rank>.json."""
    tokenizer = load_tokenizer(one)
    examples = list(fitting(given, tokenizer, one.max_length, Ledger("benchmark", "rows")))
    lengths = [len(example["input_ids"]) for example in examples]
    args = causal.config(one, 7, how, folder)
    args.eval_strategy, args.save_strategy = "no", "no"
    args.num_train_epochs, args.max_steps = 1, WARM + STEPS
    clock = Clock()
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    model = causal.new_adapter(one, how)
    phase = causal.Phase(["botchat"], examples, examples[:2])
    trainer = causal.new_trainer(model, tokenizer, args, phase, how, clock)
    trainer.train()
    seconds = (clock.ends[-1] - clock.ends[WARM - 1]) / (len(clock.ends) - WARM)
    found = {
        "seconds": seconds,
        "length": round(sum(lengths) / len(lengths)),
        "peak": peak(),
        "weights": weights(model),
    }
    (folder / f"process-{device.rank()}.json").write_text(json.dumps(found))


def weights(model: torch.nn.Module) -> int:
    """Return the number of weights of the base's linear layers, which each token meets.

    The head meets the summaries' tokens alone, and is left out.
    """
    layers = (module.base_layer for module in model.modules() if isinstance(module, LoraLayer))
    return sum(layer.in_features * layer.out_features for layer in layers)


def reached(how: device.Device) -> float:
    """Return the FLOP a second that one large product of matrices reaches on one device."""
    size, seconds = PRODUCT[how.name], 2.0
    left, right = torch.randn(2, size, size, dtype=how.torch_dtype, device=how.name)
    left @ right
    settle()
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        left @ right
        settle()
        count += 1
    return 2 * size**3 * count / (time.monotonic() - began)


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


def measured(size: str, scratch: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of the two tables: ("training", line) and ("generation", line)."""
    one = student(size, scratch / "base")
    how, processes = launch.place(one)
    top = reached(how) * (processes if how.name == "cuda" else 1)
    per_step = one.train.batch * one.train.accumulate
    given = rows((WARM + STEPS) * per_step, chats=1 if size == "smollm2" else CHATS)
    for number, (name, values) in enumerate((SPEEDS if how.name == "cuda" else {"": {}}).items()):
        tried = one.model_copy(update={"speed": Speed.model_validate(values)})
        try:
            found = trained(tried, given, scratch / f"steps-{number}", how, processes)
        except DistillError as error:
            yield "training", f"| {size} | {name} | {error} | | | | |"
            continue
        share = 4 * found["weights"] * found["tokens"] / top
        yield (
            "training",
            f"| {size} | {name} | {per_step} rows of {found['length']} tokens |"
            f" {found['seconds']:.3f} | {found['tokens']:,.0f} | {share:.0%} of"
            f" {top / 1e12:,.2f} TFLOP/s | {found['peak']:.1f} |",
        )
    for engine in ENGINES if how.name == "cuda" else ENGINES[:1]:
        predict = one.predict.model_copy(update={"engine": engine})
        asking = one.model_copy(update={"predict": predict})
        made, new = generated(asking, given[: 2 * one.predict.batch])
        yield (
            "generation",
            f"| {size} | {engine} | {one.predict.batch} | {made:.2f} | {new:,.0f} |",
        )


def main() -> None:
    """Print two Markdown tables."""
    sizes = sys.argv[1:] or (
        ["smollm2", "0.5b", "1b", "8b"] if torch.cuda.is_available() else ["smollm2"]
    )
    lines: dict[str, list[str]] = {
        "training": [
            "| student | settings | a step | s | tokens/s | share of the peak | GB |",
            "|---|---|---|---|---|---|---|",
        ],
        "generation": [
            "| student | engine | rows at once | rows/s | new tokens/s |",
            "|---|---|---|---|---|",
        ],
    }
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            for table, line in measured(size, Path(scratch)):
                print(line, file=sys.stderr, flush=True)
                lines[table].append(line)
    print("\n\n".join("\n".join(table) for table in lines.values()))


if __name__ == "__main__":
    main()
