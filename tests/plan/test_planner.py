"""Plans fit their boards and do what was asked for."""

import pytest

from bephw.boards.catalogue import board
from bephw.errors import BephwError
from bephw.plan.activity import assumed
from bephw.plan.bounds import bounds
from bephw.plan.planner import evaluate, figures, fits, make_plan
from bephw.settings import Settings

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
    settings = SETTINGS.replace({"network.sizes": (2000, 600), "learning.gamma": 100})
    states = {"fresh": assumed(settings, "fresh").activity(settings, 5)}
    with pytest.raises(
        BephwError, match=r"network\.sizes: no folding was found that fits icebreaker: the counters alone"
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
