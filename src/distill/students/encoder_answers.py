"""A trained encoder as a provider: the label of a text, or the spans that its tags mark."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from distill import tasks
from distill.students import device, spans
from distill.students.encoder import ENTITIES, known_labels, load_model, load_tokenizer

# isort: split
import torch

from distill.errors import ParamsError
from distill.llm.messages import Reply, Request
from distill.students.settings import Student

entities: Any = tasks.load(ENTITIES)
WINDOW = 1024  # texts that are sorted by length together


class EncoderStudent:
    """A trained encoder as a provider: it answers a request by the input of the request's row.

    `logprobs` of a reply holds the log probability of the label, or of each subword's tag.
    """

    def __init__(self, student: Student, folder: Path | None):
        if folder is None:
            raise ParamsError(
                f"params.yaml: students: {student.base} is an encoder, which answers once trained"
                " only; name a run"
            )
        self.student, self.name = student, str(folder)
        told = known_labels(folder)
        self.task, self.labels = told["task"], told["labels"]
        self.device = device.choose()
        self.tokenizer = load_tokenizer(student)
        self.model = load_model(student, folder).to(self.device.name).eval()  # type: ignore[arg-type]

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order; a text too long gets `too_long`."""
        remaining = iter(requests)
        while window := list(islice(remaining, WINDOW)):
            yield from self._replies([str(request.rows[0]["input"]) for request in window])

    def _replies(self, texts: list[str]) -> list[Reply]:
        encoded = [self.tokenizer(text, return_offsets_mapping=True) for text in texts]
        counts = [len(one["input_ids"]) for one in encoded]
        replies = [
            Reply(error="too_long", model=self.name, prompt_tokens=count) for count in counts
        ]
        fitting = [i for i, count in enumerate(counts) if count <= self.student.max_length]
        order = sorted(fitting, key=lambda i: counts[i])
        size = self.student.predict.batch
        for batch in (order[at : at + size] for at in range(0, len(order), size)):
            logits = self._logits([encoded[i]["input_ids"] for i in batch])
            for i, scores in zip(batch, logits, strict=True):
                replies[i] = self._reply(texts[i], encoded[i]["offset_mapping"], scores)
        return replies

    @torch.inference_mode()
    def _logits(self, ids: list[list[int]]) -> torch.Tensor:
        """Return log probabilities: (texts, labels), or (texts, subwords, tags)."""
        padded = self.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        logits = self.model(**padded.to(self.device.name)).logits
        return torch.log_softmax(logits.float(), dim=-1).cpu()

    def _reply(self, text: str, offsets: list[tuple[int, int]], scores: torch.Tensor) -> Reply:
        best = scores.reshape(-1, len(self.labels)).max(dim=-1)
        names = [self.labels[place] for place in best.indices.tolist()]
        said = [
            (name, {name: value}) for name, value in zip(names, best.values.tolist(), strict=True)
        ]
        answer = names[0]
        if self.task == ENTITIES:  # without padding, and tokens of no characters
            answer = entities.reply(text, spans.spans(names[: len(offsets)], offsets, text))
            said = [one for one, (start, end) in zip(said, offsets, strict=False) if end > start]
        return Reply(text=answer, logprobs=tuple(said), model=self.name, prompt_tokens=len(offsets))
