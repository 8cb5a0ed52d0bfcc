"""Training images that move: where to, when, and what refuses to."""

import numpy as np
import pytest

from bephw.data import load
from bephw.errors import BephwError
from bephw.flow.learning import learn
from bephw.golden.training import fit, sample_stream, training_bits
from bephw.settings import Data, Settings

DIGITS = {
    "name": "digits",
    "shift": 1,
    "encoder": {"kind": "thermometer", "levels": 2, "min_share": 0.01, "edges": 0.2},
}
SETTINGS = Settings.build(
    network={"sizes": [0, 15, 15], "classes": 10},
    learning={"gamma": 5, "batch": 20, "epochs": 3, "seed": 7},
    data=DIGITS,
)


def _moved(image, down, right):
    """Pixel by pixel, as settings.md says it."""
    rows, columns = image.shape
    moved = np.zeros_like(image)
    for row in range(rows):
        for column in range(columns):
            if 0 <= row + down < rows and 0 <= column + right < columns:
                moved[row + down, column + right] = image[row, column]
    return moved


@pytest.fixture(scope="module")
def digits():
    pytest.importorskip("sklearn", reason="digits need scikit-learn")
    return load(Data(**DIGITS), classes=10)


@pytest.mark.parametrize("most", [1, 2])
def test_images_move_pixel_by_pixel_before_they_are_encoded(tmp_path, most):
    random = np.random.default_rng(0)
    x, y = random.integers(0, 256, (30, 4, 5), dtype=np.uint8), np.arange(30) % 2
    np.savez(tmp_path / "own.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    data = Data(name="npz", path=str(tmp_path / "own.npz"), shift=most, encoder={"kind": "threshold", "edges": 0.1})
    dataset = load(data, classes=2)
    shifts = dataset.shifts
    moves = shifts.moves(3, 1)
    expected = np.stack([_moved(image, *move) for image, move in zip(x, moves.tolist(), strict=True)])
    np.testing.assert_array_equal(
        shifts.bits(3, 1, np.arange(30)), dataset.encoding.transform(expected.reshape(30, 20))
    )
    assert set(np.unique(shifts.moves(0, 1))) == set(range(-most, most + 1))


def test_moves_depend_on_seed_and_epoch_and_on_nothing_else(digits):
    moves, numbers = digits.shifts.moves, np.array([5, 3, 900])
    assert (moves(7, 1) == moves(7, 1)).all()
    assert (moves(7, 1) != moves(7, 2)).any()
    assert (moves(7, 1) != moves(8, 1)).any()
    assert (digits.shifts.bits(7, 2, numbers) == digits.shifts.bits(7, 2, np.arange(1000))[numbers]).all()


def test_all_moves_are_equally_likely(digits):
    _, counts = np.unique(np.concatenate([digits.shifts.moves(0, epoch) for epoch in range(1, 11)]), return_counts=True)
    assert len(counts) == 3
    assert np.ptp(counts) < 0.05 * counts.sum()


def test_validation_and_test_images_and_the_encoder_stay(digits):
    without = load(Data(**{**DIGITS, "shift": 0}), classes=10)
    assert without.shifts is None
    for name in ("x_train", "x_test"):
        np.testing.assert_array_equal(getattr(digits, name), getattr(without, name))
    assert digits.encoding.to_arrays().keys() == without.encoding.to_arrays().keys()
    held = load(Data(**DIGITS, validation_fraction=0.2), classes=10)
    assert len(held.shifts.features) == len(held.x_train) == len(digits.x_train) - len(held.x_validation)


def test_training_sees_the_moved_images(digits):
    settings = SETTINGS.with_inputs(digits.inputs)
    x, y = sample_stream(settings, digits, 2)
    assert x.shape == digits.x_train.shape
    order = np.array([0, 10, 2])
    bits = training_bits(settings, digits, 2, order)
    assert (bits == digits.shifts.bits(7, 2, order)).all()
    assert (bits != digits.x_train[order]).any()
    assert sorted(y) == sorted(digits.y_train)


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_resumed_equals_uninterrupted(tmp_path, digits, engine):
    settings, file = SETTINGS.with_inputs(digits.inputs), tmp_path / "checkpoint.npz"
    fit(settings, digits, epochs=1, checkpoint=file)
    resumed = fit(settings, digits, epochs=2, checkpoint=file, resume=True, engine=engine)
    straight = fit(settings, digits, epochs=2)
    assert [e.test_accuracy for e in resumed.history] == [e.test_accuracy for e in straight.history]
    for name, array in straight.state.to_arrays().items():
        np.testing.assert_array_equal(resumed.state.to_arrays()[name], array)


def test_a_checkpoint_knows_its_images(tmp_path, digits):
    file = tmp_path / "checkpoint.npz"
    settings = SETTINGS.with_inputs(digits.inputs)
    fit(settings, digits, epochs=1, checkpoint=file)
    message = r"was made with data\.shift = 1, not 0: start afresh"
    with pytest.raises(BephwError, match=message):
        fit(settings.replace({"data.shift": 0}), digits, epochs=2, checkpoint=file, resume=True)
    digits.shifts.features[0] += 1
    try:
        with pytest.raises(BephwError, match="other training samples"):
            fit(settings, digits, epochs=2, checkpoint=file, resume=True)
    finally:
        digits.shifts.features[0] -= 1


def test_the_baseline_sees_them_too(digits):
    pytest.importorskip("torch", reason="the baseline needs PyTorch")
    settings = SETTINGS.with_inputs(digits.inputs).replace({"learning.algorithm": "ste"})
    with_moves, without = (
        learn(chosen, load(chosen.data, classes=10), epochs=1)[0].history[-1].train_accuracy
        for chosen in (settings, settings.replace({"data.shift": 0}))
    )
    assert with_moves != without


@pytest.mark.parametrize(
    ("change", "recurrent", "message"),
    [
        ({"name": "random_prototypes", "encoder": {"kind": "none"}}, False, "data.shift: needs images (samples,"),
        ({"encoder": {"kind": "median"}, "window": 8}, True, "data.shift: needs images, not series of steps (digits)"),
        ({"shift": 8}, False, "data.shift must be less than the sides of the 8 x 8 images of digits, not 8"),
    ],
)
def test_what_cannot_move(change, recurrent, message):
    with pytest.raises(BephwError) as caught:
        load(Data(**{**DIGITS, **change}), classes=10, recurrent=recurrent)
    assert str(caught.value).startswith(message)


def test_a_shift_is_a_whole_number_from_0():
    for wrong in (-1, 0.5, True):
        with pytest.raises(BephwError, match=r"data\.shift"):
            SETTINGS.replace({"data.shift": wrong})
