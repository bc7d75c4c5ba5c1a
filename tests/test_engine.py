"""A function goes over shards, in one process or on all cores; finished parts outlive a kill."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from conftest import REPO
from shards import Upper, calls

from distill import engine, paths
from distill.engine import local, parts
from distill.engine.settings import Local, Ray
from distill.errors import EngineError

WORDS = [["ant", "ape"], ["bee"], ["cat"], ["dog"], ["eel"], ["fox"]]
LOCAL = Local()
MADE = [b"ANT APE", b"BEE", b"CAT", b"DOG", b"EEL", b"FOX"]


@pytest.fixture
def called(workspace) -> Path:
    """The folder of an empty project in which calls leave a file."""
    (workspace / "called").mkdir()
    return workspace / "called"


@pytest.fixture(params=["spawn", "fork"])
def many(request, monkeypatch):
    """Two shards and more go to all cores; spawn, the default of macOS, shares no memory."""
    before = multiprocessing.get_start_method()
    monkeypatch.setattr(local, "FEW", 1)
    monkeypatch.setenv("PYTHONPATH", f"{REPO / 'src'}:{REPO / 'tests'}")
    multiprocessing.set_start_method(request.param, force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


def made(work: Upper, shards=WORDS, settings=LOCAL) -> list[bytes]:
    with engine.kept("stage", "key", settings) as kept:
        return [file.read_bytes() for file in kept.make(work, shards)]


def test_items_are_cut_into_shards():
    assert list(engine.shards(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(engine.shards([], 2)) == []


def test_parts_come_in_the_order_of_the_shards(called):
    assert made(Upper(called)) == MADE


def test_few_shards_start_no_process(called):
    made(Upper(called))
    assert {path.name.split("-")[1] for path in called.iterdir()} == {str(os.getpid())}


def test_many_shards_go_to_other_processes_and_may_be_made_in_any_order(called, many):
    assert made(Upper(called, slow=("ant",), seconds=0.5)) == MADE
    assert str(os.getpid()) not in {path.name.split("-")[1] for path in called.iterdir()}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be limited here")
def test_there_is_a_process_for_each_core_that_the_stage_may_use(called, many):
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        made(Upper(called, slow=("ant", "bee"), seconds=0.2))
    finally:
        os.sched_setaffinity(0, before)
    assert len({path.name.split("-")[1] for path in called.iterdir()}) == 1


def test_an_exception_of_the_function_is_raised_and_finished_parts_are_kept(called, many):
    with pytest.raises(ValueError, match="shard fox"):
        made(Upper(called, refused="fox"))
    assert made(Upper(called)) == MADE
    assert 6 < len(calls(called)) < 12


def test_a_process_that_is_killed_is_a_clear_error_and_the_next_run_goes_on(called, many):
    with pytest.raises(EngineError, match=r"memory.* run again"):
        made(Upper(called, fatal="fox"))
    assert made(Upper(called)) == MADE


def test_an_exception_that_cannot_be_pickled_is_not_taken_for_a_lack_of_memory(called, many):
    with pytest.raises(BrokenProcessPool) as error:
        made(Upper(called, odd="fox"))
    assert "OddError" in str(error.value.__cause__)


def test_shards_are_read_as_they_are_needed(called, monkeypatch):
    monkeypatch.setattr(local, "FEW", 1)
    read = []
    endless = (read.append(n) or [str(n)] for n in range(10**9))
    found = local.each(Upper(called), ((str(n), shard) for n, shard in enumerate(endless)))
    next(found)
    found.close()
    assert len(read) <= 4 + 2 * os.cpu_count()


def test_parts_are_deleted_when_the_block_ends_well_and_kept_when_it_does_not(called):
    with pytest.raises(KeyError), engine.kept("stage", "key", Local()) as kept:
        kept.make(Upper(called), WORDS[:4])
        raise KeyError
    assert made(Upper(called)) == MADE
    assert calls(called) == ["ant", "bee", "cat", "dog", "eel", "fox"]
    assert not paths.parts("stage", "key").exists()
    made(Upper(called))
    assert len(calls(called)) == 12


@pytest.mark.parametrize("change", ["the shard", "the settings", "the code"])
def test_a_part_of_something_else_is_made_again(called, monkeypatch, change):
    with pytest.raises(KeyError), engine.kept("stage", "key", Local()) as kept:
        kept.make(Upper(called), WORDS)
        raise KeyError
    shards = WORDS
    if change == "the shard":
        shards = [["ant"], *WORDS[1:]]
    elif change == "the settings":
        monkeypatch.setattr(Upper, "made_from", lambda _: ["upper", 2])
    else:
        monkeypatch.setattr("distill.engine.parts.code", lambda: "other")
    made(Upper(called), shards)
    assert len(calls(called)) == (7 if change == "the shard" else 12)


def test_code_is_all_that_lies_beside_it_and_not_what_python_and_editors_leave(tmp_path):
    for name in ("a.py", "find/names.txt", "find/__pycache__/a.pyc", ".a.py.swp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Ana\n")
    before = parts.sources(tmp_path)
    assert [name for name, _ in before] == ["a.py", "find/names.txt"]
    (tmp_path / "find/names.txt").write_text("Ana\nOlga\n")
    assert parts.sources(tmp_path) != before
    names = {name for name, _ in parts.sources(Path(parts.__file__).parents[2])}
    assert {"anonymize.py", "distill/privacy/find/names.txt"} <= names


def test_code_is_also_the_versions_of_packages_but_not_their_builds(tmp_path, monkeypatch):
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["torch>=2", "faker[x]>=4", "none-such>=1"]\n')
    known = {"torch": "2.13.0+cpu", "faker": "40.1"}

    def version(name: str) -> str:
        if name not in known:
            raise parts.importlib.metadata.PackageNotFoundError(name)
        return known[name]

    monkeypatch.setattr(parts.importlib.metadata, "version", version)
    python, *others = parts.versions(project)
    assert python == ["python", ".".join(map(str, sys.version_info[:2]))]
    assert others == [["torch", "2.13.0"], ["faker", "40.1"], ["none-such", ""]]


def test_a_second_run_of_a_stage_waits_for_the_first(called, capsys):
    entered, done = threading.Event(), []

    def first() -> None:
        with engine.kept("stage", "key", Local()) as kept:
            entered.set()
            time.sleep(0.3)
            done.append(len(kept.make(Upper(called), WORDS)))

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait()
    assert made(Upper(called)) == MADE
    assert done == [6]
    assert "stage key: waiting for another run" in capsys.readouterr().out
    thread.join()


def test_without_ray_the_error_says_how_to_install_it(called, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "distill.engine.ray", raising=False)
    with pytest.raises(EngineError, match=r"pip install .*\[ray\].*engine.kind: local"):
        made(Upper(called), settings=Ray(kind="ray"))
    assert not paths.parts("stage", "key").exists()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_an_address_without_a_cluster_is_named_at_once(called, address):
    pytest.importorskip("ray")
    with pytest.raises(EngineError, match=rf"engine\.address: no Ray cluster at {address} .*start"):
        made(Upper(called), settings=Ray(kind="ray", address=address))


KILLED = """
import sys
from pathlib import Path
from distill import engine
from distill.engine import local
from distill.engine.settings import Local
from shards import Upper
local.FEW = 1
with engine.kept("stage", "key", Local()) as parts:
    parts.make(Upper(Path("called"), slow=("eel", "fox"), seconds=60), {words})
"""


def test_a_killed_stage_makes_only_what_is_missing_and_leaves_no_process(called):
    environment = os.environ | {"PYTHONPATH": f"{REPO / 'src'}:{REPO / 'tests'}"}
    script = KILLED.format(words=WORDS)
    process = subprocess.Popen([sys.executable, "-c", script], env=environment)
    kept = paths.parts("stage", "key")
    wait_for(lambda: len(list(kept.glob("*.part"))) == 4)
    process.send_signal(signal.SIGKILL)
    process.wait()
    children = {int(path.name.split("-")[1]) for path in called.iterdir()}
    before = calls(called)
    assert made(Upper(called)) == MADE
    assert calls(called) == sorted([*before, "eel", "fox"])
    wait_for(lambda: not any(map(is_running, children)))


INTERRUPTED = """
import signal
from pathlib import Path
from distill import engine, stage
from distill.engine import local
from distill.engine.settings import Local
from shards import Upper
local.FEW = 1
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job
def run():
    with engine.kept("stage", "key", Local()) as parts:
        parts.make(Upper(Path("called"), slow=("eel", "fox"), seconds=60), {words})
stage.main(run)
"""


def test_an_interrupt_ends_all_processes_at_once_with_one_line(called):
    environment = os.environ | {"PYTHONPATH": f"{REPO / 'src'}:{REPO / 'tests'}"}
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(words=WORDS)],
        env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: len(calls(called)) == 6)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert process.communicate(timeout=30)[1] == "error: interrupted\n"
    assert process.returncode == 130


def is_running(process: int) -> bool:
    """Whether a process exists that is no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for(ready) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)
