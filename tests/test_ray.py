"""A Ray cluster makes the bytes of this machine, whatever happens to its nodes and to the stage."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from conftest import REPO
from shards import Upper, calls

import anonymize
import split
from distill import engine, paths
from distill.engine.settings import Ray
from distill.errors import EngineError, ParamsError

SECRET = "a long and random text 7391"
WORDS = [[f"word{n}", "x"] for n in range(8)]
MADE = [f"WORD{n} X".encode() for n in range(8)]


class Nodes:
    """A real cluster on this machine: a head without cores, and nodes of one core each."""

    def __init__(self):
        from ray.cluster_utils import Cluster

        quiet = {"num_cpus": 0, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args=quiet)
        self.nodes = []

    def become(self, count: int) -> None:
        """Add or remove nodes until there are so many."""
        while len(self.nodes) < count:
            self.nodes.append(self.cluster.add_node(num_cpus=1))
        while len(self.nodes) > count:
            self.kill()

    def kill(self) -> None:
        """End the processes of a node, as a loss of power does."""
        self.cluster.remove_node(self.nodes.pop(), allow_graceful=False)


@pytest.fixture(scope="module")
def cluster():
    """The cluster, to which this process is connected; its nodes have the tests' secret."""
    ray = pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("DISTILL_SECRET", SECRET)
        patch.setenv("PYTHONPATH", f"{REPO / 'src'}:{REPO / 'tests'}")
        nodes = Nodes()
        nodes.become(1)
        yield nodes
        ray.shutdown()
        nodes.cluster.shutdown()


@pytest.fixture
def settings(cluster) -> Ray:
    return Ray(kind="ray", address=cluster.cluster.address, rows=3)


@pytest.fixture
def called(workspace) -> Path:
    (workspace / "called").mkdir()
    return workspace / "called"


def made(work: Upper, settings, shards=WORDS) -> list[bytes]:
    with engine.kept("stage", "key", settings) as parts:
        return [file.read_bytes() for file in parts.make(work, shards)]


def chat(number: int) -> str:
    said = f"I am Ana Ruiz, ana{number}@mail.example, order {number:010}. parcel {number} is late"
    return json.dumps(
        {"id": f"{(number * 7) % 50:03}", "turns": [{"role": "customer", "text": said}]}
    )


def project(folder: Path, settings: dict, limit: float = 0.2) -> None:
    """Raw chats of which three cannot be used, and the settings of the engine."""
    values = yaml.safe_load((REPO / "tests/params.yaml").read_text())
    lines = [chat(n) for n in range(50)] + ["{broken", chat(3), '{"id": "x"}']
    raw = folder / "data/raw/botchat/chats.jsonl"
    raw.parent.mkdir(parents=True, exist_ok=True)
    raw.write_text("\n".join(lines), encoding="utf-8")
    sizes = {"test": 8, "dev": 4, "audit": 4, "train": 20}
    values["channels"] = {"botchat": values["channels"]["botchat"]}
    values["split"]["sizes"] = {"botchat": sizes}
    values["revisions"] = {}
    values |= {"source": "data/raw", "engine": settings, "versions": ["org"], "runs": {}}
    values |= {"systems": ["teacher"], "students": {}, "release": None}
    values["anonymize"] |= {"max_quarantined": limit, "mode": "strict"}
    (folder / "params.yaml").write_text(yaml.safe_dump(values))


def stages(monkeypatch) -> dict[str, bytes]:
    """What anonymize and split write."""
    for script, *names in ((anonymize, "botchat"), (split,)):
        monkeypatch.setattr("sys.argv", ["script.py", *names])
        script.main()
    files = (path for path in Path("data").rglob("*.json*") if "raw" not in path.parts)
    return {str(path): path.read_bytes() for path in files}


def test_any_number_of_nodes_writes_the_bytes_of_this_machine(
    workspace, settings, cluster, monkeypatch
):
    monkeypatch.setenv("DISTILL_SECRET", SECRET)
    project(workspace, {"kind": "local"})
    expected = stages(monkeypatch)
    counts = json.loads(expected["data/ledger/anonymize-botchat.json"])
    assert (counts["in"], counts["ok"]) == (53, 50)
    assert sum(counts["quarantined"].values()) == 3
    for nodes in (1, 2, 3):
        cluster.become(nodes)
        project(workspace, settings.model_dump())
        assert stages(monkeypatch) == expected
    assert not list(Path(".distill/parts").glob("*-*/*"))


def test_parts_keep_their_order_where_later_ones_are_made_first(called, settings, cluster):
    cluster.become(2)
    assert made(Upper(called, slow=("word0",), seconds=1), settings) == MADE


def test_a_node_that_dies_loses_nothing(called, settings, cluster):
    cluster.become(2)
    work = Upper(called, slow=tuple(f"word{n}" for n in range(8)), seconds=0.4)
    threading.Timer(0.8, cluster.kill).start()
    assert made(work, settings) == MADE


def test_a_killed_driver_leaves_parts_that_are_not_made_again(called, settings, cluster):
    cluster.become(1)
    script = (
        "from pathlib import Path\nfrom distill import engine\nfrom distill.engine.settings import"
        f" Ray\nfrom shards import Upper\nwith engine.kept('stage', 'key', Ray(kind='ray', address="
        f"{settings.address!r})) as parts:\n    parts.make(Upper(Path({str(called)!r}),"
        f" slow=('word5',), seconds=60), {WORDS})"
    )
    driver = subprocess.Popen([sys.executable, "-c", script], env=os.environ)
    kept = paths.parts("stage", "key")
    wait_for(lambda: len(list(kept.glob("*.part"))) >= 5)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    finished = {path.stem for path in kept.glob("*.part")}
    before = calls(called)
    assert made(Upper(called), settings) == MADE
    again = [word for word in set(calls(called)) if calls(called).count(word) > before.count(word)]
    assert len(again) == len(WORDS) - len(finished)


def test_limits_are_judged_once_over_the_whole_and_parts_outlive_the_error(
    workspace, settings, monkeypatch
):
    monkeypatch.setenv("DISTILL_SECRET", SECRET)
    project(workspace, settings.model_dump(), limit=0.05)
    with pytest.raises(Exception, match=r"anonymize botchat: 3 of 53 rows .*max_quarantined 0.05"):
        stages(monkeypatch)
    assert list(paths.parts("anonymize", "botchat").glob("*.part"))


def test_the_secret_does_not_travel_and_a_node_with_another_one_is_refused(
    workspace, settings, monkeypatch
):
    monkeypatch.setenv("DISTILL_SECRET", "another long and random text 42")
    project(workspace, settings.model_dump())
    with pytest.raises(ParamsError, match="DISTILL_SECRET has another value on this node"):
        stages(monkeypatch)


def test_a_node_with_other_code_is_refused(called, settings, monkeypatch):
    monkeypatch.setattr("distill.engine.ray.code", lambda: "other")
    with pytest.raises(EngineError, match="other source code or versions of packages than this"):
        made(Upper(called), settings)


def test_an_exception_of_the_function_is_the_one_that_is_raised(called, settings):
    with pytest.raises(ValueError, match="shard word3"):
        made(Upper(called, refused="word3"), settings)


def wait_for(ready) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)
