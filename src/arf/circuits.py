"""A start that can already copy: induction heads laid into a new Llama's first two layers.

A small model needs tens of millions of tokens before it finds by itself how to copy. Here the
first layer's heads look one, two and three tokens back and note what they see; the second
layer's heads look for the place whose noted past is like the present one, and bring what stands
there. Everything is random but for that wiring, no data is involved, and training is free to
change all of it. After Olsson et al. 2022 (induction heads) and Trockman and Kolter 2023 (weights
that imitate trained ones).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional
from transformers import LlamaForCausalLM

FREQUENCIES = 7  # the fastest rotations, by which the first layer tells the distance
SHARPNESS = 40.0  # squared size per rotation of the query for the token before
MATCH = 3.0  # size of the queries for a like past
COPY = 0.5  # size of what is brought
LOOKS_BACK = 3


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
    noted = [room[:, i * size : (i + 1) * size] for i in range(LOOKS_BACK)]  # where it notes it
    scale = math.sqrt(hidden / 2)  # of the shared part behind the first norm

    first = model.model.layers[0].self_attn
    key = torch.zeros(size)
    key[:FREQUENCIES] = math.sqrt(SHARPNESS)
    for back in range(LOOKS_BACK):
        rows = slice(back * size, (back + 1) * size)
        query = _rotated(key, -(back + 1), theta)
        first.k_proj.weight[rows] += key[:, None] * constant / scale
        first.q_proj.weight[rows] += query[:, None] * constant / scale
        first.v_proj.weight[rows] = seen
        first.o_proj.weight[:, rows] = noted[back] * 2 / scale

    second = model.model.layers[1].self_attn
    slow = torch.arange(size)[torch.arange(size) % (size // 2) >= size // 4]  # blind to distance
    one = (seen * 2, noted[0].T)
    two, three = (noted[0].T, noted[1].T), (noted[1].T, noted[2].T)
    for head, pasts in enumerate([[one], [one, two], [one, two], [one, two, three]]):
        share = len(slow) // len(pasts)
        for i, (now, then) in enumerate(pasts):
            part = slice(i * share, (i + 1) * share)
            second.q_proj.weight[slow[part] + head * size] = MATCH * now[part]
            second.k_proj.weight[slow[part] + head * size] = MATCH * then[part]
    bring = _orthogonal(hidden, hidden)
    second.v_proj.weight.copy_(bring)
    second.o_proj.weight.copy_(bring.T * COPY)
