"""Place and route is tried with other seeds where its router does not come to an end."""

import json
import sys

import pytest

from bephw.boards.bitstream import stages
from bephw.errors import BephwError
from bephw.toolchain import Tool

# Says what one of nextpnr's routers says: the newer one (--router router2) comes to an end with the seeds from the
# second argument on, the older one with those from the third on; before that both say the same for ever. They have more
# to do now and then on their way. Placer "static" places nothing.
ROUTER = """
import sys
seed, newer, older = map(int, sys.argv[2:5])
good = newer if "router2" in sys.argv else older
if "static" in sys.argv:
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
    monkeypatch.setattr(stages, "synthesise", lambda *arguments: 0)
    monkeypatch.setattr(stages, "read_usage", lambda *arguments, **more: "usage")
    tool = Tool("router", [sys.executable, str(script)], "1", "PATH")

    def run(family, *good):
        command = ["router", "--seed", "1", *map(str, good)]
        files = {f"build_{stages.NAME}.json": json.dumps({"commands": [["yosys"], command]})}
        said = []
        return stages.synthesise_and_place("a board", family, files, {"router": tool}, tmp_path, said.append), said

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
    usage, said = place("ecp5", 1, 1, "--placer", "static")
    assert usage == "usage" and sum("placer static found no legal placement" in line for line in said) == 1
