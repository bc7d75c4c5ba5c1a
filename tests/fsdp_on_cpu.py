"""finetune under FSDP2 on CPUs: accelerate 1.15 turns FSDP on for accelerators alone.

What shards, gathers, saves and resumes is torch's, accelerate's and the trainer's own, on gloo.
"""

import sys
from pathlib import Path

if __name__ == "__main__":  # under a launcher, without pytest's path
    sys.path[:0] = [str(Path(__file__).parents[1] / "src")]

from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType

import finetune
from distill import stage

made = AcceleratorState.__init__


def with_fsdp(self, *args, fsdp_plugin=None, **kwargs):
    made(self, *args, fsdp_plugin=fsdp_plugin, **kwargs)
    if fsdp_plugin is not None:
        self.fsdp_plugin = fsdp_plugin
    if self.__dict__.get("fsdp_plugin") is not None:
        self.distributed_type = DistributedType.FSDP


AcceleratorState.__init__ = with_fsdp

if __name__ == "__main__":
    stage.main(finetune.main)
