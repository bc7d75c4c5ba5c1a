"""Whoever is measured: its folder is filled, its process run, its answers checked."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from endpoint.server import answer

HERE = Path(__file__).parent
REPO = HERE.parents[1]
CONCURRENCY = 64
LIMIT = 180  # seconds after which a run is given up, or a fiftieth of its rows if that is more

# What each environment holds. distilabel needs the last two of its own and does not name them.
ENVIRONMENTS = {
    "loops": ["aiohttp==3.14.5", "openai==3.54.0"],
    "distilabel": ["distilabel[openai]==1.5.3", "requests", "beautifulsoup4"],
    "curator": ["bespokelabs-curator==0.1.31"],
}
QUIET = {
    "CURATOR_DISABLE_RICH_DISPLAY": "1",
    "CURATOR_VIEWER": "0",
    "DISTILABEL_LOG_LEVEL": "WARNING",
    "DO_NOT_TRACK": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "TELEMETRY_ENABLED": "false",
}


@dataclass(frozen=True)
class Job:
    """What is asked: `rows` chats, of which `changed` has another text than usual."""

    rows: int = 2_000
    changed: int | None = None
    max_tokens: int = 256
    timeout: int = 60
    retries: int = 5
    max_quarantined: float = 1.0

    def text(self, row: int) -> str:
        """Return a chat of about 600 characters."""
        again = " I asked before." if row == self.changed else ""
        return (
            f"Customer: hi, my order 07-{row:07d} never came and nobody tells me why.{again}\n"
            "Bot: I am sorry to hear that. May I have your postcode to look it up?\n"
            "Customer: sure, it is the one on my account, I have not moved in ten years\n"
            "Bot: Thank you. The parcel left the warehouse on Monday and was due on Wednesday.\n"
            "Customer: it is Saturday now! I want my money back, all of it, the postage as well\n"
            "Bot: I can offer to send it again at no cost, or to open a claim with the carrier.\n"
            "Customer: no claim, no second parcel. Just refund me and confirm it by e-mail\n"
            "Bot: I understand. An agent will take over from here."
        )

    def prompt(self, row: int) -> str:
        """Return the prompt as the label stage makes it."""
        return _template().replace("$text", self.text(row))


@cache
def _template() -> str:
    return (REPO / "prompts/summarize/botchat.txt").read_text(encoding="utf-8").strip()


@dataclass
class Run:
    """What a process took and left: `right` and `wrong` answers, `stats` of the server.

    CPU time and memory are those of the process and the children it waited for; memory is that of
    the largest one.
    """

    code: int
    seconds: float
    cpu: float
    peak: float
    right: int
    wrong: int
    stats: dict[str, int]


class Client:
    """A competitor: one script of this folder, in an environment of its own."""

    quick = False  # whether it is run three times, and at 20,000 rows in any case

    def __init__(self, name: str, environment: str, environments: Path):
        self.name = name
        self.python = environments / environment / "bin/python"
        self.command: list[str | Path] = [self.python, HERE / f"with_{name}.py", "job.json"]

    def fill(self, folder: Path, job: Job, url: str) -> None:
        """Write what the process reads."""
        made = {"base_url": url, "concurrency": CONCURRENCY, "timeout": job.timeout}
        made |= {"retries": job.retries, "max_tokens": job.max_tokens}
        (folder / "job.json").write_text(json.dumps(made))
        with (folder / "rows.jsonl").open("w") as lines:
            for row in range(job.rows):
                asked = {"id": f"botchat-{row:06d}", "prompt": job.prompt(row)}
                lines.write(json.dumps(asked) + "\n")

    def outputs(self, folder: Path) -> list[Path]:
        """The files that hold the answers."""
        return [folder / "answers.jsonl"]

    def environment(self, folder: Path) -> dict[str, str]:
        """The process's environment: no telemetry, no hub, no cache outside the folder."""
        return {**os.environ, **QUIET, "HOME": str(folder)}

    def start(self, folder: Path) -> subprocess.Popen[bytes]:
        """Start the process, in a session of its own."""
        for path in self.outputs(folder):
            path.unlink(missing_ok=True)
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(
                self.command,
                cwd=folder,
                env=self.environment(folder),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, folder: Path, job: Job) -> Run:
        """Run the process to its end and check its answers; a failed one has none."""
        start = time.monotonic()
        process = self.start(folder)
        watchdog = threading.Timer(max(LIMIT, job.rows / 50), kill, [process])
        watchdog.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            kill(process)
            raise
        finally:
            watchdog.cancel()
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            tail = (folder / "log").read_text(errors="replace").strip().splitlines()[-1:]
            print(f"{self.name} ended with {process.returncode}:", *tail, file=sys.stderr)
        right, wrong = (0, 0) if process.returncode else self.checked(folder, job)
        cpu = used.ru_utime + used.ru_stime
        return Run(process.returncode, seconds, cpu, used.ru_maxrss / 1024, right, wrong, {})

    def checked(self, folder: Path, job: Job) -> tuple[int, int]:
        """Count the answers that are the prompt's own, and the others."""
        counts = [0, 0]
        for name, text in self.answers(folder):
            if text:
                counts[text != answer(job.prompt(int(name.rpartition("-")[2])))] += 1
        return counts[0], counts[1]

    def answers(self, folder: Path) -> Iterator[tuple[str, str | None]]:
        """Yield ids and answers."""
        for path in self.outputs(folder):
            if path.exists():
                with path.open(encoding="utf-8") as lines:
                    for line in lines:
                        row = json.loads(line)
                        yield row["id"], row.get("answer", row.get("target", row.get("output")))

    def digest(self, folder: Path) -> str:
        """Return a name for the bytes of the answers."""
        found = hashlib.sha256()
        for path in self.outputs(folder):
            found.update(path.read_bytes() if path.exists() else b"missing")
        return found.hexdigest()


class Loop(Client):
    """A bare loop."""

    quick = True


class Ours(Client):
    """The label stage, as DVC runs it."""

    quick = True

    def __init__(self) -> None:
        self.name = "ours"
        self.python = Path(sys.executable)
        self.command = [self.python, REPO / "src/label.py"]

    def fill(self, folder: Path, job: Job, url: str) -> None:
        """Write a project whose teacher is at `url`, with its rows split.

        label asks about the test rows after all others: one row is enough of them.
        """
        values = yaml.safe_load((REPO / "params.yaml").read_text(encoding="utf-8"))
        model = {"provider": "openai", "model": "m", "max_tokens": job.max_tokens}
        values["llms"]["remote"] = model
        values["endpoints"]["remote"] = {
            "base_url": url,
            "concurrency": CONCURRENCY,
            "timeout": job.timeout,
            "retries": job.retries,
        }
        values["label"] = {"llm": "remote", "max_quarantined": job.max_quarantined}
        (folder / "params.yaml").write_text(yaml.safe_dump(values))
        shutil.copy(REPO / "taxonomy.yaml", folder)
        shutil.copytree(REPO / "prompts", folder / "prompts", dirs_exist_ok=True)
        names = {1: "dev", 2: "audit"}
        files = {}
        for name in (*names.values(), "train", "test"):
            path = folder / "data/split" / name / "part-00000.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            files[name] = path.open("w", encoding="utf-8")
        for row in range(job.rows):
            split = "test" if row == job.rows - 1 else names.get(row % 20, "train")
            made = {
                "id": f"botchat-{row:06d}",
                "channel": "botchat",
                "split": split,
                "task": "summarize",
            }
            files[split].write(json.dumps({**made, "input": job.text(row)}) + "\n")
        for file in files.values():
            file.close()

    def outputs(self, folder: Path) -> list[Path]:
        """The dataset version and the teacher's own predictions."""
        data = folder / "data"
        return [data / name / "part-00000.jsonl" for name in ("dataset/org", "predictions/teacher")]

    def environment(self, folder: Path) -> dict[str, str]:
        """The shell's, outside of DVC."""
        return {name: value for name, value in os.environ.items() if name != "DVC_ROOT"}

    def unaccounted(self, folder: Path, job: Job) -> int:
        """Count the rows that the ledgers name neither as used nor as quarantined."""
        found = 0
        for path in (folder / "data/ledger").glob("label-*.json"):
            counts = json.loads(path.read_text())
            found += counts["ok"] + sum(counts["quarantined"].values())
        return job.rows - found


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 the process and its children."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)


def known(environments: Path) -> dict[str, Client]:
    """All clients by name."""
    return {
        "ours": Ours(),
        "aiohttp": Loop("aiohttp", "loops", environments),
        "openai": Loop("openai", "loops", environments),
        "distilabel": Client("distilabel", "distilabel", environments),
        "curator": Client("curator", "curator", environments),
    }


def install(environments: Path) -> None:
    """Make the competitors' environments."""
    for name, packages in ENVIRONMENTS.items():
        folder = environments / name
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(pip, check=True)
