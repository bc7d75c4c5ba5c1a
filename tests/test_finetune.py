"""finetune: real LoRA steps on the tiny base, a kill in the middle, and what comes out."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
import yaml
from conftest import REPO
from peft import PeftModel
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

from distill import paths, records
from distill.errors import ParamsError, RowError
from distill.ledger import Ledger
from distill.params import load
from distill.students import device
from distill.students.models import fitting, load_tokenizer

import finetune  # isort: skip

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries

ON = {"DISTILL_DEVICE": "cpu/float32/2"}
# What the trainer writes last of a checkpoint.
LAST_OF_PHASE_1 = ".distill/checkpoints/*/phase-1/checkpoint-2/trainer_state.json"


def rows(channel, split, count):
    return [
        {
            "id": f"{channel}-{split}-{i:06d}",
            "channel": channel,
            "split": split,
            "task": "summarize",
            "input": f"Customer: my order {i:02d}-11223-45678 never came. Thanks!\nBot: Bye.",
            "target": f"<ul><li>my order {i:02d}-11223-45678 never came</li></ul>",
            "edits": [],
        }
        for i in range(count)
    ]


@pytest.fixture
def project(workspace, monkeypatch):
    """A small dataset and runs of a few steps."""
    monkeypatch.setenv("DISTILL_DEVICE", ON["DISTILL_DEVICE"])
    (workspace / "models").mkdir()
    (workspace / "models/base").symlink_to(REPO / "models/base")
    params = yaml.safe_load((workspace / "params.yaml").read_text())
    params["students"]["tiny"]["train"] |= {"batch": 4, "save_steps": 2}
    params["runs"] = {
        "joint": {"student": "tiny", "version": "org"},
        "ordered": {"student": "tiny", "version": "org", "phases": [["webform"], ["botchat"]]},
    }
    params["systems"] = ["teacher", "tiny", "joint", "ordered"]
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))
    learned = [
        row
        for channel in ("botchat", "webform")
        for split, count in (("dev", 2), ("train", 12))
        for row in rows(channel, split, count)
    ]
    records.write_shards(paths.dataset("org"), learned)
    return workspace


def command(run):
    return [sys.executable, str(REPO / "src/finetune.py"), run]


def train(run):
    done = subprocess.run(command(run), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def written(run):
    return {file.name: file.read_bytes() for file in sorted(paths.model(run).iterdir())}


def drawn(run):
    return {str(f): f.read_bytes() for f in paths.curves(run).rglob("*") if f.is_file()}


def test_a_run_writes_an_adapter_that_loads(project):
    train("joint")
    base = AutoModelForCausalLM.from_pretrained("models/base")
    adapted = PeftModel.from_pretrained(base, "models/joint")
    assert adapted.peft_config["default"].r == 8
    assert any(p.abs().sum() > 0 for n, p in adapted.named_parameters() if "lora_B" in n)
    assert set(written("joint")) == {"adapter_config.json", "adapter_model.safetensors"}
    counts = json.loads((project / "data/ledger/finetune-joint.json").read_text())
    assert counts["in"] == counts["ok"] == 28
    curve = (project / "data/curves/joint/plots/metrics/train/loss.tsv").read_text()
    assert curve.startswith("step\tloss\n")
    assert not list((project / ".distill").rglob("checkpoint-*"))


def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(project, tmp_path_factory):
    train("ordered")
    whole = written("ordered")
    curves = drawn("ordered")
    with subprocess.Popen(command("ordered"), stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not (found := [f for f in project.glob(LAST_OF_PHASE_1) if f.stat().st_size]):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    kept = shutil.copytree(".distill", tmp_path_factory.mktemp("killed") / ".distill")
    killed = {"after a checkpoint": "checkpoint-2 of phase-1"}
    killed |= {"while one is written": "checkpoint-3 of phase-0"}
    for when, said in killed.items():
        shutil.rmtree(".distill")
        shutil.copytree(kept, ".distill")
        if when == "while one is written":
            found[0].unlink()
        for folder in (paths.model("ordered"), paths.curves("ordered")):
            shutil.rmtree(folder)  # as DVC does before it runs a stage
        assert f"goes on from {said}" in train("ordered"), when
        assert written("ordered") == whole
        assert drawn("ordered") == curves


@pytest.fixture
def trainer(project):
    """The trainer of four short rows, all in one batch."""
    assert project
    tiny = load().students["tiny"]
    how = device.choose()
    tokenizer = load_tokenizer(tiny)
    with Ledger("finetune", "test") as ledger:
        examples = list(fitting(rows("botchat", "train", 4), tokenizer, 2048, ledger))
    return finetune.trainer_of(
        finetune.new_adapter(tiny, how),
        tokenizer,
        finetune.settings(tiny, 1, how, paths.workspace() / "here"),
        (["botchat"], examples, examples),
    )


def test_the_loss_is_that_of_trl_on_the_summary_alone(trainer):
    batch = next(iter(trainer.get_train_dataloader()))
    for labels in batch["labels"].tolist():
        learned = trainer.processing_class.decode([i for i in labels if i != -100])
        assert learned.startswith("<ul><li>my order")
        assert learned.endswith("</li></ul><|end|>")
    model = trainer.model.eval()
    usual = SFTTrainer.compute_loss(trainer, model, dict(batch))
    assert trainer.compute_loss(model, dict(batch)).item() == pytest.approx(usual.item(), rel=1e-5)
    counted = trainer.compute_loss(model, dict(batch), num_items_in_batch=torch.tensor(1))
    assert counted.item() == pytest.approx(
        usual.item() * (batch["labels"] != -100).sum().item(), rel=1e-5
    )


@pytest.mark.parametrize("accumulated", [1, 2])
def test_a_step_on_all_cores_is_that_of_trl(trainer, monkeypatch, accumulated):
    batch = next(iter(trainer.get_train_dataloader()))
    # Rows of different lengths: each core's share counts by its tokens.
    batch["labels"][0, : batch["labels"].shape[1] - 4] = -100
    trainer.create_optimizer()
    trainer.current_gradient_accumulation_steps = accumulated
    monkeypatch.setattr(finetune.Dropout, "forward", lambda _, x: x)

    def step(kind):
        trainer.model.zero_grad()
        losses = [kind.training_step(trainer, trainer.model, dict(batch)) for _ in range(2)]
        weights = trainer.model.named_parameters()
        return sum(losses).item(), {n: p.grad.clone() for n, p in weights if p.requires_grad}

    (usual, expected), (ours, gradients) = step(SFTTrainer), step(finetune.Trainer)
    assert ours == pytest.approx(usual, rel=1e-5)
    assert any(gradient.any() for gradient in gradients.values())
    for name, gradient in gradients.items():
        assert torch.allclose(gradient, expected[name], rtol=1e-3, atol=1e-6), name


def test_each_core_drops_by_numbers_of_its_own_that_a_seed_decides(trainer):
    batch = next(iter(trainer.get_train_dataloader()))
    trainer.create_optimizer()
    trainer.current_gradient_accumulation_steps = 1

    def step(seed):
        torch.manual_seed(seed)
        trainer.model.zero_grad()
        trainer.training_step(trainer.model, dict(batch))
        weights = trainer.model.named_parameters()
        return torch.cat([p.grad.flatten() for _, p in weights if p.requires_grad])

    assert torch.equal(step(1), step(1))
    assert not torch.equal(step(1), step(2))


def test_a_base_with_dropout_of_its_own_is_trained_by_one_thread(trainer, monkeypatch):
    batch = next(iter(trainer.get_train_dataloader()))
    monkeypatch.setattr(trainer.model.config, "dropout", 0.1)
    assert finetune.drops(trainer.model)
    monkeypatch.setattr(SFTTrainer, "training_step", lambda *_: "TRL's own")
    assert trainer.training_step(trainer.model, batch) == "TRL's own"


@pytest.mark.usefixtures("project")
def test_phases_train_one_channel_after_the_other():
    params = load()
    tiny = params.students["tiny"]
    with Ledger("finetune", "test") as ledger:
        found = finetune.phases(
            records.read(paths.dataset("org")),
            params.runs["ordered"],
            tiny,
            load_tokenizer(tiny),
            ledger,
        )
    assert [(channels, len(train), len(dev)) for channels, train, dev in found] == [
        (["webform"], 12, 2),
        (["botchat"], 12, 2),
    ]


@pytest.mark.usefixtures("project")
def test_a_phase_of_a_channel_without_rows_is_one_clear_line():
    params = load()
    tiny = params.students["tiny"]
    only = [row for row in records.read(paths.dataset("org")) if row["channel"] == "botchat"]
    with pytest.raises(ParamsError, match="webform"), Ledger("finetune", "test") as ledger:
        finetune.phases(only, params.runs["ordered"], tiny, load_tokenizer(tiny), ledger)


@pytest.mark.usefixtures("project")
def test_a_training_without_a_row_that_fits_is_one_clear_line():
    params = load()
    tiny = params.students["tiny"].model_copy(update={"max_length": 8})
    with pytest.raises(RowError, match=r"no train row of botchat and webform .* 8 tokens"):
        finetune.phases(
            records.read(paths.dataset("org")),
            params.runs["joint"],
            tiny,
            load_tokenizer(tiny),
            Ledger("finetune", "test"),
        )


def test_a_training_that_diverges_writes_no_adapter(project):
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["students"]["tiny"]["train"]["learning_rate"] = 1e30
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    done = subprocess.run(command("joint"), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    problem = "finetune joint: the training diverged, its loss is nan; lower students.tiny.train"
    assert done.stderr.splitlines()[-1].startswith(f"error: {problem}")
    assert not paths.model("joint").exists()


@pytest.mark.usefixtures("project")
def test_an_adapter_of_layers_that_the_base_has_not_is_one_clear_line():
    tiny = load().students["tiny"]
    nowhere = tiny.model_copy(update={"lora": tiny.lora.model_copy(update={"target": ["none"]})})
    with pytest.raises(ParamsError, match=r"lora\.target \['none'\]: ") as raised:
        finetune.new_adapter(nowhere, device.choose())
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("project")
def test_checkpoints_belong_to_what_decides_the_result():
    params = load()
    how = device.Device("cpu", "float32", 1)
    where = finetune.checkpoints(params, "joint", how)
    assert where == finetune.checkpoints(params, "joint", how)
    other = params.model_copy(update={"seed": 8})
    assert where != finetune.checkpoints(other, "joint", how)
    records.write_shards(paths.dataset("org"), rows("botchat", "train", 3))
    assert where != finetune.checkpoints(params, "joint", how)


def test_dropout_keeps_the_mean_and_drops_its_share():
    torch.manual_seed(0)
    dropped = finetune.Dropout(0.1)(torch.ones(400, 333))
    assert (dropped == 0).float().mean() == pytest.approx(0.1, abs=0.005)
    assert dropped.mean() == pytest.approx(1.0, abs=0.01)
    assert finetune.Dropout(0.1).eval()(torch.ones(3)).tolist() == [1, 1, 1]
