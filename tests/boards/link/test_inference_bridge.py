"""Inference on a serial line: bytes of samples in, bytes of predictions out, after a disturbance too."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from bephw.boards.link import inference_bridge
from bephw.boards.link.inference_bridge import InferenceBridge
from bephw.golden.classifier import classifier
from bephw.golden.initial import initial_state
from bephw.rtl_gen.designs import make_design, word_width
from bephw.settings import Settings
from tests.logic_networks import random_bits, random_network

BIT = 4


def answers(settings, state, style, stream):
    """The bytes that come back of bytes, or pauses of so many bytes."""
    dut = InferenceBridge(make_design(settings, state, style), settings.network.classes, BIT, settings.data.steps)
    got = []

    async def send(ctx):
        for item in stream:
            levels = [1] * 10 * item[0] if isinstance(item, tuple) else [0, *(item >> n & 1 for n in range(8)), 1]
            for level in levels:
                ctx.set(dut.receive, level)
                await ctx.tick().repeat(BIT)
        await ctx.tick().repeat(BIT * 10 * 20)

    async def listen(ctx):
        while True:
            while ctx.get(dut.transmit):
                await ctx.tick()
            await ctx.tick().repeat(BIT + BIT // 2)
            byte = 0
            for place in range(8):
                byte |= ctx.get(dut.transmit) << place
                await ctx.tick().repeat(BIT)
            got.append(byte)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(send)
    simulator.add_testbench(listen, background=True)
    simulator.run()
    return got


def as_bytes(settings, style, x):
    """Of samples, word by word."""
    width = word_width(settings, style)
    words = [row[first : first + width] for row in x for first in range(0, len(row), width)]
    return [int(byte) for word in words for byte in np.packbits(word, bitorder="little")]


def network(style):
    if style == "gates":
        return *random_network(3, [19, 30, 30], 5), "unrolled"
    settings = Settings.build(
        network={"sizes": [19, 6], "classes": 3}, hardware={"rows": 3, "columns": 5, "stream_width": 8}
    )
    return settings, initial_state(settings), style


@pytest.mark.parametrize("kind", ["gates", "unrolled", "folded"])
def test_predictions(kind):
    settings, state, style = network(kind)
    x = random_bits(0, 12, 19)
    expected = classifier(settings, state, "numpy").predict(x)[0].tolist()
    assert len(set(expected)) > 1
    assert answers(settings, state, style, as_bytes(settings, style, x)) == expected


@pytest.mark.parametrize("kind", ["gates", "folded"])
def test_in_step_again_after_a_pause(kind, monkeypatch):
    """A byte too many, then a pause; the samples after it are right."""
    monkeypatch.setattr(inference_bridge, "IDLE_BYTES", 6)
    settings, state, style = network(kind)
    x = random_bits(1, 8, 19)
    expected = classifier(settings, state, "numpy").predict(x)[0].tolist()
    stream = as_bytes(settings, style, x)
    first = len(stream) // 2
    assert answers(settings, state, style, [*stream[:first], 0xA5, (9,), *stream[first:]]) == expected
