"""The inputs of the samples of one channel, from their arrival until nobody needs them any more."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.parts.arithmetic import count_up, places_left
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import tag_layout
from bephw.rtl_gen.samples.gearbox import words_layout
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.samples.sample_memory import SampleMemory
from bephw.shape import LayerShape

__all__ = ["AHEAD", "InputBank"]

AHEAD = 3  # samples that are arriving, wait, or are in the forward pass, where nobody asks for more


@emitted_once
class InputBank(wiring.Component):
    """Keeps `slots` samples' inputs, which come as `words`. The forward pass has a memory of its own, which is shallow:
    for the few samples that it has not done with.

    `start` says that a sample will come; there is `room` for one while a slot is free and no more than `ahead` are
    between their start and the end of their forward pass. `reader_0` is the forward pass: while `available`, a whole
    sample waits for it, until it is `begun`; `tag` is that of the sample in it, or the next one's. The other readers
    follow in sample order, each at its own pace; a slot is free again when the last reader is done with it. `block`:
    see `SampleMemory`.
    """

    def __init__(
        self, shape: LayerShape, classes: int, slots: int, readers: int, *, ahead: int = AHEAD, block: bool = True
    ) -> None:
        self._shape = shape
        self._slots = slots
        self._ahead = ahead
        self._block = block
        self._names = [f"reader_{index}" for index in range(readers)]
        reader = ReaderSignature(shape.columns, shape.words)
        super().__init__(
            {
                "start": In(1),
                "room": Out(1),
                "words": In(words_layout(shape.columns, classes)),
                "available": Out(1),
                "begun": In(1),
                "tag": Out(tag_layout(classes)),
                **dict.fromkeys(self._names, In(reader)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        words, readers = self.words, [getattr(self, name) for name in self._names]
        word, written = Signal(range(self._shape.words), reset_less=True), Signal()
        m.d.comb += written.eq(words.valid & words.last)
        count_up(m, word, words.valid, words.last)
        self._keep(m, "passing", min(self._ahead, self._slots), readers[:1], word, written)
        if readers[1:]:
            self._keep(m, "learning", self._slots, readers[1:], word, written)
        self._wait(m, written)
        self._queue_tags(m, written, readers[0].done)
        self._limit(m, readers)
        return m

    def _keep(self, m, name, slots, readers, word, written):
        """A memory of the last `slots` samples for some of the readers."""
        shape = self._shape
        memory = SampleMemory(shape.columns, shape.words, slots, len(readers), block=self._block)
        m.submodules[name] = memory
        m.d.comb += [
            memory.write.eq(self.words.valid),
            memory.index.eq(word),
            memory.data.eq(self.words.data),
            memory.written.eq(written),
        ]
        for index, reader in enumerate(readers):
            connect(m, flipped(reader), getattr(memory, f"reader_{index}"))

    def _wait(self, m, written):
        """Whether a sample waits, in a register: who asks has much to decide."""
        waiting, following = (Signal(range(self._ahead + 1), name=name) for name in ("waiting", "following"))
        m.d.comb += following.eq(waiting + written - self.begun)
        m.d.sync += [waiting.eq(following), self.available.eq(following != 0)]

    def _queue_tags(self, m, written, done):
        """Tags of the samples that wait for the forward pass or are in it."""
        m.submodules.tags = tags = SyncFIFO(width=len(self.tag.as_value()), depth=self._ahead)
        m.d.comb += [
            tags.w_en.eq(written),
            tags.w_data.eq(self.words.tag),
            tags.r_en.eq(done),
            self.tag.eq(tags.r_data),
        ]

    def _limit(self, m, readers):
        """Room where every limit leaves room. The forward pass never is the last reader, unless it is the only one."""
        limits = [(self._ahead, readers[0].done)]
        limits += [(self._slots, reader.done) for reader in readers[min(1, len(readers) - 1) :]]
        m.d.comb += self.room.eq(Cat(places_left(m, most, self.start, leaves) for most, leaves in limits).all())
