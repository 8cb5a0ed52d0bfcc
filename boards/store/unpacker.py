"""From words of a memory to those of the sample stream."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.store.layout import RecordLayout
from bephw.rtl_gen.parts.layouts import sample_layout

__all__ = ["RecordUnpacker"]


class RecordUnpacker(wiring.Component):
    """Makes a sample of every record; `ends` is high in the cycle in which its last word is taken.

    Throughput: a record takes a cycle for each word of the stream, and at most 3 more, or one for each word of the
    memory, whichever are more. A word of the memory passes in 2 cycles.
    """

    def __init__(self, layout: RecordLayout, classes: int) -> None:
        self._layout = layout
        super().__init__(
            {
                "words": In(stream.Signature(layout.word)),
                "samples": Out(stream.Signature(sample_layout(layout.stream_width, classes))),
                "ends": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        layout = self._layout
        # So much that within a record it neither runs dry while words wait, nor is full when a word could go.
        size = layout.word_chunks + layout.stream_chunks + min(layout.word_chunks, layout.stream_chunks) - 1
        kept, level = Signal(size * layout.chunk), Signal(range(size + 1))
        taken, rest, left = Signal.like(level), Signal.like(kept), Signal.like(level)
        arrives = Signal()
        self._take(m, kept, level, taken, rest)
        m.d.comb += [
            self.words.ready.eq(level <= size - layout.word_chunks),
            arrives.eq(self.words.valid & self.words.ready),
            left.eq(level - taken),
        ]
        m.d.sync += [kept.eq(rest), level.eq(left)]
        with m.If(arrives):
            m.d.sync += level.eq(left + layout.word_chunks)
            with m.Switch(left):
                for chunks in range(size - layout.word_chunks + 1):
                    with m.Case(chunks):
                        at = chunks * layout.chunk
                        m.d.sync += kept[at : at + layout.word].eq(self.words.payload)
        return m

    def _take(self, m, kept, level, taken, rest):
        """What leaves: the label, a word, or the last word and the padding behind it."""
        layout, sample = self._layout, self.samples.payload
        word, last = Signal(range(layout.stream_words)), Signal()
        m.d.comb += [
            rest.eq(kept),
            sample.data.eq(kept),
            last.eq(word == layout.stream_words - 1),
            self.ends.eq(self.samples.valid & self.samples.ready & last),
        ]

        def take(chunks):
            m.d.comb += [taken.eq(chunks), rest.eq(kept >> chunks * layout.chunk)]

        with m.FSM():
            with m.State("LABEL"), m.If(level >= layout.label_chunks):
                take(layout.label_chunks)
                m.d.sync += sample.label.eq(kept)
                m.next = "WORDS"
            with m.State("WORDS"):
                whole = layout.stream_chunks + layout.padding_chunks
                m.d.comb += self.samples.valid.eq(level >= Mux(last, whole, layout.stream_chunks))
                with m.If(self.samples.valid & self.samples.ready):
                    m.d.sync += word.eq(word + 1)
                    with m.If(last):
                        take(whole)
                        m.d.sync += word.eq(0)
                        m.next = "LABEL"
                    with m.Else():
                        take(layout.stream_chunks)
