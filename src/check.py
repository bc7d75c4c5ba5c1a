"""Look for mistakes in params.yaml, taxonomy.yaml and the prompts: `python src/check.py`.

in   params.yaml   revisions: {r1: {parent: r0, ...}}
out  error: params.yaml: revisions.r1.parent: 'r0' does not exist; known: org, r1

Every stage checks them too, but DVC may stumble over the same mistake before it starts one.
"""

import sys
from pathlib import Path

from distill import params, stage
from distill.tasks.summarize import taxonomy


def main() -> None:
    """Say what is wrong in one line, or nothing."""
    args = stage.parser(__doc__).parse_args()
    taxonomy.load()
    settings = params.load(args.params)
    folders = sorted(path for path in Path(settings.source).glob("*/"))
    for folder in (path for path in folders if path.name not in settings.channels):
        print(f"{folder} is under no channels in params.yaml: it is not read", file=sys.stderr)


if __name__ == "__main__":
    stage.main(main)
