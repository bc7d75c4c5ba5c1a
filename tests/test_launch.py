"""The processes of a training: how many there are, on which devices, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import models
import pytest
from torch.multiprocessing.spawn import ProcessExitedException

from distill.errors import ParamsError, TrainingError
from distill.students import device, held, launch, uuids
from distill.students.settings import Student

PARENT = """
import os, signal, sys, time
from pathlib import Path

from distill.students import launch
from distill.students.device import Device


def work(folder):
    Path(folder, str(os.getpid())).touch()
    time.sleep(600)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a job in the background
    launch.run(work, 2, Device("cpu", "float32", 2), sys.argv[1])
"""


def until(true, seconds=120):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_the_processes_of_a_killed_training_end_too(tmp_path):
    script, started = tmp_path / "parent.py", tmp_path / "started"
    script.write_text(PARENT)
    started.mkdir()
    paths = os.pathsep.join(sys.path)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(started)], env=os.environ | {"PYTHONPATH": paths}
    )
    until(lambda: len(list(started.iterdir())) == 2)
    children = [int(file.name) for file in started.iterdir()]
    assert all(map(lives, children))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not any(map(lives, children)))


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [(-9, "SIGKILL", "was ended by SIGKILL, probably because memory ran out; .*run again"),
     (3, None, "ended with status 3; what it said is above")],
)  # fmt: skip
def test_a_process_that_was_ended_is_one_clear_line(monkeypatch, code, name, said):
    def spawn(*_, **__):
        raise ProcessExitedException(
            "terminated", error_index=1, error_pid=1, exit_code=code, signal_name=name
        )

    monkeypatch.setattr(launch, "spawn", spawn)
    with pytest.raises(TrainingError, match=rf"^process 1 of 2 {said}$"):
        launch.run(print, 2, device.Device("cpu", "float32", 2))


def student(batch, accumulate=1, **settings):
    train = {**models.STUDENT["train"], "batch": batch, "accumulate": accumulate}
    return Student(**{**models.STUDENT, "train": train, "launch": settings})


@pytest.mark.parametrize(
    ("batch", "accumulate", "threads", "expected"),
    [(2, 1, 2, 2), (2, 1, 1, 1), (4, 2, 16, 8), (3, 1, 2, 1), (3, 2, 4, 3)],
)
def test_each_core_trains_on_an_equal_share_of_a_step(batch, accumulate, threads, expected):
    assert launch.count(student(batch, accumulate), threads, 1) == expected


def test_cores_are_shared_unless_they_are_named(workspace, monkeypatch):
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/2")
    assert launch.place(student(4)) == (device.Device("cpu", "float32", 2), 2)
    assert not (workspace / ".distill/devices").exists()


def test_pairs_are_not_divided_among_processes(workspace, monkeypatch):
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/4")
    assert launch.place(student(4), unit=2)[1] == 2
    assert workspace


def test_a_process_of_a_launcher_starts_no_others(workspace, monkeypatch):
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/4")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert launch.place(student(4, devices=2))[1] == 1
    assert workspace


@pytest.fixture
def gpus(workspace, monkeypatch):
    """A host with four GPUs, as far as a training counts and takes them."""
    monkeypatch.delenv("DISTILL_DEVICE", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(held, "_held", {})

    def count():
        listed = os.environ.get("CUDA_VISIBLE_DEVICES")
        return 4 if listed is None else len(listed.split(","))

    monkeypatch.setattr(device.torch.cuda, "device_count", count)
    yield workspace
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    for lock in held._held.values():
        lock.release()


@pytest.mark.parametrize(
    ("batch", "settings", "expected"),
    [(8, {}, "0,1,2,3"), (8, {"devices": 2}, "0,1"), (6, {}, "0,1,2"), (1, {}, "0")],
)
def test_a_training_sees_no_gpu_but_those_that_it_uses(gpus, batch, settings, expected):
    how, processes = launch.place(student(batch, **settings))
    assert how.name == "cuda"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == expected
    assert processes == len(expected.split(","))
    assert gpus


def test_generation_and_encoders_take_one_gpu(gpus):
    assert device.choose().name == "cuda"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"
    assert gpus


def test_gpus_that_another_process_uses_are_left_out(gpus, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-8932f937,3")
    with held.FileLock(held._file("gpu", "2").with_suffix(".lock")):
        device.choose()
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-8932f937"
    assert gpus


CARDS = """
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa1111-b297)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb2222-c3d4)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4)
  MIG 3g.20gb     Device  1: (UUID: MIG-cba663e8-9bed)
GPU 2: NVIDIA A100-SXM4-40GB (UUID: GPU-dddd4444-e5f6)
GPU 3: NVIDIA A100-SXM4-40GB (UUID: GPU-eeee5555-f6a7)
"""


@pytest.fixture
def smi(gpus, monkeypatch):
    """Puts an nvidia-smi before others that lists these cards."""

    def tell(cards):
        program = gpus / "bin/nvidia-smi"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{cards}\nEND\n")
        program.chmod(0o755)
        uuids.listed.cache_clear()

    monkeypatch.setenv("PATH", str(gpus / "bin"), prepend=os.pathsep)
    yield tell
    uuids.listed.cache_clear()


@pytest.mark.parametrize(
    ("listed", "named"),
    [
        ("2,0", ["GPU-dddd4444-e5f6", "GPU-aaaa1111-b297"]),
        ("GPU-dddd,GPU-eeee5555-f6a7", ["GPU-dddd4444-e5f6", "GPU-eeee5555-f6a7"]),
        ("1", ["MIG-c6d4f1ef-42e4"]),
        ("GPU-bbbb2222-c3d4", ["MIG-c6d4f1ef-42e4"]),
        ("MIG-cba6", ["MIG-cba663e8-9bed"]),
        ("7", ["7"]),
        ("GPU-", ["GPU-"]),
    ],
)
def test_a_gpu_is_named_by_its_uuid(smi, monkeypatch, listed, named):
    smi(CARDS)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    assert device.visible_gpus() == named


def test_without_the_drivers_program_indices_remain(smi, monkeypatch):
    smi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,0")
    assert device.visible_gpus() == ["2", "0"]


def test_two_processes_that_count_gpus_differently_lock_the_same_card(smi, monkeypatch):
    smi(CARDS)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,2")
    device.choose()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-eeee5555-f6a7"
    taken, other = dict(held._held), {}
    monkeypatch.setattr(held, "_held", other)  # as another process, in a container with one card
    monkeypatch.setattr(held.platform, "node", lambda: "container")
    smi("GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-eeee5555-f6a7)")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert held._free("gpu", device.visible_gpus(), 1) == []
    for lock in taken.values():
        lock.release()
    assert held._free("gpu", device.visible_gpus(), 1) == ["GPU-eeee5555-f6a7"]


def test_more_devices_than_there_are_is_one_clear_line(gpus):
    with pytest.raises(ParamsError, match=r"launch\.devices is 5, and this machine has 4 GPU\(s\)"):
        launch.place(student(5, devices=5))
    assert gpus


TAKER = """
import sys, time
from pathlib import Path

from distill.students import held

found = held.take("core", ["3", "5"], int(sys.argv[2]))
Path(sys.argv[1]).write_text(" ".join(found))
time.sleep(600)
"""


@pytest.fixture
def takers(workspace):
    """Starts processes that take devices, and ends them."""
    script, started = workspace / "taker.py", []
    script.write_text(TAKER)

    def start(name, count):
        with (workspace / f"{name}.log").open("w") as log:
            command = [sys.executable, str(script), name, str(count)]
            env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
            started.append(subprocess.Popen(command, env=env, stderr=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_each_process_has_devices_of_its_own_and_waits_for_more(workspace, takers):
    one = takers("one", 1)
    until((workspace / "one").exists)
    takers("two", 1)
    until((workspace / "two").exists)
    assert [(workspace / name).read_text() for name in ("one", "two")] == ["3", "5"]
    both = takers("both", 2)
    until(lambda: "\n" in (workspace / "both.log").read_text())
    said = (workspace / "both.log").read_text()
    assert said.startswith("waiting for 2 of 2 cores; last used: 3 by taker.py one 1 (process ")
    assert said.count("\n") == 1
    one.kill()  # what it held is free, but not all that `both` waits for
    one.wait()
    takers("three", 1)
    until((workspace / "three").exists)
    assert (workspace / "three").read_text() == "3"
    assert both.poll() is None
    assert not (workspace / "both").exists()
