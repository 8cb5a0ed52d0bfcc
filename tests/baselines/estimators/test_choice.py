"""Which estimator settings name."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from bephw.baselines.estimators.bnn_plus_plus import BNNPlusPlus
from bephw.baselines.estimators.choice import estimator_of
from bephw.baselines.estimators.fda import FDA
from bephw.baselines.estimators.scaled import Scaled
from bephw.baselines.estimators.swish import Swish
from bephw.baselines.estimators.textbook import Textbook
from bephw.baselines.networks import build


@pytest.mark.parametrize(
    ("name", "kind"),
    [("textbook", Textbook), ("scaled", Scaled), ("fda", FDA), ("swish", Swish), ("bnn++", BNNPlusPlus)],
)
@pytest.mark.parametrize("shape", [(9, 5, 4), (3, 6, 5)])
def test_by_name_and_weights_start_alike(ste_settings, name, kind, shape):
    plain = ste_settings(shape, batch_norm=True)
    settings = plain.replace({"baseline.estimator": name})
    assert type(estimator_of(settings)) is kind
    networks = (build(each, torch.Generator().manual_seed(0)) for each in (plain, settings))
    for latent, other in zip(*(network.latents() for network in networks), strict=True):
        assert torch.equal(latent, other)


def test_its_keys(ste_settings):
    plain = ste_settings((9, 5, 4), batch_norm=False)
    noisy = build(plain.replace({"baseline.estimator": "fda"}), torch.Generator().manual_seed(0))
    quiet = build(
        plain.replace({"baseline.estimator": "fda", "baseline.noise": False}), torch.Generator().manual_seed(0)
    )
    # Two matrices for the weights of each of three layers, and for the activations of the two that are hidden.
    assert len(list(noisy.parameters())) == 3 + 2 * (3 + 2)
    assert len(list(quiet.parameters())) == 3
    noisy.begin_epoch(1, 2)
    quiet.begin_epoch(1, 2)
    assert noisy.soft
    assert not quiet.soft
    sharp = estimator_of(plain.replace({"baseline.estimator": "bnn++", "baseline.mu": [3, 7]})).weights(2, 2)
    sharp.begin_epoch(2, 3)
    assert sharp(torch.tensor([1.0])).item() == pytest.approx(1.0531, abs=1e-4)  # SignSwish at u = 5
