"""The inputs of a layer: samples come in by channels, and are read by channels."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import places_left, turns
from bephw.rtl_gen.parts.layouts import chunk_layout, tag_layout
from bephw.rtl_gen.samples.gearbox import Gearbox, beat_width
from bephw.rtl_gen.samples.input_bank import AHEAD, InputBank
from bephw.rtl_gen.samples.reader import ReaderSignature, read_in_turn
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.shape import LayerShape

__all__ = ["InputQueue", "banks"]


def banks(shape: LayerShape, sources: int) -> int:
    """How many memories there are, each of which takes and gives one sample at a time."""
    return max(shape.samples, sources)


class InputQueue(wiring.Component):
    """Keeps `slots` samples' inputs in memories of `columns`-bit words, one a channel of those that have the most.

    Sample number i comes by `chunks[i % sources]`, in beats as `beats` says (see `Gearbox`), and is read by channel
    i % n of a reader that has n of them: `readers` says how many, of each. `reader_0`, which has `shape.samples`, is
    the forward pass; for its channels `available`, `begun` and `tag`, for `ahead` and for the rest see `InputBank`.
    """

    def __init__(
        self,
        shape: LayerShape,
        beats: Sequence[range],
        classes: int,
        slots: int,
        readers: Sequence[int],
        *,
        sources: int = 1,
        ahead: int = AHEAD,
        block: bool = True,
    ) -> None:
        self._shape = shape
        self._beats = list(beats)
        self._classes = classes
        self._slots = slots
        self._ahead = ahead
        self._block = block
        self._readers = {f"reader_{index}": channels for index, channels in enumerate(readers)}
        reader = ReaderSignature(shape.columns, shape.words)
        super().__init__(
            {
                "chunks": In(SampleFlowSignature(chunk_layout(beat_width(self._beats), classes))).array(sources),
                "available": Out(shape.samples),
                "begun": In(shape.samples),
                "tags": Out(data.ArrayLayout(tag_layout(classes), shape.samples)),
                **{name: In(reader).array(channels) for name, channels in self._readers.items()},
            }
        )

    def elaborate(self, platform):
        m = Module()
        count = banks(self._shape, len(self.chunks))
        kept = [
            InputBank(
                self._shape,
                self._classes,
                self._slots // count,
                len(self._readers),
                ahead=self._ahead,
                block=self._block,
            )
            for _ in range(count)
        ]
        for index, bank in enumerate(kept):
            m.submodules[f"bank_{index}"] = bank
        for source in range(len(self.chunks)):
            self._take(m, source, kept[source :: len(self.chunks)])
        for name, channels in self._readers.items():
            for channel in range(channels):
                self._read(m, name, channel, kept[channel::channels])
        return m

    def _take(self, m, source, kept):
        """The samples of one channel go to its banks in turn."""
        chunks = self.chunks[source]
        m.submodules[f"gearbox_{source}"] = gearbox = Gearbox(self._beats, self._shape.columns, self._classes)
        words, written = gearbox.words, Signal(name=f"written_{source}")
        starting = turns(m, len(kept), chunks.start, f"starting_{source}")
        writing = turns(m, len(kept), written, f"writing_{source}")
        room = Array(bank.room for bank in kept)[starting]
        if not Gearbox.direct(self._beats, self._shape.columns):
            room &= places_left(m, 2, chunks.start, written)  # one vector arrives while the words of another leave
        m.d.comb += [
            gearbox.beats.valid.eq(chunks.valid),
            gearbox.beats.data.eq(chunks.payload.data),
            gearbox.beats.last.eq(chunks.payload.last),
            gearbox.beats.tag.eq(chunks.payload.tag),
            written.eq(words.valid & words.last),
            chunks.room.eq(room),
        ]
        for index, bank in enumerate(kept):
            m.d.comb += [
                bank.start.eq(chunks.start & (starting == index)),
                bank.words.eq(words),
                bank.words.valid.eq(words.valid & (writing == index)),
            ]

    def _read(self, m, name, channel, kept):
        """A channel of a reader reads its banks in turn."""
        reader = getattr(self, name)[channel]
        turn = read_in_turn(m, reader, [getattr(bank, name) for bank in kept], f"{name}_turn_{channel}")
        if name == "reader_0":
            beginning = turns(m, len(kept), self.begun[channel], f"beginning_{channel}")
            m.d.comb += [
                self.available[channel].eq(Array(bank.available for bank in kept)[beginning]),
                *(bank.begun.eq(self.begun[channel] & (beginning == index)) for index, bank in enumerate(kept)),
                self.tags[channel].as_value().eq(Array(bank.tag.as_value() for bank in kept)[turn]),
            ]
