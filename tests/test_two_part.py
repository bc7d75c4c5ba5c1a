"""FAIR's loss in two parts against a value by hand, for any batches and number of processes."""

import subprocess
from itertools import pairwise
from pathlib import Path

import models
import pytest
import torch
import two_part_step
import warm
from two_part_step import ALPHA, trainer

from distill.errors import ParamsError
from distill.students import two_part

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries

SCRIPT = str(Path(two_part_step.__file__))
LAUNCHER = ("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2")
LAUNCHER += ("--main_process_port", "0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the student of two layers."""
    made = tmp_path_factory.mktemp("two-part")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        patch.setenv("DISTILL_DEVICE", "cpu/float32/2")
        models.save(made / models.STUDENT["base"])
        yield made


def by_hand():
    """The loss and gradients of all rows: each part's sum over its number of tokens."""
    made = trainer(8, 1)
    model, totals, counts = made.model, [0.0, 0.0], [0, 0]
    for number, row in enumerate(made.train_dataset):
        ids, labels = (torch.tensor(row[name])[None] for name in ("input_ids", "labels"))
        logits = model(input_ids=ids).logits[0, :-1]
        learned = labels[0, 1:] != -100
        chosen = torch.log_softmax(logits.float(), -1).gather(1, labels[0, 1:, None].clamp(min=0))
        totals[number % 2] = totals[number % 2] - chosen[learned].sum()
        counts[number % 2] += int(learned.sum())
    loss = ALPHA * totals[0] / counts[0] + (1 - ALPHA) * totals[1] / counts[1]
    loss.backward()
    weights = model.named_parameters()
    return loss.item(), {name: p.grad for name, p in weights if p.requires_grad}


@pytest.fixture(scope="module")
def expected(folder):
    assert folder
    return by_hand()


@pytest.mark.parametrize(
    ("batch", "accumulate", "launcher"),
    [(8, 1, ()), (4, 2, ()), (2, 4, ()), (4, 2, LAUNCHER)],
    ids=["at-once", "twice-4", "four-times-2", "two-processes"],
)
def test_a_step_is_the_value_by_hand(folder, expected, batch, accumulate, launcher):
    out = folder / f"step-{batch}-{len(launcher)}.pt"
    arguments = (str(out), str(batch), str(accumulate))
    if launcher:
        command = [warm.python(), *launcher, SCRIPT, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
    else:
        two_part_step.main(*arguments)
    loss, gradients = expected
    found = torch.load(out)
    assert found["loss"] == pytest.approx(loss, rel=1e-4)
    assert found["gradients"].keys() == gradients.keys()
    assert any(gradient.any() for gradient in gradients.values())
    for name, gradient in gradients.items():
        assert torch.allclose(found["gradients"][name], gradient, rtol=1e-3, atol=1e-6), name


def test_the_loss_differs_from_the_mean_over_all_tokens(folder, expected):
    assert folder
    made = trainer(8, 1)
    batch = next(iter(made.get_train_dataloader()))
    plain = super(type(made), made).compute_loss(made.model, dict(batch)).item()
    assert abs(plain - expected[0]) > 1e-3


def test_pairs_stay_together_in_every_order(folder):
    assert folder
    order = list(trainer(2, 1)._get_train_sampler())
    assert sorted(order) == list(range(8))
    assert all(second == first + 1 for first, second in list(pairwise(order))[::2])
    assert all(first % 2 == 0 for first in order[::2])


def test_a_batch_that_splits_pairs_is_one_clear_line(folder):
    assert folder
    with pytest.raises(ParamsError, match=r"batch must be even; change batch, accumulate"):
        trainer(1, 2)


def test_a_row_without_its_partner_gives_no_example():
    rows = [
        {"of": "a", "task": "critique", "id": 1},
        {"of": "b", "task": "reason", "id": 2},
        {"of": "a", "task": "reason", "id": 3},
        {"of": "b", "task": "critique", "id": 4},
    ]
    fit = {1: ["a feedback"], 2: [], 3: ["a rationale"], 4: ["b feedback"]}
    found = list(two_part.pairs(rows, lambda row: fit[row["id"]]))
    assert found == ["a feedback", "a rationale"]
