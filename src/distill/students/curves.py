"""Learning curves of a training, written by DVCLive step by step.

data/curves/<run>/plots/metrics/{train/loss,train/rate,dev/loss}.tsv grow while a run trains:
`dvc plots show` and `tail -f` read them. metrics.json holds the latest values.
"""

from pathlib import Path
from typing import Any

from dvclive import Live  # type: ignore[attr-defined]
from transformers import TrainerCallback

NAMES = {"loss": "train/loss", "eval_loss": "dev/loss", "learning_rate": "train/rate"}


class Curves(TrainerCallback):
    """Log the losses of one phase, which begins after `offset` steps of earlier phases.

    transformers' own DVCLive callback cannot be used: a resumed training has to write the same
    bytes as one that was not interrupted, so the losses in its checkpoint are logged once more.
    """

    def __init__(self, folder: Path, offset: int):
        self.folder, self.offset = folder, offset
        self.live: Live | None = None  # in the main process only

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Open the files, and log what the checkpoint of a resumed training holds."""
        if state.is_world_process_zero:
            later = self.offset > 0  # a later phase appends
            self.live = Live(str(self.folder), resume=later, dvcyaml=None, save_dvc_exp=False)
        for logs in state.log_history:
            self._log(logs, logs["step"])

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Log the latest losses."""
        self._log(kwargs["logs"], state.global_step)

    def close(self) -> None:
        """Write the last values and close the files."""
        if self.live:
            self.live.end()  # type: ignore[no-untyped-call]

    def _log(self, logs: dict[str, float], step: int) -> None:
        found = {NAMES[key]: value for key, value in logs.items() if key in NAMES}
        if found and self.live:
            self.live.step = self.offset + step
            for name, value in sorted(found.items()):  # a resumed log has another order
                self.live.log_metric(name, value)
            self.live.make_summary()  # type: ignore[no-untyped-call]
