"""few_pins: every input gets data, every output reaches the pin, the cells around are counted."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from bephw.boards.bitstream.few_pins import FewPins


class Crossing(wiring.Component):
    """Its outputs are its inputs, reversed."""

    inputs: In(data.StructLayout({"low": 3, "high": 4}))
    outputs: Out(7)

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.outputs.eq(self.inputs.as_value()[::-1])
        return m


class Board:
    """Pins as signals."""

    def __init__(self):
        self.pins = {name: Signal(name=name) for name in ("clk", "rst", "data_in", "data_out")}

    def request(self, name, *, dir):
        return self.pins[name]


def test_inputs_arrive_and_outputs_leave(monkeypatch):
    board, top = Board(), FewPins(Crossing())

    class Buffer(Elaboratable):
        def __init__(self, direction, pin):
            self.i = self.o = pin

        def elaborate(self, platform):
            return Module()

    monkeypatch.setattr("bephw.boards.bitstream.few_pins.io.Buffer", Buffer)
    fragment = Fragment.get(top, board)
    simulator = Simulator(fragment)
    pins, sent, seen = board.pins, [1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1] + [0] * 20, []

    async def run(ctx):
        for bit in sent:
            ctx.set(pins["data_in"], bit)
            ctx.set(pins["clk"], 1)
            await ctx.delay(1e-6)
            seen.append(ctx.get(pins["data_out"]))
            ctx.set(pins["clk"], 0)
            await ctx.delay(1e-6)

    simulator.add_testbench(run)
    simulator.run()
    # Seven bits in the shift register, one register behind the outputs, two stages of reduction.
    stages = 3
    expected = [sum(sent[max(0, at - 6) : at + 1]) % 2 for at in range(len(sent))]
    assert seen[stages:] == expected[:-stages] and any(seen)
    assert (top.luts, top.ffs) == (2 + 1, 7 + 7 + 2 + 1 + 1)
