"""A causal language model of two layers with a chat template, made in a second.

Its weights are random, so that it knows nothing; what is trained and asked is real.
"""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEXTS = [
    "Customer: my order 07-11223-45678 never came. Thanks!\nBot: Let me look.",
    "Summarize the interaction <interaction>Message: where is my parcel?</interaction>",
    "<ul><li>my order never came</li><li>The customer wants a refund</li></ul>",
]
STUDENT = {
    "base": "models/base/tiny",
    "prompts": "summarize",
    "max_length": 2048,
    "lora": {"r": 8, "alpha": 16, "dropout": 0.1, "target": "all-linear"},
    "train": {"epochs": 1, "batch": 2, "learning_rate": 3.0e-3, "warmup": 0.1},
    "predict": {"batch": 25, "max_new_tokens": 48},
}  # as in params.yaml
START, END, NONE = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer of 512 tokens that loses nothing."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=[NONE, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(TEXTS * 3, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=START,
        eos_token=END,
        pad_token=END,
        unk_token=NONE,
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=2048,
    )


def save(folder: Path) -> None:
    """Write the model and its tokenizer into `folder`, the same bytes each time."""
    torch.manual_seed(5)
    made = tokenizer()
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(made),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=2048,
            bos_token_id=made.bos_token_id,
            eos_token_id=made.eos_token_id,
            pad_token_id=made.pad_token_id,
            tie_word_embeddings=True,
        )
    )
    model.generation_config.do_sample = False
    model.to(torch.bfloat16).save_pretrained(folder)
    made.save_pretrained(folder)
