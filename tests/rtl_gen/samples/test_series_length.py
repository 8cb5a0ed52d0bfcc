"""The register of a recurrent network's steps: what is written, and when it holds."""

import random

import pytest

from bephw.rtl_gen.samples.series_length import SeriesLength


@pytest.mark.parametrize("most", [1, 2, 5, 8])
def test_random_writes(bench, most):
    """Against a model: clamped at once, in force after a cycle in which no sample is under way."""
    dut = SeriesLength(most)
    b = bench(dut, most)
    chance = random.Random(most)
    model = {"following": most, "current": most, "written": 0, "value": 0, "idle": 0}
    seen = set()

    def act(following, current, changing):
        assert (following, current) == (model["following"], model["current"])
        assert changing == (following != current)
        seen.add(following)
        if model["idle"]:
            model["current"] = following
        if model["written"]:
            model["following"] = min(max(model["value"], 1), most)
        value = chance.choice([0, 1, most, most + 1, 2**31, 2**32 - 1, chance.randrange(2 * most)])
        model.update(written=int(chance.random() < 0.2), value=value, idle=int(chance.random() < 0.3))
        return [(getattr(dut, name), model[name]) for name in ("written", "value", "idle")]

    b.watch([dut.following, dut.current, dut.changing], act)
    b.run(lambda: b.cycle > 2000)
    assert seen == set(range(1, most + 1))
