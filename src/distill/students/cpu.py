"""A faster trainer for a small model on a CPU.

TRL's SFTTrainer with the same loss and the same gradients up to rounding, and three savings:
dropout from a quarter of the random numbers, logits for the completion's tokens only, and a share
of each batch's rows on every core. `trainer_class` is the only thing that other modules use.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from distill.students.device import Device, processes

# isort: split
import torch
from peft import PeftModel
from torch.nn import functional
from trl import SFTTrainer  # type: ignore[attr-defined]


def trainer_class(device: Device) -> type[SFTTrainer]:
    """Return the trainer for one process on a CPU, or TRL's own for GPUs and several processes."""
    return CpuTrainer if device.name == "cpu" and processes() == 1 else SFTTrainer


class CpuTrainer(SFTTrainer):
    """SFTTrainer for one process on a CPU."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        quick_dropout(kwargs["model"])

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Return the mean cross-entropy of the completions' tokens.

        The head computes logits at the positions only where some row of the batch has a label.
        """
        if return_outputs:
            usual: Any = super().compute_loss
            return usual(model, inputs, return_outputs, num_items_in_batch)
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
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor:
        """Add up the gradients of a batch, of which every core computes a share of the rows.

        A small model's operations are too short to be shared between cores: waiting for one another
        at the end of each takes a third of the time.
        """
        threads, rows = torch.get_num_threads(), len(inputs["input_ids"])
        parts = min(threads, rows)
        if parts == 1 or has_dropout(model):
            usual: Any = super().training_step
            return usual(model, inputs, num_items_in_batch)  # type: ignore[no-any-return]
        model.train()
        trained = [p for p in model.parameters() if p.requires_grad]
        count = num_items_in_batch
        if count is None:
            labels = (inputs["labels"][:, 1:] != -100).sum()
            count = labels * self.current_gradient_accumulation_steps

        def share(part: int, seed: int) -> tuple[torch.Tensor, ...]:
            torch.set_num_threads(threads // parts)
            _thread.generator = torch.Generator().manual_seed(seed)
            own = {name: value[part::parts] for name, value in inputs.items()}
            loss = self.compute_loss(model, own, num_items_in_batch=count)
            return loss.detach(), *torch.autograd.grad(loss, trained)

        seeds = torch.randint(2**62, (parts,)).tolist()
        with ThreadPoolExecutor(parts) as pool:
            losses, *gradients = zip(*pool.map(share, range(parts), seeds), strict=True)
        for weight, shares in zip(trained, gradients, strict=True):
            weight.grad = sum(shares) if weight.grad is None else weight.grad + sum(shares)
        return torch.stack(losses).sum()


def has_dropout(model: PeftModel) -> bool:
    """Return whether the base has dropout of its own: threads would share its generator."""
    return any("drop" in key and value for key, value in model.config.to_dict().items())


_thread = threading.local()  # `generator`: the random numbers of a thread's share of the rows


class Dropout(torch.nn.Module):
    """Dropout from 16 random bits a value: torch's own takes a quarter of a training step."""

    def __init__(self, share: float):
        super().__init__()
        self.share = share

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Zero a share of x in training, and scale the rest so that the mean stays."""
        if not self.training or self.share == 0:
            return x
        drawn = torch.empty(-(-x.numel() // 4), dtype=torch.int64)
        drawn.random_(-(2**63), None, generator=getattr(_thread, "generator", None))
        bits = drawn.view(torch.int16)[: x.numel()].view_as(x)
        return x * (bits >= round(self.share * 2**16) - 2**15) * (1 / (1 - self.share))


def quick_dropout(model: PeftModel) -> None:
    """Replace the adapter's dropout layers by `Dropout`, which draws from the same distribution."""
    for module in model.modules():
        if isinstance(module, torch.nn.ModuleDict):
            for name, child in module.items():
                if isinstance(child, torch.nn.Dropout):
                    module[name] = Dropout(child.p)
