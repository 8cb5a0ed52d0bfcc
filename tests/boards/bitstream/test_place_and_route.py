"""Place and route is tried with other seeds where its router does not come to an end, and designs of nothing but logic
are spread between the two."""

import json
import sys

import pytest

from bephw.boards.bitstream import place_and_route
from bephw.boards.bitstream.stages import LOG, NAME, NETLIST, PLACED, Synthesised
from bephw.errors import BephwError
from bephw.toolchain import Tool

# Says what one of nextpnr's routers says: the newer one (--router router2) comes to an end with the seeds from the
# second argument on, the older one with those from the third on; before that both say the same for ever. They have more
# to do now and then on their way. Placer "static" places nothing, if it is told so. Where it places only, it writes a
# design, of whose router and clock it wants to hear nothing later. Where it is to look at the time, clocks above what
# an argument "meets=.." says are missed for ever.
ROUTER = """
import json, sys
seed, newer, older = map(int, sys.argv[2:5])
good = newer if "router2" in sys.argv else older
log = open("bephw.tim", "w")
if "--no-route" in sys.argv:
    log.write("heap " if "heap" in sys.argv else "placed ")
    print("PLACED", *sys.argv[sys.argv.index("--placer") + 1:][:1] if "--placer" in sys.argv else [])
    settings = {"router": "router1", "target_freq": "1", "seed": "1"}
    json.dump({"modules": {"top": {"settings": settings, "cells": {}}}}, open("placed.json", "w"))
    sys.exit()
if "--no-place" in sys.argv:
    log.write("routed")
    assert json.load(open("spread.json"))["modules"]["top"]["settings"] == {"seed": "1"}
    assert "bephw.json" not in sys.argv and "spread.json" in sys.argv and "bephw.lpf" not in sys.argv
    print("ARGUMENTS", *sys.argv[sys.argv.index("--no-pack"):])
meets = max((float(argument[6:]) for argument in sys.argv if argument.startswith("meets=")), default=0)
if "--tmg-ripup" in sys.argv and float(sys.argv[sys.argv.index("--freq") + 1]) > meets:
    for number in range(10**9):
        left = f"overused={number // 7 % 2} overuse=4 tmgfail={9 + number % 3}"
        print(f"Info:     iter={number} wires=900 {left} archfail=0")
if "unplaced" in sys.argv and "static" in sys.argv:
    sys.exit("ERROR: Unable to find legal placement for all cells, design is probably at utilisation limit.")
rounds = 1 + 40 * 60 if seed >= good else 10**9
for number in range(1, rounds):
    left = max(40 - number // 60 + number % 3, 0) if seed >= good else 2
    if "router2" in sys.argv:
        print(f"Info:     iter={number} wires=900 overused={left} overuse=4 archfail=NA")
    else:
        print(f"Info:   {number * 1000:8} |    25773      25428 |  319   607 | {left:9}|       0.66      94.92|")
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """`place(family, newer, older, options)`: what is returned and said where seeds from `newer` or `older` on can be
    routed."""
    script = tmp_path / "router.py"
    script.write_text(ROUTER)
    monkeypatch.setattr(place_and_route, "read_usage", lambda *arguments, **more: "usage")
    tool = Tool("router", [sys.executable, str(script)], "1", "PATH")

    def run(family, *good, logic_only=False):
        monkeypatch.setattr(place_and_route, "synthesise", lambda *arguments: Synthesised(0, logic_only))
        command = ["router", "--seed", "1", *map(str, good)]
        files = {f"build_{NAME}.json": json.dumps({"commands": [["yosys"], command]})}
        said = []
        found = place_and_route.synthesise_and_place(
            "a board", family, files, {"router": tool}, tmp_path, said.append, clock_mhz=80
        )
        return found, said

    return run


def tries(said):
    """Router and seed that came to no end, in order."""
    lines = [line for line in said if "comes to no end with seed" in line]
    return [("router2" in line, int(line.rpartition(" ")[2])) for line in lines]


@pytest.mark.parametrize(
    ("family", "newer", "older", "failed"),
    [
        ("ecp5", 99, 1, []),
        ("ecp5", 99, 3, [(False, 1), (False, 2)]),
        ("ice40", 99, 1, []),
        ("ice40", 1, 3, [(False, 1), (False, 2)]),
        ("ice40", 1, 99, [(False, 1), (False, 2), (False, 3), (False, 4)]),
        ("ice40", 2, 99, [(False, 1), (False, 2), (False, 3), (False, 4), (True, 1)]),
    ],
)
def test_another_seed_or_router_where_one_goes_round_in_circles(place, family, newer, older, failed):
    usage, said = place(family, newer, older)
    assert usage == "usage"
    assert tries(said) == failed


def test_no_seed_at_all(place):
    with pytest.raises(BephwError, match="a board: place and route failed: router cannot route it with any of 4 seeds"):
        place("ice40", 99, 99)


def test_the_other_placer_where_there_is_no_legal_placement(place):
    usage, said = place("ecp5", 1, 1, "unplaced", "--placer", "static")
    assert usage == "usage" and sum("placer static found no legal placement" in line for line in said) == 1


LOGIC_ONLY = ["--25k", "--json", NETLIST, "--lpf", "bephw.lpf"]


def routing(*options):
    """The runs of the router: clock, and what it is told."""
    return [f"ARGUMENTS --no-pack --no-place --freq {option}" for option in options]


RIPUP, PLAIN = "--router router2 --tmg-ripup", "--router router2"


@pytest.mark.parametrize(
    ("moved", "asked", "runs"),
    [
        (0, [], routing()),
        (5, ["meets=99"], routing(f"81.6 {RIPUP}")),
        (5, ["meets=75"], routing(*(f"{mhz} {RIPUP}" for mhz in (81.6, 80, 76, 72)))),
        (5, [], routing(*(f"{mhz} {RIPUP}" for mhz in (81.6, 80, 76, 72, 64, 52)), f"80 {PLAIN}")),
        (5, ["--router", "router1"], routing("80")),
        (5, ["--write", PLACED, "meets=80"], routing(f"81.6 {RIPUP}", f"80 {RIPUP}")),
    ],
)
def test_designs_of_nothing_but_logic_are_spread(place, monkeypatch, tmp_path, moved, asked, runs):
    """Routed for the highest share of the clock that can be met, or without regard to it."""
    monkeypatch.setattr(place_and_route, "spread_rows", lambda design, die: moved)
    usage, said = place("ecp5", 1, 1, *LOGIC_ONLY, *asked, logic_only=True)
    assert usage == "usage"
    assert [line for line in said if line.startswith("ARGUMENTS")] == runs
    assert ("a board: tiles moved apart: 5" in said) == bool(moved)
    assert sum("MHz cannot be met, less is aimed at" in line for line in said) == max(0, len(runs) - 1)
    assert (tmp_path / LOG).read_text() == ("placed routed" if moved else "")


@pytest.mark.parametrize(("crowded", "placers"), [(False, ["PLACED static"]), (True, ["PLACED static", "PLACED heap"])])
def test_crowded_designs_are_placed_again_by_the_other_placer(place, monkeypatch, tmp_path, crowded, placers):
    monkeypatch.setattr(place_and_route, "spread_rows", lambda design, die: int(crowded))
    _, said = place("ecp5", 1, 1, *LOGIC_ONLY, "--placer", "static", logic_only=True)
    assert [line for line in said if line.startswith("PLACED")] == placers
    assert (tmp_path / LOG).read_text() == ("heap routed" if crowded else "")


def test_designs_with_memories_are_not_spread(place, monkeypatch):
    monkeypatch.setattr(place_and_route, "spread_rows", lambda design, die: pytest.fail("spread"))
    place("ecp5", 1, 1, *LOGIC_ONLY)


def test_spread_designs_have_another_seed_too(place, monkeypatch):
    monkeypatch.setattr(place_and_route, "spread_rows", lambda design, die: 4)
    _, said = place("ecp5", 99, 3, *LOGIC_ONLY, "--router", "router1", logic_only=True)
    assert tries(said) == [(False, 1), (False, 2)]
