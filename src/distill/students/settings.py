"""Settings of the students, of their training and of their generation."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from distill.validation import Count, Section, Share, Slug

NO_REASONING = {"enable_thinking": False, "thinking": False}  # switches of chat templates


class Lora(Section):
    """The adapter's shape (paper, section 5.4: r 8, alpha 16, dropout 0.1, all linear layers)."""

    r: Count
    alpha: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    target: str | list[str]


class Train(Section):
    """Hyperparameters of the training; the paper gives none.

    One optimizer step takes `batch` times `accumulate` rows, `batch` of them at once, on any number
    of devices. A checkpoint is saved every `save_steps` steps, so a killed run repeats fewer.
    `freeze_embeddings`: an encoder's embeddings stay as they are, which saves half of a CPU's step
    and, of few rows, changes the vectors of few words anyway.
    """

    epochs: Annotated[float, Field(gt=0)]
    batch: Count
    learning_rate: Annotated[float, Field(gt=0)]
    warmup: Share
    accumulate: Count = 1
    save_steps: Count = 100
    freeze_embeddings: bool = False


class Predict(Section):
    """Greedy generation: rows in a batch, and the longest output in tokens.

    An encoder generates nothing, and `max_new_tokens` has no effect on it.
    `endpoint` names the entry of `endpoints` that serves the student, null for this machine. The
    server knows a run's adapter by the run's name, and a student without an adapter by its base's.
    """

    batch: Count
    max_new_tokens: Count = 256
    endpoint: Slug | None = None


class Student(Section):
    """A small model: `base` is a folder or a model's name on the Hugging Face hub.

    `kind`: a causal model writes its answers; an encoder, such as BERT, classifies texts or tokens.
    `lora`: the adapter; an encoder without one is trained as a whole.
    `prompts`: the folder below prompts/ for the student without an adapter, which no training
    taught the task; null for the task's own, by which every run is trained and asked.
    """

    kind: Literal["causal", "encoder"] = "causal"
    base: str
    prompts: Slug | None = None
    max_length: Count
    lora: Lora | None = None
    train: Train
    predict: Predict
    max_quarantined: Share = 0.05

    @model_validator(mode="after")
    def _is_trainable(self) -> "Student":
        if self.kind == "causal" and self.lora is None:
            raise ValueError("a causal student is trained by LoRA: add lora")
        if self.kind == "encoder" and self.predict.endpoint is not None:
            raise ValueError("an encoder answers on this machine: remove predict.endpoint")
        return self


class Run(Section):
    """One training of a student on a dataset version.

    `phases` lists the channels of each phase in turn; without any, one phase trains on all
    channels. `seed` decides the adapter's initial weights, the order of the rows and the dropout;
    null takes the pipeline's seed. `alpha`: the weight of feedback against rationales in FAIR's
    loss in two parts (see two_part.py); null for the mean over all tokens. `start`: the run of an
    encoder whose weights the training goes on from; null for the base's.
    """

    student: Slug
    version: Slug
    phases: list[Annotated[list[str], Field(min_length=1)]] = []
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    alpha: Share | None = None
    start: Slug | None = None

    def seed_or(self, default: int) -> int:
        """Return the run's seed, or `default`, the pipeline's, where it names none."""
        return default if self.seed is None else self.seed
