"""Gain of a run by the corpus's rates of error, as a dose curve: python benchmarks/dose.py --run R

Each factor of sample.rates is a pipeline of its own in a clean clone. Prints the run's differences
to the teacher and to the same student trained on org, with 95% intervals.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import experiments

AGAINST = ("teacher", "org")


def at_rate(folder: Path, profile: Path | None, rate: float) -> experiments.Effects:
    """Run the pipeline with rates of error that are `rate` times the profile's own."""

    def scale(params: experiments.Params) -> None:
        params["sample"]["rates"] = rate * params["sample"].get("rates", 1.0)

    experiments.clone(folder, profile)
    return experiments.effects(folder, scale)


def table(run: str, found: Mapping[float, experiments.Effects]) -> str:
    """Return a line for each channel, measure and reference, a column for each factor."""
    pairs = dict.fromkeys(
        (channel, measure, against)
        for known in found.values()
        for channel, measure, system, against in known
        if system == run and against in AGAINST
    )
    rows = [
        [
            channel,
            measure,
            f"{run} - {against}",
            *(
                experiments.cell(known.get((channel, measure, run, against)))
                for known in found.values()
            ),
        ]
        for channel, measure, against in pairs
    ]
    return experiments.markdown(
        ["Channel", "Measure", "Difference", *(f"Rates x {rate:g}" for rate in found)], rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", required=True, help="a run of the profile, such as smol-r1")
    parser.add_argument("--params", type=Path, help="a profile; params.yaml without it")
    parser.add_argument("--rates", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {
            rate: at_rate(Path(folder) / f"rates-{rate:g}", args.params, rate)
            for rate in args.rates
        }
    print(table(args.run, found))


if __name__ == "__main__":
    main()
