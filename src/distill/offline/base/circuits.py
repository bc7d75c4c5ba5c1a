"""Initialization of a small model with attention patterns for copying.

A small model learns slowly to copy, and more slowly to continue from the end of one of the
customer's lines at the start of the next. Before any training, this module sets
- heads of the first layer, which attend one, two and three tokens back;
- heads of the second layer, which attend to the position with the same preceding tokens (induction
  heads, Olsson et al. 2022): two copy the token there, one copies its position;
- a head of the third layer, which retrieves the source position of the list's last item;
- two heads of the fourth layer, which attend to the customer's next line after that position and
  copy its first word.

Positions are sinusoids (Vaswani et al. 2017). Attending a number of tokens back is a rotation of
each frequency by its own angle; attending shortly after a position is a rotation of all frequencies
by one angle, because over geometric frequencies the sines sum to a step and the cosines to a slow
decay on both sides. Tokens are random vectors; tokens with common words share a component, which
transfers what is learned between them. All other weights are random, no data is used, and training
may change every weight (compare Trockman and Kolter 2023, mimetic initialization).
"""

import math
import re
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional
from transformers import OPTForCausalLM
from transformers.models.opt.modeling_opt import OPTAttention

WORD = re.compile(r"[^\W\d_]+")
HEAD = 64  # dimensions of an attention head
ROOM = {"token": 64, "position": 48, "one": 32, "two": 24, "three": 8, "pointer": 40, "tail": 40}
PAIRS = ROOM["position"] // 2  # frequencies
PERIODS = (3.0, 4_096.0)  # tokens, of the fastest and the slowest frequency
FAST = 14  # frequencies that distinguish adjacent tokens
SLOW = ROOM["pointer"] // 2  # frequencies of a pointer to a position
SOON = 1.0  # radians: 0 is "near", pi / 2 is "after"
LOOK, MATCH, AFTER, LINE = 40.0, 10.0, 14.0, 14.0  # attention scores of the heads' targets
COPY, TAIL, JUMP = 1.2, 1.5, 1.2  # norms of copied vectors; tokens have norm 1
ALIKE = 0.5  # norm of the common component of tokens that share words
QUIET = 0.1  # initial factor of all other weights


def _angles(tokens: float) -> Tensor:
    """Return the angle of each frequency, in radians, for a distance in tokens."""
    shortest, longest = PERIODS
    periods = shortest * (longest / shortest) ** torch.linspace(0, 1, PAIRS)
    return 2 * math.pi * tokens / periods


def _turn(angles: Tensor) -> Tensor:
    """Return the matrix that rotates frequencies (all cosines, then all sines) by `angles`."""
    cos, sin = torch.diag(torch.cos(angles)), torch.diag(torch.sin(angles))
    return torch.cat([torch.cat([cos, -sin], 1), torch.cat([sin, cos], 1)])


def _fast(rows: Tensor) -> Tensor:
    return torch.cat([rows[:FAST], rows[PAIRS : PAIRS + FAST]]) * math.sqrt(PAIRS / FAST)


def _slow(rows: Tensor) -> Tensor:
    return torch.cat([rows[PAIRS - SLOW : PAIRS], rows[-SLOW:]]) * math.sqrt(PAIRS / SLOW)


class Wiring:
    """The attention of a model with 4 heads and 256 dimensions; a head is (layer, number)."""

    def __init__(self, model: OPTForCausalLM) -> None:
        self.layers: list[OPTAttention] = [layer.self_attn for layer in model.model.decoder.layers]
        self.hidden = model.config.hidden_size
        rows = torch.split(torch.eye(self.hidden), list(ROOM.values()))
        self.room = dict(zip(ROOM, rows, strict=True))
        self.size = math.sqrt(2)  # of the residual stream before the layer that is being wired

    def attend(self, head: tuple[int, int], query: Tensor, key: Tensor, score: float) -> None:
        """Attend to positions where `key` (rows over the residual) reads what `query` reads here.

        `score` is the attention score where both read the same vector of norm 1.
        """
        layer, rows = self._rows(head)
        gain = math.sqrt(score * math.sqrt(HEAD)) * self.size / math.sqrt(self.hidden)
        for weight, part in ((layer.q_proj.weight, query), (layer.k_proj.weight, key)):
            weight[rows] = functional.pad(gain * part, (0, 0, 0, HEAD - len(part)))

    def prefer(self, head: tuple[int, int], noted: Tensor, score: float) -> None:
        """Prefer positions whose residual holds the vector `noted`; uses the head's last row."""
        layer, rows = self._rows(head)
        layer.q_proj.bias[rows.stop - 1] = score * math.sqrt(HEAD)
        layer.k_proj.weight[rows.stop - 1] = (
            noted / noted.square().sum() * self.size / math.sqrt(self.hidden)
        )

    def carry(self, head: tuple[int, int], read: Tensor, into: Tensor, size: float) -> None:
        """Copy what `read` reads there `into` a room; a vector of norm 1 gets the norm `size`."""
        layer, rows = self._rows(head)
        gain = self.size / math.sqrt(self.hidden)
        layer.v_proj.weight[rows] = functional.pad(gain * read, (0, 0, 0, HEAD - len(read)))
        layer.out_proj.weight[:, rows] = functional.pad(size * into.T, (0, HEAD - len(into)))

    def grown(self, *parts: float) -> None:
        """Record that a layer adds vectors of these norms to the residual stream."""
        self.size = math.hypot(self.size, *parts)

    def _rows(self, head: tuple[int, int]) -> tuple[OPTAttention, slice]:
        layer, number = head
        return self.layers[layer], slice(number * HEAD, (number + 1) * HEAD)


def alike(tokens: Sequence[str], width: int) -> Tensor:
    """Return a random vector per token, shape (tokens, width), similar for common words."""
    vectors = torch.randn(len(tokens), width)
    by_word: dict[str, Tensor] = {}
    for number, token in enumerate(tokens):
        words_of_token = WORD.findall(token.casefold())
        for word in words_of_token:
            if word not in by_word:
                by_word[word] = torch.randn(width)
            vectors[number] += by_word[word] / math.sqrt(len(words_of_token))
    return vectors


@torch.no_grad()
def wire(model: OPTForCausalLM, tokens: Sequence[str], speaker: str) -> None:
    """Initialize embeddings and attention in place.

    `tokens` are the vocabulary's texts; `speaker` is the first token of the customer's lines, three
    tokens before their first word.
    """
    wiring, decoder = Wiring(model), model.model.decoder
    room = wiring.room
    for layer in decoder.layers:
        layer.fc2.weight *= QUIET
        layer.self_attn.out_proj.weight *= QUIET

    words, places = decoder.embed_tokens.weight, decoder.embed_positions.weight
    words.copy_(functional.normalize(torch.randn(len(words), HEAD), dim=1) @ room["token"])
    elsewhere = torch.cat([room[name] for name in ROOM if name != "position"])
    words += ALIKE * functional.normalize(alike(tokens, len(elsewhere)), dim=1) @ elsewhere
    wiring.grown(ALIKE)
    for number in range(len(places)):
        angles = _angles(number)
        sinusoids = torch.cat([torch.cos(angles), torch.sin(angles)]) / math.sqrt(PAIRS)
        places[number] = sinusoids @ room["position"]
    mixed = torch.nn.init.orthogonal_(torch.empty(HEAD, HEAD)) @ room["token"]

    def note(name: str) -> Tensor:
        """Return a projection of tokens into a smaller room."""
        return mixed[: ROOM[name]] * math.sqrt(HEAD / ROOM[name])

    def look(head: tuple[int, int], back: int) -> None:
        query = _turn(_angles(-back)) @ room["position"]
        wiring.attend(head, _fast(query), _fast(room["position"]), LOOK)

    for number, name in enumerate(("one", "two", "three")):
        look((0, number), number + 1)
        wiring.carry((0, number), note(name), room[name], 1)
    wiring.grown(1, 1, 1)

    second = room["one"][: ROOM["two"]] * math.sqrt(ROOM["one"] / ROOM["two"])
    present, past = torch.cat([note("one"), second]), torch.cat([room["one"], room["two"]])
    for number in range(3):
        wiring.attend((1, number), present, past, MATCH)
    for number in range(2):
        wiring.carry((1, number), room["token"], room["token"], COPY / 2)
    wiring.carry((1, 2), _slow(room["position"]), room["pointer"], 1)
    wiring.grown(COPY, 1)

    look((2, 0), 2)  # over "</li><li>"
    wiring.carry((2, 0), room["pointer"], room["tail"], TAIL)
    wiring.grown(TAIL)

    soon = _turn(torch.full((SLOW,), SOON)) @ room["tail"] / TAIL
    starts = note("three") @ words[tokens.index(speaker)] @ room["three"]
    for number in range(2):
        wiring.attend((3, number), soon, _slow(room["position"]), AFTER)
        wiring.prefer((3, number), starts, LINE)
        wiring.carry((3, number), room["token"], room["token"], JUMP / 2)
