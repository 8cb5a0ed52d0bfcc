"""Compiled designs are kept by what they are made of."""

import dataclasses
import json

from bephw.sim.plan import Plan


def test_builds_are_told_apart_by_what_goes_into_them():
    plan = Plan("verilator", "5.48", "module bephw_trainer; endmodule", "/w", "/w/run-1", True)
    changes = [
        {"simulator": "icarus"},
        {"version": "5.49"},
        {"verilog": "module bephw_trainer(); endmodule"},
        {"waves": "vcd"},
        {"waves": "fst"},
        {"optimize": False},
    ]
    folders = {dataclasses.replace(plan, **change).build_folder for change in [{}, *changes]}
    assert len(folders) == 7
    assert dataclasses.replace(plan, run="/w/run-2").build_folder == plan.build_folder


def test_a_plan_comes_back(tmp_path):
    plan = Plan("verilator", "5.48", "module m; endmodule", "/w", str(tmp_path), False, "fst", True)
    assert Plan(**json.loads(plan.save().read_text())) == plan
