"""From words of the sample stream to those of a memory."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.store.layout import RecordLayout
from bephw.rtl_gen.parts.layouts import sample_layout

__all__ = ["RecordPacker"]


class RecordPacker(wiring.Component):
    """Makes a record of every sample; `ends` is high in the cycle in which its last word is taken.

    The label is that of the sample's first word. A chunk a cycle, which is fast enough for any serial line.
    """

    def __init__(self, layout: RecordLayout, classes: int) -> None:
        self._layout = layout
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(layout.stream_width, classes))),
                "words": Out(stream.Signature(layout.word)),
                "ends": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        layout = self._layout
        chunk, goes, full = Signal(layout.chunk), Signal(), Signal()
        filled, last = Signal(range(layout.word_chunks)), Signal(reset_less=True)
        m.d.comb += [self.words.valid.eq(full), self.ends.eq(full & self.words.ready & last)]
        with m.If(self.words.ready):
            m.d.sync += full.eq(0)
        with m.If(goes):
            m.d.sync += [
                self.words.payload.eq(Cat(self.words.payload, chunk)[layout.chunk :]),
                filled.eq(filled + 1),
            ]
            with m.If(filled == layout.word_chunks - 1):
                m.d.sync += [filled.eq(0), full.eq(1)]
        self._choose(m, chunk, goes, last, room=~full)
        return m

    def _choose(self, m, chunk, goes, last, room):
        """The chunks of a record, one after the other."""
        layout, sample = self._layout, self.samples.payload
        part = Signal(range(max(layout.label_chunks, layout.stream_chunks, layout.padding_chunks, 2)))
        word = Signal(range(layout.stream_words))

        def count(chunks, following):
            with m.If(goes):
                m.d.sync += part.eq(part + 1)
                with m.If(part == chunks - 1):
                    m.d.sync += part.eq(0)
                    following()

        def after_label():
            m.next = "WORD"

        def after_word():
            m.d.sync += word.eq(word + 1)
            with m.If(word == layout.stream_words - 1):
                m.d.sync += [word.eq(0), last.eq(not layout.padding_chunks)]
                m.next = "PADDING" if layout.padding_chunks else "LABEL"

        def after_padding():
            m.d.sync += last.eq(1)
            m.next = "LABEL"

        with m.FSM():
            with m.State("LABEL"):
                m.d.comb += [chunk.eq(sample.label.word_select(part, layout.chunk)), goes.eq(self.samples.valid & room)]
                with m.If(goes):
                    m.d.sync += last.eq(0)
                count(layout.label_chunks, after_label)
            with m.State("WORD"):
                m.d.comb += [
                    chunk.eq(sample.data.word_select(part, layout.chunk)),
                    goes.eq(self.samples.valid & room),
                    self.samples.ready.eq(room & (part == layout.stream_chunks - 1)),
                ]
                count(layout.stream_chunks, after_word)
            if layout.padding_chunks:
                with m.State("PADDING"):
                    m.d.comb += goes.eq(room)
                    count(layout.padding_chunks, after_padding)
