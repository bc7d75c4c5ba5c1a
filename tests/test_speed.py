"""Settings of speed and of 4 bits: what they turn into, and where they are refused."""

import finetuning
import models
import pytest
import torch
from pydantic import ValidationError

from distill.errors import ParamsError, TrainingError
from distill.ledger import Ledger
from distill.llm.messages import Request
from distill.params import load
from distill.students import causal, device, generate, speed, steps, training
from distill.students.models import fitting, load_tokenizer
from distill.students.settings import Speed, Student

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries

CPU, GPU = (device.Device(name, "bfloat16", 2) for name in ("cpu", "cuda"))
LORA = {"lora": {**models.STUDENT["lora"], "quantization": "4bit"}}
PREDICT = models.STUDENT["predict"]


def student(**changes):
    return Student.model_validate({**models.STUDENT, **changes})


@pytest.fixture
def with_flash(monkeypatch):
    monkeypatch.setattr(speed, "is_flash_attn_2_available", lambda: True)


@pytest.fixture
def without_packages(monkeypatch):
    monkeypatch.setattr(speed, "find_spec", lambda name: None)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"speed": {"attention": "flash_attention_2"}}, "speed.attention"),
        ({"speed": {"attention": "kernels-community/flash-attn2"}}, "speed.attention"),
        ({"speed": {"padding_free": True}}, "speed.padding_free"),
        ({"speed": {"kernels": True}}, "speed.kernels"),
        ({"speed": {"compile": True}}, "speed.compile"),
        (LORA, "lora.quantization"),
    ],
)
def test_what_a_cpu_cannot_do_is_refused_before_a_training(changes, key):
    with pytest.raises(ParamsError, match=rf"students: {key} needs a GPU, .*; remove it$"):
        speed.check_training(student(**changes), CPU)


@pytest.mark.parametrize(("key", "value"), [("engine", "paged"), ("quantization", "4bit")])
def test_what_a_cpu_cannot_do_is_refused_before_generation(key, value):
    asked = student(predict={**PREDICT, key: value})
    speed.check_training(asked, CPU)  # which has nothing to do with it
    with pytest.raises(ParamsError, match=rf"students: predict\.{key} needs a GPU"):
        speed.check_generation(asked, CPU)


@pytest.mark.usefixtures("without_packages")
@pytest.mark.parametrize(
    ("changes", "package"),
    [
        ({"speed": {"attention": "flash_attention_2"}}, "flash_attn: pip install"),
        ({"speed": {"kernels": True}}, "kernels: pip install"),
        ({"speed": {"attention": "kernels-community/flash-attn2"}}, "kernels: pip install"),
        (LORA, r"bitsandbytes: pip install '\.\[quantized\]'"),
    ],
)
def test_a_package_that_is_missing_is_one_clear_line(changes, package):
    with pytest.raises(ParamsError, match=f"needs the package {package}"):
        speed.check_training(student(**changes), GPU)


def test_rows_without_padding_need_an_attention_that_keeps_them_apart(monkeypatch):
    monkeypatch.setattr(speed, "find_spec", lambda name: name)  # every package is there
    with pytest.raises(ParamsError, match=r"padding_free needs FlashAttention"):
        speed.check_training(student(speed={"padding_free": True, "attention": "sdpa"}), GPU)
    named = {"padding_free": True, "attention": "kernels-community/flash-attn2"}
    speed.check_training(student(speed=named), GPU)


def test_the_default_takes_flash_attention_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(speed, "is_flash_attn_2_available", lambda: False)
    assert speed.attention(Speed(), CPU) == "eager"
    assert speed.attention(Speed(), GPU) == "sdpa"
    monkeypatch.setattr(speed, "is_flash_attn_2_available", lambda: True)
    assert speed.attention(Speed(), CPU) == "eager"
    assert speed.attention(Speed(), GPU) == "flash_attention_2"
    assert speed.attention(Speed(attention="sdpa"), GPU) == "sdpa"


@pytest.mark.usefixtures("with_flash")
@pytest.mark.parametrize(
    ("how", "alpha", "rows", "values", "expected"),
    [
        (GPU, None, 4, {}, True),
        (GPU, None, 4, {"padding_free": False}, False),
        (GPU, None, 4, {"attention": "sdpa"}, False),
        (GPU, 0.5, 4, {}, False),
        (GPU, None, 1, {}, False),
        (CPU, None, 4, {}, False),
    ],
    ids=["default", "off", "no flash attention", "two parts", "one row", "cpu"],
)
def test_batches_are_without_padding_where_they_can_be(how, alpha, rows, values, expected):
    assert speed.is_padding_free(Speed(**values), how, alpha, rows) == expected


def test_activations_are_stored_unless_memory_asks():
    assert not speed.training(Speed(), GPU)["activation_checkpointing"]
    assert speed.training(Speed(checkpointing=True), GPU)["activation_checkpointing"]
    assert speed.training(Speed(workers=3), CPU)["dataloader_num_workers"] == 3
    assert "torch_compile" not in speed.training(Speed(), GPU)
    assert speed.training(Speed(compile=True), GPU)["torch_compile"]


def test_a_base_in_4_bits_is_loaded_onto_the_gpu_of_its_process(monkeypatch):
    assert speed.quantized(None, GPU) == {}
    monkeypatch.setenv("LOCAL_RANK", "3")
    options = speed.quantized("4bit", GPU)
    assert options["device_map"] == {"": 3}
    config = options["quantization_config"]
    assert (config.load_in_4bit, config.bnb_4bit_quant_type) == (True, "nf4")
    assert config.bnb_4bit_compute_dtype == config.bnb_4bit_quant_storage == torch.bfloat16


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"launch": {"devices": 2}}, "trained on one device: remove launch"),
        ({"speed": {"compile": True}}, "remove speed"),
        ({"predict": {"batch": 8, "engine": "paged"}}, r"remove predict\.engine"),
        ({"predict": {"batch": 8, "quantization": "4bit"}}, "remove quantization"),
        (LORA, "remove quantization"),
    ],
)
def test_an_encoder_takes_none_of_them(changes, fault):
    with pytest.raises(ValidationError, match=f"an encoder .*{fault}"):
        student(kind="encoder", **{"lora": None, **changes})


def test_a_served_student_has_the_engine_of_its_server():
    with pytest.raises(ValidationError, match=r"remove predict\.engine and predict\.quantization"):
        student(predict={**PREDICT, "endpoint": "vllm", "engine": "paged"})


def test_settings_that_are_not_named_leave_no_trace_in_a_model_card():
    assert set(student().lora.model_dump()) == {"r", "alpha", "dropout", "target"}
    assert student(**LORA).lora.model_dump()["quantization"] == "4bit"


class Full:
    """A trainer whose GPU is full."""

    def __init__(self, folder):
        self.args = self
        self.output_dir = folder

    def train(self, resume_from_checkpoint):
        raise torch.OutOfMemoryError("CUDA out of memory")


def test_a_gpu_without_enough_memory_is_one_clear_line(tmp_path):
    with pytest.raises(TrainingError, match=r"halve train\.batch and double train\.accumulate"):
        training.resume(Full(tmp_path))


@pytest.fixture
def project(workspace, monkeypatch):
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/float32/1")
    finetuning.make(workspace, speed={"attention": "sdpa"})
    return workspace


def losses(padding_free):
    """The loss of four rows of unlike lengths in one batch, by the trainer of a GPU."""
    tiny, how = load().students["tiny"], device.choose()
    causal.set_seed(1)
    given = [
        {**row, "input": row["input"] + " It was late." * 7 * number}
        for number, row in enumerate(finetuning.rows("botchat", "train", 4))
    ]
    tokenizer = load_tokenizer(tiny)
    examples = list(fitting(given, tokenizer, 2048, Ledger("finetune", "test")))
    args = causal.config(tiny, 1, how, device.paths.workspace() / "here")
    args.padding_free, args.pad_to_multiple_of, args.eval_strategy = padding_free, None, "no"
    trainer = steps.StepTrainer(
        model=causal.new_adapter(tiny, how),
        args=args,
        train_dataset=causal.Dataset.from_list(examples),
        processing_class=tokenizer,
    )
    [batch] = trainer.get_train_dataloader()
    assert (len(batch["input_ids"]) == 1) == padding_free
    return trainer.compute_loss(trainer.model.eval(), dict(batch)).item()


@pytest.mark.usefixtures("project")
def test_a_batch_without_padding_has_the_loss_of_the_padded_one():
    assert losses(padding_free=True) == pytest.approx(losses(padding_free=False), rel=1e-5)


@pytest.mark.usefixtures("project")
def test_continuous_batching_gives_the_answers_of_batches(monkeypatch):
    monkeypatch.setattr(speed, "check_generation", lambda *_: None)  # this machine has no GPU
    tiny = load().students["tiny"]
    asked = [
        Request(task="summarize", id=str(n), messages=[{"role": "user", "content": "order " * n}])
        for n in (3, 40, 9)
    ]
    paged = tiny.model_copy(update={"predict": tiny.predict.model_copy(update={"engine": "paged"})})
    usual, found = (
        [
            (reply.text, reply.completion_tokens)
            for reply in generate.LocalStudent(one).complete(asked)
        ]
        for one in (tiny, paged)
    )
    assert found == usual
