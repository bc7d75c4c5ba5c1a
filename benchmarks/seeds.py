"""One training of each run against several: python benchmarks/seeds.py --runs A B --seeds 8 9 10 11

Runs the pipeline in a clean clone, then adds trainings of the named runs that differ in their seed
alone, runs it again, and prints their differences by one seed and by all, with 95% intervals: over
test rows, and over trainings and test rows.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import experiments


def add_seeds(params: experiments.Params, runs: Sequence[str], seeds: Sequence[int]) -> None:
    """Add a run `<run>-s<seed>` for each run and seed; the report groups them with the first."""
    for run in runs:
        for seed in seeds:
            name = f"{run}-s{seed}"
            params["runs"][name] = params["runs"][run] | {"seed": seed}
            params["systems"].append(name)


def table(runs: Sequence[str], one: experiments.Effects, several: experiments.Effects) -> str:
    """Return a line for each comparison of the runs."""
    rows = [
        [
            channel,
            measure,
            f"{system} - {against}",
            experiments.cell(one.get(key)),
            f"{experiments.cell(row)}, {row['seeds']} and {row['against_seeds']} trainings",
        ]
        for key, row in several.items()
        for channel, measure, system, against in [key]
        if system in runs
    ]
    return experiments.markdown(
        ["Channel", "Measure", "Difference", "One training", "Several trainings"], rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", nargs="+", required=True, help="runs to train several times")
    parser.add_argument("--seeds", type=int, nargs="+", default=[8, 9, 10, 11])
    parser.add_argument("--params", type=Path, help="a profile; params.yaml without it")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "clone"
        experiments.clone(folder, args.params)
        one = experiments.effects(folder, lambda _: None)
        several = experiments.effects(
            folder, lambda params: add_seeds(params, args.runs, args.seeds)
        )
    print(table(args.runs, one, several))


if __name__ == "__main__":
    main()
