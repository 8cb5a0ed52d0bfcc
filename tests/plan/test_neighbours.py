"""Neighbours of a folding are foldings that settings take, each a step away."""

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bephw.boards.catalogue import board
from bephw.plan import planner
from bephw.plan.activity import assumed
from bephw.plan.folding import Folding
from bephw.plan.neighbours import neighbours
from bephw.plan.planner import fits, make_plan
from bephw.settings import Settings


@st.composite
def foldings(draw):
    """A network and one of its foldings."""
    sizes = draw(st.lists(st.integers(2, 60), min_size=2, max_size=4))
    outputs = [*sizes[1:], classes := draw(st.integers(2, 12))]
    rows = tuple(draw(st.integers(1, count)) for count in outputs)
    columns = tuple(draw(st.integers(1, count)) for count in sizes)
    widths = tuple(
        draw(st.sampled_from([width for width in range(1, count + 1) if count % width == 0])) for count in columns[:-1]
    )
    settings = Settings.build(network={"sizes": sizes, "classes": classes}, learning={"gamma": 1})
    return settings, Folding(rows, columns, widths, draw(st.integers(1, min(64, sizes[0]))))


@examples(max_examples=40)
@given(foldings())
def test_valid_and_near(given_folding):
    settings, folding = given_folding
    found = list(neighbours(folding, settings))
    assert len(set(found)) == len(found) and folding not in found
    for other in found[:: max(1, len(found) // 20)]:
        other.apply(settings)  # which checks it
    for other in found:
        changed = sum(
            mine != theirs
            for mine, theirs in zip(
                zip(folding.rows, folding.columns, strict=True),
                zip(other.rows, other.columns, strict=True),
                strict=True,
            )
        )
        assert changed <= 2
        assert other.slots == folding.slots
        if changed:
            assert other.stream_width == folding.stream_width


def test_a_pair_takes_from_one_what_the_other_gets():
    settings = Settings.build(network={"sizes": (64, 64), "classes": 8}, learning={"gamma": 2})
    folding = Folding((4, 2), (16, 8), (4,), 8)
    cycles = {other: [s.forward_cycles for s in _shapes(other, settings)] for other in neighbours(folding, settings)}
    first, second = (shape.forward_cycles for shape in _shapes(folding, settings))
    both = [(a, b) for a, b in cycles.values() if a != first and b != second]
    assert both and all((a < first) != (b < second) for a, b in both)


def _shapes(folding, settings):
    folded = folding.apply(settings)
    return (*folded.shapes, folded.classifier_shape)


@pytest.mark.parametrize("name", [pytest.param("icebreaker", marks=pytest.mark.slow), "ulx3s-12f"])
def test_small_steps_lead_away_from_a_poor_folding(name, monkeypatch):
    """A search that finds nothing but a slow folding, with and without small steps from it."""
    settings = Settings.build(network={"sizes": (48, 20), "classes": 5}, learning={"gamma": 10, "batch": 20})
    states = {state: assumed(settings, state).activity(settings, 40) for state in ("fresh", "trained")}
    target = board(name)

    def poor(settings, *_, **__):
        return iter([Folding((1, 1), (6, 2), (1,), 4, slots=settings.hardware.slots)])

    monkeypatch.setattr(planner, "near", poor)
    climbed = make_plan(settings, target, states)
    monkeypatch.setattr(planner, "neighbours", lambda *_: ())
    left = make_plan(settings, target, states)
    assert left.settings.hardware.columns == (6, 2)
    assert fits(climbed.settings, target, climbed.area)
    assert climbed.slowest > 2 * left.slowest
