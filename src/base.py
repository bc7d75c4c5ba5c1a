"""Pre-train the tiny student that the offline default fine-tunes.

in   {"instruction": "List the sentences of Customer with a number, with dashes.\\n<chat>...",
      "answer": "- My item number is 110012345678."}
out  models/base: an OPT-architecture chat model and its byte-level BPE tokenizer

Training from scratch, with a fixed seed, on the exercises of `distill.offline.base.curriculum`. It
is meant for a GPU, which other processes feed with exercises. An interrupted training resumes from
its last checkpoint in .distill/base.
"""

import bisect
import functools
import itertools
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from distill import paths, stage
from distill.offline.base import circuits, curriculum
from distill.students import device

# isort: split
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset
from transformers import GenerationConfig, OPTConfig, OPTForCausalLM, PreTrainedTokenizerFast

from distill.offline.corpus import Interaction, interactions
from distill.params import load

SEED = 20_077  # not the sample's seed: the student never sees the sample's rows beforehand
ROWS = 10_000  # generated interactions per channel, text only
SPELT = 6_000  # interactions per channel from which the vocabulary is learned
VOCABULARY = 6_144
LONGEST_TOKEN = 40  # bytes
SAVE = 500  # steps between checkpoints
SHAPE = {
    "hidden_size": 256,
    "word_embed_proj_dim": 256,
    "num_hidden_layers": 5,
    "ffn_dim": 1_024,
    "num_attention_heads": 4,
    "max_position_embeddings": 2_048,
}
ROUNDS = (1_000, 3_500)  # steps of each round, which ends with a learning rate of zero
TOKENS = 65_536  # of one step
SLICE = 32_768  # the most tokens computed at once, padding included
LONGEST = 1_536
LEARNING_RATES = (2e-4, 1e-3)  # low at first: a higher rate unlearns the wired start
WARMUP = 60
COOLDOWN = 0.4  # the last share of a round, in which the learning rate falls to zero
AVERAGE = 0.997  # decay of the weights' moving average, which is published

OUT = Path("models/base")
WORK = paths.workspace() / "base"

SPECIAL = {"user": "<|user|>", "assistant": "<|assistant|>", "end": "<|end|>", "pad": "<|pad|>"}
TAGS = ["<ul>", "<li>", "</li>", "</ul>"]
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}"
    "{% if message.role == 'assistant' %}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

# End marks, colons and the separators of sentences and lines are tokens of their own, so that a
# sentence has the same tokens in a transcript and in an answer.
ALONE = r"(?<=[.!?:\-|>\n])[ \n]|[.!?:]+(?=\s|$)|\n"


def tokenizer(texts: Iterator[str]) -> PreTrainedTokenizerFast:
    """Return a lossless byte-level BPE tokenizer that writes every digit as one token.

    Tokens may span words (SuperBPE, Liu et al. 2025): a causal model decides at a sentence's first
    token whether to list it, for which one word is seldom enough.
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
    """Return the tokens of the vocabulary that are printable text."""
    found = [tok.decode([i]) for i in range(len(SPECIAL), len(tok) - len(TAGS))]
    return [piece for piece in found if "\ufffd" not in piece and piece.isprintable()]


def beginnings(tok: PreTrainedTokenizerFast) -> Callable[[str], str]:
    """Return a function that returns the text of a sentence's first token."""

    def beginning(sentence: str) -> str:
        return tok.decode(tok(sentence, add_special_tokens=False)["input_ids"][:1])

    return functools.cache(beginning)


def encode(tok: PreTrainedTokenizerFast, item: curriculum.Exercise) -> tuple[list[int], int]:
    """Return the token ids of the conversation, and the number of its prompt's."""
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

Encoded = tuple[list[int], int]  # token ids, and the number of the prompt's
# input ids (rows, length); flat positions before each token of an answer; those tokens
Slice = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def padded(rows: Sequence[Encoded], pad_id: int) -> Slice:
    """Return the rows as tensors, padded to the length of the longest."""
    longest = max(len(ids) for ids, _ in rows)
    inputs = torch.full((len(rows), longest), pad_id)
    before, answers = [], []
    for row, (ids, prompt) in enumerate(rows):
        inputs[row, : len(ids)] = torch.tensor(ids)
        before.append(row * longest + torch.arange(prompt - 1, len(ids) - 1))
        answers.append(torch.tensor(ids[prompt:]))
    return inputs, torch.cat(before), torch.cat(answers)


class Steps(Dataset[list[Slice]]):
    """The exercises of each step, drawn by its number, in slices of similar lengths."""

    def __init__(self, tok: PreTrainedTokenizerFast, texts: Sequence[curriculum.Told]):
        self.tok, self.texts = tok, texts
        self.pieces, self.beginning = pieces(tok), beginnings(tok)

    def __len__(self) -> int:
        return sum(ROUNDS)

    def __getitem__(self, step: int) -> list[Slice]:
        """Return about TOKENS tokens of exercises, none of them longer than LONGEST."""
        rng, rows, tokens = random.Random(f"{SEED}/{step}"), list[Encoded](), 0
        while tokens < TOKENS:
            ids, prompt = encode(
                self.tok, curriculum.exercise(rng, step, self.texts, self.pieces, self.beginning)
            )
            if len(ids) <= LONGEST:
                rows.append((ids, prompt))
                tokens += len(ids)
        rows.sort(key=lambda row: len(row[0]))
        slices, begin = [], 0
        for end, (ids, _) in enumerate(rows):
            if (end + 1 - begin) * len(ids) > SLICE:
                slices.append(padded(rows[begin:end], self.tok.pad_token_id))
                begin = end
        return [*slices, padded(rows[begin:], self.tok.pad_token_id)]


def loss_of(model: OPTForCausalLM, part: Slice) -> torch.Tensor:
    """Return the summed cross-entropy of the answers' tokens, with logits for those alone."""
    inputs, before, answers = part
    hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state
    logits = model.lm_head(hidden.flatten(0, 1)[before])
    return functional.cross_entropy(logits.float(), answers, reduction="sum")


def rate(step: int) -> float:
    """Return the learning rate of a step: warm-up, constant, linear decay to zero in each round."""
    ends = list(itertools.accumulate(ROUNDS, initial=0))
    number = min(bisect.bisect_right(ends, step), len(ROUNDS)) - 1
    done, steps = step - ends[number], ROUNDS[number]
    share = min(1.0, (done + 1) / WARMUP, (steps - done) / (COOLDOWN * steps))
    return LEARNING_RATES[number] * share


def new_model(tok: PreTrainedTokenizerFast) -> OPTForCausalLM:
    """Return the student before training: random weights, and heads that are wired to copy."""
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


def train(texts: Sequence[curriculum.Told]) -> None:
    """Train, log and write checkpoints; resume from the last one."""
    how = device.choose()
    torch.backends.cuda.enable_cudnn_sdp(False)  # it compiles a kernel per shape: 10x slower
    tok = PreTrainedTokenizerFast.from_pretrained(WORK / "tokenizer")
    model = new_model(tok).to(how.name)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
    opt = torch.optim.AdamW(
        model.parameters(), lr=rate(0), betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    start, shown, began = 0, None, time.monotonic()
    if (WORK / "checkpoint.pt").exists():
        saved = torch.load(WORK / "checkpoint.pt", weights_only=True, map_location=how.name)
        start = saved["step"]
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        opt.load_state_dict(saved["optimizer"])
    feed = DataLoader(
        Steps(tok, texts),
        batch_size=None,
        sampler=range(start, sum(ROUNDS)),
        num_workers=os.cpu_count() or 1,
    )
    for step, slices in enumerate(feed, start + 1):
        for group in opt.param_groups:
            group["lr"] = rate(step - 1)
        count = sum(len(answers) for _, _, answers in slices)
        total = torch.zeros((), device=how.name)
        for part in slices:
            moved = [tensor.to(how.name, non_blocking=True) for tensor in part]
            with torch.autocast(how.name, torch.bfloat16, how.dtype == "bfloat16"):
                loss = loss_of(model, moved) / count
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        average.update_parameters(model)
        shown = total if shown is None else 0.95 * shown + 0.05 * total
        if step % 20 == 0:
            spent = round(time.monotonic() - began, 1)
            line = {"step": step, "loss": round(float(shown), 4), "s": spent}
            with (WORK / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
        if step % SAVE == 0 or step == sum(ROUNDS):
            state = {"step": step, "model": model.state_dict(), "average": average.state_dict()}
            torch.save({**state, "optimizer": opt.state_dict()}, WORK / "new.pt")
            (WORK / "new.pt").replace(WORK / "checkpoint.pt")


def publish(folder: Path) -> None:
    """Write the averaged weights of the last checkpoint and the tokenizer, in bfloat16."""
    tok = PreTrainedTokenizerFast.from_pretrained(WORK / "tokenizer")
    average = AveragedModel(new_model(tok))
    saved = torch.load(WORK / "checkpoint.pt", weights_only=True, map_location="cpu")
    average.load_state_dict(saved["average"])
    model = average.module
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


def corpus(params: Path = Path("params.yaml")) -> Iterator[curriculum.Told]:
    """Yield interactions of both channels as the later stages see them, but not the sample's."""
    channels = load(params).channels
    labels = {"customer": "Customer", "bot": "Bot"}
    fields = {path: label for label, path in channels["webform"].fields.items()}
    for made in interactions("botchat", SEED, ROWS):
        lines = [f"{labels[turn['role']]}: {turn['text']}" for turn in made.raw["turns"]]
        yield curriculum.Told(shown(lines), asides(made))
    for made in interactions("webform", SEED, ROWS):
        lines = [f"{fields[key]}: {made.raw[key]}" for key in fields if made.raw.get(key)]
        yield curriculum.Told(shown(lines), asides(made))


def questions(texts: Sequence[curriculum.Told]) -> Iterator[str]:
    """Yield a question about each text, followed by the text."""
    rng = random.Random(SEED)
    for told in texts:
        transcript, tags = curriculum.parse(told.text), rng.random() < 0.5
        yield curriculum.finding(rng, transcript, curriculum.QUESTIONS, tags)["instruction"]


def asides(made: Interaction) -> dict[str, str]:
    """Return the kind of each sentence that states no fact."""
    return {shown([aside["text"]]): aside["kind"] for aside in made.truth["noise"]}


def shown(lines: Iterable[str]) -> str:
    """Return the text of "Label: content" lines, with single spaces."""
    return "\n".join(" ".join(line.split()) for line in lines)


def main() -> None:
    """Make the tokenizer, train or resume, and write models/base."""
    args = stage.parser(__doc__).parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    texts = list(corpus(args.params))
    if not (WORK / "tokenizer").exists():
        spelt = texts[:SPELT] + texts[ROWS : ROWS + SPELT]
        tokenizer(questions(spelt)).save_pretrained(WORK / "tokenizer")
    train(texts)
    publish(OUT)


if __name__ == "__main__":
    stage.main(main)
