"""A start that can already copy and go on: attention patterns laid into a new Llama.

A small model needs tens of millions of tokens before it finds by itself how to copy. Here, before
any training,
- the first layer's heads note the token before, the one before that, and the last dozen together;
- the second layer's look for the place whose noted past is like the present one and bring what
  stands there (induction heads, Olsson et al. 2022), and one looks from the start of a line to the
  start of the line before, to fetch what ended the line before that: the same speaker's last words;
- the third layer's carry that to the line's first word;
- the fourth layer's, after such last words, bring that first word.
Everything is random but for that wiring, no data is involved, and training is free to change all
of it (compare Trockman and Kolter 2023, whose weights imitate trained ones at the start).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional
from transformers import LlamaForCausalLM

ROOM = {"token": 96, "one": 32, "two": 20, "recent": 36, "line": 36, "word": 35, "shared": 1}
SHARP, FAST = 40.0, slice(0, 7)  # a look at one token: squared size per rotation, rotations
WIDE, MEDIUM = 16.0, slice(5, 8)  # a look at the last dozen tokens
LINES, SLOWER = 7.0, slice(8, 11)  # a look at the nearest line before
MATCH, AFTER = 3.0, 3.0  # size of the queries for a like past, for like last words
COPY, JUMP = 0.3, 0.5


def _rotated(vector: Tensor, steps: int, theta: float) -> Tensor:
    """`vector` (head size) turned by the rotary embedding of `steps` positions."""
    half = len(vector) // 2
    angle = steps * theta ** (-torch.arange(half) / half)
    first, second = vector[:half], vector[half:]
    cos, sin = torch.cos(angle), torch.sin(angle)
    return torch.cat([first * cos - second * sin, second * cos + first * sin])


def _along(noted: Tensor, room: Tensor) -> Tensor:
    """The direction in which a room holds what was noted."""
    return functional.normalize(noted[: len(room)], dim=0) @ room


class Wiring:
    """The parts that `wire` lays: a head is (layer, number)."""

    def __init__(self, model: LlamaForCausalLM, theta: float):
        self.layers = [layer.self_attn for layer in model.model.layers]
        hidden = model.config.hidden_size
        self.size, self.theta = hidden // model.config.num_attention_heads, theta
        basis = torch.nn.init.orthogonal_(torch.empty(hidden, hidden))
        self.room = dict(zip(ROOM, torch.split(basis, list(ROOM.values())), strict=True))
        slow = torch.arange(self.size) % (self.size // 2) >= self.size // 4
        self.slow = torch.arange(self.size)[slow]  # the dimensions that are blind to distance

    def look(
        self, head: tuple[int, int], back: int, sharp: float, fast: slice, unit: float
    ) -> None:
        """Attend `back` tokens back, by what all tokens share, of size `unit` behind the norm."""
        layer, number = head
        key = torch.zeros(self.size)
        key[fast] = math.sqrt(sharp)
        rows = slice(number * self.size, (number + 1) * self.size)
        shared = self.room["shared"] / unit
        self.layers[layer].k_proj.weight[rows] += key[:, None] * shared
        self.layers[layer].q_proj.weight[rows] += _rotated(key, -back, self.theta)[:, None] * shared

    def match(
        self, head: tuple[int, int], *pasts: tuple[Tensor, Tensor], size: float = MATCH
    ) -> None:
        """Attend where what the second of each pair reads is like what the first reads here."""
        layer, number = head
        share = len(self.slow) // len(pasts)
        for i, (now, then) in enumerate(pasts):
            count = min(share, len(now), len(then))
            rows = self.slow[i * share : i * share + count] + number * self.size
            self.layers[layer].q_proj.weight[rows] = size * now[:count]
            self.layers[layer].k_proj.weight[rows] = size * then[:count]

    def carry(self, head: tuple[int, int], read: Tensor, into: Tensor, gain: float) -> None:
        """Write what `read` (rows) sees where the head attends into the room `into`."""
        layer, number = head
        count, start = min(len(read), len(into), self.size), number * self.size
        self.layers[layer].v_proj.weight[start : start + count] = read[:count]
        self.layers[layer].o_proj.weight[:, start : start + count] = gain * into[:count].T


@torch.no_grad()
def wire(model: LlamaForCausalLM, theta: float, newline: int) -> None:
    """Change embedding and attention in place; the model has 4 layers, 4 heads and 256 dimensions.

    `theta` is the base of the rotary embedding's frequencies, `newline` the token's number.
    """
    wiring, embedding = Wiring(model, theta), model.model.embed_tokens.weight
    room = wiring.room
    token = room["token"]
    random = torch.randn(len(embedding), len(token)) / math.sqrt(len(token))
    embedding.copy_(random @ token + room["shared"])
    seen = torch.nn.init.orthogonal_(torch.empty(ROOM["recent"], len(token))) @ token

    unit = 16 / math.sqrt(2)  # of each part of size 1 behind the first norm
    wiring.look((0, 0), 1, SHARP, FAST, unit)
    wiring.carry((0, 0), seen, room["one"], 2 / unit)
    wiring.look((0, 1), 2, SHARP, FAST, unit)
    wiring.carry((0, 1), seen, room["two"], 2 / unit)
    wiring.look((0, 2), 0, WIDE, MEDIUM, unit)
    wiring.carry((0, 2), seen, room["recent"], 4 / unit)

    one, two = (2 * seen, room["one"]), (room["one"], room["two"])
    recent = (room["recent"], room["recent"])
    halves = torch.split(token, wiring.size)
    for number, pasts, half in [(0, [one, two], 0), (1, [one, recent], 1), (3, [recent], 0)]:
        wiring.match((1, number), *pasts)
        wiring.carry((1, number), halves[half], halves[half], COPY)
    line_end = functional.normalize(seen @ embedding[newline], dim=0)
    key = torch.zeros(wiring.size, 1)
    key[SLOWER] = LINES / 8
    rows = slice(2 * wiring.size, 3 * wiring.size)
    wiring.layers[1].q_proj.weight[rows] += key * _along(line_end, room["one"])
    wiring.layers[1].k_proj.weight[rows] += key * _along(line_end, room["two"])
    wiring.carry((1, 2), room["recent"], room["line"], 0.2)

    wiring.look((2, 0), 3, SHARP, FAST, 5.0)
    wiring.carry((2, 0), room["line"], room["word"], 0.2)

    for number in (0, 1):
        wiring.match((3, number), (room["recent"], room["word"]), size=AFTER)
        wiring.carry((3, number), halves[number], halves[number], JUMP)
