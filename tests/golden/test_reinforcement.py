"""Section 5: when events fall due, where they fall, and the papers' way."""

import numpy as np
import pytest

from bephw.golden import xorshift
from bephw.golden.reinforcement import bernoulli, draw, most_samples


def test_events_fall_due_as_the_accumulator_overflows() -> None:
    events, accumulator, _ = draw(4, 0x8000, 0x7FFF, 1, (5, 5))
    assert events.samples.tolist() == [1, 3]  # 0xFFFF, 0x17FFF, 0xFFFF, 0x17FFF
    assert accumulator == 0x7FFF


def test_several_events_a_sample() -> None:
    events, accumulator, _ = draw(2, 0x38000, 0, 1, (5, 5))
    assert events.samples.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert accumulator == 0


def test_places_scale_the_two_halves_of_the_word() -> None:
    events, _, generator = draw(200, 0x10000, 0, 99, (65_535, 7))
    words = xorshift.words(99, 200).tolist()
    assert generator == words[-1]
    assert events.rows.tolist() == [((u >> 16) * 65_535) >> 16 for u in words]
    assert events.columns.tolist() == [((u & 0xFFFF) * 7) >> 16 for u in words]


@pytest.mark.parametrize("burst", [2, 4, 8, 16])
def test_an_event_takes_its_neighbours_with_it(burst: int) -> None:
    alone, *after = draw(30, 0x18000, 0, 99, (9, 21))
    joined, *after_joined = draw(30, 0x18000, 0, 99, (9, 21), burst)
    expected = [
        (sample, row, column)
        for sample, row, drawn in zip(*(part.tolist() for part in alone), strict=True)
        for column in range(21)
        if column // burst == drawn // burst
    ]
    assert list(zip(*(part.tolist() for part in joined), strict=True)) == expected
    assert any(column == 20 for _, _, column in expected), "a burst at the end of a row, which is cut short"
    assert after == after_joined


def test_draws_join_without_a_seam() -> None:
    whole, *after = draw(10, 100_000, 5, 77, (9, 4))
    first, accumulator, generator = draw(3, 100_000, 5, 77, (9, 4))
    second, *after_both = draw(7, 100_000, accumulator, generator, (9, 4))
    assert whole.rows.tolist() == first.rows.tolist() + second.rows.tolist()
    assert whole.samples.tolist() == first.samples.tolist() + (second.samples + 3).tolist()
    assert after == after_both


def test_nothing_moves_without_rate_or_samples() -> None:
    for samples, rate in ((5, 0), (0, 2**32 - 1)):
        events, accumulator, generator = draw(samples, rate, 123, 456, (3, 3))
        assert len(events.rows) == 0
        assert (accumulator, generator) == (123, 456)


def test_the_largest_rate_does_not_overflow() -> None:
    events, accumulator, _ = draw(3, 2**32 - 1, 2**16 - 1, 1, (2, 2))
    total = 3 * (2**32 - 1) + 2**16 - 1
    assert len(events.rows) == total >> 16
    assert accumulator == total & 0xFFFF


@pytest.mark.parametrize(
    ("rate", "burst", "most"),
    [(0, 1, 100 << 16), (2**16, 1, 100), (2**16, 4, 25), (2**32 - 1, 1, 1), (2**32 - 1, 16, 1)],
)
def test_work_is_bounded_but_goes_on(rate: int, burst: int, most: int) -> None:
    assert most_samples(rate, 100, burst) == most


@pytest.mark.parametrize("bits", [2, 8, 16])
def test_certain_draws_step_every_counter_away_from_zero(bits: int) -> None:
    top = 2 ** (bits - 1)
    counters = np.array([-top, -top + 1, -1, 0, top - 2, top - 1], np.int16 if bits < 16 else np.int32)
    expected = np.where(counters >= 0, np.minimum(counters + 1, top - 1), np.maximum(counters - 1, -top))
    bernoulli(counters, 1.0, bits, np.random.default_rng(0))
    assert counters.tolist() == expected.tolist()


def test_impossible_draws_step_none() -> None:
    counters = np.arange(-4, 4, dtype=np.int8)
    bernoulli(counters, 0.0, 4, np.random.default_rng(0))
    assert counters.tolist() == list(range(-4, 4))
