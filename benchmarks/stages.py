"""Time every stage of the default pipeline, from a clean clone: python benchmarks/stages.py

Clones the last commit into a temporary folder, runs `dvc repro` there, and prints each stage's
seconds (from the moment DVC starts it to the next start) and the largest process's memory.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).parents[1]


def timed(folder: Path) -> list[tuple[str, float]]:
    """Run the pipeline in `folder`; return (stage, seconds) in the order of running."""
    starts: list[tuple[str, float]] = []
    command = [sys.executable, "-m", "dvc", "repro"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Running stage"):
                starts.append((line.split("'")[1], time.monotonic()))
    if process.returncode:
        sys.exit(f"dvc repro failed with {process.returncode}")
    ends = [start for _, start in starts[1:]] + [time.monotonic()]
    return [(stage, end - start) for (stage, start), end in zip(starts, ends, strict=True)]


def main() -> None:
    """Print a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", REPO, folder], check=True)
        stages = timed(Path(folder))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("| stage | seconds |\n|---|---|")
    for stage, seconds in stages:
        print(f"| {stage} | {seconds:.1f} |")
    print(f"| all {len(stages)} | {sum(seconds for _, seconds in stages):.1f} |")
    print(f"\nLargest process: {peak:.0f} MB.")


if __name__ == "__main__":
    main()
