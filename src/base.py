"""base: make the tiny student that everything offline is fine-tuned from.

in   {"instruction": "List the sentences of Customer with a number, with dashes.\\n<chat>...",
      "answer": "- My item number is 110012345678."}
out  models/base: a Llama-architecture chat model and its byte-level BPE tokenizer

Trained from scratch, with a fixed seed, on exercises from `arf.curriculum`. A stopped training
goes on from its last checkpoint in .arf/base.
"""

import bisect
import itertools
import json
import random
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from arf import circuits, curriculum, paths, records
from arf.corpus import interactions
from arf.errors import reported
from arf.params import load

SEED = 20_077  # not the sample's seed: the student never sees the sample's rows beforehand
ROWS = 6_000  # generated interactions per channel, text only
VOCABULARY = 2_048
SAVE = 256  # steps between checkpoints; a multiple of POOL, so that batches go on as they were
POOL = 16  # batches drawn together
SHAPE = {
    "hidden_size": 256,
    "num_hidden_layers": 4,
    "intermediate_size": 688,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 2_048,
}
THETA = 1_000_000.0  # of the rotary embedding: slow rotations match words at any distance
WORKERS = 2  # processes of one thread each
ROUNDS = (3_300, 2_000)  # steps; each ends cooled down, the first with the whole curriculum
TOKENS = 2_048  # per worker and step
LONGEST = 1_536
LEARNING_RATE = 1e-3
WARMUP = 60
COOLDOWN = 0.4  # last share of the steps, in which the learning rate falls to zero
AVERAGE = 0.997  # of the weights that are kept

OUT = Path("models/base")
WORK = paths.workspace() / "base"

SPECIAL = {"user": "<|user|>", "assistant": "<|assistant|>", "end": "<|end|>", "pad": "<|pad|>"}
TAGS = ["<ul>", "<li>", "</li>", "</ul>"]
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}"
    "{% if message.role == 'assistant' %}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

# A blank after one of these stands alone, so that a sentence's first word is the same token in a
# transcript and at the start of an answer.
ALONE = r"(?<=[.!?:\-|>\n])[ \n]"


def tokenizer(texts: Iterator[str]) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer that loses nothing and writes every digit as one token."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(ALONE), "isolated"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    special = list(SPECIAL.values())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(TAGS),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    bpe.add_tokens([AddedToken(tag, normalized=False, special=False) for tag in TAGS])
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=None,
        eos_token=SPECIAL["end"],
        pad_token=SPECIAL["pad"],
        chat_template=TEMPLATE,
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=SHAPE["max_position_embeddings"],
    )


def pieces(tok: PreTrainedTokenizerFast) -> list[str]:
    """The vocabulary's pieces that are text by themselves."""
    found = [tok.decode([i]) for i in range(len(SPECIAL), len(tok) - len(TAGS))]
    return [piece for piece in found if "\ufffd" not in piece and piece.isprintable()]


def encode(tok: PreTrainedTokenizerFast, item: curriculum.Exercise) -> tuple[list[int], int]:
    """Token ids of the conversation, and how many of them are the prompt."""
    user = {"role": "user", "content": item["instruction"]}
    prompt = tok.apply_chat_template([user], add_generation_prompt=True, tokenize=False)
    ids = tok(prompt, add_special_tokens=False)["input_ids"]
    answer = tok(item["answer"] + SPECIAL["end"], add_special_tokens=False)["input_ids"]
    return ids + answer, len(ids)


CARD = """---
license: apache-2.0
pipeline_tag: text-generation
---

# The tiny base student

A chat model of the Llama architecture with {size:.1f} million parameters ({layers} layers of
width {hidden_size}, {max_position_embeddings} tokens of context) and a byte-level BPE tokenizer of
{vocabulary} tokens that loses nothing and writes every digit as a token of its own.

Trained from scratch by `src/base.py`, with a fixed seed, on exercises that the project makes up:
copying random text, finding lines, sentences and numbers in transcripts of made-up words and in
generated interactions other than the sample's, and telling what a customer's sentences are about:
small talk, complaints, repetitions, wishes for a person or a copy. It was not taught to summarise:
that is what the adapters do. It is good for running the pipeline on a laptop, and for nothing else.
"""

Batch = tuple[torch.Tensor, torch.Tensor]  # input ids, labels: (rows, length); -100: no label


def bucket(length: int) -> int:
    """Return the padded length: of few kinds, for bfloat16 kernels are compiled for each shape."""
    wide = 32 if length <= 128 else 64 if length <= 512 else 256
    return -(-length // wide) * wide


def pad(chunk: Sequence[tuple[list[int], int]], shape: tuple[int, int], pad_id: int) -> Batch:
    """Return a chunk as tensors of `shape` (rows, length)."""
    inputs = torch.full(shape, pad_id)
    labels = torch.full(shape, -100)
    for row, (ids, prompt) in enumerate(chunk):
        inputs[row, : len(ids)] = torch.tensor(ids)
        labels[row, prompt : len(ids)] = torch.tensor(ids[prompt:])
    return inputs, labels


def batches(
    tok: PreTrainedTokenizerFast, rows: Sequence[dict[str, Any]], worker: int, start: int
) -> Iterator[Batch]:
    """Batches of about TOKENS tokens, of exercises of like lengths, from step `start` on."""
    words = sorted({word for row in rows for word in row["text"].split() if word.isalpha()})
    vocabulary = pieces(tok)
    step = start
    while True:
        rng = random.Random(f"{SEED}/{worker}/{step}")
        progress = min(1.0, step / ROUNDS[0])
        tokens = TOKENS // 2 if progress < curriculum.COPYING else TOKENS
        by_length: dict[int, list[tuple[list[int], int]]] = {}
        ready: list[Batch] = []
        while len(ready) < POOL:
            ids, prompt = encode(tok, curriculum.exercise(rng, progress, rows, words, vocabulary))
            if len(ids) > LONGEST:
                continue
            length = bucket(len(ids))
            chunk = by_length.setdefault(length, [])
            chunk.append((ids, prompt))
            if len(chunk) == max(1, tokens // length):
                ready.append(pad(by_length.pop(length), (len(chunk), length), tok.pad_token_id))
        yield from ready
        step += len(ready)


def loss_of(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Mean cross-entropy of the answers' tokens; logits are made for those alone."""
    inputs, labels = batch
    hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state[:, :-1]
    labels = labels[:, 1:].flatten()
    wanted = (labels != -100).nonzero().squeeze(1)
    spare = (labels == -100).nonzero().squeeze(1)[: -len(wanted) % 256]
    chosen = torch.cat([wanted, spare])  # few different shapes here too
    logits = model.lm_head(hidden.flatten(0, 1)[chosen])
    return functional.cross_entropy(logits.float(), labels[chosen])


def place(step: int) -> tuple[int, int]:
    """How far into its round a step is, and the round's steps."""
    ends = list(itertools.accumulate(ROUNDS, initial=0))
    number = min(bisect.bisect_right(ends, step), len(ROUNDS)) - 1
    return step - ends[number], ROUNDS[number]


def rate(step: int) -> float:
    """Share of the learning rate at `step`: warm-up, constant, linear to zero, in every round."""
    done, steps = place(step)
    return min(1.0, (done + 1) / WARMUP, (steps - done) / (COOLDOWN * steps))


def share_gradients(model: LlamaForCausalLM) -> None:
    """Mean of all workers' gradients, in one message."""
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(flat)
    flat /= WORKERS
    for grad, part in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
        grad.copy_(part.view_as(grad))


def new_model(tok: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Return the student before training: random, but wired to copy."""
    torch.manual_seed(SEED)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tok),
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tok.eos_token_id,
            pad_token_id=tok.pad_token_id,
            rope_parameters={"rope_type": "default", "rope_theta": THETA},
            **SHAPE,
        )
    )
    circuits.wire(model, THETA)
    return model


def train(worker: int, rows: Sequence[dict[str, Any]]) -> None:
    """Train in lockstep with the other workers; worker 0 logs and keeps checkpoints."""
    torch.set_num_threads(1)
    store = f"file://{(WORK / 'rendezvous').absolute()}"
    dist.init_process_group("gloo", init_method=store, rank=worker, world_size=WORKERS)
    tok = PreTrainedTokenizerFast.from_pretrained(WORK / "tokenizer")
    model = new_model(tok)
    opt = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.01
    )
    average = {name: p.detach().clone() for name, p in model.named_parameters()}
    step = 0
    if (WORK / "checkpoint.pt").exists():
        saved = torch.load(WORK / "checkpoint.pt", weights_only=True)
        step, average = saved["step"], saved["average"]
        model.load_state_dict(saved["model"])
        opt.load_state_dict(saved["optimizer"])
    feed, shown, began = batches(tok, rows, worker, step), 0.0, time.monotonic()
    while step < sum(ROUNDS):
        if place(step)[0] == 0:  # a round draws afresh, so that its start can be gone on from
            feed = batches(tok, rows, worker, step)
        for group in opt.param_groups:
            group["lr"] = LEARNING_RATE * rate(step)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, next(feed))
        loss.backward()  # type: ignore[no-untyped-call]
        share_gradients(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        step += 1
        shown = loss.item() if step == 1 else 0.95 * shown + 0.05 * loss.item()
        keep = min(AVERAGE, step / (step + 10))
        for name, p in model.named_parameters():
            average[name].lerp_(p.detach(), 1 - keep)
        if worker == 0 and step % 20 == 0:
            line = {"step": step, "loss": round(shown, 4), "s": round(time.monotonic() - began, 1)}
            with (WORK / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
        if worker == 0 and (place(step)[0] % SAVE == 0 or step == sum(ROUNDS)):
            state = {"step": step, "model": model.state_dict(), "average": average}
            torch.save({**state, "optimizer": opt.state_dict()}, WORK / "new.pt")
            (WORK / "new.pt").replace(WORK / "checkpoint.pt")
    dist.destroy_process_group()


def publish(folder: Path) -> None:
    """Write the averaged weights of the last checkpoint and the tokenizer, in bfloat16."""
    tok = PreTrainedTokenizerFast.from_pretrained(WORK / "tokenizer")
    model = new_model(tok)
    saved = torch.load(WORK / "checkpoint.pt", weights_only=True)
    model.load_state_dict(saved["average"], strict=False)
    model.tie_weights()
    model.to(torch.bfloat16)
    model.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=tok.eos_token_id, pad_token_id=tok.pad_token_id
    )
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    tok.save_pretrained(folder)
    size = sum(p.numel() for p in model.parameters()) / 1e6
    card = CARD.format(size=size, layers=SHAPE["num_hidden_layers"], vocabulary=len(tok), **SHAPE)
    (folder / "README.md").write_text(card, encoding="utf-8")


def corpus() -> Iterator[records.Row]:
    """Interactions of both channels as the later stages see them, but not the sample's."""
    channels = load().channels
    labels = {"customer": "Customer", "bot": "Bot"}
    fields = {path: label for label, path in channels["webform"].fields.items()}
    for made in interactions("botchat", SEED, ROWS):
        turns = [f"{labels[turn['role']]}: {turn['text']}" for turn in made.raw["turns"]]
        yield known(turns, made.truth)
    for made in interactions("webform", SEED, ROWS):
        lines = [f"{fields[key]}: {made.raw[key]}" for key in fields if made.raw.get(key)]
        yield known(lines, made.truth)


def known(lines: Iterable[str], truth: records.Row) -> records.Row:
    """Return the text, the kinds of its sentences beside the matter, and the customer's role."""
    kinds = {noise["text"]: noise["kind"] for noise in truth["noise"]}
    return {
        "text": "\n".join(" ".join(line.split()) for line in lines),
        "kinds": {text: kind for text, kind in kinds.items() if kind in curriculum.KINDS},
        "role": truth["role"] if truth["role_stated"] != "absent" else None,
    }


def main() -> None:
    """Make or go on with the tokenizer and the training, and write models/base."""
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "rendezvous").unlink(missing_ok=True)
    rows = list(corpus())
    if not (WORK / "tokenizer").exists():
        tokenizer(row["text"] for row in rows).save_pretrained(WORK / "tokenizer")
    mp.spawn(train, args=(rows,), nprocs=WORKERS)
    publish(OUT)


if __name__ == "__main__":
    reported(main)
