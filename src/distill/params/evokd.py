"""The settings of EvoKD (arXiv 2403.06414): all sections of evokd/params.yaml.

The paper gives neither the number of a round's texts nor of those shown to the writer, and no
hyperparameter of the student: the defaults here are this project's.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from distill.llm.settings import RowStage, Rules
from distill.offline.utterances.settings import Utterances
from distill.params.names import Fault, not_under
from distill.params.reading import PATH, whole
from distill.params.shared import Shared, Stage
from distill.validation import Count, Section, Share, Slug

Seed = Annotated[int, Field(ge=0, lt=2**32)]
SAMPLE = Path("data/utterances")  # the made-up messages


class Channel(Section):
    """A task with its own rows, at <source>/<name>/{train,dev,test}, and its set of labels."""

    task: Literal["classify", "entities"]
    labels: Annotated[list[str], Field(min_length=2)]


class Version(Section):
    """What all dataset versions have: a channel, and the student that is trained on them.

    `seed` decides which rows are drawn and the training; null takes the pipeline's.
    """

    channel: Slug
    student: Slug
    seed: Seed | None = None


class Shots(Version):
    """A version of labelled rows alone: `number` a class or type of the channel, null for all.

    `dev`: labelled rows a class on which the loss of a training is reported; none is chosen by it.
    """

    number: Count | None
    dev: Count = 1


class Arm(Section):
    """How the rounds of one chain are made; each ablation of the paper is one word.

    `select`: what the writer is shown: the student's `errors`, the rows of the highest `loss` on
    the student's own answer (arXiv 2512.00884), or rows at `random`. `correct`: it is also shown
    rows that the student answers right (errors only). `easy`: the share of easy texts. `review`: a
    student learns all rows so far (`cumulative`), or its parent's student goes on with the new ones
    alone (`continue`). `separation`: the texts are labelled in a conversation of their own
    (`separate`) or in the one that wrote them (`joint`).
    """

    select: Literal["errors", "loss", "random"] = "errors"
    correct: bool = True
    easy: Share = 0.5
    review: Literal["cumulative", "continue"] = "cumulative"
    separation: Literal["separate", "joint"] = "separate"


class Round(Version):
    """One round: a version made from its parent's by texts written about the parent's student."""

    arm: Slug
    parent: Slug


class Augmented(Version):
    """A baseline without feedback, made from shots at the budget of the version `like`.

    `by`: `eda` changes words (arXiv 1901.11196), `paraphrase` has an LLM reword the shots (AugGPT,
    arXiv 2302.13007), `zeroshot` has it write from the labels' names alone (ZeroGen, arXiv
    2202.07922). An LLM spends as many tokens as `like` did, EDA makes as many texts.
    """

    by: Literal["eda", "paraphrase", "zeroshot"]
    parent: Slug
    like: Slug


class Probe(Section):
    """`folds`: each new row is answered by a student that learnt all other folds of them.

    With 1 fold the parent's own student answers the rows that it has learnt.
    """

    folds: Count = 2


class Write(RowStage):
    """A round's conversations: each shows `shown` rows to the writer and asks for `texts`.

    `rules`: what plays the writer and the tagger where they are rules: the made-up messages'
    grammar, or a pool of real texts, <source>/<channel>/train, from which the texts are retrieved.
    """

    conversations: Count
    shown: Annotated[int, Field(ge=2)]
    texts: Count
    rules: Literal["grammar", "pool"] = "grammar"
    max_quarantined: Share = 0.5


class Tag(RowStage):
    """The labels of the texts, and what keeps them out of a version.

    `near_duplicate`: the least Jaccard similarity of word 3-grams to a row of dev or test, or to a
    row of the version, at which a text is refused. `noise`: the share of a pool's labels that its
    rules get wrong.
    """

    near_duplicate: Annotated[float, Field(gt=0, le=1)]
    noise: Share = 0.0
    max_quarantined: Share = 0.9


class Comparison(Section):
    """`against`: the arm with which each other arm is compared; `bootstrap`: resamples."""

    bootstrap: Annotated[int, Field(ge=100)]


class EvoKD(Shared):
    """All sections of evokd/params.yaml.

    `runs` follows from the versions: a student is trained on each, under its name.
    """

    method: Literal["evokd"]
    source: str
    base: list[Slug]
    utterances: Utterances
    channels: Annotated[dict[Slug, Channel], Field(min_length=1)]
    shots: Annotated[dict[Slug, Shots], Field(min_length=1)]
    arms: dict[Slug, Arm]
    rounds: dict[Slug, Round]
    augmented: dict[Slug, Augmented] = {}
    probe: Probe = Probe()
    write: Write
    tag: Tag
    report: Comparison

    @model_validator(mode="before")
    @classmethod
    def _trainings(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Add the training of each version to `runs`, which a file cannot list itself."""
        if "runs" in values:
            raise ValueError("runs: a student is trained on each version; remove this section")
        return {**values, "runs": dict(_runs(values))}

    @property
    def versions(self) -> dict[str, Shots | Round | Augmented]:
        """All dataset versions by name."""
        return {**self.shots, **self.rounds, **self.augmented}

    def rows(self, channel: str, split: str) -> Path:
        """Return the folder of a channel's own rows."""
        return Path(self.source) / channel / split

    def seed_of(self, version: str) -> int:
        """Return the seed of a version's rows and training."""
        own = self.versions[version].seed
        return self.seed if own is None else own

    def chain(self, version: str) -> list[str]:
        """Return the version's ancestors and itself, the shots first."""
        found = [version]
        while (entry := self.versions[found[-1]]) and isinstance(entry, Round | Augmented):
            found.append(entry.parent)
        return found[::-1]


def _runs(values: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the training of each version; malformed entries are reported by their own sections."""
    arms = values.get("arms")
    for section in ("shots", "rounds", "augmented"):
        entries = values.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if not isinstance(entry, dict) or "student" not in entry:
                continue
            run = {"student": entry["student"], "version": name, "seed": entry.get("seed")}
            arm = arms.get(entry.get("arm")) if isinstance(arms, dict) else None
            if isinstance(arm, dict) and arm.get("review") == "continue":
                run["start"] = entry.get("parent")
            yield name, run


def load(path: Path = PATH) -> EvoKD:
    """Read EvoKD's parameters; raises ParamsError with every invalid key and its remedy."""
    return whole(path, EvoKD, faults)


def faults(params: EvoKD) -> Iterator[Fault]:
    """Yield all names that do not exist, and settings that contradict one another."""
    names = [
        name for section in (params.shots, params.rounds, params.augmented) for name in section
    ]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"rounds.{name}", "the name is taken by another version; choose another one"
    for section in ("shots", "rounds", "augmented"):
        for name, entry in getattr(params, section).items():
            yield from _entry(params, f"{section}.{name}", name, entry)
    for stage in ("write", "tag"):
        if (llm := getattr(params, stage).llm) not in params.llms:
            yield f"{stage}.llm", not_under("llms", params.llms, llm)
    for name, llm in params.llms.items():
        if not isinstance(llm, Rules) and name not in params.endpoints:
            yield f"llms.{name}", not_under("endpoints", params.endpoints)
    writer = params.llms.get(params.write.llm)
    is_grammar = isinstance(writer, Rules) and params.write.rules == "grammar"
    if is_grammar and Path(params.source) != SAMPLE:
        fault = f"the rules write made-up messages, for {SAMPLE}; name an endpoint in write.llm"
        yield "source", f"{fault}, or set write.rules to pool"


def _entry(params: EvoKD, key: str, name: str, entry: Version) -> Iterator[Fault]:
    if entry.channel not in params.channels:
        yield f"{key}.channel", not_under("channels", params.channels, entry.channel)
    if isinstance(entry, Round):
        yield from _round(params, key, entry)
    links = {
        link: getattr(entry, link) for link in ("parent", "like") if getattr(entry, link, None)
    }
    for link, other in links.items():
        if other not in params.versions:
            known = ", ".join(params.versions)
            yield f"{key}.{link}", f"{other!r} is no version; known: {known}"
        elif params.versions[other].channel != entry.channel:
            yield f"{key}.{link}", f"{other} is of another channel; name one of {entry.channel}"
    if isinstance(entry, Augmented) and entry.parent not in params.shots:
        yield f"{key}.parent", not_under("shots", params.shots, entry.parent)
    if isinstance(entry, Round) and _circles(params, name):
        yield f"{key}.parent", f"{name} cannot descend from itself; name another parent"


def _round(params: EvoKD, key: str, entry: Round) -> Iterator[Fault]:
    arm, student = params.arms.get(entry.arm), params.students.get(entry.student)
    if arm is None:
        yield f"{key}.arm", not_under("arms", params.arms, entry.arm)
        return
    if student is None or student.kind == "encoder":
        return
    if arm.select == "loss":
        fault = f"has {entry.arm}, which selects by a loss that a causal student does not give"
        yield f"{key}.arm", f"{fault}; name an encoder, or select by errors"
    if arm.review == "continue":
        fault = f"has {entry.arm}, by which only an encoder goes on from its parent"
        yield f"{key}.arm", f"{fault}; name an encoder, or review: cumulative"


def _circles(params: EvoKD, name: str) -> bool:
    seen = {name}
    entry = params.versions[name]
    while isinstance(entry, Round) and entry.parent in params.versions:
        if entry.parent in seen:
            return True
        seen.add(entry.parent)
        entry = params.versions[entry.parent]
    return False


def stages(params: EvoKD) -> Iterator[Stage]:
    """Yield the stages that count rows, in the pipeline's order."""
    for name in params.shots:
        yield Stage("shots", name)
    for name in params.rounds:
        yield Stage("probe", name)
        yield Stage("write", name, params.write.llm, "write.llm")
        yield Stage("tag", name, params.tag.llm, "tag.llm")
    for name, entry in params.augmented.items():
        is_asked = entry.by != "eda"
        yield Stage("augment", name, params.write.llm if is_asked else "", "write.llm")
    for name in params.versions:
        yield Stage("finetune", name)
        yield Stage("predict", name)
        yield Stage("score", name)
