"""Every kind of encoder against hand-computed thresholds and a specification in plain Python."""

from fractions import Fraction
from statistics import NormalDist, fmean, median, pstdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data import fit_encoding
from bephw.errors import BephwError
from bephw.settings import Encoder

X = np.array([[0, 10], [4, 10], [8, 30], [16, 50]], np.float64)
SPACINGS = ("uniform", "distributive", "gaussian")
KINDS = (
    {"kind": "median"},
    {"kind": "threshold", "threshold": 0.3},
    *({"kind": "thermometer", "levels": 4, "spacing": spacing} for spacing in SPACINGS),
)


def _thresholds(encoder, column, everything):
    """Thresholds of a feature, in plain Python."""
    levels, low, high = encoder.levels, min(column), max(column)
    if encoder.kind == "median":
        return [median(column)]
    if encoder.kind == "threshold":
        return [min(everything) * (1 - encoder.threshold) + max(everything) * encoder.threshold]
    shares = [k / (levels + 1) for k in range(1, levels + 1)]
    if encoder.spacing == "uniform":
        return [low + (high - low) * share for share in shares]
    if encoder.spacing == "gaussian":
        return [fmean(column) + pstdev(column) * NormalDist().inv_cdf(share) for share in shares]
    column = sorted(column)
    quantiles = []
    for k in range(1, levels + 1):
        below, rest = divmod(k * (len(column) - 1), levels + 1)
        above = column[min(below + 1, len(column) - 1)]
        quantiles.append(column[below] + (above - column[below]) * (rest / (levels + 1)))
    return quantiles


numbers = st.floats(-1000, 1000).map(lambda value: round(value, 2))


@st.composite
def features(draw):
    """Features (n, features) as lists: small numbers, often equal ones."""
    width = draw(st.integers(1, 3))
    value = st.one_of(numbers, st.integers(0, 3).map(float))
    return draw(st.lists(st.lists(value, min_size=width, max_size=width), min_size=1, max_size=12))


@given(x=features(), options=st.sampled_from(KINDS))
def test_thresholds_and_bits_are_those_of_the_specification(x, options):
    encoder = Encoder(**options)
    encoding = fit_encoding(encoder, np.array(x))
    everything = [value for row in x for value in row]
    expected = [_thresholds(encoder, list(column), everything) for column in zip(*x, strict=True)]
    np.testing.assert_allclose(encoding.thresholds, expected, rtol=1e-12, atol=1e-9)
    bits = [
        [
            int(value > threshold)
            for value, row in zip(sample, encoding.thresholds.tolist(), strict=True)
            for threshold in row
        ]
        for sample in x
    ]
    assert encoding.transform(np.array(x)).tolist() == bits


@given(x=features(), spacing=st.sampled_from(SPACINGS), levels=st.integers(1, 9))
def test_thermometers_never_rise_with_the_level_nor_fall_with_the_feature(x, spacing, levels):
    x = np.array(x)
    encoding = fit_encoding(Encoder(kind="thermometer", levels=levels, spacing=spacing), x)
    bits = encoding.transform(x).reshape(*x.shape, levels).astype(int)
    assert (np.diff(bits, axis=2) <= 0).all()
    for feature in range(x.shape[1]):
        ordered = bits[np.argsort(x[:, feature]), feature]
        assert (np.diff(ordered, axis=0) >= 0).all()


@given(x=features(), min_share=st.sampled_from([0.0, 0.1, 0.25, 0.49]), options=st.sampled_from(KINDS))
def test_bits_that_say_little_are_left_out(x, min_share, options):
    x = np.array(x)
    every = fit_encoding(Encoder(**options), x).transform(x)
    share = Fraction(str(min_share))
    ones = [Fraction(int(column.sum()), len(x)) for column in every.T]
    kept = [bit for bit, one in enumerate(ones) if share < one < 1 - share]
    encoder = Encoder(**options, min_share=min_share)
    if not kept:
        with pytest.raises(BephwError, match=r"^x: data\.encoder\.min_share = [\d.]+ leaves out all \d+ bits"):
            fit_encoding(encoder, x)
        return
    encoding = fit_encoding(encoder, x)
    assert encoding.bits == len(kept)
    np.testing.assert_array_equal(encoding.transform(x), every[:, kept])


def test_a_uniform_thermometer_cuts_each_range_into_equal_parts():
    encoding = fit_encoding(Encoder(kind="thermometer", levels=3), X)
    assert encoding.thresholds.tolist() == [[4, 8, 12], [20, 30, 40]]
    assert encoding.bits == 6
    assert encoding.transform(X).tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 1, 0, 0],
        [1, 1, 1, 1, 1, 1],
    ]


def test_a_distributive_thermometer_cuts_the_samples_into_equal_parts():
    x = np.arange(101.0)[:, np.newaxis] ** 2
    encoding = fit_encoding(Encoder(kind="thermometer", levels=4, spacing="distributive"), x)
    assert encoding.thresholds.tolist() == [[400, 1600, 3600, 6400]]
    assert encoding.transform(x).sum(axis=0).tolist() == [80, 60, 40, 20]


def test_a_gaussian_thermometer_cuts_the_normal_distribution_into_equal_parts():
    x = np.random.default_rng(0).normal(3, 2, (20_000, 1))
    encoding = fit_encoding(Encoder(kind="thermometer", levels=4, spacing="gaussian"), x)
    np.testing.assert_allclose(encoding.transform(x).mean(axis=0), [0.8, 0.6, 0.4, 0.2], atol=0.01)


def test_median_is_one_bit_a_feature_above_the_median():
    encoding = fit_encoding(Encoder(kind="median"), X)
    assert encoding.thresholds.tolist() == [[6], [20]]
    assert encoding.transform(X).tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]


@pytest.mark.parametrize(("share", "between"), [(0, 0), (0.5, 25), (1, 50)])
def test_threshold_is_one_for_all_features(share, between):
    encoding = fit_encoding(Encoder(kind="threshold", threshold=share), X)
    assert encoding.thresholds.tolist() == [[between], [between]]


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("constant", [7, 0.1, -1e300])
def test_a_constant_feature_gives_zeros(options, constant):
    x = np.full((7, 1), constant)
    assert not fit_encoding(Encoder(**options), x).transform(x).any()


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_one_sample_is_enough(options):
    x = np.array([[1.5, -2.0]])
    assert fit_encoding(Encoder(**options), x).transform(x).shape[0] == 1


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.uint64, np.float16, np.float32])
def test_the_numeric_type_does_not_matter(options, dtype):
    x = np.random.default_rng(0).integers(0, 100, (50, 3))
    x[0] = -100 if np.dtype(dtype).kind != "u" else 0
    expected = fit_encoding(Encoder(**options), x.astype(np.float64))
    encoding = fit_encoding(Encoder(**options), x.astype(dtype))
    np.testing.assert_array_equal(encoding.thresholds, expected.thresholds)
    np.testing.assert_array_equal(encoding.transform(x.astype(dtype)), expected.transform(x))


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_flags_are_numbers_too(options):
    x = np.random.default_rng(0).random((9, 4)) < 0.5
    expected = fit_encoding(Encoder(**options), x.astype(int))
    np.testing.assert_array_equal(fit_encoding(Encoder(**options), x).transform(x), expected.transform(x.astype(int)))


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("window", [1, 3, 5, 7])
def test_all_values_of_series_share_their_thresholds(options, window):
    x = np.random.default_rng(1).normal(size=(20, 7))
    encoding = fit_encoding(Encoder(**options), x, window=window)
    alone = fit_encoding(Encoder(**options), x.reshape(-1, 1))
    assert encoding.thresholds.tolist() == alone.thresholds.tolist() * window
    bits = encoding.transform(x)
    assert bits.shape == (20, -(-7 // window), encoding.bits)
    levels = alone.bits
    flat = bits.reshape(20, -1, levels)[:, :7]
    np.testing.assert_array_equal(flat, alone.transform(x.reshape(-1, 1)).reshape(20, 7, levels))


def test_features_of_steps_have_thresholds_of_their_own():
    x = np.random.default_rng(1).normal(size=(20, 5, 2)) * [1, 100]
    encoding = fit_encoding(Encoder(kind="thermometer"), x, recurrent=True)
    flat = fit_encoding(Encoder(kind="thermometer"), x.reshape(100, 2))
    assert encoding.thresholds.tolist() == flat.thresholds.tolist()
    assert encoding.bits == 6
    np.testing.assert_array_equal(encoding.transform(x), flat.transform(x.reshape(100, 2)).reshape(20, 5, 6))


def test_bits_of_a_step_are_left_out_at_every_step():
    x = np.zeros((10, 4), int)
    x[:, 0] = 1
    encoder = Encoder(kind="none", min_share=0)
    assert fit_encoding(encoder, x, window=2).kept.tolist() == [0]
    assert fit_encoding(encoder, x, window=2).transform(x).tolist() == [[[1], [0]]] * 10
    assert fit_encoding(encoder, x.reshape(10, 2, 2), recurrent=True).kept.tolist() == [0]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(3), r"^x: must have two dimensions \(samples, features\), not shape \(3,\)$"),
        (np.zeros((2, 2, 2)), r"^x: must have two dimensions"),
        (np.array([["a"]]), r"^x: must hold numbers, not <U1$"),
        (np.array([[1j]]), r"^x: must hold numbers, not complex128$"),
        (np.array([[np.nan]]), r"^x: must be finite, but sample 0, feature 0 is NaN "),
        (np.zeros((0, 3)), r"^x: an encoder needs at least one training sample$"),
        (np.zeros((3, 0)), r"^x: samples must have at least one feature, not shape \(3, 0\)$"),
    ],
)
def test_bad_features_are_refused(x, message):
    with pytest.raises(BephwError, match=message):
        fit_encoding(Encoder(), x)


def test_bad_series_are_refused():
    with pytest.raises(BephwError, match=r"^x: data\.window must be at most the series' 3 values, not 4$"):
        fit_encoding(Encoder(), np.zeros((2, 3)), window=4)
    with pytest.raises(BephwError, match=r"^x: must have two dimensions"):
        fit_encoding(Encoder(), np.zeros((2, 3, 4)), window=2, recurrent=True)
    with pytest.raises(
        BephwError, match=r"^x: must have three dimensions \(samples, steps, features\), not shape \(2, 3\)$"
    ):
        fit_encoding(Encoder(), np.zeros((2, 3)), recurrent=True)


@pytest.mark.parametrize("spacing", ["uniform", "gaussian"])
def test_ranges_beyond_floating_point_are_refused(spacing):
    x = np.array([[-1.7e308], [1.7e308]])
    with pytest.raises(
        BephwError, match=r"^x: must be smaller numbers: thresholds between -1\.7e\+308 and 1\.7e\+308 overflow$"
    ):
        fit_encoding(Encoder(kind="thermometer", spacing=spacing), x)
    assert fit_encoding(Encoder(kind="threshold"), x).transform(x).tolist() == [[0], [1]]


def test_equal_samples_give_equal_bits():
    x = np.random.default_rng(3).normal(size=(30, 130))
    for options in KINDS:
        first, again = (fit_encoding(Encoder(**options, min_share=0.1), x) for _ in range(2))
        np.testing.assert_array_equal(first.thresholds, again.thresholds)
        np.testing.assert_array_equal(first.kept, again.kept)


@pytest.mark.parametrize("kind", [{"kind": "median"}, *KINDS[2:]])
def test_no_bit_of_a_table_is_wasted(kind):
    """Thresholds move only where their bits would be constant; bits that repeat a lower level's are left out."""
    random = np.random.default_rng(0)
    x = np.stack(
        [
            random.random(50) < 0.9,  # above every quantile there is nothing
            random.random(50) < 0.02,
            random.normal(size=50),
            np.full(50, 3.0),
            random.integers(0, 3, 50),
            np.where(np.arange(50) < 40, 7, np.arange(50)),
        ],
        axis=1,
    ).astype(np.float64)
    plain, table = (fit_encoding(Encoder(**kind), x, table=table) for table in (False, True))
    before, after = plain.transform(x), table.transform(x)
    levels = plain.thresholds.shape[1]
    constant = (before.min(axis=0) == before.max(axis=0)).reshape(-1, levels)
    np.testing.assert_array_equal(table.thresholds[~constant], plain.thresholds[~constant])
    kept = np.arange(levels * 6) if table.kept is None else table.kept
    assert (kept // levels).tolist().count(0) == (kept // levels).tolist().count(1) == 1
    for feature in range(6):
        own = after[:, kept // levels == feature]
        assert len(np.unique(own, axis=1).T) == own.shape[1]  # no two bits alike
        assert (own.min(axis=0) < own.max(axis=0)).all() or feature == 3
    assert (kept // levels).tolist().count(3) == 1
    np.testing.assert_array_equal(after[:, kept // levels == 0][:, 0], x[:, 0])


def test_tables_leave_other_encoders_alone():
    x = np.array([[0, 1], [1, 1], [1, 0], [1, 1]], np.float64)
    for kind in ({"kind": "none"}, {"kind": "threshold", "threshold": 0.5}):
        assert fit_encoding(Encoder(**kind), x, table=True).transform(x).tolist() == x.tolist()


def test_tables_and_min_share():
    x = np.stack([np.arange(40.0), np.full(40, 2.0), np.arange(40) % 2], axis=1)
    encoding = fit_encoding(Encoder(kind="thermometer", levels=3, min_share=0.0), x, table=True)
    assert encoding.kept.tolist() == [0, 1, 2, 6]
