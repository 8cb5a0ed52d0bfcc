"""The inputs of a layer, from their arrival until nobody needs them any more."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.parts.arithmetic import count_up, places_left
from bephw.rtl_gen.parts.layouts import chunk_layout, tag_layout
from bephw.rtl_gen.samples.gearbox import Gearbox, beat_width
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.rtl_gen.samples.sample_memory import SampleMemory
from bephw.shape import LayerShape

__all__ = ["AHEAD", "InputQueue"]

AHEAD = 3  # samples that are arriving, wait, or are in the forward pass


class InputQueue(wiring.Component):
    """Keeps `slots` samples' inputs in a memory of `columns`-bit words.

    Beats come in by `chunks`, divided as `beats` says (see `Gearbox`). `reader_0` is the forward pass: while
    `available`, a whole sample waits for it, with `tag`. The other readers follow in sample order, each at its own
    pace; a slot is free again when the last reader is done with it. There is `room` for a sample while a slot is free
    and no more than `AHEAD` are between their start and the end of their forward pass. `block`: see `SampleMemory`.
    """

    def __init__(
        self,
        shape: LayerShape,
        beats: Sequence[range],
        classes: int,
        slots: int,
        readers: int,
        *,
        block: bool = True,
    ) -> None:
        self._shape = shape
        self._beats = list(beats)
        self._classes = classes
        self._slots = slots
        self._readers = readers
        self._block = block
        reader = ReaderSignature(shape.columns, shape.words)
        super().__init__(
            {
                "chunks": In(SampleFlowSignature(chunk_layout(beat_width(self._beats), classes))),
                "available": Out(1),
                "tag": Out(tag_layout(classes)),
                **{f"reader_{index}": In(reader) for index in range(readers)},
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.gearbox = gearbox = Gearbox(self._beats, shape.columns, self._classes)
        m.submodules.memory = memory = SampleMemory(
            shape.columns, shape.words, self._slots, self._readers, block=self._block
        )
        readers = [getattr(self, f"reader_{index}") for index in range(self._readers)]
        for index, reader in enumerate(readers):
            connect(m, flipped(reader), getattr(memory, f"reader_{index}"))

        word = Signal(range(shape.words), reset_less=True)
        words, written = gearbox.words, Signal()
        m.d.comb += [
            gearbox.beats.valid.eq(self.chunks.valid),
            gearbox.beats.data.eq(self.chunks.payload.data),
            gearbox.beats.last.eq(self.chunks.payload.last),
            gearbox.beats.tag.eq(self.chunks.payload.tag),
            written.eq(words.valid & words.last),
            memory.write.eq(words.valid),
            memory.index.eq(word),
            memory.data.eq(words.data),
            memory.written.eq(written),
        ]
        count_up(m, word, words.valid, words.last)
        self._queue_tags(m, written, words.tag, readers[0].done)
        self._limit(m, written, readers)
        return m

    def _queue_tags(self, m, written, tag, done):
        """Tags of the samples that wait for the forward pass or are in it."""
        m.submodules.tags = tags = SyncFIFO(width=tag.shape().size, depth=AHEAD)
        m.d.comb += [
            tags.w_en.eq(written),
            tags.w_data.eq(tag),
            tags.r_en.eq(done),
            self.available.eq(tags.r_rdy),
            self.tag.eq(tags.r_data),
        ]

    def _limit(self, m, written, readers):
        """Room where every limit leaves room. The forward pass never is the last reader, unless it is the only one."""
        limits = [(AHEAD, readers[0].done)]
        limits += [(self._slots, reader.done) for reader in readers[min(1, len(readers) - 1) :]]
        if not Gearbox.direct(self._beats, self._shape.columns):
            limits.append((2, written))  # one vector arrives while the words of another leave
        free = [places_left(m, most, self.chunks.start, leaves) for most, leaves in limits]
        m.d.comb += self.chunks.room.eq(Cat(free).all())
