"""UUIDs of GPUs, which name the same card in every process and container.

    GPU 0: NVIDIA A100 (UUID: GPU-e91edf3b-...)                what `nvidia-smi -L` prints
      MIG 3g.20gb   Device  0: (UUID: MIG-c6d4f1ef-...)

An index does not: a container numbers the cards that it is given anew, and CUDA may put the fastest
first. nvidia-smi asks the driver, so that CUDA is not initialized.
"""

import re
import subprocess
from functools import cache
from itertools import chain

TIMEOUT = 60.0  # seconds; a driver that is not kept loaded starts first
_LINE = re.compile(r"^( *)(?:GPU|MIG)\b.*\(UUID: ((?:GPU|MIG)-[\w/-]+)\)", re.MULTILINE)

Card = list[str]  # the UUID of a card, and those of its instances where it is divided (MIG)


def named(names: list[str]) -> list[str]:
    """Return the UUID of each GPU of CUDA_VISIBLE_DEVICES: an index, or a UUID or its beginning.

    An index counts as nvidia-smi does. A divided card is its first instance, the one that CUDA
    takes. A name that nvidia-smi does not list, as where there is none, stays as it is.
    """
    cards = listed() if names else []
    return [_uuid(name, cards) for name in names]


def _uuid(name: str, cards: list[Card]) -> str:
    if name.isdecimal():
        return _used(cards[int(name)]) if int(name) < len(cards) else name
    found = [uuid for uuid in chain(*cards) if uuid.startswith(name)]
    if len(found) != 1:
        return name
    return next((_used(card) for card in cards if card[0] == found[0]), found[0])


def _used(card: Card) -> str:
    return card[1] if len(card) > 1 else card[0]


@cache
def listed() -> list[Card]:
    """Return the cards that the driver shows to this process; none without nvidia-smi."""
    try:
        told = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, check=True, timeout=TIMEOUT
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    cards: list[Card] = []
    for indent, uuid in _LINE.findall(told):
        if not indent:
            cards.append([uuid])
        elif cards:
            cards[-1].append(uuid)
    return cards
