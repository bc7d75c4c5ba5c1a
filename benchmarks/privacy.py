"""Speed, start-up and memory of anonymization: `python benchmarks/privacy.py`.

`python benchmarks/privacy.py <folder>` measures the first table on texts of about 1,100 characters
from the .jsonl and .txt files of a folder.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import yaml

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

from distill.offline import corpus  # noqa: E402
from distill.privacy.find.detect import Span, find  # noqa: E402
from distill.privacy.seal import SAMPLE_KEY  # noqa: E402
from distill.privacy.settings import Added  # noqa: E402
from distill.privacy.surrogates import Surrogates  # noqa: E402

TEXTS, LENGTH = 500, 1_100  # texts, and characters of each
SMALL, LARGE = 2_000, 20_000  # interactions that go through anonymize
CORES = os.sched_getaffinity(0)
PRESIDIO = [  # recognizers of Presidio's own that need no NER model
    {"name": name, "type": "predefined"}
    for name in (
        "CreditCardRecognizer",
        "CryptoRecognizer",
        "EmailRecognizer",
        "IbanRecognizer",
        "IpRecognizer",
        "PhoneRecognizer",
        "UsPassportRecognizer",
        "UsSsnRecognizer",
    )
]


def texts(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines joined to texts of about LENGTH characters."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if sum(map(len, held)) + len(held) > LENGTH:
            yield "\n".join(held)
            held = []


def made_up() -> Iterator[str]:
    """Yield the lines of made-up chats."""
    for made in corpus.interactions("botchat", 1, 100_000):
        for turn in made.raw["turns"]:
            yield f"{turn['role'].capitalize()}: {turn['text']}"


def of_folder(folder: Path) -> Iterator[str]:
    """Yield the lines of text files, and every text inside .jsonl files."""
    for file in sorted(folder.rglob("*")):
        if file.suffix not in {".txt", ".jsonl"}:
            continue
        with file.open(encoding="utf-8") as lines:
            for line in filter(str.strip, lines):
                yield from strings(json.loads(line)) if file.suffix == ".jsonl" else [line.strip()]


def strings(value: object) -> Iterator[str]:
    """Yield the texts with a blank inside a JSON value."""
    if isinstance(value, str) and " " in value:
        yield " ".join(value.split())
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in strings(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in strings(part))


def speed(work: Callable[[str], object], given: list[str]) -> float:
    """Texts per second of CPU time, after one warm-up."""
    work(given[0])
    start = time.process_time()
    for text in given:
        work(text)
    return len(given) / (time.process_time() - start)


def surrogate_speed(found: list[tuple[str, Span]]) -> float:
    """Surrogates per second of CPU time, each in an interaction of its own."""
    start = time.process_time()
    for at, (text, span) in enumerate(found):
        Surrogates(SAMPLE_KEY, str(at)).of(span.type, text[span.start : span.end])
    return len(found) / (time.process_time() - start)


def startup(module: str) -> float:
    """Seconds in which a new process imports a module; the best of three."""
    command = [sys.executable, "-c", f"import {module}"]
    seconds = []
    for _ in range(3):
        start = time.monotonic()
        subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(REPO / "src")})
        seconds.append(time.monotonic() - start)
    return min(seconds)


def anonymized(folder: Path, count: int, cores: int) -> tuple[float, float]:
    """Run src/anonymize.py on `count` chats; return seconds and its largest process's peak in MB.

    Up to 5,000 rows use one core in any case. Pinning to cores needs Linux.
    """
    values = yaml.safe_load((REPO / "params.yaml").read_text())
    values["anonymize"]["max_quarantined"] = 1.0  # speed, not quality, is measured
    (folder / "params.yaml").write_text(yaml.safe_dump(values))
    for name in ("taxonomy.yaml", "prompts"):
        if not (folder / name).exists():
            (folder / name).symlink_to(REPO / name)
    raw = folder / "data/sample/botchat/chats.jsonl"
    raw.parent.mkdir(parents=True, exist_ok=True)
    with raw.open("w", encoding="utf-8") as lines:
        for made in corpus.interactions("botchat", 1, count):
            lines.write(json.dumps(made.raw) + "\n")
    os.sched_setaffinity(0, sorted(CORES)[:cores])
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, REPO / "src/anonymize.py", "botchat"], cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    os.sched_setaffinity(0, CORES)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"anonymize failed with {process.returncode}")
    return time.monotonic() - start, used.ru_maxrss / 1024


def main() -> None:
    """Print three Markdown tables."""
    lines = of_folder(Path(sys.argv[1])) if len(sys.argv) > 1 else made_up()
    given = list(islice(texts(lines), TEXTS))
    length = sum(map(len, given)) / len(given)
    print(f"| step | per second of one core ({len(given)} texts of {length:,.0f} characters) |")
    print("|---|---|")
    print(f"| detector, texts | {speed(find, given):,.0f} |")
    added = Added(recognizers=json.dumps(PRESIDIO))
    both = speed(partial(find, added=added), given)
    print(f"| detector with {len(PRESIDIO)} of Presidio's recognizers added, texts | {both:,.0f} |")
    found = [(text, span) for text in given for span in find(text)]
    print(f"| surrogates | {surrogate_speed(list(islice(cycle(found), 20_000))):,.0f} |")
    print("\n| import | seconds |\n|---|---|")
    for module in ("distill.privacy.seal", "distill.privacy.find.detect", "presidio_analyzer"):
        print(f"| {module} | {startup(module):.1f} |")
    print("\n| anonymize, interactions | cores | rows/s | peak memory, MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for count, cores in ((SMALL, 1), (LARGE, 1), (LARGE, len(CORES))):
            seconds, peak = anonymized(Path(folder), count, cores)
            print(f"| {count:,} | {cores} | {count / seconds:,.0f} | {peak:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
