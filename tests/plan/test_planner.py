"""Plans fit their boards and do what was asked for."""

from pathlib import Path

import pytest

from bephw.boards.bitstream.memories import count_rams
from bephw.boards.catalogue import board
from bephw.errors import BephwError
from bephw.plan import planner
from bephw.plan.activity import assumed
from bephw.plan.area import predict_area
from bephw.plan.bounds import bounds
from bephw.plan.cycles import predict
from bephw.plan.folding import near
from bephw.plan.planner import evaluate, figures, fits, fullest, make_plan
from bephw.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = Settings.build(network={"sizes": (64, 20), "classes": 10}, learning={"gamma": 10, "batch": 20})
STATES = {state: assumed(SETTINGS, state).activity(SETTINGS, 60) for state in ("fresh", "trained")}


@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-85f"])
def test_fastest_that_fits(name):
    target = board(name)
    made = make_plan(SETTINGS, target, STATES)
    assert fits(made.settings, target, made.area)
    assert made.luts <= target.luts and made.brams <= target.brams and made.sprams <= target.sprams
    assert made.clock_mhz <= made.area.fmax_mhz
    assert made.settings.board.name == name
    small = make_plan(SETTINGS, target, STATES, objective="area")
    assert small.luts <= made.luts
    assert small.slowest <= made.slowest
    wanted = (small.slowest + made.slowest) / 2
    enough = make_plan(SETTINGS, target, STATES, samples_per_second=wanted)
    assert enough.slowest >= wanted
    assert small.luts <= enough.luts <= made.luts * 1.05


def test_too_fast():
    with pytest.raises(
        BephwError, match=r"samples-per-second: must be at most about .* on icebreaker, not 1,000,000,000"
    ):
        make_plan(SETTINGS, board("icebreaker"), STATES, samples_per_second=1e9)


def test_too_large():
    settings = SETTINGS.replace({"network.sizes": (8000, 20)})
    states = {"fresh": assumed(settings, "fresh").activity(settings, 5)}
    with pytest.raises(
        BephwError,
        match=r"network\.sizes: no folding was found that fits icebreaker: the counters alone are 1250 kbit, "
        r"and it has 1144 kbit and 5280 LUTs",
    ):
        make_plan(settings, board("icebreaker"), states)


def test_settings_as_they_are():
    settings = SETTINGS.replace({"hardware.rows": 2, "hardware.columns": 8, "board.clock_mhz": 25.0})
    made = evaluate(settings, board("ulx3s-85f"), STATES)
    assert made.settings.hardware == settings.hardware
    assert made.clock_mhz == 25
    shown = figures(made)
    assert shown["states"]["fresh"]["cycles_per_sample"] == made.cycles["fresh"].per_sample
    assert shown["lanes"] == made.settings.lanes


@pytest.mark.parametrize(
    ("name", "luts", "brams", "mhz"), [("tang-nano-9k", 6544, 26, 96.5), ("ulx3s-12f", 4251, 27, 110.5)]
)
def test_chips_that_were_not_fitted(name, luts, brams, mhz):
    """Against the builds of docs/boards.md; their links had room for more than the least memories."""
    settings = Settings.from_toml(EXAMPLES / "digits.toml").replace(
        {"hardware.counter_memory": "bram", "board.clock_mhz": None}
    )
    states = {"fresh": assumed(settings, "fresh").activity(settings, 20)}
    made = evaluate(settings, board(name), states)
    assert made.luts == pytest.approx(luts, rel=0.15)
    assert made.area.fmax_mhz == pytest.approx(mhz, rel=0.15)
    assert brams - 2 <= made.brams <= brams


@pytest.mark.parametrize("name", ["ice40-hx8k-b-evn", "tang-nano-20k", "ccgm1a1-evb"])
def test_every_family_has_a_plan(name):
    """A slower or smaller chip of a family is predicted as such."""
    made = evaluate(SETTINGS.replace({"hardware.rows": 2, "hardware.columns": 8}), board(name), STATES)
    assert fits(made.settings, board(name), made.area)
    assert made.clock_mhz <= made.area.fmax_mhz
    assert predict_area(SETTINGS, "ice40").fmax_mhz < predict_area(SETTINGS, "ice40", chip=board(name).chip).fmax_mhz


def test_bounds_are_in_order_and_complete():
    made = evaluate(SETTINGS, board("ulx3s-85f"), STATES)
    rows = bounds(made.settings, STATES["fresh"], made.cycles["fresh"])
    assert [row.cycles for row in rows] == sorted((row.cycles for row in rows), reverse=True)
    assert {"forward_0", "forward_1", "counters_0", "winner_0", "stream", "lessons", "batch ends"} == {
        row.part for row in rows
    }
    pace = max(row.cycles for row in rows if row.part != "batch ends")
    (ends,) = [row.cycles for row in rows if row.part == "batch ends"]
    assert pace + ends == pytest.approx(made.cycles["fresh"].per_sample)


@pytest.mark.parametrize(
    "changes",
    [
        {"network.sizes": (64, 20, 20), "hardware.samples": (2, 4)},
        {"learning.lag": 1},
        {"hardware.samples": 4, "learning.lag": 1, "learning.burst": 8, "hardware.sample_memory": "auto"},
    ],
)
def test_several_samples_and_lag_as_they_are(changes):
    settings, target = SETTINGS.replace(changes), board("ulx3s-85f")
    states = {"fresh": assumed(settings, "fresh").activity(settings, 40)}
    made = evaluate(settings, target, states)
    one = evaluate(settings.replace({"hardware.samples": 1, "learning.lag": 0}), target, states)
    assert made.settings.hardware == settings.hardware
    assert made.luts > one.luts
    assert made.clock_mhz <= made.area.fmax_mhz <= one.area.fmax_mhz
    assert made.brams > count_rams(settings, "ecp5")["block"] > 0
    shown = figures(made)
    parts = sum(shown["luts_by_part"].values()) + planner.BOARD_LUTS["ecp5"]
    assert shown["luts"] == made.luts == pytest.approx(parts, abs=1)
    assert shown["states"]["fresh"]["cycles_per_sample"] == predict(settings, states["fresh"]).per_sample


def test_several_samples_are_chosen_where_they_pay(monkeypatch):
    """Block RAM bounds the lanes of one sample at a time long before LUTs do."""
    settings = Settings.build(
        network={"sizes": (784, 255), "classes": 4},
        learning={"gamma": 51, "batch": 20, "burst": 8, "lag": 1},
        hardware={"samples": 2, "wire_registers": 3, "profile": False},
    )
    states = {"fresh": assumed(settings, "fresh").activity(settings, 40)}
    target = board("ulx3s-85f")
    made = make_plan(settings, target, states)
    hardware = made.settings.hardware
    assert hardware.samples > 1 and hardware.slots % hardware.samples == 0
    assert (hardware.sample_memory, hardware.renewal) == ("auto", "copy")  # a lag knows no sweep
    assert fits(made.settings, target, made.area)
    others = [made.settings.replace({"hardware.wire_registers": wires}) for wires in (0, 1)]
    assert made.slowest == max(evaluate(clear(other), target, states).slowest for other in others)
    # A speed that one sample at a time does not reach: the search goes on where nothing is fast enough.
    with monkeypatch.context() as patch:
        patch.setattr(planner, "SAMPLES", (1,))
        one = make_plan(settings, target, states)
    assert one.slowest < made.slowest
    wanted = 0.2 * one.slowest + 0.8 * made.slowest
    enough = make_plan(settings, target, states, samples_per_second=wanted)
    assert max(enough.settings.samples) > 1 and enough.slowest >= wanted


def clear(settings):
    """Without a clock, so that one is chosen."""
    return settings.replace({"board.clock_mhz": None})


def test_the_smallest_renews_by_a_sweep():
    settings = SETTINGS.replace({"hardware.samples": 2, "hardware.sample_memory": "auto"})
    made = make_plan(settings, board("ulx3s-85f"), STATES, objective="area")
    hardware = made.settings.hardware
    assert (hardware.samples, hardware.renewal, hardware.sample_memory) == (1, "sweep", "block")
    assert hardware.wire_registers == 0
    copied = evaluate(clear(made.settings.replace({"hardware.renewal": "copy"})), board("ulx3s-85f"), STATES)
    assert made.luts < copied.luts


def test_what_may_be_routed():
    """Few LUTs beside many block RAMs, on ECP5: up to four samples at a time are routed, more were not tried."""
    target = board("ulx3s-85f")
    assert fullest("ecp5", 0.2) == 0.85 and fullest("ecp5", 1.0) == pytest.approx(0.56)
    assert fullest("ice40", 1.0) == fullest("ice40", 0.2) == 0.96
    one, four = (Settings.from_toml(EXAMPLES / f"{name}.toml") for name in ("fashion_fast", "fashion_samples"))
    six = four.replace({"hardware.samples": 6, "hardware.slots": 48})
    assert fits(one, target, predict_area(one, "ecp5"))
    assert fits(four, target, predict_area(four, "ecp5"))
    assert not fits(six, target, predict_area(six, "ecp5"))


@pytest.mark.slow
def test_several_samples_are_chosen_for_a_recurrent_network(monkeypatch):
    """Where a cell's lessons are slower than its lanes, and where lanes are short of words of weights."""
    settings = Settings.build(
        network={"sizes": (12, 48, 16), "classes": 3},
        learning={"gamma": (12, 4), "algorithm": "bep-tt", "batch": 50},
        data={"steps": 6},
    )
    states, target = {"fresh": assumed(settings, "fresh").activity(settings, 40)}, board("ulx3s-85f")
    made = make_plan(settings, target, states)
    assert set(made.settings.samples) != {1}
    assert fits(made.settings, target, made.area)
    with monkeypatch.context() as patch:
        patch.setattr(planner, "SAMPLES", (1,))
        one = make_plan(settings, target, states)
    assert one.slowest < made.slowest


def test_the_fastest_with_every_number_of_samples_are_followed():
    settings = Settings.build(
        network={"sizes": (8, 6, 4), "classes": 3},
        learning={"gamma": 2, "algorithm": "bep-tt"},
        data={"steps": 3},
        hardware={"samples": (1, 2)},
    )
    states = {"fresh": assumed(settings, "fresh").activity(settings, 10)}
    found = planner._search(settings, board("ulx3s-85f"), states, None, "speed")
    numbers = {candidate.settings.samples for candidate in found}
    assert len(numbers) > 1
    chosen = planner._fastest(found)
    assert len(chosen) < len(found)
    for number in numbers:
        best = max(candidate.speed for candidate in found if candidate.settings.samples == number)
        assert best in [candidate.speed for candidate in chosen if candidate.settings.samples == number]


def test_block_rams_of_several_samples():
    settings = Settings.from_toml(EXAMPLES / "fashion_samples.toml")
    assert count_rams(settings, "ecp5")["block"] == 207


@pytest.mark.parametrize("samples", [1, 4])
def test_what_is_passed_over_is_too_large(samples):
    """Foldings are left out by fewer LUTs than they take."""
    settings = SETTINGS.replace({"network.sizes": (64, 20, 20), "hardware.samples": samples})
    target, sparsity = board("ulx3s-85f"), assumed(settings, "fresh")
    least = planner._least(settings, target)
    for interval in (5, 20, 100, 400):
        for folding in near(settings, interval, sparsity, family="ecp5"):
            luts = predict_area(folding.apply(settings), "ecp5").luts + planner.BOARD_LUTS["ecp5"]
            assert 0.3 * luts < least(folding) <= luts
