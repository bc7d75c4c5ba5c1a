"""Batched generation by a student on this machine, as a provider."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from itertools import islice
from pathlib import Path

from distill.llm.messages import Reply, Request
from distill.students import device, speed
from distill.students.models import load_model, load_tokenizer, prompt_ids, stop_tokens
from distill.students.settings import Student

# isort: split
import torch
from tqdm import tqdm
from transformers import StaticCache

from distill.errors import GenerationError

WINDOW = 1024  # requests that are sorted by length together


class LocalStudent:
    """Greedy generation by a student with or without an adapter; on a CPU, one batch on each core.

    Two threads that share the small matrix products of one batch gain less than two that each have
    a batch of their own.
    """

    def __init__(self, student: Student, adapter: Path | None = None):
        self.student = student
        self.name = str(adapter or student.base)
        self.device = device.choose()
        speed.check_generation(student, self.device)
        self.workers = self.device.threads if self.device.name == "cpu" else 1
        self.tokenizer = load_tokenizer(student)
        self.model = load_model(student, self.device, adapter)
        self.stops = stop_tokens(self.model.generation_config, self.tokenizer)

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order.

        A prompt that leaves no room for `max_new_tokens` gets the error too_long.
        """
        remaining = iter(requests)
        with ThreadPoolExecutor(self.workers, initializer=self._prepare_thread) as pool:
            while window := list(islice(remaining, WINDOW)):
                yield from self._replies(
                    [prompt_ids(self.tokenizer, r.messages) for r in window], pool
                )

    def _prepare_thread(self) -> None:
        if self.workers > 1:
            torch.set_num_threads(1)

    def _replies(self, prompts: list[list[int]], pool: ThreadPoolExecutor) -> list[Reply]:
        """Return the replies in the prompts' order; a batch has prompts of similar lengths."""
        settings = self.student.predict
        room = self.student.max_length - settings.max_new_tokens
        replies = [
            Reply(error="too_long", model=self.name, prompt_tokens=len(ids)) for ids in prompts
        ]
        fitting = [i for i, ids in enumerate(prompts) if len(ids) <= room]
        if settings.engine == "paged":
            found = self._generate_paged([prompts[i] for i in fitting])
            for i, reply in zip(fitting, found, strict=True):
                replies[i] = reply
            return replies
        order = sorted(fitting, key=lambda i: len(prompts[i]), reverse=True)
        batches = [order[at : at + settings.batch] for at in range(0, len(order), settings.batch)]
        generated = pool.map(self._generate, [[prompts[i] for i in batch] for batch in batches])
        bar = tqdm(generated, desc=self.name, unit=" batches", total=len(batches), disable=None)
        for batch, found in zip(batches, bar, strict=True):
            for i, reply in zip(batch, found, strict=True):
                replies[i] = reply
        return replies

    @torch.inference_mode()
    def _generate(self, prompts: list[list[int]]) -> list[Reply]:
        padded = self.tokenizer.pad({"input_ids": prompts}, return_tensors="pt")
        width = padded["input_ids"].shape[1]
        output = self.model.generate(  # type: ignore[operator]
            **padded.to(self.device.name),
            do_sample=False,
            max_new_tokens=self.student.predict.max_new_tokens,
            eos_token_id=self.stops,
            pad_token_id=self.tokenizer.pad_token_id,
            past_key_values=self._cache(width),
        )
        completions = output[:, width:].tolist()
        return [self._reply(*pair) for pair in zip(prompts, completions, strict=True)]

    def _generate_paged(self, prompts: list[list[int]]) -> list[Reply]:
        """Return the replies of transformers' continuous batching, whose caches are pages.

        A batch is as large as the GPU's memory allows; the next row begins where one has ended.
        """
        settings = deepcopy(self.model.generation_config)
        settings.update(  # type: ignore[no-untyped-call]
            do_sample=False,
            max_new_tokens=self.student.predict.max_new_tokens,
            eos_token_id=self.stops,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        found = self.model.generate_batch(prompts, generation_config=settings)  # type: ignore[operator]
        if lost := len(prompts) - sum(not one.error for one in found.values()):
            raise GenerationError(
                f"{self.name}: continuous batching lost {lost} of {len(prompts)} rows; set"
                " predict.engine of the student to transformers"
            )
        completions = [one.generated_tokens for one in found.values()]
        return [self._reply(*pair) for pair in zip(prompts, completions, strict=True)]

    def _cache(self, width: int) -> StaticCache | None:
        """Return a batch's own cache of fixed length on a CPU, where one that grows is copied.

        generate() makes its caches as long as its longest one so far, so their lengths, and with
        them the rounding of bfloat16, would depend on which thread is faster. On a GPU a fixed
        cache would be compiled for.
        """
        if self.device.name != "cpu":
            return None
        length = width + self.student.predict.max_new_tokens
        return StaticCache(self.model.config.get_text_config(decoder=True), max_cache_len=length)

    def _reply(self, prompt: list[int], completion: list[int]) -> Reply:
        end = next((i for i, token in enumerate(completion) if token in self.stops), None)
        tokens = completion if end is None else completion[:end]
        return Reply(
            text=str(self.tokenizer.decode(tokens, skip_special_tokens=True)).strip(),
            truncated=end is None,
            model=self.name,
            prompt_tokens=len(prompt),
            completion_tokens=len(tokens),
        )
