"""TRL's trainer for a CPU, where elementwise operations and not products cost most.

The loss and, up to rounding, the gradients are those of SFTTrainer. Three things are cheaper:
logits for the completions' tokens alone, dropout masks from a pool, and no conversion of a layer's
input to the adapter's float32. `trainer_class` is the only thing that other modules use.
"""

from typing import Any

from distill.students.device import Device, processes, rank
from distill.students.steps import StepTrainer

# isort: split
import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from torch.nn import functional

POOL = 2**24  # random decisions to keep or to drop a value; 32 MB in bfloat16


def trainer_class(device: Device) -> type[StepTrainer]:
    """Return the trainer for a CPU, or TRL's own for GPUs."""
    return CpuTrainer if device.name == "cpu" else StepTrainer


class CpuTrainer(StepTrainer):
    """SFTTrainer for a CPU."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        dtype = torch.bfloat16 if self.args.bf16 else torch.float32
        prepare(kwargs["model"], dtype, self.args.seed + rank())

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Return the mean cross-entropy of the completions' tokens, and no outputs.

        `num_items_in_batch` counts the tokens of all processes, whose gradients are averaged. The
        head computes logits at the positions only where some row of the batch has a label.
        """
        labels = inputs["labels"][:, 1:]
        columns = (labels != -100).any(0).nonzero().squeeze(1)
        others = {name: value for name, value in inputs.items() if name != "labels"}
        logits = model(**others, use_cache=False, logits_to_keep=columns).logits
        chosen = labels[:, columns].flatten()
        total = functional.cross_entropy(logits.float().flatten(0, 1), chosen, reduction="sum")
        if num_items_in_batch is None:
            loss = total / (chosen != -100).sum()
        else:
            loss = total * processes() / num_items_in_batch
        return (loss, {}) if return_outputs else loss


def prepare(model: PeftModel, dtype: torch.dtype, seed: int) -> None:
    """Give the adapter's layers their input as it is, and dropout layers that share a pool."""
    pools: dict[float, torch.Tensor] = {}
    for module in model.modules():
        if not isinstance(module, LoraLayer):
            continue
        module.cast_input_dtype_enabled = False  # autocast converts the small weights instead
        for name, child in module.lora_dropout.items():
            if isinstance(child, torch.nn.Dropout):
                if child.p not in pools:
                    pools[child.p] = masks(child.p, dtype, seed)
                module.lora_dropout[name] = Dropout(child.p, pools[child.p])


def masks(share: float, dtype: torch.dtype, seed: int) -> torch.Tensor:
    """Return POOL factors: 0 with probability `share`, else what keeps the mean."""
    drawn = torch.rand(POOL, generator=torch.Generator().manual_seed(seed))
    return (drawn >= share).to(dtype) / (1 - share)


class Dropout(torch.nn.Module):
    """Dropout by a window of the pool at a random offset.

    Drawing a number for each value takes a quarter of a step.
    """

    def __init__(self, share: float, pool: torch.Tensor):
        super().__init__()
        self.share, self.pool = share, pool

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Zero a share of x in training, and scale the rest so that the mean stays."""
        if not self.training:
            return x
        offsets = len(self.pool) - x.numel() + 1
        if offsets < 1:
            return functional.dropout(x, self.share)
        offset = int(torch.randint(offsets, ()))
        return x * self.pool[offset : offset + x.numel()].view_as(x)
