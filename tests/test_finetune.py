"""finetune: LoRA steps on a model of two layers, alone and in two processes, killed, resumed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import finetuning
import models
import pytest
import torch
import yaml
from finetuning import command, curves, losses, rows, train, written
from peft import PeftModel
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

from distill import paths, records
from distill.errors import ParamsError, RowError
from distill.ledger import Ledger
from distill.params import load
from distill.students import causal, checkpoints, cpu, device, sharding
from distill.students.models import fitting, load_tokenizer
from distill.students.settings import Train

import finetune  # isort: skip

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries

ON = {"DISTILL_DEVICE": "cpu/float32/1"}
WRITTEN = {"adapter_config.json", "adapter_model.safetensors", "chat_template.jinja"}
WRITTEN |= {"generation_config.json", "tokenizer.json", "tokenizer_config.json"}
WRITTEN |= {"prompts/summarize/botchat.txt", "prompts/summarize/webform.txt"}
# What the trainer writes last of a checkpoint.
LAST_OF_PHASE_1 = ".distill/checkpoints/*/phase-1/checkpoint-2/trainer_state.json"


@pytest.fixture
def project(workspace, monkeypatch):
    """A small dataset and runs of a few steps."""
    monkeypatch.setenv("DISTILL_DEVICE", ON["DISTILL_DEVICE"])
    finetuning.make(workspace)
    return workspace


def test_a_run_writes_an_adapter_that_loads(project):
    train("joint", python=sys.executable)
    base = AutoModelForCausalLM.from_pretrained(models.STUDENT["base"])
    adapted = PeftModel.from_pretrained(base, "models/joint")
    assert adapted.peft_config["default"].r == 8
    assert any(p.abs().sum() > 0 for n, p in adapted.named_parameters() if "lora_B" in n)
    assert set(written("joint")) == WRITTEN
    counts = json.loads((project / "data/ledger/finetune-joint.json").read_text())
    assert counts["in"] == counts["ok"] == 28
    assert [step for step, _ in losses("joint", "train")] == [1, 2, 3, 4, 5, 6]
    assert [step for step, _ in losses("joint", "dev")] == [2, 4, 6]
    assert not list((project / ".distill").rglob("checkpoint-*"))


@pytest.fixture
def in_process(monkeypatch):
    """Runs the script in this process."""
    return partial(finetuning.in_process, monkeypatch)


def test_a_killed_training_resumes_and_ends_with_the_same_bytes(
    project, in_process, tmp_path_factory
):
    in_process("ordered")
    whole = written("ordered")
    whole_curves = curves("ordered")
    with subprocess.Popen(command("ordered"), stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not (found := [f for f in project.glob(LAST_OF_PHASE_1) if f.stat().st_size]):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert [step for step, _ in losses("ordered", "dev")] == [2, 3, 5]  # shown while it trains
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
        assert f"resuming from {said}" in train("ordered"), when
        assert written("ordered") == whole
        assert curves("ordered") == whole_curves


@pytest.mark.usefixtures("project")
def test_the_seed_of_a_run_decides_its_adapter(in_process):
    for run in ("joint", "same-seed", "other-seed"):
        in_process(run)
    assert written("joint") == written("same-seed")  # 7 is the pipeline's seed
    weights = "adapter_model.safetensors"
    assert written("joint")[weights] != written("other-seed")[weights]
    assert losses("joint", "train") != losses("other-seed", "train")


LAUNCHER = ("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2")
LAUNCHER += ("--main_process_port", "0")


@pytest.mark.parametrize("launcher", [(), LAUNCHER], ids=["a process a core", "accelerate"])
def test_two_processes_train_on_the_same_rows_and_one_of_them_writes(
    project, in_process, monkeypatch, capfd, launcher
):
    in_process("joint")
    [(_, alone), *_] = losses("joint", "train")
    ledger = (project / "data/ledger/finetune-joint.json").read_text()
    for folder in (paths.model("joint"), paths.curves("joint")):
        shutil.rmtree(folder)
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/2")
    capfd.readouterr()
    if launcher:
        printed = train("joint", *launcher)
    else:
        in_process("joint")
        printed = capfd.readouterr().out
    assert printed.count("dev loss") == printed.count("device: ") == 1
    # Before the first update an adapter changes nothing, so the loss is that of the rows alone; two
    # processes average theirs, however many tokens each has.
    [(_, together), *later] = losses("joint", "train")
    assert together == pytest.approx(alone, rel=5e-3)
    assert [step for step, _ in later] == [2, 3, 4, 5, 6]
    assert later[-1][1] < together
    assert set(written("joint")) == WRITTEN
    assert (project / "data/ledger/finetune-joint.json").read_text() == ledger
    assert (project / "data/quarantine/finetune-joint.jsonl").read_text() == ""
    assert not list((project / ".distill").rglob("checkpoint-*"))


@pytest.mark.parametrize(
    ("batch", "accumulate", "processes", "expected"),
    [
        (4, 1, 1, (4, 1)),
        (4, 1, 2, (2, 1)),
        (4, 8, 4, (4, 2)),
        (4, 3, 2, (3, 2)),
        (1, 8, 8, (1, 1)),
    ],
)
def test_a_step_takes_the_same_rows_on_any_number_of_devices(
    batch, accumulate, processes, expected
):
    settings = Train(epochs=1, batch=batch, accumulate=accumulate, learning_rate=1e-3, warmup=0)
    assert causal.rows_of_process(settings, processes) == expected


@pytest.mark.parametrize(
    ("batch", "accumulate", "processes", "expected"),
    [(4, 3, 1, (4, 3)), (4, 3, 2, (2, 3)), (6, 1, 1, (6, 1)), (3, 2, 1, (2, 3)), (3, 1, 1, (3, 1))],
)
def test_a_batch_holds_whole_pairs_on_any_number_of_devices_where_it_can(
    batch, accumulate, processes, expected
):
    settings = Train(epochs=1, batch=batch, accumulate=accumulate, learning_rate=1e-3, warmup=0)
    assert causal.rows_of_process(settings, processes, unit=2) == expected


def test_a_step_that_cannot_be_divided_among_the_devices_is_one_clear_line():
    settings = Train(epochs=1, batch=2, accumulate=1, learning_rate=1e-3, warmup=0)
    with pytest.raises(
        ParamsError, match=r"the 2 rows of a step .* among 4 processes; change batch"
    ):
        causal.rows_of_process(settings, 4)


def test_a_training_that_diverges_on_two_cores_is_one_clear_line(project, monkeypatch):
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/2")
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["students"]["tiny"]["train"] |= {"learning_rate": 1e30, "epochs": 1}
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    done = subprocess.run(command("joint"), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if "error" in line]
    problem = "finetune joint: the training diverged, its loss is nan; lower train.learning_rate"
    assert line.startswith(f"error: {problem}")
    assert not paths.model("joint").exists()


def test_rows_that_do_not_fit_stop_a_training_before_it_starts(project, in_process):
    long = [{**row, "input": "Customer: no. " * 999} for row in rows("botchat", "train", 9)]
    records.write_shards(paths.dataset("org"), [*records.read(paths.dataset("org")), *long])
    problem = r"finetune joint: 9 of 37 rows could not be used \(too_long 9\)"
    with pytest.raises(RowError, match=problem):
        in_process("joint")
    assert not (project / ".distill").exists()


def new_trainer():
    """The trainer of four short rows, all in one batch."""
    tiny = load().students["tiny"]
    how = device.choose()
    tokenizer = load_tokenizer(tiny)
    with Ledger("finetune", "test") as ledger:
        examples = list(fitting(rows("botchat", "train", 4), tokenizer, 2048, ledger))
    return causal.new_trainer(
        causal.new_adapter(tiny, how),
        tokenizer,
        causal.config(tiny, 1, how, paths.workspace() / "here"),
        causal.Phase(["botchat"], examples, examples),
        how,
    )


@pytest.fixture
def trainer(project):
    assert project
    return new_trainer()


def test_a_target_that_is_a_pattern_is_written_as_it_is(trainer, tmp_path):
    trainer.model.peft_config["default"].target_modules = ".*q_proj"
    sharding.save(trainer, tmp_path / "scratch", tmp_path / "adapter")
    config = json.loads((tmp_path / "adapter/adapter_config.json").read_text())
    assert config["target_modules"] == ".*q_proj"


def test_the_loss_is_that_of_trl_on_the_summary_alone(trainer):
    batch = next(iter(trainer.get_train_dataloader()))
    for labels in batch["labels"].tolist():
        learned = trainer.processing_class.decode([i for i in labels if i != -100])
        assert learned.startswith("<ul><li>my order")
        assert learned.endswith("</li></ul><|im_end|>\n")
    model = trainer.model.eval()
    usual = SFTTrainer.compute_loss(trainer, model, dict(batch))
    assert trainer.compute_loss(model, dict(batch)).item() == pytest.approx(usual.item(), rel=1e-5)
    counted = trainer.compute_loss(model, dict(batch), num_items_in_batch=torch.tensor(1))
    assert counted.item() == pytest.approx(
        usual.item() * (batch["labels"] != -100).sum().item(), rel=1e-5
    )


def test_a_step_is_that_of_trl(trainer, monkeypatch):
    batch = next(iter(trainer.get_train_dataloader()))
    batch["labels"][0, : batch["labels"].shape[1] - 4] = -100  # rows with unlike completions
    trainer.create_optimizer()
    trainer.current_gradient_accumulation_steps = 1
    monkeypatch.setattr(cpu.Dropout, "forward", lambda _, x: x)

    def step(loss):
        monkeypatch.setattr(cpu.CpuTrainer, "compute_loss", loss)
        trainer.model.zero_grad()
        found = trainer.training_step(trainer.model, dict(batch)).item()
        weights = trainer.model.named_parameters()
        return found, {n: p.grad.clone() for n, p in weights if p.requires_grad}

    ours, gradients = step(cpu.CpuTrainer.compute_loss)
    usual, expected = step(SFTTrainer.compute_loss)
    assert ours == pytest.approx(usual, rel=1e-5)
    assert any(gradient.any() for gradient in gradients.values())
    for name, gradient in gradients.items():
        assert torch.allclose(gradient, expected[name], rtol=1e-3, atol=1e-6), name


def test_a_seed_decides_what_is_dropped(trainer):
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


def test_in_bfloat16_the_adapter_is_trained_in_float32_and_its_input_is_not_converted(
    project, monkeypatch
):
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/bfloat16/2")
    seen = set()
    forward = cpu.Dropout.forward

    def spied(self, x):
        seen.add((x.dtype, self.pool.dtype))
        return forward(self, x)

    monkeypatch.setattr(cpu.Dropout, "forward", spied)
    made = new_trainer()
    made.train()
    adapted = [p for p in made.model.parameters() if p.requires_grad]
    assert {weight.dtype for weight in adapted} == {torch.float32}
    assert any(name.endswith("base_layer.weight") and weight.dtype is torch.bfloat16
               for name, weight in made.model.named_parameters())  # fmt: skip
    assert seen == {(torch.bfloat16, torch.bfloat16)}
    assert project


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
    assert [(phase.channels, len(phase.train), len(phase.dev)) for phase in found] == [
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


def test_a_training_that_diverges_writes_no_adapter(project, in_process):
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["students"]["tiny"]["train"]["learning_rate"] = 1e30
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    problem = "finetune joint: the training diverged, its loss is nan; lower train.learning_rate"
    with pytest.raises(ParamsError, match=f"^{problem}"):
        in_process("joint")
    assert not paths.model("joint").exists()


@pytest.mark.usefixtures("project")
def test_an_adapter_of_layers_that_the_base_has_not_is_one_clear_line():
    tiny = load().students["tiny"]
    nowhere = tiny.model_copy(update={"lora": tiny.lora.model_copy(update={"target": ["none"]})})
    with pytest.raises(ParamsError, match=r"lora\.target \['none'\]: ") as raised:
        causal.new_adapter(nowhere, device.choose())
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("project")
def test_checkpoints_belong_to_all_that_decides_the_result():
    tiny = load().students["tiny"]
    phase = causal.Phase(["botchat"], [{"prompt": "a"}], [])
    where = checkpoints.folder("joint", tiny, [7, [phase], 1])
    assert where == checkpoints.folder("joint", tiny, [7, [phase], 1])
    faster = tiny.predict.model_copy(update={"batch": 99})
    assert where == checkpoints.folder("joint", tiny.model_copy(update={"predict": faster}),
                                       [7, [phase], 1])  # fmt: skip
    other_rows = causal.Phase(["botchat"], [{"prompt": "b"}], [])
    for parts in ([8, [phase], 1], [7, [other_rows], 1], [7, [phase, phase], 1], [7, [phase], 2]):
        assert where != checkpoints.folder("joint", tiny, parts)
    shorter = tiny.model_copy(update={"max_length": 99})
    assert where != checkpoints.folder("joint", shorter, [7, [phase], 1])


def test_a_checkpoint_lacks_the_random_state_of_one_process(tmp_path, monkeypatch):
    for number in (2, 4):
        folder = tmp_path / f"checkpoint-{number}"
        folder.mkdir()
        (folder / "trainer_state.json").write_text('{"global_step": 1}')
        (folder / "rng_state_0.pth").touch()
    (tmp_path / "checkpoint-2/rng_state_1.pth").touch()
    assert checkpoints.last(tmp_path).name == "checkpoint-4"
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert checkpoints.last(tmp_path).name == "checkpoint-2"


@pytest.mark.parametrize("rows_at_once", [400, 60_000])
def test_dropout_keeps_the_mean_and_drops_its_share(rows_at_once):
    torch.manual_seed(0)  # the second is larger than the pool
    dropout = cpu.Dropout(0.1, cpu.masks(0.1, torch.float32, seed=1))
    dropped = dropout(torch.ones(rows_at_once, 333))
    assert (dropped == 0).float().mean() == pytest.approx(0.1, abs=0.005)
    assert dropped.mean() == pytest.approx(1.0, abs=0.01)
    assert dropout.eval()(torch.ones(3)).tolist() == [1, 1, 1]
    if rows_at_once == 400:
        assert not torch.equal(dropped, dropout.train()(torch.ones(400, 333)))
