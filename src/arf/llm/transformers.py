"""A provider that runs on this machine: a student, with or without its adapter.

A small student on a CPU generates in one process for each core, of one thread each: nearly as many
tokens a second come from one thread as from two. Copies of a larger one would crowd the memory, so
it stays in one process, as on a GPU.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

from arf import device
from arf.device import Device
from arf.errors import ModelError
from arf.llm import Reply, Request
from arf.params import Student
from arf.student import load_model, load_tokenizer, prompt_ids

# isort: split
import torch

WINDOW = 1024  # requests that are sorted by length together
SMALL = 200_000_000  # bytes of a base's weights below which each core gets a copy

Batch = list[list[int]]  # the token ids of prompts that are generated together


class Generator:
    """Greedy generation in this process."""

    def __init__(self, student: Student, where: Device, adapter: Path | None):
        torch.set_num_threads(where.threads)
        self.device = where
        self.max_new_tokens = student.predict.max_new_tokens
        self.tokenizer = load_tokenizer(student)
        self.model = load_model(student, where, adapter)

    @torch.inference_mode()
    def generate(self, prompts: Batch) -> list[Reply]:
        """Replies in the prompts' order."""
        padded = self.tokenizer.pad({"input_ids": prompts}, return_tensors="pt")
        width = padded["input_ids"].shape[1]
        output = self.model.generate(  # type: ignore[operator]
            **padded.to(self.device.name),
            do_sample=False,
            max_new_tokens=self.max_new_tokens,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        answers = output[:, width:].tolist()
        return [self._reply(*pair) for pair in zip(prompts, answers, strict=True)]

    def _reply(self, prompt: list[int], answer: list[int]) -> Reply:
        ends = self._ends()
        stop = next((i for i, token in enumerate(answer) if token in ends), None)
        kept = answer if stop is None else answer[:stop]
        return Reply(
            text=str(self.tokenizer.decode(kept, skip_special_tokens=True)).strip(),
            truncated=stop is None,
            prompt_tokens=len(prompt),
            completion_tokens=len(kept),
        )

    def _ends(self) -> set[int]:
        ends = self.model.generation_config.eos_token_id
        return set(ends) if isinstance(ends, list) else {ends}


class Transformers:
    """Batched generation by a student, on the GPU or on all of the CPU's cores.

    A small student is one whose base is a folder with weights of less than SMALL bytes. What it
    generates on a CPU is the same whatever the number of cores; `cpu/float32/3` in ARF_DEVICE
    stands for three processes.
    """

    def __init__(self, student: Student, adapter: Path | None = None):
        self.student, self.adapter = student, adapter
        self.tokenizer = load_tokenizer(student)
        small = _is_small(student)
        self.device, self.workers = device.choose(spread=small), 1
        if small and self.device.name == "cpu":
            self.device, self.workers = replace(self.device, threads=1), self.device.threads
        self.generated = 0  # tokens so far

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order.

        A prompt that leaves no room for `max_new_tokens` gets the error too_long. Raises ModelError
        where a worker process dies.
        """
        remaining = iter(requests)
        first = list(islice(remaining, WINDOW))
        if not first:
            return
        with self._generation(len(first)) as generate:
            for window in chain([first], iter(lambda: list(islice(remaining, WINDOW)), [])):
                prompts = [prompt_ids(self.tokenizer, r.messages) for r in window]
                yield from self._answered(prompts, generate)

    def _answered(
        self, prompts: Batch, generate: Callable[[list[Batch]], Iterable[list[Reply]]]
    ) -> list[Reply]:
        """Replies in the prompts' order; prompts of like lengths are generated together."""
        settings = self.student.predict
        room = self.student.max_length - settings.max_new_tokens
        replies = [Reply(error="too_long", prompt_tokens=len(ids)) for ids in prompts]
        fitting = [i for i, ids in enumerate(prompts) if len(ids) <= room]
        order = sorted(fitting, key=lambda i: len(prompts[i]), reverse=True)
        batches = [order[at : at + settings.batch] for at in range(0, len(order), settings.batch)]
        answers = generate([[prompts[i] for i in batch] for batch in batches])
        for i, reply in zip(order, chain.from_iterable(answers), strict=True):
            replies[i] = reply
            self.generated += reply.completion_tokens
        return replies

    @contextmanager
    def _generation(self, rows: int) -> Iterator[Callable[[list[Batch]], Iterable[list[Reply]]]]:
        """A function from batches to replies, spread over as many processes as have a batch."""
        settings = (self.student, self.device, self.adapter)
        workers = min(self.workers, -(-rows // self.student.predict.batch))
        if workers == 1:
            yield partial(map, Generator(*settings).generate)
            return
        try:
            with ProcessPoolExecutor(workers, get_context("spawn"), _start, settings) as pool:
                yield partial(pool.map, _generate)
        except BrokenProcessPool as error:
            raise ModelError(
                "a process that generated summaries died, perhaps for want of memory; lower"
                " `predict.batch` in params.yaml, or set ARF_DEVICE=cpu/float32/1 for one process"
            ) from error


def _is_small(student: Student) -> bool:
    weights = [file.stat().st_size for file in Path(student.base).glob("*.safetensors")]
    return 0 < sum(weights) < SMALL


_own: list[Generator] = []  # a worker's


def _start(student: Student, where: Device, adapter: Path | None) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    _own.append(Generator(student, where, adapter))


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _generate(prompts: Batch) -> list[Reply]:
    return _own[0].generate(prompts)
