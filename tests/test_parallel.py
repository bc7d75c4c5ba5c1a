"""Trainings in two processes on two CPU cores (gloo): data parallel, and sharded by FSDP2."""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import finetuning
import pytest
import torch
import yaml
from conftest import REPO
from finetuning import command, curves, losses, written
from safetensors.torch import load

from distill import paths, records
from distill.errors import ParamsError
from distill.students import sharding, steps

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries

ONE, TWO = "cpu/float32/1", "cpu/float32/2"
FSDP = REPO / "tests/fsdp_on_cpu.py"
PER_EPOCH = 7  # steps of 4 rows for 26 rows, which do not fill the last one
LORA = {"r": 8, "alpha": 16, "dropout": 0.0, "target": "all-linear"}  # masks differ by process


def unlike(number, row):
    """Texts of many lengths, so that the order of rows and their padding matter."""
    talk, ends = " It was late." * (7 * number % 11), "<b>!</b>" * (5 * number % 7)
    return {**row, "input": row["input"] + talk, "target": row["target"] + ends}


@pytest.fixture
def project(workspace, monkeypatch):
    """A dataset of 26 rows for two epochs, without dropout."""
    monkeypatch.setenv("DISTILL_DEVICE", TWO)
    finetuning.make(workspace, epochs=2, lora=LORA)
    made = [
        unlike(number, row)
        for channel in ("botchat", "webform")
        for split, count in (("dev", 4), ("train", 13))
        for number, row in enumerate(finetuning.rows(channel, split, count))
    ]
    records.write_shards(paths.dataset("org"), made)
    return workspace


@pytest.fixture
def train(monkeypatch):
    """Trains a run; this process starts the others."""

    def run(name, on=TWO):
        for folder in (paths.model(name), paths.curves(name)):
            shutil.rmtree(folder, ignore_errors=True)  # as DVC does before it runs a stage
        monkeypatch.setenv("DISTILL_DEVICE", on)
        finetuning.in_process(monkeypatch, name)

    return run


def weights(run):
    return load(written(run)["adapter_model.safetensors"])


def assert_alike(run, expected, tolerance):
    """The curve and the adapter are those of another training, up to rounding."""
    curve, adapter = expected
    for split in ("train", "dev"):
        found = losses(run, split)
        assert [step for step, _ in found] == [step for step, _ in curve[split]]
        assert [loss for _, loss in found] == pytest.approx(
            [loss for _, loss in curve[split]], rel=tolerance
        )
    assert weights(run).keys() == adapter.keys() != set()
    for name, weight in weights(run).items():
        assert torch.allclose(weight, adapter[name], atol=tolerance), name


def result(run):
    return {split: losses(run, split) for split in ("train", "dev")}, weights(run)


def killed(project, arguments, step, phase=0):
    """Start a training, and kill its processes once it has a phase's checkpoint of that step."""
    checkpoint = f".distill/checkpoints/*/phase-{phase}/checkpoint-*/trainer_state.json"
    with subprocess.Popen(arguments, start_new_session=True) as process:
        deadline = time.monotonic() + 240
        while True:
            found = project.glob(checkpoint)
            if any(int(file.parent.name.split("-")[1]) >= step for file in found):
                break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)


def test_trainings_side_by_side_give_the_bytes_of_one_after_another(project, train):
    """Each has a core for itself, which those wait for that find none."""
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["students"]["tiny"]["launch"] = {"devices": 1}
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    runs = ("joint", "other-seed", "same-seed")
    started = [subprocess.Popen(command(run), stderr=subprocess.PIPE, text=True) for run in runs]
    said = "".join(process.communicate(timeout=300)[1] for process in started)
    assert [process.returncode for process in started] == [0, 0, 0]
    waited = [line for line in said.splitlines() if line.startswith("waiting for")]
    assert all("finetune.py" in line for line in waited)
    side_by_side = [written(run) for run in runs]
    assert side_by_side[0] == side_by_side[2] != side_by_side[1]
    train("joint", ONE)
    assert written("joint") == side_by_side[0]


def test_two_processes_give_the_adapter_of_one_also_when_they_are_killed(project, train, capsys):
    train("joint", ONE)
    alone, by_one = result("joint"), written("joint")
    assert alone[0]["train"][-1][0] == 2 * PER_EPOCH
    train("joint")
    assert_alike("joint", alone, 1e-4)
    whole, curve = written("joint"), curves("joint")
    killed(project, command("joint", python=sys.executable), PER_EPOCH + 1)  # in the second epoch
    capsys.readouterr()
    train("joint", ONE)
    assert "resuming" not in capsys.readouterr().out  # the checkpoint of two processes
    assert written("joint") == by_one != whole
    train("joint")
    assert written("joint") == whole
    assert curves("joint") == curve


@pytest.fixture
def sharded(project):
    """The project with the configuration of accelerate that ships."""
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["students"]["tiny"]["launch"] = {"config": str(REPO / "recipes/fsdp2.yaml")}
    params["students"]["tiny"]["speed"] = {"checkpointing": True}
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    return project


def test_fsdp2_is_killed_resumes_and_gives_the_adapter_of_one_process(sharded, train):
    fresh = command("ordered", script=FSDP, python=sys.executable)
    killed(sharded, fresh, 2, phase=1)
    printed = finetuning.train("ordered", script=FSDP)
    assert "of phase-0" in printed  # which its adapter goes on from
    assert "of phase-1" in printed
    found = result("ordered")
    params = yaml.safe_load((sharded / "params.yaml").read_text())
    del params["students"]["tiny"]["launch"], params["students"]["tiny"]["speed"]
    (sharded / "params.yaml").write_text(yaml.safe_dump(params))
    train("ordered", ONE)
    assert_alike("ordered", found, 1e-3)


def test_a_configuration_that_would_save_no_weights_is_refused(monkeypatch):
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    sharding.check()
    monkeypatch.setenv("FSDP_ACTIVATION_CHECKPOINTING", "true")
    with pytest.raises(ParamsError, match="set fsdp_activation_checkpointing: false"):
        sharding.check()


class Trainer:
    """What the order of rows asks of a trainer."""

    def __init__(self, folder):
        self.state = self
        self.args = self
        self.output_dir, self.global_step = folder, 0


def test_an_epoch_has_whole_steps_and_the_same_order_after_a_kill(tmp_path):
    torch.manual_seed(3)
    trainer = Trainer(tmp_path)
    order = partial(steps.Steps, [5 + 7 * n % 60 for n in range(13)], 4, 1, trainer)
    first = list(order())
    assert len(order()) == len(first) == 16
    assert sorted(first[:13]) == list(range(13))
    assert first[13:] == first[:3]
    assert list(order()) == first  # although the random numbers have moved on
    trainer.global_step = 4
    second = list(order())
    assert second != first
    assert list(order()) == second


def test_pairs_stay_together(tmp_path):
    order = list(steps.Steps([5 + 7 * n % 60 for n in range(14)], 4, 2, Trainer(tmp_path)))
    assert all(second == first + 1 for first, second in zip(order[::2], order[1::2], strict=True))
    assert len(order) == 16
