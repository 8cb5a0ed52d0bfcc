"""Samples that come in as many streams as their sender has channels, for a receiver that has more, or fewer."""

from collections.abc import Callable

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import turns

__all__ = ["Spread"]


class Spread(wiring.Component):
    """Passes beats of samples from `sources` streams to `targets`; one number divides the other.

    Sample number i comes by `source[i % sources]` and leaves by `target[i % targets]`. `ends` says of a beat whether it
    is its sample's last. Combinational, but for whose turn it is: samples of channels that share one wait for theirs.
    """

    def __init__(self, payload, sources: int, targets: int, ends: Callable[[Value], Value]) -> None:
        self._ends = ends
        beats = stream.Signature(payload)
        super().__init__({"source": In(beats).array(sources), "target": Out(beats).array(targets)})

    def elaborate(self, platform):
        m = Module()
        sources, targets = len(self.source), len(self.target)
        for channel in range(min(sources, targets)):
            if sources < targets:
                self._share_out(m, channel, self.source[channel], self.target[channel::sources])
            else:
                self._collect(m, channel, self.source[channel::targets], self.target[channel])
        return m

    def _share_out(self, m, channel, source, targets):
        """Of one stream's samples each target takes one in turn."""
        turn = self._turn(m, channel, source, len(targets))
        m.d.comb += source.ready.eq(Array(target.ready for target in targets)[turn])
        for index, target in enumerate(targets):
            m.d.comb += [target.valid.eq(source.valid & (turn == index)), target.payload.eq(source.payload)]

    def _collect(self, m, channel, sources, target):
        """One stream takes a sample of each source in turn."""
        turn = self._turn(m, channel, target, len(sources))
        m.d.comb += [
            target.valid.eq(Array(source.valid for source in sources)[turn]),
            Value.cast(target.payload).eq(Array(Value.cast(source.payload) for source in sources)[turn]),
            *(source.ready.eq(target.ready & (turn == index)) for index, source in enumerate(sources)),
        ]

    def _turn(self, m, channel, beats, size):
        ended = beats.valid & beats.ready & self._ends(beats.payload)
        return turns(m, size, ended, f"turn_{channel}")
