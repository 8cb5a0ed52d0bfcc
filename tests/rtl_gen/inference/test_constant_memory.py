"""Read-only memory against the list it holds."""

import random

import pytest

from bephw.rtl_gen.inference.constant_memory import ConstantMemory


@pytest.mark.parametrize("latency", [2, 3])
@pytest.mark.parametrize("family", [None, "ecp5"])
@pytest.mark.parametrize(
    ("width", "depth"),
    [(1, 2), (7, 5), (40, 3), (36, 33), (19, 100), (37, 300), (90, 512), (20, 513), (3, 2100)],
)
def test_words_some_cycles_later(bench, width, depth, family, latency):
    generator = random.Random(width)
    words = [generator.getrandbits(width) for _ in range(depth)]
    dut = ConstantMemory(width, words, latency, family)
    b = bench(dut, seed=depth)
    asked = []

    def step(data):
        if len(asked) > latency:
            assert data == words[asked[-1 - latency]]
        asked.append(b.random.choice([0, depth - 1, b.random.randrange(depth)]))
        return [(dut.address, asked[-1])]

    b.watch([dut.data], step)
    b.run(150)
    assert len(asked) > 140


@pytest.mark.parametrize("family", [None, "ecp5"])
def test_nothing_writes(family):
    from amaranth.back import rtlil

    text = rtlil.convert(ConstantMemory(40, list(range(100)), family=family), name="top", emit_src=False)
    assert "cell $memrd_v2" in text
    assert "cell $memwr" not in text
    assert 'attribute \\rom_style "block"' in text
