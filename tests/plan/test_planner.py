"""Plans fit their boards and do what was asked for."""

import re
from pathlib import Path

import pytest

from bephw.boards.bitstream.memories import count_rams
from bephw.boards.catalogue import board
from bephw.errors import BephwError
from bephw.plan.activity import assumed
from bephw.plan.area import predict_area
from bephw.plan.bounds import bounds
from bephw.plan.cycles import predict
from bephw.plan.folding import foldings
from bephw.plan.planner import evaluate, figures, fits, make_plan
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


@pytest.mark.parametrize("changes", [{"hardware.samples": 2}, {"learning.lag": 1}])
def test_what_has_no_foreseen_luts(changes):
    settings, target = SETTINGS.replace(changes), board("ulx3s-85f")
    made = evaluate(settings, target, STATES)
    shown = figures(made)
    assert made.area is shown["luts"] is shown["fmax_mhz"] is None
    assert made.clock_mhz == target.default_clock_mhz
    assert made.brams > count_rams(settings, "ecp5")["block"] > 0
    assert shown["states"]["fresh"]["cycles_per_sample"] == predict(settings, STATES["fresh"]).per_sample
    ((name, value),) = changes.items()
    rule = f"{name.replace('samples', r'samples[0]')} must be {value - 1} for a plan to foresee LUTs"
    for refuses in (
        lambda: make_plan(settings, target, STATES),
        lambda: predict_area(settings, "ecp5"),
        lambda: foldings(settings, 100, [*STATES.values()]),
    ):
        with pytest.raises(BephwError, match=re.escape(rule)):
            refuses()


def test_a_recurrent_network_takes_one_sample_at_a_time():
    settings = Settings.build(
        network={"sizes": (8, 6, 4), "classes": 3},
        learning={"gamma": 2, "algorithm": "bep-tt"},
        data={"steps": 3},
        hardware={"samples": (1, 2)},
    )
    with pytest.raises(BephwError, match=r"hardware\.samples\[1\] must be 1 in a plan for a recurrent network"):
        predict(settings, assumed(settings, "fresh").activity(settings, 3))


def test_block_rams_of_several_samples():
    settings = Settings.from_toml(EXAMPLES / "fashion_samples.toml")
    assert count_rams(settings, "ecp5")["block"] == 199
