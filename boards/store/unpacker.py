"""From words of a memory to those of the sample stream."""

from __future__ import annotations

from functools import reduce
from operator import or_

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

    With `shorter`, samples have only the first `sent` words of the stream, at least 1; a word that is left out takes as
    long. That may change between records only.
    """

    def __init__(self, layout: RecordLayout, classes: int, *, shorter: bool = False) -> None:
        self._layout = layout
        self._shorter = shorter
        members = {
            "words": In(stream.Signature(layout.word)),
            "samples": Out(stream.Signature(sample_layout(layout.stream_width, classes))),
            "ends": Out(1),
        }
        if shorter:
            members["sent"] = In(range(layout.stream_words + 1), init=layout.stream_words)
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        layout = self._layout
        # So much that within a record it neither runs dry while words wait, nor is full when a word could go.
        size = layout.word_chunks + layout.stream_chunks + min(layout.word_chunks, layout.stream_chunks) - 1
        # Where the chunks that are kept end is a bit of `end`, not a number: it is moved, and words are put there,
        # without an adder or a decoder on the way.
        kept, end = Signal(size * layout.chunk), Signal(size + 1, init=1)
        rest, left, arrives = Signal.like(kept), Signal(size + 1), Signal()
        self._take(m, kept, end, rest, left)
        places = range(size - layout.word_chunks + 1)
        m.d.comb += [
            self.words.ready.eq(end[: len(places)].any()),
            arrives.eq(self.words.valid & self.words.ready),
        ]
        m.d.sync += [kept.eq(rest), end.eq(left)]
        with m.If(arrives):
            arrived = (Mux(left[place], self.words.payload, 0) << place * layout.chunk for place in places)
            m.d.sync += [kept.eq(rest | reduce(or_, arrived)), end.eq(left << layout.word_chunks)]
        return m

    def _take(self, m, kept, end, rest, left):
        """What leaves: the label, a word, or the last word and the padding behind it."""
        layout, sample = self._layout, self.samples.payload
        word, last, there, goes = Signal(range(layout.stream_words)), Signal(), Signal(), Signal()
        shown = self._shown(m, word, goes)
        m.d.comb += [
            rest.eq(kept),
            left.eq(end),
            sample.data.eq(kept),
            last.eq(word == layout.stream_words - 1),
            self.samples.valid.eq(there & shown),
            goes.eq(there & (self.samples.ready | ~shown)),
            self.ends.eq(goes & last),
        ]

        def take(chunks):
            m.d.comb += [left.eq(end >> chunks), rest.eq(kept >> chunks * layout.chunk)]

        with m.FSM():
            with m.State("LABEL"), m.If(end[layout.label_chunks :].any()):
                take(layout.label_chunks)
                m.d.sync += sample.label.eq(kept)
                m.next = "WORDS"
            with m.State("WORDS"):
                whole = layout.stream_chunks + layout.padding_chunks
                m.d.comb += there.eq(Mux(last, end[whole:].any(), end[layout.stream_chunks :].any()))
                with m.If(goes):
                    m.d.sync += word.eq(word + 1)
                    with m.If(last):
                        take(whole)
                        m.d.sync += word.eq(0)
                        m.next = "LABEL"
                    with m.Else():
                        take(layout.stream_chunks)
        return m

    def _shown(self, m, word, goes):
        """Whether the word is one of those that are sent."""
        if not self._shorter:
            return C(1)
        hidden = Signal()
        with m.If(goes):
            m.d.sync += hidden.eq((hidden | (word + 1 == self.sent)) & (word != self._layout.stream_words - 1))
        return ~hidden
