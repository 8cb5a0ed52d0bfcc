"""XNOR-popcount against counting lane by lane, and its ECP5 form against the plain one."""

import pytest
from amaranth.back import rtlil
from amaranth.sim import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.popcount.count_tree import CARRY_CELLS
from bephw.rtl_gen.popcount.xnor_popcount import XnorPopcount
from bephw.toolchain import run_yosys


def agreements(weights, activations, lanes):
    return lanes - (weights ^ activations).bit_count()


@pytest.mark.parametrize("spare", [False, True], ids=["", "a carry to spare"])
@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 48, 64, 130])
def test_counts_agreeing_lanes(bench, columns, spare):
    dut = XnorPopcount(columns, spare=spare)
    b = bench(dut, seed=columns)
    latency = XnorPopcount.latency(columns, spare=spare)
    expected = []

    def step(enable, weights, activations, count, carry):
        if len(expected) >= latency:
            assert count + carry == expected[-latency]
        if enable:
            expected.append(agreements(weights, activations, columns))
        words = b.random.getrandbits(columns), b.random.getrandbits(columns)
        weights, activations = b.random.choice([words, (words[0], words[0]), (words[0], ~words[0])])
        return [
            (dut.enable, b.random.random() < 0.7),
            (dut.weights, weights),
            (dut.activations, activations & ((1 << columns) - 1)),
        ]

    b.watch([dut.enable, dut.weights, dut.activations, dut.count, dut.carry], step)
    b.run(300)
    assert len(expected) > 150


@settings(max_examples=40)
@given(st.data())
def test_any_words_of_any_width(data):
    columns = data.draw(st.integers(1, 80))
    word = st.integers(0, 2**columns - 1)
    words = data.draw(st.lists(st.tuples(word, word), min_size=1, max_size=8))
    dut = XnorPopcount(columns)
    counts = []

    async def drive(ctx):
        ctx.set(dut.enable, 1)
        for weights, activations in words + words[-1:] * XnorPopcount.latency(columns):
            ctx.set(dut.weights, weights)
            ctx.set(dut.activations, activations)
            counts.append(ctx.get(dut.count))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.run()
    assert counts[XnorPopcount.latency(columns) :] == [agreements(*pair, columns) for pair in words]


@pytest.mark.parametrize(
    ("columns", "cycles"), [(1, 1), (8, 1), (9, 2), (32, 2), (33, 3), (128, 3), (129, 4), (512, 4)]
)
def test_latency(columns, cycles):
    assert XnorPopcount.latency(columns) == cycles
    assert XnorPopcount.latency(columns + 1, spare=True) == cycles


class PlainAlongTheSameTree(XnorPopcount):
    """Plain logic with the registers that the carry cells have."""

    @staticmethod
    def _kind_and_costs(family):
        return DifferingLeaves, CARRY_CELLS


class DifferingLeaves(XnorPopcount._kind_and_costs(None)[0]):
    """As carry cells do, what is kept of a leaf of three lanes is how many of them differ."""

    def count(self, nodes, counts, late):
        agreeing = turned(counts)
        super().count(nodes, agreeing, late)
        counts.update(turned(agreeing) if len(nodes) > 1 else agreeing)


def turned(counts):
    """Counts of lanes that agree from such that differ, or the other way round, where leaves have three lanes."""
    return {node: value if node.parts or len(node.lanes) != 3 else ~value for node, value in counts.items()}


@pytest.mark.parametrize(
    ("columns", "spare"), [*((columns, False) for columns in [1, 3, 4, 5, 7, 8, 13, 16, 64, 98, 100]), (32, True)]
)
def test_carry_cells_are_proven_equal_to_plain_logic(tmp_path, columns, spare):
    """For all inputs, and either carry into a chain, with the cell models that Yosys brings: register by register, as
    both have the same ones."""
    for name, dut in (
        ("plain", PlainAlongTheSameTree(columns, spare=spare)),
        ("cells", XnorPopcount(columns, "ecp5", spare=spare)),
    ):
        text = rtlil.convert(dut, name=name, emit_src=False)
        (tmp_path / f"{name}.il").write_text(text)
        assert ("CCU2C" in text) == (name == "cells" and columns > 3)
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
        equiv_make plain cells both
        hierarchy -top both
        opt_clean
        equiv_simple
        equiv_status -assert
        """,
        cwd=tmp_path,
    )


def test_the_platform_chooses_the_cells():
    class Ecp5:
        family = "ecp5"

    class Other:
        pass

    dut = XnorPopcount(16)
    assert "CCU2C" in rtlil.convert(dut, name="top", platform=Ecp5(), emit_src=False)
    assert "CCU2C" not in rtlil.convert(XnorPopcount(16), name="top", platform=Other(), emit_src=False)


@pytest.mark.parametrize(
    ("family", "synthesis", "most"),
    [("ecp5", "synth_ecp5 -nowidelut", 1.8), (None, "synth_ecp5 -nowidelut", 2.4), (None, "synth_ice40", 2.25)],
)
def test_tables_per_lane(tmp_path, family, synthesis, most):
    (tmp_path / "top.il").write_text(rtlil.convert(XnorPopcount(64, family), name="top", emit_src=False))
    printed = run_yosys(f"read_rtlil top.il\n{synthesis} -top top\nstat\n", cwd=tmp_path)
    cells = [line.split() for line in printed[printed.rindex("=== top") :].splitlines()]
    counts = {word[-1]: int(word[0]) for word in cells if len(word) >= 2 and word[0].isdigit()}
    tables = counts.get("LUT4", 0) + 2 * counts.get("CCU2C", 0) + counts.get("SB_LUT4", 0)
    assert 1.0 < tables / 64 <= most
