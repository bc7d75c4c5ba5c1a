"""Settings of the students, of their training and of their generation."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from distill.validation import Count, Section, Share, Slug

Quantization = Literal["4bit"]
UNQUANTIZED: Any = Field(None, exclude_if=lambda value: value is None)
NO_REASONING = {"enable_thinking": False, "thinking": False}  # switches of chat templates


class Lora(Section):
    """The adapter's shape (paper, section 5.4: r 8, alpha 16, dropout 0.1, all linear layers).

    `quantization`: the base's weights in 4 bits while the adapter is trained (QLoRA, NF4, arXiv
    2305.14314), for a base that does not fit one GPU otherwise.
    """

    r: Count
    alpha: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    target: str | list[str]
    quantization: Quantization | None = UNQUANTIZED


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


class Launch(Section):
    """On which devices a student is trained; no stage depends on it.

    `devices`: how many GPUs, or CPU cores, a training takes of those that no other one uses, for
    which it waits; null for all GPUs or, on a CPU, the threads of its device settings. `config`: a
    configuration file of accelerate, such as recipes/fsdp2.yaml, whose number of processes is
    replaced by that of the devices; null for data parallelism.
    """

    devices: Count | None = None
    config: str | None = None


class Speed(Section):
    """How fast a GPU trains a student; no stage depends on it, and no result but by rounding.

    `attention`: an implementation of transformers or a kernel's name on the hub; auto takes
    FlashAttention 2 where it is installed, and else torch's own (sdpa). `padding_free`: a batch is
    one sequence without padding, which needs FlashAttention; null for where it is used.
    `checkpointing`: activations are computed again in the backward pass, which saves memory and
    costs a third of the step. `kernels`: fused layers of the package kernels. `compile`:
    torch.compile. `workers`: processes of each device that prepare batches.
    """

    attention: Annotated[str, Field(min_length=1)] = "auto"
    padding_free: bool | None = None
    checkpointing: bool = False
    kernels: bool = False
    compile: bool = False
    workers: Annotated[int, Field(ge=0)] = 0


ENGINE = ("transformers", None)  # the engine and the quantization where none is named


class Predict(Section):
    """Greedy generation: rows in a batch, and the longest output in tokens.

    `engine`: transformers generates batch by batch, and a batch takes as long as its longest
    answer; paged is its continuous batching, in which the next row begins where one has ended, on a
    GPU. `quantization`: the base's weights in 4 bits.
    An encoder generates nothing, and `max_new_tokens` has no effect on it.
    `endpoint` names the entry of `endpoints` that serves the student, null for this machine. The
    server knows a run's adapter by the run's name, and a student without an adapter by its base's.
    """

    batch: Count
    max_new_tokens: Count = 256
    endpoint: Slug | None = None
    engine: Literal["transformers", "paged"] = "transformers"
    quantization: Quantization | None = UNQUANTIZED


class Student(Section):
    """A small model: `base` is a folder or a model's name on the Hugging Face hub.

    `kind`: a causal model writes its answers; an encoder, such as BERT, classifies texts or tokens.
    `lora`: the adapter; an encoder without one is trained as a whole.
    `launch`: the devices of a training; an encoder takes one. `speed`: how it runs on GPUs.
    `prompts`: the folder below prompts/ for the student without an adapter, which no training
    taught the task; null for the task's own, by which every run is trained and asked.
    """

    kind: Literal["causal", "encoder"] = "causal"
    base: str
    prompts: Slug | None = None
    max_length: Count
    lora: Lora | None = None
    train: Train
    launch: Launch = Launch()
    speed: Speed = Speed()
    predict: Predict
    max_quarantined: Share = 0.05

    @model_validator(mode="after")
    def _is_trainable(self) -> "Student":
        if self.kind == "causal" and self.lora is None:
            raise ValueError("a causal student is trained by LoRA: add lora")
        if self.kind == "encoder":
            self._check_encoder()
        elif self.predict.endpoint and (self.predict.engine, self.predict.quantization) != ENGINE:
            raise ValueError("a server has its own: remove predict.engine and predict.quantization")
        return self

    def _check_encoder(self) -> None:
        """Raise ValueError for a setting that an encoder has no use for."""
        lora = self.lora and self.lora.quantization
        faults = {
            "answers on this machine: remove predict.endpoint": self.predict.endpoint is not None,
            "is trained on one device: remove launch": self.launch != Launch(),
            "needs no setting of a GPU: remove speed": self.speed != Speed(),
            "generates nothing: remove predict.engine": self.predict.engine != ENGINE[0],
            "is small: remove quantization": bool(lora or self.predict.quantization),
        }
        for fault, is_there in faults.items():
            if is_there:
                raise ValueError(f"an encoder {fault}")


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
