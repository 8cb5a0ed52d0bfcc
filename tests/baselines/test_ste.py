"""The baseline learns, repeats itself, and what it reports is what it exports."""

from __future__ import annotations

import dataclasses
import importlib.util

import numpy as np
import pytest

from bephw.baselines import ste
from bephw.baselines.ste import fit
from bephw.errors import BephwError
from bephw.golden.history import Epoch
from bephw.golden.model import GoldenModel

CASES = [((40,), (40, 21, 15)), ((4, 10), (10, 21, 15))]
# Recurrent networks learn little in these few epochs where gradients are not kept from growing from step to step.
LITTLE = {"textbook", "swish", "bnn++"}
ESTIMATORS = ["scaled", "textbook", "fda", "swish", "bnn++"]


def predictions(result, x):
    return GoldenModel(result.settings, result.state).predict(x)[0]


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(("shape", "sizes"), CASES, ids=["perceptron", "recurrent"])
def test_learns_and_exports_what_it_reports(
    torch, ste_settings, prototypes, integer_logits, shape, sizes, estimator, batch_norm
):
    recurrent = len(shape) == 2
    samples = prototypes(shape)
    seen: list[int] = []
    epochs: list[Epoch] = []
    settings = ste_settings(sizes, batch_norm=batch_norm, recurrent=recurrent).replace(
        {"baseline.estimator": estimator}
    )
    result = fit(settings, samples, on_samples=seen.append, on_epoch=epochs.append)
    last = result.history[-1]
    assert last.test_accuracy is not None
    assert last.test_accuracy > (0.45 if recurrent and estimator in LITTLE else 0.9)
    if estimator not in LITTLE:
        assert last.train_accuracy > result.history[0].train_accuracy
    assert last.test_accuracy == (predictions(result, samples.x_test) == samples.y_test).mean()
    assert last.validation_accuracy == (predictions(result, samples.x_validation) == samples.y_validation).mean()
    expected = integer_logits(result.state, samples.x_test, recurrent).argmax(axis=1)
    assert np.array_equal(predictions(result, samples.x_test), expected)
    assert result.settings.learning.algorithm == ("bep-tt" if recurrent else "bep")
    assert len(result.state.thresholds) == (2 if batch_norm else 0)
    assert epochs == result.history
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3, 4]
    assert seen == [300] * 4


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_equal_arguments_give_equal_bits(torch, ste_settings, prototypes, estimator):
    samples, settings = prototypes((20,)), ste_settings((20, 10, 10), batch_norm=True)
    settings = settings.replace({"baseline.estimator": estimator})
    torch.manual_seed(1)
    first = fit(settings, samples, epochs=2)
    torch.manual_seed(2)  # The global generator is not asked.
    second = fit(settings, samples, epochs=2)
    other = fit(settings.replace({"learning.seed": 2}), samples, epochs=2)
    for name, array in first.state.to_arrays().items():
        assert np.array_equal(array, second.state.to_arrays()[name])
    assert not np.array_equal(first.state.counters[0], other.state.counters[0])


def soft_accuracies(result):
    return [epoch.soft_accuracy for epoch in result.history]


def test_the_soft_networks_accuracy_is_kept_beside(torch, ste_settings, prototypes):
    """Where training has another network than the one that is exported; with noise, all epochs but the last."""
    samples, settings = prototypes((20,)), ste_settings((20, 10, 10), batch_norm=True)

    def found(changes):
        return soft_accuracies(fit(settings.replace(changes), samples, epochs=3))

    soft = found({"baseline.estimator": "bnn++"})
    assert all(accuracy is not None and 0.5 < accuracy <= 1 for accuracy in soft)
    noisy = found({"baseline.estimator": "fda"})
    assert [accuracy is None for accuracy in noisy] == [False, False, True]
    for changes in ({"baseline.estimator": "fda", "baseline.noise": False}, {"baseline.estimator": "swish"}, {}):
        assert found(changes) == [None] * 3


def test_schedules_go_by_the_epochs_that_are_asked_for(torch, ste_settings, prototypes):
    """Not by those of the settings."""
    samples, settings = prototypes((20,)), ste_settings((20, 10), batch_norm=False, epochs=7)
    settings = settings.replace({"baseline.estimator": "fda"})
    asked = fit(settings, samples, epochs=2)
    assert soft_accuracies(asked)[-1] is None
    same = fit(settings.replace({"learning.epochs": 2}), samples)
    assert np.array_equal(asked.state.counters[0], same.state.counters[0])


def test_open_inputs_are_filled_in(torch, ste_settings, prototypes):
    result = fit(ste_settings((0, 4), batch_norm=False), prototypes((9,)), epochs=1)
    assert result.settings.network.sizes == (9, 4)
    assert result.state.counters[0].shape == (4, 9)


def test_no_epochs_export_the_initial_network(torch, ste_settings, prototypes):
    result = fit(ste_settings((9, 4), batch_norm=True), prototypes((9,)), epochs=0)
    assert result.history == []
    assert result.state.thresholds[0].shape == (4,)


def test_a_last_batch_of_one_joins_the_one_before(torch, ste_settings, prototypes):
    result = fit(ste_settings((9, 4), batch_norm=True), prototypes((9,), train=41), epochs=1)
    assert 0 <= result.history[0].train_accuracy <= 1


def test_without_held_out_samples(torch, ste_settings, prototypes):
    samples = dataclasses.replace(prototypes((9,), test=0), x_validation=None, y_validation=None)
    result = fit(ste_settings((9, 4), batch_norm=False), samples, epochs=1)
    assert result.history[0].test_accuracy is None
    assert result.history[0].validation_accuracy is None


def test_read_only_samples_and_threads(torch, ste_settings, prototypes):
    """Arrays that came from another process cannot be written to; the number of threads is the caller's."""
    samples = prototypes((9,))
    for array in (samples.x_train, samples.y_train, samples.x_test):
        array.flags.writeable = False
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        fit(ste_settings((9, 4), batch_norm=False), samples, epochs=1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_missing_pytorch(monkeypatch, ste_settings, prototypes):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(ste, "find_spec", lambda name: None if name == "torch" else find_spec(name))
    with pytest.raises(
        BephwError, match=r"the baseline needs PyTorch: install it with pip install 'bephw\[baselines\]'"
    ):
        fit(ste_settings((9, 4), batch_norm=False), prototypes((9,)))


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        ("x_train", lambda x: x[:, :8], r"x_train: must have shape \(samples, 9\), not \(300, 8\)"),
        ("x_test", lambda x: x[:, None], r"x_test: must have shape \(samples, 9\), not \(100, 1, 9\)"),
        ("x_train", lambda x: x.astype(float), "x_train: must hold bits as uint8 or bool, not float64"),
        ("x_train", lambda x: x * 3, "x_train: must be 0 or 1, not 3"),
        ("y_train", lambda y: y[1:], r"y_train: must have 300 labels, one a sample, not shape \(299,\)"),
        ("y_train", lambda y: y + 1, r"y_train: must be 0 to 2 \(network.classes = 3\), not 3"),
        ("y_test", lambda y: y - 1, r"y_test: must be 0 to 2 \(network.classes = 3\), not -1"),
        ("y_validation", lambda y: y / 2, "y_validation: must hold integers, not float64"),
    ],
)
def test_samples_that_do_not_fit(torch, ste_settings, prototypes, field, change, message):
    samples = prototypes((9,))
    wrong = dataclasses.replace(samples, **{field: change(getattr(samples, field))})
    with pytest.raises(BephwError, match=message):
        fit(ste_settings((9, 4), batch_norm=False), wrong)


def test_settings_that_do_not_fit(torch, ste_settings, prototypes):
    settings, samples = ste_settings((9, 4), batch_norm=True), prototypes((9,))
    with pytest.raises(BephwError, match=r"learning.algorithm: must be ste for the baseline, not bep"):
        fit(settings.replace({"learning.algorithm": "bep"}), samples)
    with pytest.raises(BephwError, match=r"learning.batch: must be 2 or more samples with baseline.batch_norm, not 1"):
        fit(settings.replace({"learning.batch": 1}), samples)
    with pytest.raises(BephwError, match="data: no training samples"):
        fit(settings, prototypes((9,), train=0))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_fashion_mnist(torch, ste_settings, data_folder, batch_norm):
    """Two epochs on a fifth of the samples; docs/baselines.md has what six on all of them give."""
    with np.load(data_folder / "fashion_mnist.npz") as file:
        x, y = file["x"][:12_000].reshape(-1, 784), file["y"][:12_000].astype(np.int64)
    bits = (x > np.median(x, axis=0)).astype(np.uint8)
    samples = SimpleSamples(bits[:10_000], y[:10_000], bits[10_000:], y[10_000:])
    settings = ste_settings((784, 135, 135), batch_norm=batch_norm).replace(
        {"network.classes": 10, "learning.batch": 100, "baseline.learning_rate": 1e-3}
    )
    accuracy = fit(settings, samples, epochs=2).history[-1].test_accuracy
    assert accuracy is not None
    assert accuracy > 0.78


@dataclasses.dataclass
class SimpleSamples:
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    x_validation: None = None
    y_validation: None = None
