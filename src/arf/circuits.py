"""A start that can already copy: induction heads laid into a new Llama's first two layers.

A small model needs tens of millions of tokens before it finds by itself how to copy. Here the
first layer's heads look one, two and three tokens back and at the last dozen together, and note
what they see; the second layer's heads look for the place whose noted past is like the present
one, and bring what stands there. Everything is random but for that wiring, no data is involved,
and training is free to change all of it. After Olsson et al. 2022 (induction heads) and Trockman
and Kolter 2023 (weights that imitate trained ones).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional
from transformers import LlamaForCausalLM

SHARPNESS = 40.0  # squared size per rotation of the query for the token just before
FAST = slice(0, 7)  # the rotations that tell one token from the next
WIDTH = 16.0  # the same of the query for the last dozen tokens
MEDIUM = slice(5, 8)  # the rotations that tell near from far
MATCH = 3.0  # size of the queries for a like past
COPY = 0.5  # size of what is brought
LOOKS = [  # of the first layer's heads: tokens back, sharpness, rotations, gain
    (1, SHARPNESS, FAST, 2),
    (2, SHARPNESS, FAST, 2),
    (3, SHARPNESS, FAST, 2),
    (0, WIDTH, MEDIUM, 4),
]


def _rotated(vector: Tensor, steps: int, theta: float) -> Tensor:
    """`vector` (head size) turned by the rotary embedding of `steps` positions."""
    half = len(vector) // 2
    angle = steps * theta ** (-torch.arange(half) / half)
    first, second = vector[:half], vector[half:]
    cos, sin = torch.cos(angle), torch.sin(angle)
    return torch.cat([first * cos - second * sin, second * cos + first * sin])


def _orthogonal(rows: int, columns: int) -> Tensor:
    return torch.nn.init.orthogonal_(torch.empty(rows, columns))


@torch.no_grad()
def wire(model: LlamaForCausalLM, theta: float) -> None:
    """Change the embedding and the first two layers' attention in place; needs four heads.

    `theta` is the base of the rotary embedding's frequencies.
    """
    config = model.config
    hidden, heads = config.hidden_size, config.num_attention_heads
    size = hidden // heads
    constant = functional.normalize(torch.randn(hidden), dim=0)  # what every token shares

    def without_constant(matrix: Tensor) -> Tensor:
        return matrix - (matrix @ constant)[:, None] * constant

    embedding = model.model.embed_tokens.weight
    embedding.copy_(without_constant(torch.randn_like(embedding) / math.sqrt(hidden)) + constant)
    seen = without_constant(_orthogonal(size, hidden))  # what a head notes of a token
    room = _orthogonal(hidden, hidden)
    noted = [room[:, i * size : (i + 1) * size] for i in range(4)]  # where it notes it
    scale = math.sqrt(hidden / 2)  # of the shared part behind the first norm

    first = model.model.layers[0].self_attn
    for head, (back, sharpness, rotations, gain) in enumerate(LOOKS):
        rows = slice(head * size, (head + 1) * size)
        key = torch.zeros(size)
        key[rotations] = math.sqrt(sharpness)
        first.k_proj.weight[rows] += key[:, None] * constant / scale
        first.q_proj.weight[rows] += _rotated(key, -back, theta)[:, None] * constant / scale
        first.v_proj.weight[rows] = seen
        first.o_proj.weight[:, rows] = noted[head] * gain / scale

    second = model.model.layers[1].self_attn
    slow = torch.arange(size)[torch.arange(size) % (size // 2) >= size // 4]  # blind to distance
    one, two = (seen * 2, noted[0].T), (noted[0].T, noted[1].T)
    three, recent = (noted[1].T, noted[2].T), (noted[3].T, noted[3].T)
    for head, pasts in enumerate([[one], [one, recent], [one, two], [recent, three]]):
        share = len(slow) // len(pasts)
        for i, (now, then) in enumerate(pasts):
            part = slice(i * share, (i + 1) * share)
            second.q_proj.weight[slow[part] + head * size] = MATCH * now[part]
            second.k_proj.weight[slow[part] + head * size] = MATCH * then[part]
    bring = _orthogonal(hidden, hidden)
    second.v_proj.weight.copy_(bring)
    second.o_proj.weight.copy_(bring.T * COPY)
