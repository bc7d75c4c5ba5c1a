"""A provider that runs in this process: a student, with or without its adapter."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from arf import device
from arf.llm import Reply, Request
from arf.params import Student
from arf.student import load_model, load_tokenizer, prompt_ids

# isort: split
import torch

WINDOW = 1024  # requests that are sorted by length together


class Transformers:
    """Greedy, batched generation by a student."""

    def __init__(self, student: Student, adapter: Path | None = None):
        self.student = student
        self.device = device.choose()
        self.tokenizer = load_tokenizer(student)
        self.model = load_model(student, self.device, adapter)
        self.generated = 0  # tokens so far

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order.

        A prompt that leaves no room for `max_new_tokens` gets the error too_long.
        """
        remaining = iter(requests)
        while window := list(islice(remaining, WINDOW)):
            yield from self._answered([prompt_ids(self.tokenizer, r.messages) for r in window])

    def _answered(self, prompts: list[list[int]]) -> list[Reply]:
        """Replies in the prompts' order; prompts of like lengths are generated together."""
        settings = self.student.predict
        room = self.student.max_length - settings.max_new_tokens
        replies = [Reply(error="too_long", prompt_tokens=len(ids)) for ids in prompts]
        fitting = [i for i, ids in enumerate(prompts) if len(ids) <= room]
        order = sorted(fitting, key=lambda i: len(prompts[i]), reverse=True)
        for start in range(0, len(order), settings.batch):
            chosen = order[start : start + settings.batch]
            for i, reply in zip(chosen, self._generate([prompts[i] for i in chosen]), strict=True):
                replies[i] = reply
        return replies

    @torch.inference_mode()
    def _generate(self, prompts: list[list[int]]) -> Iterator[Reply]:
        padded = self.tokenizer.pad({"input_ids": prompts}, return_tensors="pt")
        width = padded["input_ids"].shape[1]
        output = self.model.generate(  # type: ignore[operator]
            **padded.to(self.device.name),
            do_sample=False,
            max_new_tokens=self.student.predict.max_new_tokens,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        ends = self._ends()
        for ids, answer in zip(prompts, output[:, width:].tolist(), strict=True):
            stop = next((i for i, token in enumerate(answer) if token in ends), None)
            kept = answer if stop is None else answer[:stop]
            self.generated += len(kept)
            yield Reply(
                text=str(self.tokenizer.decode(kept, skip_special_tokens=True)).strip(),
                truncated=stop is None,
                prompt_tokens=len(ids),
                completion_tokens=len(kept),
            )

    def _ends(self) -> set[int]:
        ends = self.model.generation_config.eos_token_id
        return set(ends) if isinstance(ends, list) else {ends}
