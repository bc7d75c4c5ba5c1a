"""The `python` of tests' projects is a process like that of a fresh Python, but for its imports."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import warm

SAY = """
import json, os, sys
sys.stderr.write(sys.stdin.read())
script, *rest = sys.argv
arguments = [os.path.basename(script), *rest]
print(json.dumps([arguments, os.getcwd(), os.environ["SAID"], os.path.exists(__file__)]))
print([name for name in sys.modules if name.partition(".")[0] in ("distill", "finetune")])
"""
CHILD = "import time; open({!r}, 'w').write(str(__import__('os').getpid())); time.sleep(600)"
PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", {!r}])
"""


@pytest.fixture(scope="module", autouse=True)
def python():
    if warm.python() != str(warm.PYTHON):
        pytest.skip("this system lacks what tests/warm.py needs")
    return warm.python()


def test_it_has_arguments_folder_environment_and_files_but_no_module_of_the_project(
    python, tmp_path
):
    (tmp_path / "say.py").write_text(SAY)
    done = subprocess.run(
        [python, "say.py", "a b", "ü"], cwd=tmp_path, env=os.environ | {"SAID": "x=\n1"},
        input="typed", capture_output=True, text=True, check=True,
    )  # fmt: skip
    said, modules = done.stdout.splitlines()
    assert json.loads(said) == [["say.py", "a b", "ü"], str(tmp_path), "x=\n1", True]
    assert modules == "[]"
    assert done.stderr == "typed"


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; sys.exit('no')", 1, "no"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
    ],
)
def test_it_ends_as_a_fresh_python_would(python, code, status, said):
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "".join(done.stderr.splitlines()[-1:]) == said


def until(true):
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_who_kills_it_kills_all_that_it_started(python, tmp_path):
    told = tmp_path / "child"
    process = subprocess.Popen([python, "-c", PARENT.format(CHILD.format(str(told)))])
    until(lambda: told.exists() and told.read_text())
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not Path(f"/proc/{told.read_text()}").exists())
