"""LEDs that show learning."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["FEWEST_LIGHTS", "Lights"]

FEWEST_LIGHTS = 2

AVERAGE_OVER = 8  # bits: the bar looks back over some 256 samples


class Lights(wiring.Component):
    """Light 0 beats: slowly while idle, and at every sixteenth sample. Light 1 flashes when a sample teaches.

    The others, if any, are a bar of the share of recent samples that no longer teach: it grows as the network learns.

    Args:
        count: number of lights, at least `FEWEST_LIGHTS`.
        clock_mhz: for the beat, about once a second, and the flash, about 30 ms.
    """

    def __init__(self, count: int, clock_mhz: float) -> None:
        self._count = count
        self._second = max(4, int(clock_mhz * 1e6).bit_length())
        super().__init__({"predicted": In(1), "taught": In(1), "lights": Out(count)})

    def elaborate(self, platform):
        m = Module()
        time, samples = Signal(self._second), Signal(5)
        m.d.sync += time.eq(time + 1)
        # A flash is over at the second change of a bit of the time: a counter of its own would be 18 cells more.
        slow, before, flash = time[max(0, self._second - 6)], Signal(), Signal(2)
        m.d.sync += before.eq(slow)
        with m.If(self.predicted & self.taught):
            m.d.sync += flash.eq(-1)
        with m.Elif(slow != before):
            m.d.sync += flash.eq(flash >> 1)
        with m.If(self.predicted):
            m.d.sync += samples.eq(samples + 1)
        m.d.comb += [self.lights[0].eq(time[-1] ^ samples[-1]), self.lights[1].eq(flash != 0)]
        if self._count > 2:
            self._bar(m, self.lights[2:])
        return m

    def _bar(self, m, bar):
        """Exponential average of "did not teach", in thirds, sixths or what there are lights for."""
        share = Signal(2 * AVERAGE_OVER)
        top = 1 << AVERAGE_OVER
        with m.If(self.predicted):
            m.d.sync += share.eq(share - (share >> AVERAGE_OVER) + Mux(self.taught, 0, top - 1))
        for index, light in enumerate(bar):
            m.d.comb += light.eq(share >= (top - 1) * top * (index + 1) // (len(bar) + 1))
