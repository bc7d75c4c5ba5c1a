"""The preference pairs of a version, in the hands of TRL's DPOTrainer."""

import models
import pytest
from datasets import load_dataset
from fair_project import folder  # noqa: F401
from test_fair_decisions import DECISIONS, MISTAKES
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

from distill import paths, records
from distill.committee import versions

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries


def test_trl_trains_on_the_pairs_as_they_are(folder):  # noqa: F811
    mistakes = {row["id"]: row for row in MISTAKES}
    records.write_shards(paths.preferences("fair"), versions.preferences(mistakes, DECISIONS))
    models.save(folder / "tiny")
    args = DPOConfig(
        output_dir="scratch",
        max_steps=1,
        per_device_train_batch_size=2,
        use_cpu=True,
        bf16=False,
        report_to="none",
        disable_tqdm=True,
    )
    pairs = load_dataset("json", data_files=str(paths.preferences("fair") / "*.jsonl"))
    trainer = DPOTrainer(
        model=AutoModelForCausalLM.from_pretrained("tiny", dtype="float32"),
        args=args,
        train_dataset=pairs["train"],
        processing_class=AutoTokenizer.from_pretrained("tiny"),
    )
    trainer.train()
    assert trainer.state.global_step == 1
