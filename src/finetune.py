"""finetune: train one run's adapter on one dataset version (paper, section 5.4).

in   {"id": "botchat-000123", "channel": "botchat", "split": "train",
      "input": "Customer: my order 07-11223-45678 never came\\nBot: ...",
      "target": "<ul><li>my order 07-11223-45678 never came</li></ul>", "edits": []}
out  models/<run>: adapter_model.safetensors, adapter_config.json
     data/curves/<run>: the losses step by step, as tables

LoRA by TRL's SFTTrainer, the loss on the summary alone. A killed training goes on from its last
checkpoint. `accelerate launch src/finetune.py <run>` spreads it over several devices.
"""

import hashlib
import json
import math
import shutil
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from distill import paths, records, usage
from distill.students import device
from distill.students.models import fitting, load_tokenizer, loading

# isort: split
import torch
from datasets import Dataset, disable_progress_bars
from dvclive import Live
from peft import LoraConfig, PeftModel, get_peft_model
from torch.nn import functional
from transformers import AutoModelForCausalLM, PrinterCallback, TrainerCallback, set_seed
from trl import SFTConfig, SFTTrainer

from distill.errors import ParamsError, RowError, reported
from distill.ledger import Ledger
from distill.params import load
from distill.params.arf import Params
from distill.students.settings import Run, Student

disable_progress_bars()

Examples = list[dict[str, Any]]
Phase = tuple[list[str], Examples, Examples]  # channels, to train on, to measure the loss on


class Curves(TrainerCallback):  # type: ignore[misc]
    """Write the losses through DVCLive; those of before a kill come from the checkpoint."""

    def __init__(self, folder: Path, offset: int):
        self.folder, self.offset = folder, offset
        self.live: Live | None = None  # one process draws

    def _log(self, logs: dict[str, float], step: int) -> None:
        names = {"loss": "train/loss", "eval_loss": "dev/loss", "learning_rate": "train/rate"}
        found = {names[key]: value for key, value in logs.items() if key in names}
        if found and self.live:
            self.live.step = self.offset + step
            for name, value in sorted(found.items()):  # a resumed log has them in another order
                self.live.log_metric(name, value)
            self.live.make_summary()

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start, and draw again what a resumed training had drawn."""
        if state.is_world_process_zero:
            resume = self.offset > 0
            self.live = Live(str(self.folder), resume=resume, dvcyaml=None, save_dvc_exp=False)
        for logs in state.log_history:
            self._log(logs, logs["step"])

    def end(self) -> None:
        """Close the tables."""
        if self.live:
            self.live.end()

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Draw the latest losses."""
        self._log(kwargs["logs"], state.global_step)


def checkpoints(params: Params, name: str, how: device.Device) -> Path:
    """Where this very training keeps its checkpoints: named after all that decides its result."""
    run = params.runs[name]
    student = params.students[run.student]
    settings = [params.seed, run.model_dump(), student.model_dump(exclude={"predict"}), str(how)]
    digest = hashlib.sha256(json.dumps(settings).encode())
    files = sorted(paths.dataset(run.version).glob("part-*.jsonl"))
    files += sorted(Path("prompts/summarize").glob("*.txt"))
    base = Path(student.base)
    files += sorted(file for file in base.iterdir() if file.is_file()) if base.is_dir() else []
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return paths.workspace() / "checkpoints" / f"{name}-{digest.hexdigest()[:16]}"


def phases(
    rows: Iterable[records.Row], run: Run, student: Student, tokenizer: Any, ledger: Ledger
) -> list[Phase]:
    """The examples of each phase; one joint phase of all channels unless the run names others."""
    by_channel: dict[str, dict[str, list[records.Row]]] = {}
    for row in rows:
        by_channel.setdefault(row["channel"], {"train": [], "dev": []})
        if row["split"] in ("train", "dev"):
            by_channel[row["channel"]][row["split"]].append(row)
    wanted = run.phases or [sorted(by_channel)]
    ready: dict[str, dict[str, Examples]] = {}
    for channel in sorted({channel for phase in wanted for channel in phase}):
        if channel not in by_channel:
            raise ParamsError(
                f"params.yaml: a phase trains on {channel}, of which there are no rows in"
                f" {paths.dataset(run.version)}"
            )
        ready[channel] = {
            split: list(fitting(found, tokenizer, student.max_length, ledger))
            for split, found in by_channel[channel].items()
        }
    return [
        (channels, *(_together(ready, channels, split, student) for split in ("train", "dev")))
        for channels in wanted
    ]


def _together(
    ready: dict[str, dict[str, Examples]], channels: list[str], split: str, student: Student
) -> Examples:
    found = [example for channel in channels for example in ready[channel][split]]
    if not found:
        raise RowError(
            f"finetune: no {split} row of {' and '.join(channels)} can be used: there is none, or"
            f" all have more than the {student.max_length} tokens of max_length; see `sizes` and"
            " `max_length` in params.yaml"
        )
    return found


_draws = threading.local()  # its generator: of the rows that a thread trains on


class Dropout(torch.nn.Module):
    """torch's dropout with a quarter of the random numbers: its own is a quarter of a step here."""

    def __init__(self, share: float):
        super().__init__()
        self.share = share

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Zero a share of x in training and scale the rest up to keep the mean."""
        if not self.training or self.share == 0:
            return x
        drawn = torch.empty(-(-x.numel() // 4), dtype=torch.int64)
        drawn.random_(-(2**63), None, generator=getattr(_draws, "generator", None))
        kept = drawn.view(torch.int16)[: x.numel()].view_as(x) >= round(self.share * 2**16) - 2**15
        return x * kept * (1 / (1 - self.share))


def quick_dropout(model: PeftModel) -> None:
    """Let an adapter on the CPU draw its dropout faster; the distribution stays the same."""
    for module in model.modules():
        if isinstance(module, torch.nn.ModuleDict):
            for name, child in module.items():
                if isinstance(child, torch.nn.Dropout):
                    module[name] = Dropout(child.p)


def new_adapter(student: Student, how: device.Device) -> PeftModel:
    """The base with a fresh LoRA adapter that changes nothing yet."""
    dtype = torch.bfloat16 if how.name == "cuda" else torch.float32
    with loading(student):
        model = AutoModelForCausalLM.from_pretrained(student.base, dtype=dtype)
    shape = student.lora
    config = LoraConfig(
        r=shape.r,
        lora_alpha=shape.alpha,
        lora_dropout=shape.dropout,
        target_modules=shape.target,
        task_type="CAUSAL_LM",
    )
    try:
        adapted: PeftModel = get_peft_model(model, config)  # type: ignore[assignment]
    except ValueError as error:  # no such modules
        reason = str(error).splitlines()[0]
        raise ParamsError(f"params.yaml: students: lora.target {shape.target}: {reason}") from error
    if how.name == "cpu":
        quick_dropout(adapted)
    return adapted


def settings(student: Student, seed: int, how: device.Device, folder: Path) -> SFTConfig:
    """TRL's settings; all but LoRA's shape are our choice, for the paper gives none."""
    train = student.train
    return SFTConfig(
        output_dir=str(folder),
        num_train_epochs=train.epochs,
        per_device_train_batch_size=train.batch,
        per_device_eval_batch_size=2 * train.batch,
        gradient_accumulation_steps=train.accumulate,
        learning_rate=train.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=train.warmup,
        max_length=None,  # rows that do not fit were quarantined: nothing is cut
        completion_only_loss=True,
        train_sampling_strategy="group_by_length",
        pad_to_multiple_of=32,
        bf16=how.dtype == "bfloat16",
        use_cpu=how.name == "cpu",
        activation_checkpointing=how.name == "cuda",
        eval_strategy="steps",
        eval_steps=train.save_steps,
        save_strategy="steps",
        save_steps=train.save_steps,
        save_total_limit=1,
        logging_steps=0.1,  # a point is the mean of a tenth of the steps: a few rows say little
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        seed=seed,
        data_seed=seed,
    )


def last_checkpoint(folder: Path) -> Path | None:
    """The last complete checkpoint; one that a kill left half written lacks its final file."""
    found = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json") if _whole(path)]
    return max(found, key=lambda path: int(path.name.split("-")[1]), default=None)


def _whole(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        return False


class Trainer(SFTTrainer):  # type: ignore[misc]
    """TRL's trainer, but quick on a CPU: the head reads no prompts, each core has its own rows."""

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> Any:
        """Mean cross-entropy of the summaries' tokens; logits are made where a row has one."""
        if not self.args.use_cpu or self.args.world_size > 1 or return_outputs:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs.pop("labels")[:, 1:]
        columns = (labels != -100).any(0).nonzero().squeeze(1)
        logits = model(**inputs, use_cache=False, logits_to_keep=columns).logits
        chosen = labels[:, columns].flatten()
        total = functional.cross_entropy(logits.float().flatten(0, 1), chosen, reduction="sum")
        count = (chosen != -100).sum() if num_items_in_batch is None else num_items_in_batch
        return total / count

    def training_step(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Add up the gradients of a batch, of which each core of a CPU has rows of its own.

        A small model's operations are too short to be shared: cores that wait for one another at
        the end of each lose a third of the time.
        """
        threads, rows = torch.get_num_threads(), len(inputs["input_ids"])
        parts = min(threads, rows)
        alone = self.args.use_cpu and self.args.world_size == 1
        if not alone or parts == 1 or drops(model):
            return super().training_step(model, inputs, num_items_in_batch)
        model.train()
        trained = [p for p in model.parameters() if p.requires_grad]
        count = num_items_in_batch
        if count is None:
            labels = (inputs["labels"][:, 1:] != -100).sum()
            count = labels * self.current_gradient_accumulation_steps

        def share(part: int, seed: int) -> tuple[torch.Tensor, ...]:
            torch.set_num_threads(threads // parts)
            _draws.generator = torch.Generator().manual_seed(seed)
            own = {name: value[part::parts] for name, value in inputs.items()}
            loss = self.compute_loss(model, own, num_items_in_batch=count)
            return loss.detach(), *torch.autograd.grad(loss, trained)

        seeds = torch.randint(2**62, (parts,)).tolist()
        with ThreadPoolExecutor(parts) as pool:
            losses, *gradients = zip(*pool.map(share, range(parts), seeds), strict=True)
        for weight, shares in zip(trained, gradients, strict=True):
            weight.grad = sum(shares) if weight.grad is None else weight.grad + sum(shares)
        return torch.stack(losses).sum()


def drops(model: PeftModel) -> bool:
    """Whether the base has dropout of its own, which threads would draw from one generator."""
    return any("drop" in key and value for key, value in model.config.to_dict().items())


def trainer_of(
    model: PeftModel, tokenizer: Any, args: SFTConfig, phase: Phase, *callbacks: TrainerCallback
) -> Trainer:
    """TRL's trainer of one phase."""
    _, examples, dev = phase
    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=Dataset.from_list(examples),
        eval_dataset=Dataset.from_list(dev),
        processing_class=tokenizer,
        callbacks=list(callbacks),
    )
    trainer.remove_callback(PrinterCallback)  # the curves hold what it would print
    return trainer


def train(trainer: Trainer) -> None:
    """Train from the last checkpoint if there is one."""
    checkpoint = last_checkpoint(Path(str(trainer.args.output_dir)))
    if checkpoint:
        print(f"goes on from {checkpoint.name} of {checkpoint.parent.name}", flush=True)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


def finetune(name: str, params: Params, ledger: Ledger) -> None:
    """Train a run phase by phase on one adapter, and write the adapter."""
    run = params.runs[name]
    student = params.students[run.student]
    how = device.choose()
    tokenizer = load_tokenizer(student)
    todo = phases(records.read(paths.dataset(run.version)), run, student, tokenizer, ledger)
    folder = checkpoints(params, name, how)
    set_seed(params.seed)
    model = new_adapter(student, how)
    steps = 0
    for number, phase in enumerate(todo):
        args = settings(student, params.seed, how, folder / f"phase-{number}")
        curves = Curves(paths.curves(name), steps)
        trainer = trainer_of(model, tokenizer, args, phase, curves)
        train(trainer)
        loss = dev_loss(trainer)
        print(f"{' + '.join(phase[0])}: dev loss {loss:.4f}", flush=True)
        if not math.isfinite(loss):
            raise ParamsError(
                f"finetune {name}: the training diverged, its loss is {loss}; lower"
                f" students.{run.student}.train.learning_rate in params.yaml"
            )
        steps += trainer.state.global_step
        curves.end()
    if trainer.accelerator.is_main_process:
        write(model, paths.model(name))
        shutil.rmtree(folder)


def dev_loss(trainer: Trainer) -> float:
    """The loss on the dev rows after the last step; measured now if it was not then."""
    last = trainer.state.log_history
    found = [logs["eval_loss"] for logs in last if "eval_loss" in logs]
    measured = any(
        "eval_loss" in logs and logs["step"] == trainer.state.global_step for logs in last
    )
    return float(found[-1] if measured else trainer.evaluate()["eval_loss"])


def write(model: PeftModel, folder: Path) -> None:
    """Write the adapter; the same training gives the same bytes. Its card is the stage card's."""
    model.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)  # peft's own
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["target_modules"] = sorted(config["target_modules"])  # peft keeps a set
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    """Train the run that the command line names."""
    params = load()
    name = usage.named("run", params.runs)
    limit = params.students[params.runs[name].student].max_quarantined
    with Ledger("finetune", name, limit) as ledger:
        finetune(name, params, ledger)


if __name__ == "__main__":
    reported(main)
