"""bephw.host.Trainer over a board that learns: the same bits as without a board, whatever is called."""

import numpy as np
import pytest

from bephw.data import Dataset
from bephw.errors import BephwError
from bephw.golden.training import fit
from bephw.host import GoldenTrainer, LinkError, Trainer
from bephw.state import NetworkState
from tests.host.learning_board import SETTINGS, LearningBoard, connected

CASES = {
    "perceptron": {},
    "average": {"learning.average": 2},
    "lag": {"learning.lag": 1, "learning.burst": 2},
    "lag and average": {"learning.lag": 1, "learning.average": 2},
    "local": {"learning.algorithm": "lbes"},
    "one layer": {"learning.algorithm": "cp+r", "network.sizes": [12, 6], "learning.gamma": 3},
    "recurrent": {"learning.algorithm": "bep-tt", "network.sizes": [4, 6, 4], "learning.gamma": 2, "data.steps": 4},
}


def samples(settings, count, seed=0):
    """Three noisy words."""
    rng = np.random.default_rng(seed)
    words = np.random.default_rng(9).integers(0, 2, (3, 12))
    y = rng.integers(0, 3, count)
    x = (words[y] ^ (rng.random((count, 12)) < 0.2)).astype(np.uint8)
    return (x.reshape(count, 3, 4) if settings.recurrent else x), y


def assert_same(found, expected):
    arrays = expected.to_arrays()
    for name, array in found.to_arrays().items():
        assert array.tolist() == arrays[name].tolist(), name


def told(history):
    return [(e.epoch, e.train_accuracy, e.validation_accuracy, e.test_accuracy, e.taught, e.rates) for e in history]


@pytest.fixture(params=CASES)
def settings(request):
    return SETTINGS.replace(CASES[request.param])


def test_a_fit_is_that_of_the_golden_training(settings):
    (x, y), test, validation = (samples(settings, n, n) for n in (61, 20, 15))
    dataset = Dataset(x, y, *test, "X", *validation)
    expected = fit(settings, dataset)
    for trainer in (Trainer(connected(settings), settings), GoldenTrainer(settings)):
        with trainer:
            assert trainer.fit(x, y, test=test, validation=validation) is trainer
            assert_same(trainer.state, expected.state)
            assert_same(trainer.network, expected.network)
            assert told(trainer.history) == told(expected.history)
            assert (trainer.average is None) == (settings.learning.average is None)
            assert trainer.score(*test) == expected.history[-1].test_accuracy
    assert settings.recurrent or trainer.history[-1].train_accuracy > 0.5


def test_whatever_is_called_both_give_the_same(settings, tmp_path):
    board, golden = Trainer(connected(settings), settings), GoldenTrainer(settings)
    for seed in range(3):
        x, y = samples(settings, 19 + seed, seed)
        found = [trainer.partial_fit(x, y).predict(x).tolist() for trainer in (board, golden)]
        assert found[0] == found[1]
        assert_same(board.state, golden.state)
    board.save_state(tmp_path / "s.npz")
    assert_same(NetworkState.load(tmp_path / "s.npz", settings), golden.state)
    x, y = samples(settings, 40, 7)
    board.fit(x, y, epochs=1)
    golden.fit(x, y, epochs=1)
    assert_same(board.state, golden.state)
    board.load_state(tmp_path / "s.npz").partial_fit(x, y)
    golden.load_state(NetworkState.load(tmp_path / "s.npz", settings)).partial_fit(x, y)
    assert_same(board.state, golden.state)
    taught = {name: count for name, count in board.statistics().items() if name.startswith("taught")}
    assert taught.items() <= golden.statistics().items()
    assert sum(taught.values()) > 0


@pytest.mark.parametrize("when", [1, 30, 61, 90, 140])
def test_a_host_that_died_goes_on_to_the_same_bits(settings, tmp_path, when):
    """Another process, another connection: the board begins anew, and all that is left is the checkpoint."""
    x, y = samples(settings, 61, 1)
    expected = fit(settings, Dataset(x, y, x[:0], y[:0], "X"))
    model = LearningBoard(settings)
    with pytest.raises(KeyboardInterrupt):
        Trainer(connected(settings, model, samples=when), settings).fit(
            x, y, checkpoint=tmp_path / "c.npz", checkpoint_every=8
        )
    trainer = Trainer(connected(settings, model), settings)
    trainer.fit(x, y, checkpoint=tmp_path / "c.npz", resume=True)
    assert_same(trainer.state, expected.state)
    assert_same(trainer.network, expected.network)
    assert told(trainer.history) == told(expected.history)


def test_what_a_board_has_begun_goes_on_without_it_and_back(settings, tmp_path):
    x, y = samples(settings, 64, 1)
    expected = fit(settings, Dataset(x, y, x[:0], y[:0], "X"))
    file = {"checkpoint": tmp_path / "c.npz", "checkpoint_every": 20}
    Trainer(connected(settings), settings).fit(x, y, epochs=1, **file)
    GoldenTrainer(settings).fit(x, y, epochs=2, resume=True, **file)
    trainer = Trainer(connected(settings), settings).fit(x, y, resume=True, **file)
    assert_same(trainer.state, expected.state)


def test_labels_of_any_kind():
    x, y = samples(SETTINGS, 50)
    numbers = GoldenTrainer(SETTINGS).fit(x, y)
    for names in (np.array(["ant", "bee", "cat"]), np.array([-5, 0, 12]), np.array([0.0, 1.0, 2.0])):
        trainer = GoldenTrainer(SETTINGS).fit(x, names[y])
        assert_same(trainer.state, numbers.state)
        found = trainer.predict(x)
        assert found.tolist() == names[numbers.predict(x)].tolist()
        assert trainer.score(x, names[y]) == numbers.score(x, y)
    named = GoldenTrainer(SETTINGS, class_names=["ant", "bee", "cat"]).partial_fit(x[:3], ["bee", "cat", "bee"])
    assert set(named.predict(x)) <= {"ant", "bee", "cat"}


def test_before_anything_was_learnt():
    trainer = Trainer(connected(SETTINGS), SETTINGS)
    golden = GoldenTrainer(SETTINGS)
    x, _ = samples(SETTINGS, 9)
    assert trainer.predict(x).tolist() == golden.predict(x).tolist()
    assert_same(trainer.state, golden.state)
    assert trainer.predict(x[:0]).shape == (0,)
    assert_same(trainer.partial_fit(x[:0], []).state, golden.state)


def test_the_port_is_closed_with_the_trainer():
    board = connected(SETTINGS)
    with Trainer(board, SETTINGS):
        pass
    assert board.connection._port.closed


def test_a_board_that_was_switched_off():
    model = LearningBoard(SETTINGS)
    trainer = Trainer(connected(SETTINGS, model), SETTINGS)
    x, y = samples(SETTINGS, 20)
    trainer.partial_fit(x, y)
    model.power_up()
    with pytest.raises(LinkError, match="was reset while it was in use"):
        trainer.partial_fit(x, y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t, x, y: t.fit(x[:, 1:], y), r"X: must have shape \(samples, 12\), not \(20, 11\)"),
        (lambda t, x, y: t.fit(x + 1, y), "X: must be 0 or 1, not 2"),
        (lambda t, x, y: t.predict(x * 0.5), "X: must be 0 or 1, not 0.5"),
        (lambda t, x, y: t.predict(np.array(["a"])), "X: must be bits, not <U1"),
        (lambda t, x, y: t.partial_fit(x, y[1:]), r"y: must have shape \(20,\), one label a sample, not \(19,\)"),
        (lambda t, x, y: t.partial_fit(x, y + 1), "y: label of sample .* must be 0 to 2, not 3"),
        (
            lambda t, x, y: t.fit(x, np.arange(20) % 5),
            r"y: label of sample .* must be 0 to 2 \(network.classes = 3\), not 3",
        ),
        (lambda t, x, y: t.fit(x, y, test=(x, y[1:])), r"test y: must have shape \(20,\)"),
        (lambda t, x, y: t.score(x[:0], y[:0]), "X: must have at least one sample to be scored"),
        (lambda t, x, y: t.load_state("nowhere.npz"), "nowhere.npz: cannot be read: No such file or directory"),
        (lambda t, x, y: t.fit(x[:0], y[:0]), "data: no training samples"),
    ],
)
def test_bad_input_is_one_line(call, message):
    x, y = samples(SETTINGS, 20)
    for trainer in (Trainer(connected(SETTINGS), SETTINGS), GoldenTrainer(SETTINGS)):
        with pytest.raises(BephwError, match=message) as caught:
            call(trainer, x, y)
        assert "\n" not in str(caught.value)


def test_what_hardware_cannot_do_is_refused():
    other = SETTINGS.replace({"learning.reinforcement": "bernoulli"})
    with pytest.raises(BephwError, match=r"learning.reinforcement must be events in hardware, not bernoulli"):
        Trainer(connected(SETTINGS), other)


def test_labels_that_a_port_cannot_carry():
    settings = SETTINGS.replace({"network.classes": 4})
    board = connected(settings)
    x, _ = samples(settings, 2)
    with pytest.raises(BephwError, match="y: must be below 4 on a board of so many classes, not 4"):
        Trainer(board, settings)._learner.train(x, np.array([1, 4]))
