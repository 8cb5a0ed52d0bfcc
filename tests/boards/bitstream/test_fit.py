"""bephw.boards.bitstream.fit: what cannot fit is refused before any tool runs, with the numbers."""

import pytest

from bephw.boards import board, build
from bephw.boards.bitstream.fit import Needs, identity_in_luts, least_needs, link_blocks, link_sizes
from bephw.boards.bitstream.memories import Memory, count_rams, rams
from bephw.boards.link.sizes import LinkSizes
from bephw.boards.store.plan import plan_store
from bephw.errors import BephwError
from bephw.settings import Settings

ICEBREAKER, ULX3S = board("icebreaker"), board("ulx3s-85f")


def settings(sizes, **hardware):
    return Settings.build(network={"sizes": sizes, "classes": 10}, hardware=hardware)


@pytest.mark.parametrize(
    ("target", "width", "depth", "count"),
    [
        # As Yosys 0.70 maps them (cell counts of small designs).
        (ICEBREAKER, 16, 256, 1),
        (ICEBREAKER, 12, 1024, 3),
        (ICEBREAKER, 32, 512, 4),
        (ICEBREAKER, 1, 2048, 1),
        (ULX3S, 36, 512, 1),
        (ULX3S, 18, 1024, 1),
        (ULX3S, 64, 512, 2),
        (ULX3S, 128, 6272, 49),
        (ULX3S, 16, 64, 0),
        (ULX3S, 16, 128, 1),
    ],
)
def test_block_rams(target, width, depth, count):
    built = rams(Memory("", width, depth), target.family)
    assert (built.number if built.kind == "block" else 0) == count


def test_needs():
    """Cell counts of Yosys 0.70 for the emitted trainer; the link has commands, replies and its identity."""
    small = settings([64, 15, 15])
    assert least_needs(ICEBREAKER, small) == Needs(luts=24, brams=22 + 3, sprams=0)
    assert least_needs(ULX3S, small) == Needs(luts=24, brams=11 + 1, sprams=0)


def test_needs_with_single_port_rams():
    """Counters of 15 rows of 16 and 4 words of 32 bits leave the block RAMs for single-port RAMs of 16 bits."""
    needs = least_needs(ICEBREAKER, settings([64, 15, 15], counter_memory="spram", update_columns=4))
    assert needs == Needs(luts=24, brams=14 + 3, sprams=2 + 2)


def test_counters_of_ecp5_are_cut_by_width():
    """14,280 words: a block RAM for every bit; 840 words: one for 18 bits (see `WideMemory`)."""
    asked = {"rows": [15, 1], "columns": [56, 15], "update_columns": 14}
    deep, shallow = (count_rams(settings([784, outputs], **asked), "ecp5")["block"] for outputs in (255, 15))
    # Beside them planes of 15 banks of 56 bits, 476 words or 28; inputs, twice; outcomes; the classifier's.
    assert (deep, shallow) == (112 + 15 * 2 + 10, 7 + 6)


@pytest.mark.parametrize(
    ("name", "sizes", "hardware", "message"),
    [
        (
            "icebreaker",
            [784, 255, 255],
            {},
            r"network\.sizes: the trainer needs \d+ block RAMs and icebreaker \(iCE40UP5K-SG48\) has 30: "
            r"make layers smaller or lower learning\.bits, or set hardware\.counter_memory to 'spram'",
        ),
        (
            "icebreaker",
            [64, 63, 63],
            {"counter_memory": "spram"},
            r"the counters need 8 single-port RAMs and icebreaker \(iCE40UP5K-SG48\) has 4",
        ),
        (
            "ulx3s-85f",
            [64, 15],
            {"counter_memory": "spram"},
            r"hardware\.counter_memory: ulx3s-85f \(LFE5U-85F-6BG381\) has no single-port RAM: it must be 'bram'",
        ),
        (
            "ulx3s-85f",
            [784, 255, 255],
            {"rows": [8, 8, 2], "columns": [196, 64, 29], "update_columns": [98, 32]},
            r"needs 229 block RAMs and ulx3s-85f .* has 208: .* or set hardware\.sample_memory to 'auto'",
        ),
        (
            "ulx3s-85f",
            [784, 255],
            {"rows": [128, 10], "columns": [784, 255], "update_columns": 1},
            r"hardware\.rows and hardware\.columns: 102902 lanes need at least 102902 LUTs and ulx3s-85f .* has 83640",
        ),
    ],
)
def test_refusals(tmp_path, monkeypatch, name, sizes, hardware, message):
    monkeypatch.setenv("PATH", "")
    asked = Settings.build(network={"sizes": sizes, "classes": 10}, hardware=hardware, board={"name": name})
    with pytest.raises(BephwError, match=message):
        build(asked, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_thresholds_of_neurons_take_block_rams_where_they_are_many():
    """Cell counts of Yosys 0.70 for the memory alone: 6 block RAMs on iCE40, 2 on ECP5; 64 thresholds become LUTs."""
    for target, count in ((ICEBREAKER, 6), (ULX3S, 2)):
        wide = settings([784, 2000], rows=2)
        small = settings([784, 64], rows=2)
        for plain, more in ((wide, count), (small, 0)):
            needs, plain_needs = (least_needs(target, s) for s in (plain.replace({"network.thresholds": True}), plain))
            assert needs.brams - plain_needs.brams == more


@pytest.mark.parametrize(
    ("target", "sizes", "expected"),
    [
        (ICEBREAKER, [64, 15, 15], LinkSizes(2048, 512)),
        (ICEBREAKER, [30, 5], LinkSizes(4096, 512)),
        (ULX3S, [64, 15, 15], LinkSizes(4096, 512)),
    ],
)
def test_a_link_takes_the_block_rams_that_are_left(target, sizes, expected):
    asked = settings(sizes)
    found = link_sizes(target, asked)
    assert found == expected
    used = count_rams(asked, target.family)["block"] + link_blocks(asked, target.family, found)
    assert used <= target.brams


def test_a_link_where_nothing_is_left():
    """On ECP5 it has to have one block RAM."""
    full = Settings.from_toml("examples/fashion_samples.toml")
    assert ULX3S.brams - count_rams(full, "ecp5")["block"] == 1
    assert link_sizes(ULX3S, full) == LinkSizes(2048, 128)
    assert link_blocks(full, "ecp5") == 1


def test_an_identity_block_that_speaks_of_a_store_goes_without_block_ram_where_none_is_left():
    """It was not counted, and place and route tried for hours to put 209 block RAMs on 208 sites."""
    full = Settings.from_toml("examples/fashion_samples.toml").replace({"board.store": "sdram"})
    described = plan_store(ULX3S, full).description
    assert link_blocks(full, "ecp5", store=described) == 2
    assert identity_in_luts(ULX3S, full)
    assert least_needs(ULX3S, full).brams == ULX3S.brams
    assert link_sizes(ULX3S, full) == LinkSizes(2048, 128)
    roomy = settings([64, 15, 15]).replace({"board.store": "sdram"})
    assert not identity_in_luts(ULX3S, roomy)
