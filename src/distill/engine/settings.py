"""The section `engine` of params.yaml, on which no stage depends: results are the same anywhere."""

from typing import Annotated, Literal

from pydantic import Field

from distill.validation import Count, Section


class Local(Section):
    """The cores of this machine; `rows` is the number of rows of a shard."""

    kind: Literal["local"] = "local"
    rows: Count = 500


class Ray(Section):
    """The nodes of a Ray cluster.

    `address`: auto for the cluster that this machine is part of, or ray://host:10001. Without one
    a cluster of this machine alone is started, and stopped at the end. `rows`: rows of a shard.
    """

    kind: Literal["ray"]
    address: str | None = None
    rows: Count = 500


Engine = Annotated[Local | Ray, Field(discriminator="kind")]
