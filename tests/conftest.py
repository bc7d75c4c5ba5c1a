import gc
import os
import shutil
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DVC_NO_ANALYTICS": "1",
    "OMP_NUM_THREADS": "1",
    "DISTILL_DEVICE": "cpu/float32/1",  # a training starts no second process
    "TOKENIZERS_PARALLELISM": "false",
    "GIT_AUTHOR_NAME": "Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.org",
    "GIT_COMMITTER_NAME": "Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.org",
}

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a project's stages share what they compiled

del sys.argv[1:]  # pytest's: a script that runs in this process gets none of them

# A busy machine is no failure, and the same code gives the same examples.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

REPO = Path(__file__).parents[1]
LONGEST = ("pipeline", "first_day", "annotate", "parallel", "finetune", "evokd", "real_chats")
LONGEST += ("served", "fair", "paid", "reproducible", "canary", "kills", "real_input", "methods")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """An empty project: the tests' params, the real taxonomy and prompts, and no data."""
    from distill import prompts
    from distill.tasks.summarize import taxonomy

    for source in (REPO / "tests/params.yaml", REPO / "taxonomy.yaml"):
        shutil.copy(source, tmp_path)
    shutil.copytree(REPO / "prompts", tmp_path / "prompts")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    prompts._template.cache_clear()
    taxonomy.load.cache_clear()
    yield tmp_path
    prompts._template.cache_clear()
    taxonomy.load.cache_clear()


@pytest.fixture
def split(workspace):
    """A project whose 64 rows are split."""
    from stages import rows

    from distill import paths, records

    for name, numbers in (("train", range(60)), ("dev", [60]), ("audit", [61]), ("test", [62, 63])):
        records.write_shards(paths.split(name), rows(name, numbers))


@pytest.fixture
def org(workspace):
    """A project whose 60 rows of train have the teacher's summaries, that no model annotated."""
    from stages import GOOD, rows

    from distill import paths, records

    made = rows("train", range(60))
    summaries = ({**row, "target": GOOD.format(n=n), "edits": []} for n, row in enumerate(made))
    records.write_shards(paths.dataset("org"), summaries)
    records.write_shards(paths.annotated("org"), [])
    records.write_shards(paths.findings("org"), [])


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A project with one run of a model of two layers."""
    import runs

    folder = tmp_path_factory.mktemp("trained")
    runs.make(folder)
    return folder


@pytest.fixture
def trained(trained_once, workspace, monkeypatch):
    """A copy of that project."""
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/1")
    shutil.copytree(trained_once, workspace, dirs_exist_ok=True)
    return workspace


@pytest.fixture(scope="module")
def elsewhere():
    """This machine's address in a network: not loopback, so another host's for all a stage knows.

    Connecting a datagram socket sends nothing; it only asks which address would be used.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network, so no address but loopback")
        address = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    return address


def pytest_collection_modifyitems(items):
    """Files that take long begin first, so that the workers end together."""
    names = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: names.get(item.path.name, len(names)))


def pytest_collection_finish():
    """What the tests import stays, so that the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
