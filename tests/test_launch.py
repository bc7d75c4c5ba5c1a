"""The processes of a parallel training, and the one that starts them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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
