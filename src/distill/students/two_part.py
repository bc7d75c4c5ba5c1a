"""FAIR's loss in two parts: alpha for the feedback's tokens, 1 - alpha for the rationales' tokens.

With F and R the tokens of feedback and of rationales in one optimizer step, on all devices and over
all accumulated batches, the loss of the step is

    alpha / |F| * sum of F's cross-entropies  +  (1 - alpha) / |R| * sum of R's

so it does not depend on how a step is divided into batches and devices. Examples come in pairs of
the same question, feedback first, and pairs stay together: every batch has both parts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from distill.errors import ParamsError
from distill.records import Row
from distill.students.steps import StepTrainer

# isort: split
import torch

Batch = dict[str, torch.Tensor]
TASK = "critique"  # the task of feedback's rows
UNIT = 2  # rows that stay together


def pairs(rows: Iterable[Row], fit: Callable[[Row], list[Any]]) -> Iterator[Any]:
    """Yield the examples of rows of the same question (`of`) in pairs, feedback first.

    `fit` returns the example of a row in a list, an empty one where it does not fit. A row without
    a partner gives no example.
    """
    by_question: dict[str, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for row in rows:
        by_question[row["of"]][row["task"] != TASK].extend(fit(row))
    for parts in by_question.values():
        for pair in zip(*parts, strict=False):
            yield from pair


def trainer_class(base: type[StepTrainer], alpha: float) -> type[StepTrainer]:
    """Return the trainer `base` with the loss in two parts."""

    class TwoPartTrainer(base):  # type: ignore[misc,valid-type]
        """A trainer on pairs."""

        unit = UNIT

        def __init__(self, **kwargs: Any):
            super().__init__(**kwargs)
            if self.args.per_device_train_batch_size % UNIT:
                raise ParamsError(
                    "params.yaml: students: train: a run with alpha takes pairs, so each device's"
                    " batch must be even; change batch, accumulate or launch"
                )

        def _get_num_items_in_batch(self, batches: list[Batch], device: torch.device) -> Any:
            """Return the tokens of each part in the step, on all devices."""
            count = super()._get_num_items_in_batch
            found = [count([part(batch, at) for batch in batches], device) for at in (0, 1)]
            return None if None in found else torch.stack(found)

        def compute_loss(
            self,
            model: Any,
            inputs: Batch,
            return_outputs: bool = False,
            num_items_in_batch: torch.Tensor | None = None,
        ) -> Any:
            """Return the batch's share of the step's loss, and no outputs."""
            counts = [None, None] if num_items_in_batch is None else num_items_in_batch
            first, second = (
                super(TwoPartTrainer, self).compute_loss(
                    model, part(inputs, at), num_items_in_batch=counts[at]
                )
                for at in (0, 1)
            )
            loss = alpha * first + (1 - alpha) * second
            return (loss, {}) if return_outputs else loss

    return TwoPartTrainer


def part(batch: Batch, at: int) -> Batch:
    """Return every second row from `at` on, without the columns that are padding in all of them."""
    width = int(batch["attention_mask"][at::2].sum(1).max())  # the collator pads on the right
    return {name: value[at::2, :width] for name, value in batch.items()}
