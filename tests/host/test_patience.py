"""How long a host waits: by the round trips that it has seen."""

import pytest

from bephw.host.patience import Patience


def tried(trips, least=0.06, most=1.0):
    patience = Patience(least, most)
    for number, trip in enumerate(trips):
        patience.sent(number + 1, 100, 10.0 * number)
        patience.accepted(number + 1, 10.0 * number + trip)
    return patience


def test_between_least_and_most():
    assert tried([]).seconds == 0.06
    assert tried([0.001]).seconds == 0.06
    assert tried([5.0]).seconds == 1.0


def test_a_mean_and_four_deviations():
    """By hand: 0.1, deviation 0.05; then 0.2, deviation 0.05 + (0.1 - 0.05) / 4, mean 0.1 + 0.1 / 8."""
    assert tried([0.1]).seconds == pytest.approx(0.3)
    assert tried([0.1, 0.2]).seconds == pytest.approx(0.1125 + 4 * 0.0625)
    assert tried([0.1] * 60).seconds == pytest.approx(0.1, abs=0.001)


def test_one_frame_is_timed_at_a_time():
    patience = Patience(0.06, 1.0)
    patience.sent(5, 100, 0.0)
    patience.sent(9, 100, 0.1)
    patience.accepted(4, 0.15)
    assert patience.seconds == 0.06
    patience.accepted(9, 0.2)
    assert patience.seconds == pytest.approx(0.2 + 4 * 0.1)


def test_in_vain_it_is_doubled_until_a_round_trip_is_known():
    patience = Patience(0.06, 0.2)
    seen = []
    for _ in range(4):
        patience.heard()
        patience.in_vain()
        seen.append(patience.seconds)
    assert seen == [0.12, 0.2, 0.2, 0.2]
    patience.sent(1, 100, 0.0)
    patience.accepted(1, 0.001)
    assert patience.seconds == 0.06


def test_what_was_sent_again_is_not_timed():
    patience = tried([0.05])
    usual = patience.seconds
    patience.sent(2, 100, 20.0)
    patience.in_vain()
    patience.accepted(2, 20.9)
    assert patience.seconds == usual


def test_a_line_that_was_good_doubles_once_and_one_that_is_down_never():
    patience = tried([0.001])
    for _ in range(3):
        patience.in_vain()
    assert patience.seconds == 0.06
    for _ in range(3):
        patience.heard()
        patience.in_vain()
    assert patience.seconds == 0.12


def test_on_a_bad_line_it_is_not_doubled():
    patience = Patience(0.06, 1.0)
    patience.heard()
    patience.damaged()
    patience.in_vain()
    assert patience.seconds == 0.06


def test_frames_become_longer_only_when_such_a_one_was_back_in_time():
    patience, seen = Patience(0.06, 1.0), []
    for number, length in enumerate([10, 30, 30, 60, 120, 240]):
        patience.sent(number + 1, length, float(number))
        patience.accepted(number + 1, number + 0.001)
        seen.append(patience.payload)
    assert seen == [30, 60, 60, 120, 240, 240]
    for _ in range(4):
        patience.in_vain()
        seen.append(patience.payload)
    assert seen[-4:] == [120, 60, 30, 30]
