"""base: the unpacked model is the whole chat model, and no longer a quantized one."""

import hashlib
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import base
from distill.errors import ParamsError

# isort: split
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("unpacked"))
        patch.setattr(sys, "argv", ["base.py", "smollm2"])
        base.main()
        yield Path("models/base/smollm2").resolve()


@pytest.fixture(scope="module")
def tokenizer(folder):
    return AutoTokenizer.from_pretrained(folder)


def test_the_model_answers_a_question_and_ends(folder, tokenizer):
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    assert {weight.dtype for weight in model.parameters()} == {torch.bfloat16}
    question = [{"role": "user", "content": "What is the capital of France?"}]
    ids = tokenizer.apply_chat_template(
        question, add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    answer = model.generate(**ids, max_new_tokens=20)[0, ids["input_ids"].shape[1] :]
    assert "Paris" in tokenizer.decode(answer)
    assert answer[-1] == tokenizer.eos_token_id


def test_nothing_in_it_depends_on_the_machine_or_tells_of_a_quantization(folder):
    config = json.loads((folder / "config.json").read_text())
    assert "quantization_config" not in config
    texts = [path.read_text() for path in folder.glob("*.json")]
    assert not [text for text in texts if str(folder.parents[2]) in text or sys.prefix in text]
    assert "license: apache-2.0" in (folder / "README.md").read_text()


def test_the_weights_are_the_same_bytes_everywhere(folder):
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert digest.startswith("7ef915c9bf9d94d8")


def test_the_chat_template_names_each_speaker_and_asks_for_an_answer(tokenizer):
    chat = [{"role": "user", "content": "Hi"}]
    said = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    assert said.startswith("<|im_start|>system\n")
    assert said.endswith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|im_end|>", "<|im_end|>")


@given(st.text(st.characters(exclude_categories=["C"])))
def test_the_tokenizer_loses_no_visible_character(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids) == text


def test_every_digit_is_one_token(tokenizer):
    ids = tokenizer("item 110012345678", add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids)[-12:] == list("110012345678")


def test_a_package_that_is_not_installed_is_one_clear_line():
    missing = base.Source("no-such-package", "model.gguf", "")
    with pytest.raises(ParamsError, match=r"no-such-package is not installed; run `make setup`"):
        base.located(missing)


def test_an_encoder_is_copied_as_its_package_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["base.py", "minilm"])
    base.main()
    folder, packed = Path("models/base/minilm"), base.located(base.SOURCES["minilm"])
    weights = (folder / "model.safetensors").read_bytes()
    assert weights == (packed / "model.safetensors").read_bytes()
    assert "license: apache-2.0" in (folder / "README.md").read_text()
    assert AutoTokenizer.from_pretrained(folder).is_fast
