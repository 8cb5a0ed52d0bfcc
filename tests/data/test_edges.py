"""Edges of images against a specification in plain Python, and the uses and files that must be refused."""

import zlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data import Encoding, fit_encoding, load
from bephw.data.edges import Edges
from bephw.data.encoding import BLOCK
from bephw.errors import BephwError
from bephw.settings import Data, Encoder

BYTES = (np.bool_, np.int8, np.uint8)
TYPES = (*BYTES, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.float16, np.float32, np.float64)


def _specified(samples, rows, columns, difference):
    """Bits of images, each a list of its pixels, in plain Python."""

    def brightness(pixels, y, x):
        return pixels[y * columns + x] if 0 <= y < rows and 0 <= x < columns else 0

    bits = []
    for pixels in samples:
        bits.append([])
        for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
            differences = [
                brightness(pixels, y + dy, x + dx) - brightness(pixels, y - dy, x - dx)
                for y in range(rows)
                for x in range(columns)
            ]
            bits[-1] += [int(d > difference) for d in differences] + [int(d < -difference) for d in differences]
    return bits


@st.composite
def images(draw):
    """(x, rows, columns): features of any type, its smallest and largest values among them."""
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    rows, columns, count = (draw(st.integers(1, high)) for high in (4, 4, 3))
    if dtype.kind == "f":
        value = st.floats(-1000, 1000, width=16)
    elif dtype.kind == "b":
        value = st.booleans()
    else:  # Beyond 53 bits, differences are rounded: see the limits' test.
        low, high = max(np.iinfo(dtype).min, -(2**52)), min(np.iinfo(dtype).max, 2**52)
        value = st.one_of(st.sampled_from([low, high, 0, 1]), st.integers(low, high))
    pixels = draw(st.lists(value, min_size=count * rows * columns, max_size=count * rows * columns))
    return np.array(pixels, dtype).reshape(count, rows * columns), rows, columns


@given(case=images(), share=st.sampled_from([0.01, 0.1, 0.16, 0.5, 0.99]))
def test_edge_bits_are_those_of_the_specification(case, share):
    x, rows, columns = case
    samples = [[Fraction(pixel) for pixel in sample] for sample in x.tolist()]
    everything = [pixel for sample in samples for pixel in sample]
    difference = float(Fraction(str(share)) * (max(everything) - min(everything)))
    encoder = Encoder(kind="threshold", edges=share)
    encoding = fit_encoding(encoder, x, image=(rows, columns))
    assert encoding.edges == Edges((rows, columns), difference)
    assert encoding.bits == 9 * rows * columns
    bits = encoding.transform(x)
    assert bits.dtype == np.uint8
    assert bits[:, rows * columns :].tolist() == _specified(samples, rows, columns, difference)
    alone = fit_encoding(Encoder(kind="threshold"), x).transform(x)
    np.testing.assert_array_equal(bits[:, : rows * columns], alone)


def test_bits_of_one_bright_pixel():
    x = np.zeros((1, 9), np.uint8)
    x[0, 4] = 200
    bits = Edges((3, 3), 199.9).transform(x).reshape(4, 2, 9)
    # The pixel is ahead of the neighbour on one side (a rise there), behind the one on the other side (a fall).
    rises_and_falls = [[[3], [5]], [[1], [7]], [[0], [8]], [[2], [6]]]
    assert [[np.flatnonzero(sign).tolist() for sign in direction] for direction in bits] == rises_and_falls
    assert not Edges((3, 3), 200.0).transform(x).any()


def test_outside_the_image_is_0():
    bits = Edges((1, 2), 4.0).transform(np.array([[5.0, -5.0]])).reshape(4, 2, 2)
    assert bits[0].tolist() == [[False, False], [True, True]]  # -5 - 0 and 0 - 5
    assert not bits[1:].any()


@pytest.mark.parametrize("dtype", TYPES[1:])
def test_differences_do_not_overflow(dtype):
    limits = np.finfo(dtype) if np.dtype(dtype).kind == "f" else np.iinfo(dtype)
    x = np.array([[limits.min, 0, limits.max], [limits.max, 0, limits.min]], dtype)
    bits = Edges((1, 3), float(limits.max) / 2).transform(x).reshape(2, 4, 2, 3)
    assert bits[:, 0, :, 1].tolist() == [[True, False], [False, True]]


def test_bytes_lie_below_any_larger_threshold():
    x = np.array([[0, 0, 255]], np.uint8)
    for difference in (255.0, 2.0**15, 2.0**16 + 1, 1e300):
        assert not Edges((1, 3), difference).transform(x).any()
    assert Edges((1, 3), 254.9).transform(x).any()


@given(case=images(), difference=st.floats(0, 400))
def test_bytes_give_the_bits_of_their_values(case, difference):
    x, rows, columns = case
    x = x.astype(np.float64).astype(np.int64).astype(np.uint8)
    edges = Edges((rows, columns), difference)
    np.testing.assert_array_equal(edges.transform(x), edges.transform(x.astype(np.float64)))


@pytest.mark.parametrize("min_share", [None, 0, 0.2])
@pytest.mark.parametrize(
    "options", [{"kind": "thermometer"}, {"kind": "median"}, {"kind": "threshold"}, {"kind": "none"}], ids=str
)
@pytest.mark.parametrize("samples", [3, BLOCK, BLOCK + 1])
def test_edges_follow_the_other_bits_and_are_left_out_like_them(options, min_share, samples):
    x = np.random.default_rng(samples).integers(0, 2 if options["kind"] == "none" else 256, (samples, 12))
    x[:, :6] = x[0, 0]
    every = fit_encoding(Encoder(**options, edges=0.3), x, image=(4, 3)).transform(x)
    alone = fit_encoding(Encoder(**options), x).transform(x)
    np.testing.assert_array_equal(every[:, : alone.shape[1]], alone)
    assert every.shape[1] == alone.shape[1] + 8 * 12
    encoding = fit_encoding(Encoder(**options, edges=0.3, min_share=min_share), x, image=(4, 3))
    if min_share is None:
        assert encoding.kept is None
        return
    ones, limit = every.sum(axis=0), Fraction(str(min_share)) * samples
    kept = [bit for bit, count in enumerate(ones.tolist()) if limit < count < samples - limit]
    assert encoding.kept.tolist() == kept
    np.testing.assert_array_equal(encoding.transform(x), every[:, kept])


@pytest.mark.parametrize("side", ["features", "edges"])
def test_all_bits_of_one_kind_may_be_left_out(side):
    x = np.zeros((4, 4)) if side == "features" else np.random.default_rng(0).integers(0, 2, (4, 4)).astype(float)
    encoding = fit_encoding(Encoder(kind="threshold", edges=0.5), x + 1, image=(2, 2))
    kept = np.arange(4, 36) if side == "features" else np.arange(4)
    part = Encoding(encoding.shape, None, encoding.thresholds, kept, encoding.edges)
    np.testing.assert_array_equal(part.transform(x), encoding.transform(x)[:, kept])


def test_an_equal_share_of_the_range_is_no_edge():
    x = np.array([[0, 0, 40, 100]], np.uint8)
    for share, rises in ((0.4, [2]), (0.39, [1, 2])):
        encoding = fit_encoding(Encoder(edges=share), x, image=(1, 4))
        assert encoding.edges.difference == 100 * share
        assert np.flatnonzero(encoding.transform(x)[0, 4:8]).tolist() == rises


def test_series_and_features_without_rows_are_refused():
    encoder, x = Encoder(edges=0.2), np.random.default_rng(0).normal(size=(5, 12))
    needs = r"^data\.encoder\.edges: needs images"
    with pytest.raises(BephwError, match=needs + r" \(samples, rows, columns\), which x does not hold$"):
        fit_encoding(encoder, x)
    with pytest.raises(BephwError, match=needs + r", not series of steps \(x\)$"):
        fit_encoding(encoder, x, window=4, image=(3, 4))
    with pytest.raises(BephwError, match=needs + r", not series of steps \(x\)$"):
        fit_encoding(encoder, x.reshape(5, 3, 4), recurrent=True)
    with pytest.raises(BephwError, match=r"^x: images of 3 x 5 pixels have 15 features, not 12$"):
        fit_encoding(encoder, x, image=(3, 5))
    fit_encoding(Encoder(), x, image=(3, 5))  # Without edges, images are features like any others.


def test_a_range_beyond_floating_point_is_refused():
    x = np.array([[-1.7e308, 1.7e308]])
    with pytest.raises(BephwError, match=r"^x: must be smaller numbers: differences of -1\.7e\+308 and 1\.7e\+308"):
        fit_encoding(Encoder(edges=0.2), x, image=(1, 2))
    edges = Edges((1, 3), 1.7e308)
    assert edges.transform(np.array([[-1.7e308, 0, 1.7e308]])).reshape(4, 2, 3)[0, 0].tolist() == [False, True, False]


def test_images_of_another_shape_are_refused():
    encoding = fit_encoding(Encoder(edges=0.2), np.eye(12), image=(3, 4))
    with pytest.raises(BephwError, match=r"^x: the encoder was fitted on 12 features, not 16$"):
        encoding.transform(np.zeros((2, 16)))
    with pytest.raises(BephwError, match=r"^x: must have two dimensions \(samples, features\), not shape \(2, 4, 3\)$"):
        encoding.transform(np.zeros((2, 4, 3)))


@given(case=images(), kind=st.sampled_from(["thermometer", "median", "threshold"]), share=st.floats(0.001, 0.999))
def test_arrays_give_the_same_edges_back(case, kind, share):
    x, rows, columns = case
    encoding = fit_encoding(Encoder(kind=kind, edges=share), x.astype(np.float64), image=(rows, columns))
    again = Encoding.from_arrays(encoding.to_arrays())
    assert again.edges == encoding.edges
    assert again.to_arrays().keys() == encoding.to_arrays().keys()
    for name, array in encoding.to_arrays().items():
        assert array.tobytes() == again.to_arrays()[name].tobytes()
    np.testing.assert_array_equal(again.transform(x), encoding.transform(x))


def test_a_file_gives_the_same_edges_back(tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 6))
    encoding = fit_encoding(Encoder(kind="thermometer", edges=0.1, min_share=0.15), x, image=(2, 3))
    encoding.save(tmp_path / "encoder.npz")
    again = Encoding.load(tmp_path / "encoder.npz")
    assert again.edges == encoding.edges
    np.testing.assert_array_equal(again.transform(x), encoding.transform(x))


def test_encodings_without_edges_have_the_arrays_they_had():
    encoding = fit_encoding(Encoder(min_share=0), np.eye(4), image=(2, 2))
    assert list(encoding.to_arrays()) == ["encoding_shape", "encoding_window", "encoding_thresholds", "encoding_kept"]
    assert Encoding.from_arrays(encoding.to_arrays()).edges is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": None}, r"encoding_image is missing$"),
        ({"image": [2.0, 3.0]}, r"encoding_image must hold integers, not float64$"),
        ({"image": 6}, r"encoding_image must have 1 dimension, not shape \(\)$"),
        ({"image": [6]}, r"encoding_image must have 2 entries, not 1$"),
        ({"image": [0, 6]}, r"encoding_image must be 1 to 2147483647, not 0$"),
        ({"image": [2, 4]}, r"encoding_image must have the 6 features as pixels, not 2 x 4$"),
        ({"window": 2}, r"encoding_image must be left out where samples have steps$"),
        ({"shape": [2, 3]}, r"encoding_image must be left out where samples have steps$"),
        ({"difference": None}, r"encoding_difference is missing$"),
        ({"difference": 1}, r"encoding_difference must be float64, not int64$"),
        ({"difference": [1.0]}, r"encoding_difference must have 0 dimensions, not shape \(1,\)$"),
        ({"difference": -1.0}, r"encoding_difference must be finite and at least 0, not -1\.0$"),
        ({"difference": np.inf}, r"encoding_difference must be finite and at least 0, not inf$"),
        ({"difference": np.nan}, r"encoding_difference must be finite and at least 0, not nan$"),
        ({"kept": [0, 54]}, r"encoding_kept must lie below the 54 bits, not be 54$"),
    ],
)
def test_damaged_arrays_are_refused(changes, message):
    good = {"shape": [6], "window": 0, "image": [2, 3], "difference": 1.5, "kept": [0, 53]}
    assert Encoding.from_arrays({f"encoding_{n}": np.array(v) for n, v in good.items()}).bits == 2
    arrays = {f"encoding_{n}": np.array(v) for n, v in {**good, **changes}.items() if v is not None}
    with pytest.raises(BephwError, match=rf"^state\.npz: {message}"):
        Encoding.from_arrays(arrays, "state.npz")


def test_digits_are_images():
    data = Data(encoder={"kind": "thermometer", "edges": 0.25, "min_share": 0})
    dataset = load(data, classes=10)
    assert dataset.encoding.edges == Edges((8, 8), 4.0)
    assert (zlib.crc32(dataset.x_train), zlib.crc32(dataset.x_test)) == (0x8AFADB24, 0x03F077FB)
    with pytest.raises(BephwError, match=r"^data\.encoder\.edges: needs images, not series of steps \(digits: x_train"):
        load(data.model_copy(update={"window": 8}), classes=10, recurrent=True)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_images_from_a_folder_have_edges(data_folder, name):
    dataset = load(Data(name=name, encoder={"edges": 0.16}), classes=10, folder=data_folder, inputs=784 * 9)
    assert dataset.encoding.edges == Edges((28, 28), 40.8)
    assert 0.05 < dataset.x_test[:, 784:].mean() < 0.3


def test_random_prototypes_are_no_images():
    data = Data(name="random_prototypes", encoder={"kind": "none", "edges": 0.2})
    with pytest.raises(BephwError, match=r"^data\.encoder\.edges: needs images .* random_prototypes: x_train does not"):
        load(data, classes=10)


def test_npz_files_hold_images_where_they_have_three_dimensions(tmp_path):
    path, random = tmp_path / "own.npz", np.random.default_rng(0)
    x, y = random.integers(0, 256, (6, 2, 3), dtype=np.uint8), np.arange(6) % 2

    def read(x_train, x_test, recurrent=False, **changes):
        np.savez(path, x_train=x_train, y_train=y, x_test=x_test, y_test=y)
        data = Data(name="npz", path=str(path), encoder={"edges": 0.2}, **changes)
        return load(data, classes=2, recurrent=recurrent)

    dataset = read(x, x)
    assert dataset.encoding.edges.image == (2, 3)
    assert dataset.inputs == 9 * 6
    assert read(x, x, folds=2, validation_fraction=0.5).encoding.edges.image == (2, 3)
    for flat in (x.reshape(6, 6), x[..., np.newaxis]):
        with pytest.raises(BephwError, match=r"^data\.encoder\.edges: needs images .*own\.npz: x_train does not hold$"):
            read(flat, flat)
    for other in (x.reshape(6, 3, 2), x.reshape(6, 6)):
        with pytest.raises(
            BephwError,
            match=r"own\.npz: data\.encoder\.edges: images of x_test must have shape \(2, 3\) as those of x_train, not",
        ):
            read(x, other)
    for changes in ({}, {"window": 3}):
        with pytest.raises(BephwError, match=r"^data\.encoder\.edges: needs images, not series of steps \(.*own\.npz"):
            read(x, x, recurrent=True, **changes)
