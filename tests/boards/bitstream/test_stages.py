"""Place and route is tried with other seeds where its router does not come to an end, or the clock is missed."""

import json
import sys
from types import SimpleNamespace

import pytest

from bephw.boards.bitstream import stages
from bephw.errors import BephwError
from bephw.toolchain import Tool

# Says what nextpnr's router says, for ever with the seeds before the second argument; placer "static" places nothing.
# What it does route has a clock of its own for each seed, in the file "clock".
ROUTER = """
import sys
seed, good = int(sys.argv[2]), int(sys.argv[3])
if "static" in sys.argv:
    sys.exit("ERROR: Unable to find legal placement for all cells, design is probably at utilisation limit.")
rounds = 5 if seed >= good else 10**9
for number in range(1, rounds):
    overused = 0 if seed >= good and number == 4 else 2
    print(f"Info:     iter={number} wires=900 overused={overused} overuse=4 archfail=NA")
open("clock", "w").write(str({1: 20, 2: 23, 3: 22, 4: 21}[seed]))
"""


def clock(folder):
    """Of what was routed last, in MHz."""
    return float((folder / "clock").read_text())


@pytest.fixture
def place(tmp_path, monkeypatch):
    """`place(good, options)`: what is returned and said where seeds from `good` on can be routed."""
    script = tmp_path / "router.py"
    script.write_text(ROUTER)
    monkeypatch.setattr(stages, "synthesise", lambda *arguments: 0)
    monkeypatch.setattr(stages, "read_usage", lambda *arguments, **more: SimpleNamespace(fmax_mhz=clock(tmp_path)))
    tool = Tool("router", [sys.executable, str(script)], "1", "PATH")

    def run(*good, clock_mhz=0.0):
        command = ["router", "--seed", "1", *map(str, good)]
        files = {f"build_{stages.NAME}.json": json.dumps({"commands": [["yosys"], command]})}
        said = []
        tools = {"router": tool}
        usage = stages.synthesise_and_place(
            "a board", "ice40", files, tools, tmp_path, said.append, clock_mhz=clock_mhz
        )
        return usage.fmax_mhz, said

    return run


@pytest.mark.parametrize("good", [1, 3])
def test_the_next_seed_where_the_router_goes_round_in_circles(place, good):
    fmax, said = place(good)
    assert fmax == {1: 20, 3: 22}[good]
    tried = [line for line in said if "did not route it with seed" in line]
    assert len(tried) == good - 1
    assert all(f"seed {number}" in line for number, line in enumerate(tried, 1))


def test_no_seed_at_all(place):
    with pytest.raises(BephwError, match="a board: place and route failed: router cannot route it with any of 4 seeds"):
        place(99)


def test_the_other_placer_where_there_is_no_legal_placement(place):
    fmax, said = place(1, "--placer", "static")
    assert fmax == 23 and sum("placer static found no legal placement" in line for line in said) == 1


@pytest.mark.parametrize(("asked", "tried", "fmax"), [(20, 0, 20), (21, 1, 23), (24, 4, 23)])
def test_the_next_seed_where_the_clock_is_missed(place, tmp_path, asked, tried, fmax):
    """And the files of the fastest one where all miss it."""
    found, said = place(1, clock_mhz=asked)
    assert found == fmax == clock(tmp_path)
    assert sum(f"below {asked}" in line for line in said) == tried
