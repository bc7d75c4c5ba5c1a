"""Which rows an optimizer step takes: the same on any number of devices, and after a kill.

transformers sorts windows of as many rows as fit one process, draws an epoch's order from random
numbers that its dropout has moved on by then, and lets the last step of several processes begin the
epoch anew. So another number of processes, or a resumed second epoch, would train on other rows.
"""

import json
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from distill.students import device

# isort: split
from torch import distributed
from torch.utils.data import Sampler
from transformers.trainer_pt_utils import LengthGroupedSampler
from trl import SFTTrainer  # type: ignore[attr-defined]

from distill import records


class Steps(Sampler[int]):
    """Rows of similar length, in whole steps: the last one is filled with the epoch's first rows.

    `unit` rows stay together, such as a pair. The main process draws each epoch's order and stores
    it in `folder`, from where a training that resumes in that epoch reads it.
    """

    def __init__(self, lengths: list[int], step: int, unit: int, trainer: SFTTrainer):
        self.units = [sum(lengths[at : at + unit]) for at in range(0, len(lengths), unit)]
        self.step, self.unit, self.trainer = step, unit, trainer
        self.grouped = LengthGroupedSampler(max(1, step // unit // 2), lengths=self.units)

    def __len__(self) -> int:
        """Return the number of rows of an epoch, filled to whole steps."""
        return -(-len(self.units) * self.unit // self.step) * self.step

    def __iter__(self) -> Any:
        """Yield the rows of the epoch that the trainer is in."""
        drawn = list(self.grouped)  # also where it is stored: a draw moves the random numbers on
        order = self._agreed(drawn)
        rows = [unit * self.unit + place for unit in order for place in range(self.unit)]
        return islice(cycle(rows), len(self))

    def _agreed(self, drawn: list[int]) -> list[int]:
        epoch = self.trainer.state.global_step // (len(self) // self.step)
        path = Path(str(self.trainer.args.output_dir)) / f"order-{epoch}.json"
        found = [drawn]
        if device.is_main_process():
            if path.is_file():
                found = [json.loads(path.read_text(encoding="utf-8"))]
            else:
                records.write_json(path, drawn)
        if device.processes() > 1:
            distributed.broadcast_object_list(found)
        return found[0]


class StepTrainer(SFTTrainer):
    """SFTTrainer that takes the rows of its steps from Steps."""

    unit = 1

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        dataset: Any = self.train_dataset if train_dataset is None else train_dataset
        args = self.args
        step = args.train_batch_size * args.gradient_accumulation_steps * device.processes()
        return Steps([len(ids) for ids in dataset["input_ids"]], step, self.unit, self)
