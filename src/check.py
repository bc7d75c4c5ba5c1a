"""Look for mistakes in params.yaml, taxonomy.yaml and the prompts: `python src/check.py`.

in   params.yaml   revisions: {r1: {parent: r0, ...}}
out  error: params.yaml: revisions.r1.parent: 'r0' does not exist; known: org, r1

Every stage checks them too, but DVC may stumble over the same mistake before it starts one.
"""

from arf import params, taxonomy
from arf.errors import reported


def main() -> None:
    """Say what is wrong in one line, or nothing."""
    taxonomy.load()
    params.load()


if __name__ == "__main__":
    reported(main)
