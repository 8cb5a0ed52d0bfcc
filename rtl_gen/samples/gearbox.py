"""From beats of one width to words of another."""

from collections.abc import Sequence
from itertools import cycle

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import cleared_by
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import tag_layout
from bephw.shape import ceil_div

__all__ = ["Gearbox", "beat_width", "words_layout"]


def beat_width(beats: Sequence[range]) -> int:
    """Bits of a beat: as many as the longest carries."""
    return max(map(len, beats))


def words_layout(width: int, classes: int) -> data.StructLayout:
    """A beat or word of a vector that is taken in the cycle in which `valid` is high; `tag` counts with the `last`."""
    return data.StructLayout({"valid": 1, "data": width, "last": 1, "tag": tag_layout(classes)})


def _places(beats: Sequence[range], columns: int) -> list[range]:
    """Where the beats of a first word lie in it."""
    return [beat for beat in beats if beat.start < columns]


@emitted_once
class Gearbox(wiring.Component):
    """Repacks vectors from beats into words of `columns` bits.

    Beat number i of a vector carries its bits `beats[i]`, lowest first, in its lowest places; the rest of it is
    ignored. The words follow one another, lowest bits first, the last one padded with zeros.

    Latency: the last word follows the last beat by a cycle where every word is made up of whole beats in the same
    places (`direct`) or the vector is one word, else by as many cycles as there are words, and one. Throughput: a beat
    a cycle; vectors may follow one another without a gap, but in the second case none may begin before the last but
    one has left (`words.last`).
    """

    def __init__(self, beats: Sequence[range], columns: int, classes: int) -> None:
        self._beats = list(beats)
        self._columns = columns
        self._length = self._beats[-1].stop
        super().__init__(
            {
                "beats": In(words_layout(beat_width(self._beats), classes)),
                "words": Out(words_layout(columns, classes)),
            }
        )

    @staticmethod
    def direct(beats: Sequence[range], columns: int) -> bool:
        """Whether all words are made up of whole beats, in the same places; the last one may end early."""
        places = _places(beats, columns)
        *others, last = zip(beats, cycle(places), strict=False)
        return (
            places[-1].stop <= columns
            and all(beat.start % columns == place.start for beat, place in (*others, last))
            and all(len(beat) == len(place) for beat, place in others)
            and len(last[0]) <= len(last[1])
        )

    @classmethod
    def latency(cls, beats: Sequence[range], columns: int) -> int:
        """Cycles from the last beat to the last word where no other vector is in the way."""
        words = ceil_div(beats[-1].stop, columns)
        return 1 if words == 1 or cls.direct(beats, columns) else words + 1

    def elaborate(self, platform):
        m = Module()
        tag = Signal.like(self.beats.tag)
        with m.If(self.beats.valid):
            m.d.sync += tag.eq(self.beats.tag)
        m.d.comb += self.words.tag.eq(tag)
        if self.direct(self._beats, self._columns):
            self._collect_word(m)
        else:
            self._collect_vector(m, tag)
        return m

    def _collect_word(self, m):
        """Each beat has its place in the word: no multiplexers. The next beat's place takes whatever there is until
        that beat comes: its enable is a bit of a register, and no table."""
        places, beats = _places(self._beats, self._columns), self.beats
        place = Signal(len(places), init=1, reset_less=True)  # one bit is high
        collected = Signal(self._columns, reset_less=True)
        m.d.sync += self.words.valid.eq(beats.valid & (beats.last | place[-1]))
        with m.If(beats.valid):
            m.d.sync += [place.eq(place.rotate_left(1)), self.words.last.eq(beats.last)]
        with m.If(cleared_by(beats.valid & beats.last)):
            m.d.sync += place.eq(1)
        for index, bits in enumerate(places):
            with m.If(place[index]):
                m.d.sync += collected[bits.start : bits.stop].eq(beats.data)
        used = self._length - (ceil_div(self._length, self._columns) - 1) * self._columns
        kept = Cat(C(-1, used), (~self.words.last).replicate(self._columns - used))
        m.d.comb += self.words.data.eq(collected & kept)

    def _collect_vector(self, m, tag):
        """Every bit of the vector has its place in a beat; the complete vector leaves word by word."""
        count = ceil_div(self._length, self._columns)
        beat, complete = Signal(range(len(self._beats))), Signal()
        vector = Signal(self._length)
        with m.If(self.beats.valid):
            m.d.sync += beat.eq(Mux(self.beats.last, 0, beat + 1))
        for index, bits in enumerate(self._beats):
            with m.If(self.beats.valid & (beat == index)):
                m.d.sync += vector[bits.start : bits.stop].eq(self.beats.data)
        if count == 1:
            m.d.sync += complete.eq(self.beats.valid & self.beats.last)
            m.d.comb += [self.words.valid.eq(complete), self.words.last.eq(1), self.words.data.eq(vector)]
            return
        leaving, left, leaving_tag = Signal(count * self._columns), Signal(range(count + 1)), Signal.like(tag)
        free = left <= 1
        m.d.sync += complete.eq((self.beats.valid & self.beats.last) | (complete & ~free))
        m.d.comb += [
            self.words.tag.eq(leaving_tag),
            self.words.valid.eq(left != 0),
            self.words.last.eq(left == 1),
            self.words.data.eq(leaving),
        ]
        with m.If(complete & free):
            m.d.sync += [leaving.eq(vector), left.eq(count), leaving_tag.eq(tag)]
        with m.Elif(left != 0):
            m.d.sync += [leaving.eq(leaving >> self._columns), left.eq(left - 1)]
