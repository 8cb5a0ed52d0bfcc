"""Training: learns, resumes to the same bits, and refuses what it cannot go on from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.golden.checkpoint import load
from bephw.golden.initial import initial_state
from bephw.golden.learner import GoldenLearner
from bephw.golden.model import GoldenModel
from bephw.golden.streams import checksum
from bephw.golden.training import (
    Progress,
    TrainingResult,
    epoch_order,
    epoch_rates,
    fit,
    sample_stream,
)
from bephw.settings import Settings
from bephw.state import NetworkState, load_arrays, save_arrays

SETTINGS = Settings.build(
    network={"sizes": [40, 15, 15], "classes": 4},
    learning={"bits": 6, "gamma": 5, "nu": 0.3, "r": 0.5, "batch": 16, "epochs": 4, "seed": 3},
)


def noisy_prototypes(samples: int = 150, tests: int = 100, seed: int = 0) -> SimpleNamespace:
    """Four random words of 40 bits, every bit flipped with probability 0.15."""
    random = np.random.default_rng(seed)
    words = random.integers(0, 2, (4, 40))
    y = random.integers(0, 4, samples + tests)
    x = (words[y] ^ (random.random((samples + tests, 40)) < 0.15)).astype(np.uint8)
    return SimpleNamespace(
        x_train=x[:samples],
        y_train=y[:samples],
        x_test=x[samples:],
        y_test=y[samples:],
        x_validation=None,
        y_validation=None,
    )


def bits_of(result: TrainingResult) -> dict[str, Any]:
    """All that must repeat: everything but the time it took."""
    history = [(e.epoch, e.train_accuracy, e.test_accuracy, e.taught, e.rates, e.gamma) for e in result.history]
    return {**{name: array.tolist() for name, array in result.state.to_arrays().items()}, "history": history}


def test_learns_noisy_prototypes() -> None:
    result = fit(SETTINGS, noisy_prototypes(400), epochs=8)
    assert result.history[-1].test_accuracy > 0.95
    assert result.history[0].taught > result.history[-1].taught


def test_learns_digits() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="digits need scikit-learn")
    images, labels = datasets.load_digits(return_X_y=True)
    bits = np.concatenate([images >= threshold for threshold in (4, 8, 12)], axis=1).astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(bits))
    test, train = order[:359], order[359:]
    dataset = SimpleNamespace(
        x_train=bits[train],
        y_train=labels[train],
        x_test=bits[test],
        y_test=labels[test],
        x_validation=None,
        y_validation=None,
    )
    settings = Settings.build(
        network={"sizes": [192, 63, 63], "classes": 10},
        learning={"gamma": 21, "nu": 0.2, "batch": 20, "p_r": 0.5, "r": 0.25},
    )
    history = fit(settings, dataset, epochs=12).history
    # One epoch swings by a point and more: the last three together.
    assert np.mean([epoch.test_accuracy for epoch in history[-3:]]) > 0.9


@pytest.mark.parametrize("reinforcement", ["events", "bernoulli"])
@pytest.mark.parametrize("stop", [0, 1, 3])
def test_resumed_equals_uninterrupted(tmp_path: Path, reinforcement: str, stop: int) -> None:
    settings, data = SETTINGS.replace({"learning.reinforcement": reinforcement}), noisy_prototypes()
    file = tmp_path / "run" / "checkpoint.npz"
    fit(settings, data, epochs=stop, checkpoint=file)
    resumed = fit(settings, data, checkpoint=file, resume=True)
    assert bits_of(resumed) == bits_of(fit(settings, data))
    assert [epoch.epoch for epoch in resumed.history] == [1, 2, 3, 4]


@pytest.mark.parametrize("algorithm", ["bep", "lbes", "bep-tt", "cp+r"])
@pytest.mark.parametrize("average", [None, 3])
@pytest.mark.parametrize("batch", [16, 25])
def test_resumed_equals_uninterrupted_with_lag(tmp_path: Path, algorithm: str, average: int | None, batch: int) -> None:
    """Where a batch is cut short by the end of its epoch, and where (25) it is full."""
    data = noisy_prototypes()
    changes = {"algorithm": algorithm, "lag": 1, "burst": 4, "average": average, "batch": batch, "epochs": 3}
    sizes = {"cp+r": [40, 15], "bep-tt": [10, 15, 15]}.get(algorithm, [40, 15, 15])
    learning = {f"learning.{name}": value for name, value in changes.items()}
    settings = SETTINGS.replace({"network.sizes": sizes, **learning})
    if settings.recurrent:
        data.x_train, data.x_test = (x.reshape(len(x), 4, 10) for x in (data.x_train, data.x_test))
    file = tmp_path / "checkpoint.npz"
    fit(settings, data, epochs=1, checkpoint=file)
    resumed = fit(settings, data, checkpoint=file, resume=True)
    whole = fit(settings, data, engine="numpy")
    assert bits_of(resumed) == bits_of(whole)
    assert bits_of(whole) != bits_of(fit(settings.replace({"learning.lag": 0}), data))
    # What predicts is the state itself, not what the last batch saw of it.
    prediction, _ = GoldenModel(settings, resumed.network).predict(data.x_test)
    assert resumed.history[-1].test_accuracy == float((prediction == data.y_test).mean())
    assert [epoch.weights for epoch in resumed.history] == ["average" if average else "last"] * 3


def test_the_average_changes_no_bit_of_a_training_that_lags() -> None:
    settings, data = SETTINGS.replace({"learning.lag": 1, "learning.burst": 2}), noisy_prototypes()
    plain, averaged = fit(settings, data), fit(settings.replace({"learning.average": 3}), data)
    for name, array in plain.state.to_arrays().items():
        assert np.array_equal(array, averaged.state.to_arrays()[name]), name


def test_learns_with_bursts_and_lag() -> None:
    settings = SETTINGS.replace({"learning.lag": 1, "learning.burst": 8})
    assert fit(settings, noisy_prototypes(400), epochs=8).history[-1].test_accuracy > 0.95


def test_killed_in_the_middle_of_an_epoch(tmp_path: Path) -> None:
    settings, data, file = SETTINGS, noisy_prototypes(5_000), tmp_path / "checkpoint.npz"
    seen = []

    def die(samples: int) -> None:
        seen.append(samples)
        if sum(seen) > 6_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(settings, data, epochs=2, checkpoint=file, on_samples=die)
    resumed = fit(settings, data, epochs=2, checkpoint=file, resume=True)
    assert bits_of(resumed) == bits_of(fit(settings, data, epochs=2))


def test_a_finished_run_resumes_to_itself(tmp_path: Path) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"
    first = fit(SETTINGS, data, checkpoint=file)
    again = fit(SETTINGS, data, checkpoint=file, resume=True, on_epoch=lambda epoch: pytest.fail("trained on"))
    assert bits_of(first) == bits_of(again)


def test_more_epochs_other_hardware_and_board_do_not_hinder(tmp_path: Path) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"
    fit(SETTINGS, data, checkpoint=file)
    longer = SETTINGS.replace({"learning.epochs": 6, "hardware.rows": 3, "board.name": "ulx3s"})
    assert len(fit(longer, data, checkpoint=file, resume=True).history) == 6


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(BephwError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_changed_settings_are_refused(tmp_path: Path) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"
    fit(SETTINGS, data, epochs=1, checkpoint=file)
    changed = SETTINGS.replace({"learning.batch": 10})
    assert refusal(lambda: fit(changed, data, checkpoint=file, resume=True)) == (
        f"checkpoint {file}: was made with learning.batch = 16, not 10: "
        "start afresh, or use the settings it was made with"
    )
    other = SETTINGS.replace({"network.sizes": [40, 15, 20]})
    assert "network.sizes = (40, 15, 15), not (40, 15, 20)" in refusal(
        lambda: fit(other, data, checkpoint=file, resume=True)
    )


def test_other_samples_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.npz"
    fit(SETTINGS, noisy_prototypes(), epochs=1, checkpoint=file)
    message = refusal(lambda: fit(SETTINGS, noisy_prototypes(seed=1), checkpoint=file, resume=True))
    assert "was made with other training samples" in message


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.npz"
    message = refusal(lambda: fit(SETTINGS, noisy_prototypes(), checkpoint=file, resume=True))
    assert message == f"{file}: cannot be read: No such file or directory"


def test_a_damaged_file_is_refused_or_gives_the_same_bits(tmp_path: Path) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"
    whole = bits_of(fit(SETTINGS, data, epochs=1, checkpoint=file))
    content, random = file.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(200):
        damaged = bytearray(content)
        if random.random() < 0.2:
            del damaged[random.integers(len(content)) :]
        else:
            damaged[random.integers(len(content))] ^= 1 << random.integers(8)
        file.write_bytes(damaged)
        try:
            resumed = fit(SETTINGS, data, epochs=1, checkpoint=file, resume=True)
        except BephwError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            assert bits_of(resumed) == whole
    assert refused > 100


def test_arguments_that_contradict_are_refused(tmp_path: Path) -> None:
    data, state = noisy_prototypes(), initial_state(SETTINGS)
    assert refusal(lambda: fit(SETTINGS, data, resume=True)) == "checkpoint: required to resume"
    assert (
        refusal(lambda: fit(SETTINGS, data, resume=True, state=state, checkpoint=tmp_path / "c.npz"))
        == "state: cannot be given together with resume"
    )
    assert refusal(lambda: fit(SETTINGS, noisy_prototypes(0))) == "data: no training samples"


def test_callbacks_see_every_epoch_and_sample() -> None:
    samples, epochs = [], []
    result = fit(SETTINGS, noisy_prototypes(), epochs=3, on_samples=samples.append, on_epoch=epochs.append)
    assert sum(samples) == 3 * 150
    assert epochs == result.history


def test_without_test_samples_there_is_no_test_accuracy() -> None:
    assert fit(SETTINGS, noisy_prototypes(tests=0), epochs=1).history[0].test_accuracy is None


def test_the_streams_and_rates_are_all_that_a_replay_needs() -> None:
    data = noisy_prototypes()
    result = fit(SETTINGS, data, epochs=2)
    model, history = GoldenModel(SETTINGS, initial_state(SETTINGS)), []
    for epoch in (1, 2):
        model.rates = epoch_rates(SETTINGS, history)
        model.train(*sample_stream(SETTINGS, data, epoch))
        model.end_batch()
        history.append(result.history[epoch - 1])
        assert model.rates == history[-1].rates
    assert model.state.counters[0].tolist() == result.state.counters[0].tolist()


def test_every_epoch_has_an_order_of_its_own() -> None:
    first, second = (epoch_order(SETTINGS, epoch, 100) for epoch in (1, 2))
    assert sorted(first) == sorted(second) == list(range(100))
    assert first.tolist() != second.tolist()
    assert first.tolist() == epoch_order(SETTINGS, 1, 100).tolist()
    assert first.tolist() != epoch_order(SETTINGS.replace({"learning.seed": 4}), 1, 100).tolist()


@pytest.mark.parametrize("reinforcement", ["events", "bernoulli"])
@pytest.mark.parametrize(("every", "saved"), [(1, 144), (40, 144), (100, 112), (149, None)])
def test_a_checkpoint_within_an_epoch(tmp_path: Path, reinforcement: str, every: int, saved: int | None) -> None:
    """Written at ends of batches of 16, when so many samples were learnt; after 150 there is none."""
    settings, data = SETTINGS.replace({"learning.reinforcement": reinforcement}), noisy_prototypes()
    file, found = tmp_path / "checkpoint.npz", []

    def die(progress: Progress) -> None:
        checkpoint = load(file, settings, checksum(data))
        if progress.epoch == 2:
            found.append(checkpoint.under_way and checkpoint.under_way.position)
        if progress.epoch == 2 and progress.done.position == 150:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(settings, data, checkpoint=file, checkpoint_every=every, on_progress=die)
    assert found[-1] == saved
    seen: list[int] = []
    resumed = fit(settings, data, checkpoint=file, resume=True, on_samples=seen.append)
    assert seen[0] == 150 + (found[-1] or 0) and sum(seen) == 4 * 150
    assert bits_of(resumed) == bits_of(fit(settings, data))


@pytest.mark.parametrize("average", [None, 3])
@pytest.mark.parametrize("batch", [16, 25])
@pytest.mark.parametrize("stop", [3, 9, 14, 21])
def test_a_checkpoint_within_an_epoch_with_lag(tmp_path: Path, average: int | None, batch: int, stop: int) -> None:
    """By the planes, where they can be shown, and by learning once more from the anchor, where they cannot."""
    changes = {"learning.lag": 1, "learning.burst": 4, "learning.average": average, "learning.batch": batch}
    settings, data, file = SETTINGS.replace(changes), noisy_prototypes(), tmp_path / "checkpoint.npz"
    pieces = iter(range(stop))

    def die(progress: Progress) -> None:
        if next(pieces, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(settings, data, checkpoint=file, checkpoint_every=1, on_progress=die)
    again = shutil.copy(file, tmp_path / "again.npz")
    whole = bits_of(fit(settings, data))
    assert bits_of(fit(settings, data, checkpoint=file, resume=True)) == whole
    replayed = fit(
        settings,
        data,
        make_learner=lambda state: Replaying(settings, state),
        checkpoint=Path(again),
        resume=True,
    )
    assert bits_of(replayed) == whole


class Replaying(GoldenLearner):
    """As a board: planes are the signs of what is loaded, and cannot be read."""

    restores_planes = False

    @property
    def planes(self) -> Any:
        return None

    def load(self, state: NetworkState, planes: Any = None) -> None:
        assert planes is None
        super().load(state)


def test_what_a_board_has_begun_the_golden_model_goes_on_with(tmp_path: Path) -> None:
    settings, data = SETTINGS.replace({"learning.lag": 1}), noisy_prototypes()
    for epochs in (0, 1, 3):
        file = tmp_path / f"{epochs}.npz"
        fit(
            settings,
            data,
            make_learner=lambda state: Replaying(settings, state),
            epochs=epochs,
            checkpoint=file,
            checkpoint_every=50,
        )
        assert bits_of(fit(settings, data, checkpoint=file, resume=True)) == bits_of(fit(settings, data))


def test_an_anchor_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    settings, data, file = SETTINGS.replace({"learning.lag": 1}), noisy_prototypes(), tmp_path / "checkpoint.npz"
    fit(settings, data, epochs=1, checkpoint=file)
    arrays = load_arrays(file)
    arrays["anchor_generator"] = arrays["anchor_generator"] ^ 1
    save_arrays(file, arrays)
    message = refusal(
        lambda: fit(settings, data, make_learner=lambda state: Replaying(settings, state), checkpoint=file, resume=True)
    )
    assert message.startswith(f"checkpoint {file}: ") and message.endswith("is not what comes of its anchor")


def test_fewer_epochs_than_have_begun_are_refused(tmp_path: Path) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"

    def die(progress: Progress) -> None:
        if progress.epoch == 2 and progress.done.position > 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(SETTINGS, data, checkpoint=file, checkpoint_every=16, on_progress=die)
    assert refusal(lambda: fit(SETTINGS, data, epochs=1, checkpoint=file, resume=True)) == (
        f"checkpoint {file}: epochs must be at least 2, which has begun, not 1"
    )
    assert refusal(lambda: fit(SETTINGS, data, checkpoint=file, checkpoint_every=0)) == (
        "checkpoint_every: must be at least 1 sample, not 0"
    )


def test_a_place_that_is_no_end_of_a_batch_is_refused(tmp_path: Path) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"
    fit(SETTINGS, data, epochs=1, checkpoint=file)
    for position in (17, 160):
        under_way = {"position": position, "hits": 3, "taught": 3, "seconds": 1.0, "learning_seconds": None}
        save_arrays(file, {**load_arrays(file), "under_way": np.array(json.dumps(under_way))})
        assert refusal(lambda: fit(SETTINGS, data, checkpoint=file, resume=True)) == (
            f"checkpoint {file}: under_way must lie between two batches of the epoch, not at sample {position}"
        )
