"""Our endpoint client compared with others: python benchmarks/endpoints.py [--install]

The label stage, two bare loops, distilabel and Curator send made-up chats to one local server, each
as a whole process with 64 requests in flight; the server has one core and the client another.
`--install` makes the competitors' environments first; `--only` and `--clients` choose scenarios and
clients. The tables are printed at the end, and each value to stderr as soon as it is measured.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

from endpoint.clients import CONCURRENCY, LIMIT, REPO, Client, Job, Ours, Run, install, kill, known
from endpoint.control import Server

LATENCY = 0.1  # seconds
DEADLINE = 10  # seconds
SLOW = 180  # seconds that a competitor may take for 20,000 rows
KILLS = 10
BROKEN = [7 + 70 * n for n in range(27)]  # all of them in train
OVERLOAD = {"429": 0.1, "500": 0.05}
ALL = OVERLOAD | {"hang": 0.01, "empty": 0.01, "length": 0.01, "garbage": 0.01}

Cells = dict[str, str]  # a table's row


@dataclass
class Bench:
    """The server and the clean runs so far; quick clients are run `repeats` times."""

    server: Server
    repeats: int = 3
    cleans: dict[tuple[str, float, int], Run] = field(default_factory=dict)

    @contextmanager
    def folder(self, client: Client, job: Job, **config: Any) -> Iterator[Path]:
        """Yield a new folder with the job's input, after configuring the server."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            client.fill(Path(name), job, self.server.url)
            self.server.configure(**config)
            yield Path(name)

    def run(self, client: Client, folder: Path, job: Job) -> Run:
        """Run the client to its end."""
        return replace(client.run(folder, job), stats=self.server.stats())

    def times(self, client: Client) -> int:
        """Return the number of runs of a client."""
        return self.repeats if client.quick else 1

    def median(self, client: Client, job: Job, **config: Any) -> Run:
        """Return the run with the median wall time."""
        runs = []
        for _ in range(self.times(client)):
            with self.folder(client, job, **config) as folder:
                runs.append(self.run(client, folder, job))
        return sorted(runs, key=attrgetter("seconds"))[len(runs) // 2]

    def clean(self, client: Client, latency: float, rows: int = Job.rows) -> Run:
        """Return the median run without faults; measured once."""
        key = (client.name, latency, rows)
        if key not in self.cleans:
            self.cleans[key] = self.median(client, Job(rows=rows), latency=latency)
        return self.cleans[key]

    def killed(self, client: Client, folder: Path, good: int, later: float = 0.0) -> bool:
        """Start the client and kill it after so many good answers of the server.

        Returns False if it ended before.
        """
        process = client.start(folder)
        try:
            reached = self.server.wait(good, process, LIMIT)
            time.sleep(later)
        finally:
            kill(process)
            process.wait()
        return reached


def speed(run: Run, rows: int) -> Cells:
    """Return time, CPU, memory and answers of a run."""
    return {
        "seconds": f"{run.seconds:.1f}",
        "rows/s": f"{rows / run.seconds:,.0f}",
        "CPU s per 1,000 rows": f"{run.cpu / rows * 1_000:.2f}",
        "peak memory, MB": f"{run.peak:,.0f}",
        **given(run),
    }


def given(run: Run) -> Cells:
    """Return the numbers of right and wrong answers."""
    end = {0: "", -9: " (given up)"}.get(run.code, " (failed)")
    return {"right answers": f"{run.right:,}{end}", "wrong": f"{run.wrong:,}"}


def requests(run: Run, rows: int = Job.rows) -> Cells:
    """Return the requests per row."""
    return {"requests a row": f"{run.stats['requests'] / rows:.3f}"}


def clean_0(bench: Bench, client: Client) -> Cells:
    """2,000 rows, 0 ms"""
    return speed(bench.clean(client, 0), Job.rows)


def clean_100(bench: Bench, client: Client) -> Cells:
    """2,000 rows, 100 ms"""
    return speed(bench.clean(client, LATENCY), Job.rows)


def _overload(bench: Bench, client: Client, latency: float) -> Cells:
    clean = bench.clean(client, latency)
    run = bench.median(client, Job(), latency=latency, faults=OVERLOAD)
    return {
        "seconds": f"{run.seconds:.1f}",
        "clean": f"{clean.seconds:.1f}",
        "times clean": f"{run.seconds / clean.seconds:.2f}",
        **requests(run),
        **given(run),
    }


def overload_0(bench: Bench, client: Client) -> Cells:
    """10% 429 and 5% 500 without Retry-After, 0 ms"""
    return _overload(bench, client, 0)


def overload_100(bench: Bench, client: Client) -> Cells:
    """10% 429 and 5% 500 without Retry-After, 100 ms"""
    return _overload(bench, client, LATENCY)


def kill_half(bench: Bench, client: Client) -> Cells:
    """kill -9 at half of the answers, started again (100 ms)

    The client may have been waiting for 64 rows. Those that the server had not answered are
    counted; the rest of the 64 are answers that it had perhaps not read.
    """
    job = Job()
    with bench.folder(client, job, latency=LATENCY) as folder:
        bench.killed(client, folder, job.rows // 2)
        before = bench.server.stats()
        run = bench.run(client, folder, job)
    again, unread = run.stats["again"], CONCURRENCY - before["abandoned"]
    return {
        "answered at the kill": f"{before['good']:,}",
        "in flight": f"{before['abandoned']:,}",
        "answered rows asked again": f"{again:,}" if run.code == 0 else "-",
        "of them beyond those in flight": f"{max(0, again - unread):,}" if run.code == 0 else "-",
        **given(run),
    }


def rerun(bench: Bench, client: Client) -> Cells:
    """Requests of a second run (0 ms)"""
    cells, stale = {}, 0
    changes = {"nothing changed": {}, "one row changed": {"changed": 50}}
    changes["max_tokens raised"] = {"max_tokens": 512}
    for name, change in changes.items():
        job = Job()
        with bench.folder(client, job) as folder:
            bench.run(client, folder, job)
            bench.server.configure()
            job = replace(job, **change)
            client.fill(folder, job, bench.server.url)
            run = bench.run(client, folder, job)
        cells[name] = f"{run.stats['requests']:,}"
        stale += run.wrong
    return {**cells, "stale answers": f"{stale:,}"}


def garbage(bench: Bench, client: Client) -> Cells:
    """1% garbage bodies (0 ms)"""
    run = bench.median(client, Job(), faults={"garbage": 0.01})
    lost = Job.rows - run.right
    return {
        "answers lost": f"{lost:,}",
        "seconds": f"{run.seconds:.1f}",
        **requests(run),
        **given(run),
    }


def hang(bench: Bench, client: Client) -> Cells:
    """1% never answered, deadline 10 s (100 ms)"""
    clean = bench.clean(client, LATENCY)
    job = Job(timeout=DEADLINE)
    run = bench.median(client, job, latency=LATENCY, faults={"hang": 0.01})
    return {
        "seconds": f"{run.seconds:.1f}",
        "deadline + 1.2 x clean": f"{DEADLINE + 1.2 * clean.seconds:.1f}",
        **requests(run),
        **given(run),
    }


def broken(bench: Bench, client: Client) -> Cells:
    """27 rows that fail for ever (0 ms)"""
    run = bench.median(client, Job(max_quarantined=0.02), broken=BROKEN)
    return {
        "answers of the first run": f"{run.right:,}",
        "of": f"{Job.rows - len(BROKEN):,}",
        "ended": "well" if run.code == 0 else f"with {run.code}",
        "seconds": f"{run.seconds:.1f}",
        **requests(run),
    }


def faults(bench: Bench, client: Client) -> Cells:
    """10% 429 (Retry-After 1), 5% 500, 1% each never answered, empty, cut off, garbage (100 ms)"""
    clean = bench.clean(client, LATENCY)
    job = Job(timeout=DEADLINE)
    config = {"latency": LATENCY, "faults": ALL, "retry_after": 1}
    runs = []
    for _ in range(bench.times(client)):
        with bench.folder(client, job, **config) as folder:
            run = bench.run(client, folder, job)
            lost = job.rows - run.right - run.wrong
            if isinstance(client, Ours):
                lost = client.unaccounted(folder, job)
            runs.append((run.seconds, lost, run))
    _, lost, run = sorted(runs, key=itemgetter(0))[len(runs) // 2]
    return {
        "seconds": f"{run.seconds:.1f}",
        "1.5 x clean + deadline": f"{1.5 * clean.seconds + DEADLINE:.1f}",
        **requests(run),
        **given(run),
        "rows lost without a reason": f"{lost:,}",
    }


def kills(bench: Bench, client: Client) -> Cells:
    """kill -9 at 10 random moments (100 ms)"""
    job, drawn = Job(), random.Random(1)
    moments = sorted(drawn.sample(range(1, job.rows), KILLS))
    with bench.folder(client, job, latency=LATENCY) as folder:
        run = bench.run(client, folder, job)
        whole = client.digest(folder)
    with bench.folder(client, job, latency=LATENCY) as folder:
        made = 0
        for moment in moments:
            if not bench.killed(client, folder, moment, drawn.uniform(0, LATENCY)):
                break  # it does not come back from the kill before
            made += 1
        run = bench.run(client, folder, job)
        same = client.digest(folder) == whole
    repeated = run.stats["requests"] - job.rows
    return {
        "kills": f"{made}",
        "requests": f"{run.stats['requests']:,}",
        "repeated": f"{repeated:,}",
        "in flight at the kills": f"{run.stats['abandoned']:,}",
        "repeated beyond 64 a kill": f"{max(0, repeated - CONCURRENCY * made):,}",
        "bytes as of an uninterrupted run": "equal" if same else "different",
        **given(run),
    }


def many_0(bench: Bench, client: Client) -> Cells | None:
    """20,000 rows, 0 ms"""
    if not client.quick and bench.clean(client, 0).seconds * 10 > SLOW:
        return None
    return speed(bench.clean(client, 0, 20_000), 20_000)


def many_100(bench: Bench, client: Client) -> Cells | None:
    """20,000 rows, 100 ms"""
    if not client.quick and bench.clean(client, LATENCY).seconds * 10 > SLOW:
        return None
    return speed(bench.clean(client, LATENCY, 20_000), 20_000)


def memory(bench: Bench, client: Client) -> Cells | None:
    """200,000 rows, 0 ms"""
    if not isinstance(client, Ours):
        return None
    job = Job(rows=200_000)
    with bench.folder(client, job) as folder:
        run = bench.run(client, folder, job)
    more = run.peak - bench.clean(client, 0).peak
    return {**speed(run, job.rows), "MB more than at 2,000 rows": f"{more:,.0f}"}


SCENARIOS: list[Callable[[Bench, Client], Cells | None]] = [
    clean_0,
    clean_100,
    overload_0,
    overload_100,
    kill_half,
    rerun,
    garbage,
    hang,
    broken,
    faults,
    kills,
    many_0,
    many_100,
    memory,
]


def table(title: str, rows: dict[str, Cells]) -> str:
    """Return a Markdown table with one row a client."""
    heads = list(next(iter(rows.values())))
    lines = [f"### {title}", "", "| " + " | ".join(["client", *heads]) + " |"]
    lines.append("|---" * (len(heads) + 1) + "|")
    lines += ["| " + " | ".join([name, *cells.values()]) + " |" for name, cells in rows.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the tables."""
    names = [scenario.__name__ for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="SCENARIO")
    parser.add_argument("--clients", nargs="+", choices=list(known(Path())), metavar="CLIENT")
    parser.add_argument("--environments", type=Path, default=REPO / "build/benchmarks")
    parser.add_argument("--once", action="store_true", help="no medians of three")
    parser.add_argument("--install", action="store_true", help="make the environments first")
    chosen = parser.parse_args()
    environments = chosen.environments.resolve()
    if chosen.install:
        install(environments)
    clients = {
        name: client
        for name, client in known(environments).items()
        if chosen.clients is None or name in chosen.clients
    }
    for name, client in clients.items():
        if not client.python.exists():
            parser.error(f"no environment for {name}: add --install, or leave it out of --clients")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])
    tables: dict[str, dict[str, Cells]] = {}
    try:
        with Server(cores[-1]) as server:
            bench = Bench(server, repeats=1 if chosen.once else 3)
            for scenario in SCENARIOS:
                if scenario.__name__ not in chosen.only:
                    continue
                title = (scenario.__doc__ or "").splitlines()[0]
                for name, client in clients.items():
                    cells = scenario(bench, client)
                    if cells is not None:
                        tables.setdefault(title, {})[name] = cells
                        print(f"{scenario.__name__} {name}: {cells}", file=sys.stderr, flush=True)
    finally:
        for title, rows in tables.items():
            print(table(title, rows))


if __name__ == "__main__":
    main()
