"""bephw.boards.store.plan and needs: which memory, how many samples; what does not fit is one line."""

import pytest

from bephw.boards import board, boards
from bephw.boards.bitstream.fit import check_fit, least_needs, link_blocks, link_sizes
from bephw.boards.bitstream.memories import count_rams
from bephw.boards.store.needs import least_store_needs, store_blocks
from bephw.boards.store.plan import plan_store
from bephw.errors import BephwError
from bephw.settings import Settings


def asked(name, store, samples=None, **hardware):
    return Settings.build(
        network={"sizes": [64, 15], "classes": 10},
        learning={"bits": 4},
        hardware={"stream_width": 8, **hardware},
        board={"name": name, "store": store, **({} if samples is None else {"store_samples": samples})},
    )


def planned(name, store, samples=None, **hardware):
    settings = asked(name, store, samples, **hardware)
    return plan_store(board(name), settings), settings


def test_none():
    assert planned("icebreaker", "none")[0] is None
    assert least_store_needs(board("icebreaker"), asked("icebreaker", "none")).luts == 0


@pytest.mark.parametrize(
    ("name", "samples", "kind"),
    [
        ("icebreaker", 100, "bram"),
        ("icebreaker", 5000, "spram"),
        ("icebreaker", None, "spram"),
        ("ulx3s-85f", 1000, "bram"),
        ("ulx3s-85f", 100_000, "sdram"),
        ("ulx3s-12f", None, "sdram"),
        ("tinyfpga-bx", None, "bram"),
    ],
)
def test_the_first_that_is_large_enough(name, samples, kind):
    plan, settings = planned(name, "auto", samples)
    assert plan.kind == kind
    assert plan.samples >= (samples or 1)
    check_fit(board(name), settings)


@pytest.mark.parametrize("name", [each.name for each in boards()])
@pytest.mark.parametrize("samples", [None, 3])
def test_block_ram_is_left_for_all_else(name, samples):
    """On every board: the trainer, the link as large as it then is, and the store take no more than there is."""
    try:
        plan, settings = planned(name, "bram", samples)
    except BephwError as error:
        assert str(error).startswith(("board.store: ", "board.store_samples must be at most "))
        return
    target = board(name)
    used = count_rams(settings, target.family)["block"] + store_blocks(plan, settings, target.family)
    used += link_blocks(settings, target.family, link_sizes(target, settings), plan.description)
    assert used <= target.brams
    assert least_needs(target, settings).brams <= target.brams


def test_words_as_wide_as_the_stream():
    for width, word in ((1, 16), (16, 16), (17, 32), (40, 64), (64, 64)):
        assert planned("ulx3s-85f", "bram", 5, stream_width=width)[0].layout.word == word


def test_geometry_of_the_chip():
    small, settings = planned("ulx3s-85f", "sdram")
    large = plan_store(board("ulx3s-85f"), settings.replace({"board.sdram.column_bits": 10}))
    assert small.depth * 4 == 32 * 2**20 and large.depth == 2 * small.depth


@pytest.mark.parametrize(
    ("name", "store", "samples", "message"),
    [
        ("icebreaker", "sdram", None, r"board.store: icebreaker \(.*\) has no SDRAM for this network: .* be 'sdram'"),
        ("ulx3s-85f", "spram", None, r"board.store: ulx3s-85f \(.*\) has no single-port RAMs that are left over"),
        ("icebreaker", "spram", 10**6, r"board.store_samples must be at most 13107 on icebreaker .* not 1000000"),
        ("ulx3s-85f", "auto", 10**8, r"board.store_samples must be at most \d+ on ulx3s-85f .* not 100000000"),
    ],
)
def test_what_is_not_there(name, store, samples, message):
    settings = asked(name, store, samples)
    with pytest.raises(BephwError, match=message):
        plan_store(board(name), settings)
    with pytest.raises(BephwError):
        check_fit(board(name), settings)


def test_samples_without_a_store():
    with pytest.raises(BephwError, match="store_samples is for a store: leave it out for store none, not 5"):
        asked("icebreaker", "none", 5)
