"""Networks against the integer specification, before and after training."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from bephw.baselines.export import export_state
from bephw.baselines.networks import build


@pytest.mark.parametrize(
    ("shape", "sizes"), [((7,), (7, 5, 4)), ((1,), (1, 1)), ((4, 3), (3, 6, 5)), ((1, 2), (2, 3, 2))]
)
def test_logits_are_scaled_integers(ste_settings, prototypes, integer_logits, shape, sizes):
    recurrent = len(shape) == 2
    settings = ste_settings(sizes, batch_norm=False, recurrent=recurrent)
    network = build(settings, torch.Generator().manual_seed(3))
    x = prototypes(shape).x_test
    with torch.no_grad():
        logits = network(torch.from_numpy(x).float() * 2 - 1).numpy()
    expected = integer_logits(export_state(settings, network), x, recurrent)
    scale = 0.5 / np.sqrt(sizes[-1])
    assert np.array_equal(np.rint(logits / scale), expected)


def test_weights_start_small_and_differ_by_seed(ste_settings):
    settings = ste_settings((50, 40, 30), batch_norm=True)
    first, second = (build(settings, torch.Generator().manual_seed(seed)).latents() for seed in (0, 1))
    for latent, other in zip(first, second, strict=True):
        outputs, inputs = latent.shape
        reach = np.sqrt(6 / (inputs + outputs))
        assert 0.9 * reach < latent.abs().max() <= reach
        assert not torch.equal(latent, other)


def test_every_weight_of_a_cell_learns(ste_settings):
    """Through all steps, the first one's inputs included."""
    settings = ste_settings((3, 8, 5), batch_norm=False, recurrent=True)
    network = build(settings, torch.Generator().manual_seed(0))
    x = torch.from_numpy(np.random.default_rng(0).choice([-1.0, 1.0], (40, 5, 3))).float().requires_grad_()
    network(x).square().sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().sum(dim=(0, 2)) > 0).all()
    for latent in network.latents():
        assert latent.grad is not None
        assert latent.grad.abs().sum() > 0
