"""Place and route is tried with other seeds where its router does not come to an end."""

import json
import sys

import pytest

from bephw.boards.bitstream import stages
from bephw.errors import BephwError
from bephw.toolchain import Tool

# Says what one of nextpnr's routers says, for ever with the seeds before the second argument; placer "static" places
# nothing. Both have more to do now and then on their way.
ROUTER = """
import sys
seed, good = int(sys.argv[2]), int(sys.argv[3])
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
    """`place(good, options)`: what is returned and said where seeds from `good` on can be routed."""
    script = tmp_path / "router.py"
    script.write_text(ROUTER)
    monkeypatch.setattr(stages, "synthesise", lambda *arguments: 0)
    monkeypatch.setattr(stages, "read_usage", lambda *arguments, **more: "usage")
    tool = Tool("router", [sys.executable, str(script)], "1", "PATH")

    def run(*good):
        command = ["router", "--seed", "1", *map(str, good)]
        files = {f"build_{stages.NAME}.json": json.dumps({"commands": [["yosys"], command]})}
        said = []
        return stages.synthesise_and_place("a board", "ice40", files, {"router": tool}, tmp_path, said.append), said

    return run


@pytest.mark.parametrize("options", [(), ("--router", "router2")], ids=["router1", "router2"])
@pytest.mark.parametrize("good", [1, 3])
def test_the_next_seed_where_the_router_goes_round_in_circles(place, good, options):
    usage, said = place(good, *options)
    assert usage == "usage"
    tried = [line for line in said if "came no nearer to an end with seed" in line]
    assert len(tried) == good - 1
    assert all(f"seed {number}" in line for number, line in enumerate(tried, 1))


def test_no_seed_at_all(place):
    with pytest.raises(BephwError, match="a board: place and route failed: router cannot route it with any of 4 seeds"):
        place(99)


def test_the_other_placer_where_there_is_no_legal_placement(place):
    usage, said = place(1, "--placer", "static")
    assert usage == "usage" and sum("placer static found no legal placement" in line for line in said) == 1
