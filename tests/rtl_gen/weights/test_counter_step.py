"""A counter's step."""

import pytest
from amaranth.back import rtlil
from amaranth.sim import Simulator

from bephw.rtl_gen.weights.counter_step import CounterStep
from bephw.toolchain import run_yosys


@pytest.mark.parametrize("bits", [2, 4])
def test_every_case(bits):
    """The limits are for whoever says that a counter moves."""
    simulator = Simulator(dut := CounterStep(bits))

    async def script(ctx):
        for counter in range(1 << bits):
            ctx.set(dut.counter, counter)
            ctx.set(dut.keeps, 1)
            for moves, down, step in ((0, 0, 0), (1, 0, 1), (1, 1, -1)):
                ctx.set(dut.moves, moves)
                ctx.set(dut.down, down)
                assert ctx.get(dut.result) == (counter + step) % (1 << bits)
            for signal in (dut.keeps, dut.moves, dut.down):
                ctx.set(signal, 0)
            for other in range(1 << bits):
                ctx.set(dut.other, other)
                assert ctx.get(dut.result) == other

    simulator.add_testbench(script)
    simulator.run()


@pytest.mark.parametrize("bits", [2, 3, 8, 16])
def test_carry_cells_are_proven_equal_to_plain_logic(tmp_path, bits):
    """For all inputs that are allowed, with the cell models that Yosys brings."""
    for name, family in (("plain", None), ("cells", "ecp5")):
        text = rtlil.convert(CounterStep(bits, family), name=name, emit_src=False)
        (tmp_path / f"{name}.il").write_text(text)
        assert ("CCU2C" in text) == (family == "ecp5")
    run_yosys(
        """
        read_rtlil cells.il
        read_verilog -overwrite -DNO_INCLUDES +/ecp5/cells_sim.v
        hierarchy -top cells
        proc
        flatten
        opt_clean
        design -stash cells
        read_rtlil plain.il
        hierarchy -top plain
        proc
        flatten
        opt_clean
        design -copy-from cells -as cells cells
        miter -equiv -flatten -make_outputs plain cells both
        hierarchy -top both
        sat -verify -prove trigger 0 -set in_keeps 1 -set in_moves 1 both
        sat -verify -prove trigger 0 -set in_keeps 1 -set in_moves 0 -set in_down 0 both
        sat -verify -prove trigger 0 -set in_keeps 0 -set in_moves 0 -set in_down 0 both
        """,
        cwd=tmp_path,
    )
