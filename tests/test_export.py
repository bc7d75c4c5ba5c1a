"""export: models for servers that answer as the run does, and one that does not."""

import json
import os
from pathlib import Path

import models as two_layers
import pytest
import torch
import yaml
from peft import LoraConfig, get_peft_model
from runs import NAME, RUN, rows
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from distill import paths, records
from distill.errors import ExportError, ParamsError
from distill.exports import gguf, merged, modelfile, parity
from distill.ledger import Ledger
from distill.params import load
from distill.students import bundle
from distill.students.generate import LocalStudent
from distill.students.settings import Student

import base  # isort: skip
import export  # isort: skip
import predict  # isort: skip

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries


@pytest.fixture
def exported(trained, monkeypatch):
    """Exports the run: returns what stands in metrics/exports."""
    asked = rows("test", 6)
    records.write_shards(paths.split("test"), asked)
    records.write_shards(paths.predictions(NAME), predictions(asked))

    def run(**settings):
        values = yaml.safe_load((trained / "params.yaml").read_text())
        values["exports"] = {"shipped": {"run": NAME, "format": "merged", "rows": 4} | settings}
        (trained / "params.yaml").write_text(yaml.safe_dump(values))
        monkeypatch.setattr("sys.argv", ["export.py", "shipped"])
        export.main()
        return metrics()

    return run


def predictions(asked):
    student = LocalStudent(load().students["tiny"], paths.model(NAME))
    with Ledger("predict", NAME) as ledger:
        return list(predict.predict(asked, student, ledger))


def metrics():
    return json.loads(Path("metrics/exports/shipped.json").read_text())


SHIPPED = "models/exports/shipped"


def test_a_merged_model_has_the_bases_own_dtype_and_answers_as_the_run(exported, monkeypatch):
    monkeypatch.setenv("DISTILL_DEVICE", "cpu/bfloat16/1")
    found = exported()
    assert (found["rows"], found["equal"]) == (4, 1.0)
    assert AutoConfig.from_pretrained(SHIPPED).dtype == torch.bfloat16
    assert GenerationConfig.from_pretrained(SHIPPED).repetition_penalty == 1.1
    assert Path(SHIPPED, "prompts/summarize/botchat.txt").is_file()


def test_in_float32_all_answers_are_those_that_were_judged(exported):
    found = exported(dtype="float32", rows=6)
    assert found == {"rows": 6, "equal": 1.0, "equal_to_predictions": 1.0}
    model = AutoModelForCausalLM.from_pretrained(SHIPPED)
    assert model.dtype == torch.float32


def test_an_export_that_answers_otherwise_fails_and_its_share_is_told(exported, monkeypatch):
    writes = merged.write

    def damaged(run, student, dtype, folder):
        found = writes(run, student, dtype, folder)
        two_layers.save(folder)  # another model
        bundle.copy(run, folder)
        return found

    monkeypatch.setattr(merged, "write", damaged)
    message = r"shipped: \S+% of 4 answers equal those of tiny-r1-botchat, and exports.shipped"
    with pytest.raises(ExportError, match=message):
        exported()
    assert metrics()["equal"] < 0.9


def test_other_prompts_in_an_export_are_found(exported, monkeypatch):
    copies = bundle.copy

    def altered(run, folder):
        copies(run, folder)
        (folder / "prompts/summarize/botchat.txt").write_text("$text\n\nSay it in one word.")

    monkeypatch.setattr(bundle, "copy", altered)
    with pytest.raises(ExportError):
        exported(dtype="float32")


def test_the_rows_that_are_compared_do_not_depend_on_their_order():
    asked = rows("test", 9)
    assert parity.drawn(asked, 4) == parity.drawn(reversed(asked), 4)
    assert len(parity.drawn(asked, 40)) == 9


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"run": "nobody"}, r"exports.shipped.run: 'nobody' is not under runs"),
        ({"format": "onnx"}, r"exports.shipped.format: "),
        ({"dtype": "q8_0"}, r"exports.shipped: .*q8_0 is one of gguf"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(exported, settings, message):
    with pytest.raises(ParamsError, match=message):
        exported(**settings)


def test_the_name_of_an_export_is_not_that_of_a_run(workspace):
    values = yaml.safe_load((workspace / "params.yaml").read_text())
    values["exports"] = {"tiny-r1": {"run": "tiny-r1", "format": "merged"}}
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ParamsError, match=r"exports.tiny-r1: the name is taken by runs.tiny-r1"):
        load()


def test_gguf_without_llama_cpp_is_one_clear_line(exported, monkeypatch):
    monkeypatch.delenv(gguf.VARIABLE, raising=False)
    with pytest.raises(ParamsError, match=r"set DISTILL_LLAMA_CPP to its folder, in which"):
        exported(format="gguf")


def test_a_converter_that_fails_says_why(exported, monkeypatch, tmp_path):
    (tmp_path / "convert_hf_to_gguf.py").write_text("raise SystemExit('unknown pre-tokenizer')")
    server = tmp_path / "llama-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv(gguf.VARIABLE, str(tmp_path))
    with pytest.raises(ExportError, match=r"convert_hf_to_gguf.py .* failed: unknown pre-token"):
        exported(format="gguf")


def test_the_modelfile_renders_the_prompts_of_the_training(trained):
    found = modelfile.text(Path(RUN), "./model.gguf", None, 2048, 48)
    template = found.partition('TEMPLATE """')[2].partition('"""')[0]
    asked = [{"role": "user", "content": "Where is it?"}]
    tokenizer = AutoTokenizer.from_pretrained(RUN)
    rendered = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    assert template.replace("{{ .Prompt }}", "Where is it?") == rendered
    assert found.startswith("FROM ./model.gguf\n")
    for line in ("temperature 0", "repeat_penalty 1.1", "num_ctx 2048", 'stop "<|im_end|>"'):
        assert f"PARAMETER {line}\n" in found


SMOL = {
    "base": "models/base/smollm2",
    "max_length": 768,
    "predict": {"batch": 4, "max_new_tokens": 24},
}


@pytest.mark.skipif(gguf.VARIABLE not in os.environ, reason=f"{gguf.VARIABLE} names no llama.cpp")
@pytest.mark.parametrize("format", ["gguf", "gguf-adapter"])
def test_llama_cpp_answers_as_the_run(workspace, monkeypatch, format, capsys):
    """With the real base, since llama.cpp knows no made-up tokenizer."""
    monkeypatch.setattr("sys.argv", ["base.py", "smollm2"])
    base.main()
    student = Student(**(two_layers.STUDENT | SMOL))
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_pretrained(student.base)
    shape = LoraConfig(
        r=8, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False
    )
    get_peft_model(model, shape).save_pretrained(RUN)
    prompt = (workspace / "prompts/summarize/botchat.txt").read_text().strip()
    bundle.write(Path(RUN), student, {"summarize/botchat": prompt})
    settings = {"run": NAME, "format": format, "dtype": "float32", "rows": 4}
    job = export.Job(export.Export(**settings), student, Path(SHIPPED), rows("test", 4))
    answers = export.FORMATS[format](job)
    own = parity.local(LocalStudent(student, job.run), parity.chats(job.run, job.rows))
    share, unlike = parity.equal(answers, own)
    with capsys.disabled():
        print(f"\n{format}: {share:.0%} of {len(own)} answers equal; else {unlike}")
    assert share >= 0.75
