"""bephw.boards.bitstream.reports: figures from the tools' files."""

import json

import pytest

from bephw.boards.bitstream.reports import Hop, Usage, read_critical_path, read_store_clock, read_usage
from bephw.errors import BephwError


def files(folder, utilization, counts, fmax):
    report, cells = folder / "report.json", folder / "cells.json"
    report.write_text(json.dumps({"utilization": utilization, "fmax": fmax}))
    cells.write_text(json.dumps({"design": {"num_cells_by_type": counts}}))
    return report, cells


FMAX = {"clk": {"achieved": 26.284, "constraint": 12.0}}


def test_ice40(tmp_path):
    names = ("ICESTORM_LC", "ICESTORM_RAM", "ICESTORM_SPRAM", "ICESTORM_DSP")
    utilization = {name: {"used": 2 + index, "available": 40} for index, name in enumerate(names)}
    counts = {"\\SB_DFF": 1, "SB_DFFESR": 2, "SB_LUT4": 50}
    assert read_usage("ice40", *files(tmp_path, utilization, counts, FMAX)) == Usage(
        2, 40, 3, 0, 3, 40, 4, 40, 5, 26.28
    )


def test_ecp5(tmp_path):
    utilization = {"TRELLIS_COMB": {"used": 9, "available": 90}, "DP16KD": {"used": 3, "available": 30}}
    counts = {"TRELLIS_FF": 7, "LUT4": 5}
    found = read_usage("ecp5", *files(tmp_path, utilization, counts, FMAX), ram_registers=2)
    assert found == Usage(9, 90, 5, 2, 3, 30, 0, 0, 0, 26.28)


def test_gowin(tmp_path):
    """Carry cells and RAMs take the places of LUTs."""
    used = {"LUT4": 100, "ALU": 20, "RAM16SDP4": 3, "BSRAM": 4, "MULT18X18": 0}
    utilization = {name: {"used": count, "available": 500} for name, count in used.items()}
    found = read_usage("gowin", *files(tmp_path, utilization, {"DFF": 5, "DFFRE": 6, "LUT4": 7}, FMAX))
    assert found == Usage(132, 500, 11, 0, 4, 500, 0, 0, 0, 26.28)


def test_gatemate(tmp_path):
    """Its RAMs are counted in halves."""
    utilization = {name: {"used": 3, "available": 64} for name in ("CPE_LT", "RAM_HALF")}
    counts = {"CC_BRAM_20K": 2, "CC_BRAM_40K": 1, "CC_DFF": 9}
    found = read_usage("gatemate", *files(tmp_path, utilization, counts, FMAX))
    assert found == Usage(3, 64, 9, 0, 4, 64, 0, 0, 0, 26.28)


def test_a_report_without_clocks(tmp_path):
    utilization = {"TRELLIS_COMB": {"used": 9, "available": 90}}
    with pytest.raises(BephwError, match=r"report of place and route report\.json: not understood: .*no clock in it"):
        read_usage("ecp5", *files(tmp_path, utilization, {}, {}))


def test_the_clock_of_a_stores_memory(tmp_path):
    """It is another clock than the trainer's, whichever is slower."""
    memory = {"store_memory.clock.sdram_clk": {"achieved": 20.004, "constraint": 133.351}}
    utilization = {"TRELLIS_COMB": {"used": 9, "available": 90}}
    report, cells = files(tmp_path, utilization, {}, FMAX | memory)
    assert read_store_clock(report) == (20.0, 133.35)
    assert read_usage("ecp5", report, cells).fmax_mhz == 26.28
    report, _ = files(tmp_path, utilization, {}, FMAX)
    assert read_store_clock(report) is None


def test_a_missing_report(tmp_path):
    with pytest.raises(BephwError, match=r"place and route none\.json: not understood"):
        read_usage("ecp5", tmp_path / "none.json", tmp_path / "cells.json")


def test_the_slowest_path_between_registers(tmp_path):
    def hop(kind, delay, cell, port, **net):
        return {"type": kind, "delay": delay, "from": {}, "to": {"cell": cell, "port": port}, **net}

    slow = [hop("clk-to-q", 0.5, "a", "Q"), hop("routing", 1.25, "b", "DI", net="n"), hop("setup", 0, "b", "DI")]
    paths = [
        {"from": "posedge c", "to": "<async>", "path": [hop("clk-to-q", 9.0, "x", "Q")]},
        {"from": "posedge c", "to": "posedge c", "path": slow[:1]},
        {"from": "posedge c", "to": "posedge c", "path": slow},
    ]
    (tmp_path / "report.json").write_text(json.dumps({"critical_paths": paths}))
    found = read_critical_path(tmp_path / "report.json")
    assert found == (Hop("clk-to-q", 0.5, "a", "Q"), Hop("routing", 1.25, "b", "DI", "n"), Hop("setup", 0, "b", "DI"))


def test_no_path(tmp_path):
    (tmp_path / "report.json").write_text(json.dumps({"critical_paths": []}))
    assert read_critical_path(tmp_path / "report.json") == ()
    with pytest.raises(BephwError, match=r"place and route none\.json: not understood"):
        read_critical_path(tmp_path / "none.json")
