"""A BERT of two layers with a tokenizer of words and pieces, made in a second.

Its weights are random, so that it knows nothing; what is trained and asked is real.
"""

import re
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
STUDENT = {
    "kind": "encoder",
    "base": "models/base/tiny",
    "max_length": 256,
    "train": {"epochs": 4, "batch": 16, "learning_rate": 1.0e-3, "warmup": 0.1},
    "predict": {"batch": 64},
}


def tokenizer(words=()) -> PreTrainedTokenizerFast:
    """A tokenizer that knows the words, and each letter as the piece of another."""
    letters = [chr(code) for code in range(33, 127)]
    vocabulary = [*SPECIAL, *letters, *(f"##{one}" for one in letters), *sorted(set(words))]
    pieces = Tokenizer(
        models.WordPiece(
            {piece: place for place, piece in enumerate(dict.fromkeys(vocabulary))},
            unk_token="[UNK]",
        )
    )
    pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.decoder = decoders.WordPiece()
    pieces.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=pieces,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def save(folder: Path, texts=()) -> None:
    """Write the model and its tokenizer, of the texts' words, into `folder`; the same bytes."""
    torch.manual_seed(5)
    made = tokenizer(word for text in texts for word in re.findall(r"[a-z]+", text.lower()))
    config = BertConfig(
        vocab_size=len(made),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
    )
    BertForMaskedLM(config).bert.save_pretrained(folder)
    made.save_pretrained(folder)
