"""Networks of logic gates learn, repeat themselves, and what is reported is what the hard network does."""

import importlib.util

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.flow.learning import learn, prepare
from bephw.golden.logic_model import LogicModel
from bephw.logic.training import fit
from bephw.settings import Settings

DIGITS = Settings.build(
    network={"sizes": [0, 60, 60, 60], "classes": 10},
    learning={"algorithm": "logic", "batch": 50, "epochs": 3, "seed": 1},
    logic={"learning_rate": 0.05},
    data={"name": "digits", "validation_fraction": 0.1},
)


@pytest.fixture(scope="module")
def digits():
    return prepare(DIGITS)


@pytest.mark.parametrize("logic", [{}, {"connections": "unique", "initial": "normal", "tau": 2.0}])
def test_learns_and_reports_the_hard_network(digits, logic):
    pytest.importorskip("torch")
    settings, dataset = digits
    settings = settings.replace({f"logic.{name}": value for name, value in logic.items()})
    seen, epochs = [], []
    result = fit(settings, dataset, on_samples=seen.append, on_epoch=epochs.append)
    first, *_, last = result.history
    assert last.test_accuracy > max(0.4, first.test_accuracy - 0.05)
    model = LogicModel(settings, result.network)
    assert last.test_accuracy == (model.predict(dataset.x_test)[0] == dataset.y_test).mean()
    assert last.validation_accuracy == (model.predict(dataset.x_validation)[0] == dataset.y_validation).mean()
    assert last.train_accuracy == (model.predict(dataset.x_train)[0] == dataset.y_train).mean()
    assert epochs == result.history
    assert sum(seen) == 3 * len(dataset.y_train)


def test_equal_arguments_give_equal_bits(digits):
    torch = pytest.importorskip("torch")
    settings, dataset = digits
    torch.manual_seed(1)
    first = fit(settings, dataset, epochs=1).state.to_arrays()
    torch.manual_seed(2)  # The global generator is not asked.
    second = fit(settings, dataset, epochs=1).state.to_arrays()
    other = fit(settings.replace({"learning.seed": 2}), dataset, epochs=1).state.to_arrays()
    for name, array in first.items():
        assert np.array_equal(array, second[name])
    assert not np.array_equal(first["index_a_0"], other["index_a_0"])


def test_figures(digits):
    pytest.importorskip("torch")
    settings, dataset = digits
    result, figures = learn(settings, dataset, epochs=1)
    assert figures["settings"]["logic"]["connections"] == "balanced"
    assert figures["test_accuracy"] == result.history[-1].test_accuracy
    assert figures["samples_per_second"] > 0
    with pytest.raises(BephwError, match="checkpoint: networks of logic gates"):
        learn(settings, dataset, checkpoint="c.npz")


def test_without_pytorch_it_is_one_clear_line(digits, monkeypatch):
    monkeypatch.setattr("bephw.logic.training.find_spec", lambda name: None)
    with pytest.raises(BephwError, match=r"learn in PyTorch: install it with pip install 'bephw\[baselines\]'"):
        fit(*digits)
    assert importlib.util.find_spec("bephw") is not None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network.sizes": [64, 61]}, r"network.sizes\[1\] must be a multiple of network.classes, 10, .*, not 61"),
        ({"network.thresholds": True}, "network.thresholds must be false for learning.algorithm logic"),
        ({"learning.average": 3}, "learning.average is for binary error propagation: leave it out for logic, not 3"),
        ({"data.window": 3}, "data.window is for recurrent networks"),
        ({"logic.tau": 0}, "logic.tau: must be greater than 0|logic.tau: .*not 0"),
        ({"logic.levels": 0}, "logic.levels: must be at least 1, not 0"),
        ({"logic.connections": "dense"}, "must be 'balanced', 'unique', 'random' or 'local', not 'dense'"),
        ({"logic.reach": 0}, "logic.reach: must be greater than 0|logic.reach: .*not 0"),
        ({"logic.reach": 1.5}, "logic.reach: must be at most 1, not 1.5"),
    ],
)
def test_bad_settings(changes, message):
    with pytest.raises(BephwError, match=message):
        DIGITS.replace(changes)


def test_samples_of_another_network(digits):
    pytest.importorskip("torch")
    settings, dataset = digits
    with pytest.raises(BephwError, match="x_train: must have shape"):
        fit(settings.replace({"network.sizes": [9, 20]}), dataset)


def test_other_algorithms_are_refused(digits):
    with pytest.raises(BephwError, match=r"learning\.algorithm: must be logic for a network of gates, not bep"):
        fit(digits[0].replace({"learning.algorithm": "bep"}), digits[1])
