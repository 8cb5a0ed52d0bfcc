"""A G-Net learns, repeats itself, and what it reports is its embedding."""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.gnet import fitting
from bephw.gnet.fitting import fit
from bephw.golden.history import from_json, to_json
from bephw.golden.model import GoldenModel


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def predictions(result, x):
    return GoldenModel(result.settings, result.state).predict(x)[0]


@pytest.mark.parametrize("noise", [False, True])
def test_learns_and_reports_the_binary_network(torch, gnet_settings, samples, noise):
    data = samples(40)
    seen: list[int] = []
    result = fit(gnet_settings((40, 12, 9), gnet={"noise": noise}), data, on_samples=seen.append)
    last = result.history[-1]
    assert last.test_accuracy is not None and last.test_accuracy > 0.9
    assert last.soft_accuracy is not None and last.soft_accuracy > 0.9
    assert last.test_accuracy == (predictions(result, data.x_test) == data.y_test).mean()
    assert last.validation_accuracy == (predictions(result, data.x_validation) == data.y_validation).mean()
    assert last.train_accuracy > result.history[0].train_accuracy
    assert seen == [300] * 4
    assert from_json(to_json(result.history)) == result.history


def test_the_export_is_the_embedding_of_the_network(torch, gnet_settings, samples, embedded_scores):
    from bephw.gnet.embedding import RealLayer
    from bephw.gnet.trainer import Trainer

    data, settings = samples(24), gnet_settings((24, 9), (70, 45))
    trainer = Trainer(settings, 2)
    for number in (1, 2):
        trainer.epoch(number, data)
    layers = [RealLayer(layer.weight.detach().numpy(), layer.beta.item()) for layer in trainer.network.angle_layers()]
    assert all(beta for _, beta in layers)  # it has been learnt
    embedded = trainer.embedding.settings
    found = GoldenModel(embedded, trainer.state).predict(data.x_test)[1]
    assert np.array_equal(found, embedded_scores(embedded, layers, data.x_test))


def test_layers_are_cosines(torch, gnet_settings):
    from bephw.gnet.network import build

    network = build(gnet_settings((10, 4)))
    network.eval()
    layer, classifier = network.angle_layers()
    with torch.no_grad():
        layer.beta.fill_(0.3)
        x = torch.sign(torch.randn(50, 10, generator=torch.Generator().manual_seed(0)))
        moved, w = x.double().numpy() + np.float32(0.3), layer.weight.double().numpy()
        cosines = moved @ w.T / np.linalg.norm(moved, axis=1)[:, None] / np.linalg.norm(w, axis=1)
        assert np.allclose(layer(x).numpy(), cosines, atol=1e-6)
        inner = torch.from_numpy(np.tanh(10 * np.arcsin(cosines))).float()
        assert np.allclose(network(x).numpy(), 10 * classifier(inner).numpy(), atol=1e-4)
        layer.weight.mul_(torch.tensor([[3.0], [0.1], [1.0], [7.0]]))  # Lengths do not count.
        assert np.allclose(layer(x).numpy(), cosines, atol=1e-6)


def test_noise_is_that_of_the_embedding(torch, gnet_settings):
    """Its deviation is that of pi / 2N times the sum of N signs, each +1 with probability 1/2 + angle / pi."""
    from bephw.gnet.network import build

    network = build(gnet_settings((10, 4), (100, 400)))
    angles = torch.tensor([0.0, 0.8, -1.5]).repeat(20_000, 1)
    network.train()
    for index, dimensions in enumerate((100, 400)):
        random = np.random.default_rng(index)
        signs = random.binomial(dimensions, 0.5 + angles.numpy() / math.pi)
        told = math.pi / 2 * (2 * signs / dimensions - 1)
        noisy = network._as_embedded(angles, index).numpy()
        assert np.allclose(noisy.std(axis=0), told.std(axis=0), rtol=0.05)
        assert np.allclose(noisy.mean(axis=0), angles[0].numpy(), atol=0.01)
    network.eval()
    assert network._as_embedded(angles, 0) is angles


def test_equal_arguments_give_equal_bits(torch, gnet_settings, samples):
    data, settings = samples(20), gnet_settings((20, 6), 50)
    torch.manual_seed(1)
    first = fit(settings, data, epochs=2)
    torch.manual_seed(2)  # The global generator is not asked.
    second = fit(settings, data, epochs=2)
    other = fit(settings.replace({"learning.seed": 2}), data, epochs=2)
    for name, array in first.state.to_arrays().items():
        assert np.array_equal(array, second.state.to_arrays()[name])
    assert not np.array_equal(first.state.counters[1], other.state.counters[1])


def test_open_inputs_and_no_epochs(torch, gnet_settings, samples):
    result = fit(gnet_settings((0, 6), 50), samples(20), epochs=0)
    assert result.settings.network.sizes == (20, 50, 6, 50)
    assert result.history == []


def test_without_held_out_samples(torch, gnet_settings, samples):
    history = fit(gnet_settings((9, 4), 20), samples(9, test=0), epochs=1).history
    assert (history[0].test_accuracy, history[0].validation_accuracy, history[0].soft_accuracy) == (None, None, None)


def test_missing_pytorch(monkeypatch, gnet_settings, samples):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(fitting, "find_spec", lambda name: None if name == "torch" else find_spec(name))
    with pytest.raises(BephwError, match=r"a G-Net needs PyTorch: install it with pip install 'bephw\[baselines\]'"):
        fit(gnet_settings((9, 4)), samples(9))


def test_what_does_not_fit(torch, gnet_settings, samples):
    with pytest.raises(BephwError, match=r"learning.algorithm: must be gnet for a G-Net, not bep"):
        fit(gnet_settings((9, 4)).replace({"learning.algorithm": "bep"}), samples(9))
    with pytest.raises(BephwError, match=r"x_train: must have shape \(samples, 9\), not \(300, 8\)"):
        fit(gnet_settings((9, 4)), samples(8))
    with pytest.raises(BephwError, match="data: no training samples"):
        fit(gnet_settings((9, 4)), samples(9, train=0))
