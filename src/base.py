"""base: make the tiny student that everything offline is fine-tuned from.

in   {"instruction": "List the sentences of Customer with a number, with dashes.\\n<chat>...",
      "answer": "- My item number is 110012345678."}
out  models/base: an OPT-architecture chat model and its byte-level BPE tokenizer

Trained from scratch, with a fixed seed, on exercises from `arf.curriculum`. A stopped training
goes on from its last checkpoint in .arf/base.
"""

import bisect
import functools
import itertools
import json
import random
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from transformers import GenerationConfig, OPTConfig, OPTForCausalLM, PreTrainedTokenizerFast

from arf import circuits, curriculum, paths
from arf.corpus import Interaction, interactions
from arf.errors import reported
from arf.params import load

SEED = 20_077  # not the sample's seed: the student never sees the sample's rows beforehand
ROWS = 6_000  # generated interactions per channel, text only
VOCABULARY = 6_144
LONGEST_TOKEN = 40  # bytes
SAVE = 256  # steps between checkpoints; a multiple of POOL, so that batches go on as they were
POOL = 16  # batches drawn together
SHAPE = {
    "hidden_size": 256,
    "word_embed_proj_dim": 256,
    "num_hidden_layers": 5,
    "ffn_dim": 1_024,
    "num_attention_heads": 4,
    "max_position_embeddings": 2_048,
}
WORKERS = 2  # processes of one thread each
ROUNDS = (1_500, 8_500)  # steps; each ends cooled down
TOKENS = 2_048  # per worker and step
LONGEST = 1_536
LEARNING_RATES = (2e-4, 4e-4)  # at first low, or the wiring is taken apart before it is of use
WARMUP = 60
COOLDOWN = 0.4  # last share of a round, in which the learning rate falls to zero
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

# End marks, colons and what parts sentences and lines stand alone, so that a sentence is the same
# tokens in a transcript and in an answer.
ALONE = r"(?<=[.!?:\-|>\n])[ \n]|[.!?:]+(?=\s|$)|\n"


def tokenizer(texts: Iterator[str]) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer that loses nothing and writes every digit as one token.

    Tokens may span words (SuperBPE, Liu et al. 2025): a causal model meets a sentence's first token
    before the rest, and whether to list a sentence is seldom told by its first word alone.
    """
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(ALONE), "isolated"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    special = list(SPECIAL.values())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(TAGS),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=LONGEST_TOKEN,
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


def beginnings(tok: PreTrainedTokenizerFast) -> Callable[[str], str]:
    """Return what tells the text of a sentence's first token."""

    def beginning(sentence: str) -> str:
        return tok.decode(tok(sentence, add_special_tokens=False)["input_ids"][:1])

    return functools.cache(beginning)


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

A chat model of the OPT architecture, {num_hidden_layers} layers of width {hidden_size} with
{size:.1f} million parameters and {max_position_embeddings} tokens of context, and a byte-level BPE
tokenizer of {vocabulary} tokens that loses nothing, writes every digit as a token of its own, and
has tokens for whole phrases (as SuperBPE).

Trained from scratch by `src/base.py`, with a fixed seed, on exercises that the project makes up:
copying random text, and finding or leaving out lines, sentences and numbers in transcripts of
made-up words and in generated interactions other than the sample's. In those it was told which
sentences are greetings, anger, calls for a person and the like, so that it can tell them apart. It
was never shown a summary, nor told what one leaves out: that is left to the adapters. It is good
for running the pipeline on a laptop, and for nothing else.
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
    tok: PreTrainedTokenizerFast, texts: Sequence[curriculum.Told], worker: int, start: int
) -> Iterator[Batch]:
    """Batches of about TOKENS tokens, of exercises of like lengths, from step `start` on."""
    vocabulary, beginning = pieces(tok), beginnings(tok)
    step = start
    while True:
        rng = random.Random(f"{SEED}/{worker}/{step}")
        by_length: dict[int, list[tuple[list[int], int]]] = {}
        ready: list[Batch] = []
        while len(ready) < POOL:
            ids, prompt = encode(tok, curriculum.exercise(rng, step, texts, vocabulary, beginning))
            if len(ids) > LONGEST:
                continue
            length = bucket(len(ids))
            chunk = by_length.setdefault(length, [])
            chunk.append((ids, prompt))
            if len(chunk) == max(1, TOKENS // length):
                ready.append(pad(by_length.pop(length), (len(chunk), length), tok.pad_token_id))
        yield from ready
        step += len(ready)


def loss_of(model: OPTForCausalLM, batch: Batch) -> torch.Tensor:
    """Mean cross-entropy of the answers' tokens; logits are made for those alone."""
    inputs, labels = batch
    hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state[:, :-1]
    labels = labels[:, 1:].flatten()
    wanted = (labels != -100).nonzero().squeeze(1)
    spare = (labels == -100).nonzero().squeeze(1)[: -len(wanted) % 256]
    chosen = torch.cat([wanted, spare])  # few different shapes here too
    logits = model.lm_head(hidden.flatten(0, 1)[chosen])
    return functional.cross_entropy(logits.float(), labels[chosen])


def rate(step: int) -> float:
    """The learning rate at `step`: warm-up, constant, linear to zero, in every round."""
    ends = list(itertools.accumulate(ROUNDS, initial=0))
    number = min(bisect.bisect_right(ends, step), len(ROUNDS)) - 1
    done, steps = step - ends[number], ROUNDS[number]
    share = min(1.0, (done + 1) / WARMUP, (steps - done) / (COOLDOWN * steps))
    return LEARNING_RATES[number] * share


def share_gradients(model: OPTForCausalLM) -> None:
    """Mean of all workers' gradients, in one message."""
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(flat)
    flat /= WORKERS
    for grad, part in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
        grad.copy_(part.view_as(grad))


def new_model(tok: PreTrainedTokenizerFast) -> OPTForCausalLM:
    """Return the student before training: random, but wired to copy and to go on."""
    torch.manual_seed(SEED)
    model = OPTForCausalLM(
        OPTConfig(
            vocab_size=len(tok),
            activation_function="gelu",
            dropout=0.0,
            attention_dropout=0.0,
            bos_token_id=None,
            eos_token_id=tok.eos_token_id,
            pad_token_id=tok.pad_token_id,
            **SHAPE,
        )
    )
    circuits.wire(model, [tok.decode([i]) for i in range(len(tok))], "Customer")
    return model


def train(worker: int, texts: Sequence[curriculum.Told]) -> None:
    """Train in lockstep with the other workers; worker 0 logs and keeps checkpoints."""
    torch.set_num_threads(1)
    store = f"file://{(WORK / 'rendezvous').absolute()}"
    dist.init_process_group("gloo", init_method=store, rank=worker, world_size=WORKERS)
    tok = PreTrainedTokenizerFast.from_pretrained(WORK / "tokenizer")
    model = new_model(tok)
    opt = torch.optim.AdamW(model.parameters(), lr=rate(0), betas=(0.9, 0.98), weight_decay=0.01)
    average = {name: p.detach().clone() for name, p in model.named_parameters()}
    step = 0
    if (WORK / "checkpoint.pt").exists():
        saved = torch.load(WORK / "checkpoint.pt", weights_only=True)
        step, average = saved["step"], saved["average"]
        model.load_state_dict(saved["model"])
        opt.load_state_dict(saved["optimizer"])
    feed, shown, began = batches(tok, texts, worker, step), 0.0, time.monotonic()
    while step < sum(ROUNDS):
        for group in opt.param_groups:
            group["lr"] = rate(step)
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
        if worker == 0 and (step % SAVE == 0 or step == sum(ROUNDS)):
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
    card = CARD.format(size=size, vocabulary=len(tok), **SHAPE)
    (folder / "README.md").write_text(card, encoding="utf-8")


def corpus() -> Iterator[curriculum.Told]:
    """Interactions of both channels as the later stages see them, but not the sample's."""
    channels = load().channels
    labels = {"customer": "Customer", "bot": "Bot"}
    fields = {path: label for label, path in channels["webform"].fields.items()}
    for made in interactions("botchat", SEED, ROWS):
        lines = [f"{labels[turn['role']]}: {turn['text']}" for turn in made.raw["turns"]]
        yield curriculum.Told(shown(lines), asides(made))
    for made in interactions("webform", SEED, ROWS):
        lines = [f"{fields[key]}: {made.raw[key]}" for key in fields if made.raw.get(key)]
        yield curriculum.Told(shown(lines), asides(made))


def questions(texts: Sequence[curriculum.Told]) -> Iterator[str]:
    """Return a question about each text, with the text."""
    rng = random.Random(SEED)
    for told in texts:
        transcript, tags = curriculum.parse(told.text), rng.random() < 0.5
        yield curriculum.finding(rng, transcript, curriculum.QUESTIONS, tags)["instruction"]


def asides(made: Interaction) -> dict[str, str]:
    """Return the kind of each sentence that states no fact."""
    return {shown([aside["text"]]): aside["kind"] for aside in made.truth["noise"]}


def shown(lines: Iterable[str]) -> str:
    """Return the text of "Label: content" lines."""
    return "\n".join(" ".join(line.split()) for line in lines)


def main() -> None:
    """Make or go on with the tokenizer and the training, and write models/base."""
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "rendezvous").unlink(missing_ok=True)
    texts = list(corpus())
    if not (WORK / "tokenizer").exists():
        tokenizer(questions(texts)).save_pretrained(WORK / "tokenizer")
    mp.spawn(train, args=(texts,), nprocs=WORKERS)
    publish(OUT)


if __name__ == "__main__":
    reported(main)
