"""Votes, added up."""

import pytest
from amaranth.back import rtlil

from bephw.rtl_gen.popcount.vote_count import VoteCount
from bephw.toolchain import run_yosys


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 8, 9, 10, 13, 33, 34])
def test_votes_less_half_of_them(bench, rows):
    b = bench(dut := VoteCount(rows), seed=rows)
    expected = []

    def step(weights, present, wishes, excess):
        if len(expected) >= (latency := VoteCount.latency(rows)):
            assert excess == expected[-latency]
        expected.append(((weights & present) ^ wishes).bit_count() - (rows + 1) // 2)
        words = [b.random.choice([0, -1, b.random.getrandbits(rows)]) & ((1 << rows) - 1) for _ in range(3)]
        return list(zip([dut.weights, dut.present, dut.wishes], words, strict=True))

    b.watch([dut.weights, dut.present, dut.wishes, dut.excess], step)
    b.run(300)
    assert len(expected) > 200


@pytest.mark.parametrize(("rows", "latency"), [(1, 2), (9, 2), (10, 3), (33, 3), (34, 4)])
def test_latency(rows, latency):
    assert VoteCount.latency(rows) == latency


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 7, 8, 9, 10, 12])
def test_carry_cells_are_proven_equal_to_plain_logic(tmp_path, rows):
    """For all words, from any state: once its latency is over, neither has anything left of that."""
    for name, family in (("plain", None), ("cells", "ecp5")):
        text = rtlil.convert(VoteCount(rows, family), name=name, emit_src=False)
        (tmp_path / f"{name}.il").write_text(text)
        assert ("CCU2C" in text) == (family == "ecp5" and rows > 4)
    latency = VoteCount.latency(rows)
    run_yosys(
        f"""
        read_rtlil cells.il
        read_verilog -overwrite -DNO_INCLUDES +/ecp5/cells_sim.v
        hierarchy -top cells
        proc
        flatten
        setattr -unset init w:*
        opt_clean
        design -stash cells
        read_rtlil plain.il
        hierarchy -top plain
        proc
        flatten
        setattr -unset init w:*
        opt_clean
        design -copy-from cells -as cells cells
        miter -equiv -flatten -make_outputs plain cells both
        hierarchy -top both
        sat -verify -seq {latency + 1} -prove-skip {latency} -prove trigger 0 -set-def-inputs both
        """,
        cwd=tmp_path,
    )
