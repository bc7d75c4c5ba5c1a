"""A start that can already copy and go on: attention patterns laid into a new model.

A small model takes long to find by itself how to copy, and longer to go from the end of one of the
customer's lines to the start of the next. Here, before any training,
- the first layer's heads note the token before, the one before that, and the one three back;
- the second layer's look for the place whose noted past is like the present one (induction heads,
  Olsson et al. 2022): two bring what stands there, one brings where that is;
- one of the third layer fetches where the list's last item was copied from;
- two of the fourth layer look for the customer's first line after that, and bring its first word.

Positions are sinusoids (Vaswani et al. 2017). To look a number of tokens back is to turn each
frequency by its own angle; to look for what comes soon after is to turn all by the same angle, for
over geometric frequencies the sines sum to a step and the cosines to a slow fall on both sides.
Tokens are random vectors; those that share words share a part, so that what is learned of one is
half learned of the others.
Everything is random but for that wiring, no data is involved, and training is free to change all
of it (compare Trockman and Kolter 2023, whose weights imitate trained ones at the start).
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
FAST = 14  # frequencies that tell one token from the next
SLOW = ROOM["pointer"] // 2  # frequencies that a pointer keeps
SOON = 1.0  # radians: 0 is "near", pi / 2 is "after"
LOOK, MATCH, AFTER, LINE = 40.0, 10.0, 14.0, 14.0  # scores of what a head looks for
COPY, TAIL, JUMP = 1.2, 1.5, 1.2  # size of what is brought, beside tokens of size 1
ALIKE = 0.5  # size of what tokens that share words have in common
QUIET = 0.1  # of what is not wired, at first


def _angles(tokens: float) -> Tensor:
    """Radians of every frequency for a distance in tokens."""
    shortest, longest = PERIODS
    periods = shortest * (longest / shortest) ** torch.linspace(0, 1, PAIRS)
    return 2 * math.pi * tokens / periods


def _turn(angles: Tensor) -> Tensor:
    """The matrix that turns frequencies (all cosines, then all sines) by `angles`."""
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
        """Attend where `key` (rows over the residual) reads what `query` reads here.

        `score` is reached where both read the same vector of size 1.
        """
        layer, rows = self._rows(head)
        gain = math.sqrt(score * math.sqrt(HEAD)) * self.size / math.sqrt(self.hidden)
        for weight, part in ((layer.q_proj.weight, query), (layer.k_proj.weight, key)):
            weight[rows] = functional.pad(gain * part, (0, 0, 0, HEAD - len(part)))

    def prefer(self, head: tuple[int, int], noted: Tensor, score: float) -> None:
        """Attend rather where the residual holds the vector `noted`; uses the head's last row."""
        layer, rows = self._rows(head)
        layer.q_proj.bias[rows.stop - 1] = score * math.sqrt(HEAD)
        layer.k_proj.weight[rows.stop - 1] = (
            noted / noted.square().sum() * self.size / math.sqrt(self.hidden)
        )

    def carry(self, head: tuple[int, int], read: Tensor, into: Tensor, size: float) -> None:
        """Bring what `read` sees there `into` a room, where a vector of size 1 has `size`."""
        layer, rows = self._rows(head)
        gain = self.size / math.sqrt(self.hidden)
        layer.v_proj.weight[rows] = functional.pad(gain * read, (0, 0, 0, HEAD - len(read)))
        layer.out_proj.weight[:, rows] = functional.pad(size * into.T, (0, HEAD - len(into)))

    def grown(self, *parts: float) -> None:
        """Note that a layer adds vectors of these sizes to the residual stream."""
        self.size = math.hypot(self.size, *parts)

    def _rows(self, head: tuple[int, int]) -> tuple[OPTAttention, slice]:
        layer, number = head
        return self.layers[layer], slice(number * HEAD, (number + 1) * HEAD)


def alike(tokens: Sequence[str], width: int) -> Tensor:
    """Return a random vector a token, shape (tokens, width); those that share words are alike."""
    vectors = torch.randn(len(tokens), width)
    by_word: dict[str, Tensor] = {}
    for number, token in enumerate(tokens):
        found = WORD.findall(token.casefold())
        for word in found:
            if word not in by_word:
                by_word[word] = torch.randn(width)
            vectors[number] += by_word[word] / math.sqrt(len(found))
    return vectors


@torch.no_grad()
def wire(model: OPTForCausalLM, tokens: Sequence[str], speaker: str) -> None:
    """Change embeddings and attention in place.

    `tokens` are the vocabulary's texts; `speaker` is the one with which the customer's lines start,
    three tokens before their first word.
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
        """What a head notes of a token, in a room smaller than the token's own."""
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
