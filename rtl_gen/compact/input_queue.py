"""The inputs of a layer, from their arrival until nobody needs them any more."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.compact.gearbox import Gearbox
from bephw.rtl_gen.compact.layouts import chunk_layout, tag_layout
from bephw.rtl_gen.sample_memory import ReaderSignature, SampleMemory
from bephw.shape import LayerShape

__all__ = ["InputQueue"]

AHEAD = 2  # samples complete and not yet through the forward pass


class InputQueue(wiring.Component):
    """Keeps `slots` samples' inputs in a memory of `columns`-bit words.

    Chunks of `width` bits come in. `reader_0` is the forward pass: while `available`, a whole sample waits for it,
    with `tag`. The other readers follow in sample order, each at its own pace; a slot is free again when the last
    reader is done with it.
    """

    def __init__(self, shape: LayerShape, width: int, classes: int, slots: int, readers: int) -> None:
        self._shape = shape
        self._width = width
        self._classes = classes
        self._slots = slots
        self._readers = readers
        reader = ReaderSignature(shape.columns, shape.words)
        super().__init__(
            {
                "chunks": In(stream.Signature(chunk_layout(width, classes))),
                "available": Out(1),
                "tag": Out(tag_layout(classes)),
                **{f"reader_{index}": In(reader) for index in range(readers)},
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.gearbox = gearbox = Gearbox(shape.inputs, self._width, shape.columns, self._classes)
        m.submodules.memory = memory = SampleMemory(shape.columns, shape.words, self._slots, self._readers)
        connect(m, flipped(self.chunks), gearbox.chunks)
        readers = [getattr(self, f"reader_{index}") for index in range(self._readers)]
        for index, reader in enumerate(readers):
            connect(m, flipped(reader), getattr(memory, f"reader_{index}"))

        word = Signal(range(shape.words))
        first, last = word == 0, gearbox.words.payload.last
        take = gearbox.words.valid & gearbox.words.ready
        m.d.comb += [
            memory.write.eq(take),
            memory.index.eq(word),
            memory.data.eq(gearbox.words.payload.data),
            memory.written.eq(take & last),
        ]
        with m.If(take):
            m.d.sync += word.eq(Mux(last, 0, word + 1))
        room = self._limit(m, take & first, readers)
        queued = self._queue_tags(m, take & last, gearbox.words.payload.tag, readers[0].done)
        m.d.comb += gearbox.words.ready.eq(~first | (room & ~queued))
        return m

    def _limit(self, m, begin, readers):
        """Whether a slot is free. The forward pass is never the last reader, unless it is the only one."""
        free = []
        for index, reader in list(enumerate(readers))[min(1, len(readers) - 1) :]:
            held = Signal(range(self._slots + 1), name=f"held_{index}")
            m.d.sync += held.eq(held + begin - reader.done)
            free.append(held != self._slots)
        return Cat(free).all()

    def _queue_tags(self, m, complete, tag, done):
        """Tags of the samples that wait for the forward pass; returns whether there is no place for another."""
        waiting = Signal(range(AHEAD + 1))
        tags = [Signal.like(self.tag, name=f"tag_{index}") for index in range(AHEAD)]
        m.d.comb += [self.available.eq(waiting != 0), self.tag.eq(tags[0])]
        m.d.sync += waiting.eq(waiting + complete - done)
        with m.If(done):
            m.d.sync += tags[0].eq(tags[1])
        with m.If(complete):
            with m.If((waiting - done) == 0):
                m.d.sync += tags[0].eq(tag)
            with m.Else():
                m.d.sync += tags[1].eq(tag)
        return waiting == AHEAD
