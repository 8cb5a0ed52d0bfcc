"""Repacking of bit vectors."""

from itertools import pairwise

import pytest

from bephw.rtl_gen.samples.gearbox import Gearbox, beat_width
from bephw.shape import LayerShape


def even(length, width):
    """Beats of equal size, but for the last."""
    return [range(at, min(at + width, length)) for at in range(0, length, width)]


def folded(outputs, rows, words):
    """The beats in which a layer sends its outputs."""
    return LayerShape(0, words, outputs, rows, 1, 1).all_beats()


BEATS = [  # beats, columns
    (even(16, 4), 8),  # whole beats make up a word, of equal size
    (even(13, 4), 8),  # both ends ragged
    (even(8, 8), 8),
    (even(5, 1), 5),
    (even(1, 1), 1),
    (even(3, 2), 8),  # one word
    (even(9, 4), 4),
    (folded(11, 4, 3), 2),  # row groups of 2 + 2 outputs, the last 2 + 1
    (even(9, 5), 9),
    (folded(13, 5, 2), 16),  # the last group one beat, one word
    (folded(18, 5, 2), 10),  # row groups of 3 + 2 outputs, two of them a word, the last 3
    (folded(12, 5, 2), 10),  # the same, the last 2: less than in the first word's place
    (folded(17, 7, 3), 7),  # row groups of 3 + 3 + 1, the last 3
    (folded(16, 7, 3), 14),  # the same, the last 2: here the last beat is short
    (even(13, 3), 8),  # does not divide
    (even(12, 8), 4),  # beats wider than the columns
    (even(21, 8), 3),
    (even(7, 16), 2),  # a beat is a vector
    (folded(10, 5, 2), 4),  # row groups of 3 + 2 outputs
    (folded(12, 5, 2), 3),  # the same, the last group 2: three, two, three, two, two
    ([range(2), range(2, 6), range(6, 9)], 6),  # the last beat is longer than the first place
]


def make_beats(vector, divisions, tag, generator):
    """Places beyond a beat's bits, and tags of beats that are not the last, are noise."""
    width = beat_width(divisions)
    for bits in divisions:
        last = bits is divisions[-1]
        part = (vector >> bits.start) & ((1 << len(bits)) - 1)
        garbage = generator.getrandbits(width) >> len(bits) << len(bits)
        noise = {"label": generator.randrange(4), "learn": generator.randrange(2)}
        yield {"valid": 1, "data": part | garbage, "last": int(last), "tag": tag if last else noise}


class Setup:
    """Sends vectors as fast as the gearbox allows, with pauses of probability `pause` a cycle."""

    def __init__(self, bench, divisions, columns, count, pause=0.0):
        self.dut = dut = Gearbox(divisions, columns, 4)
        self.direct = Gearbox.direct(divisions, columns)
        self.divisions, self.columns, self.pause = divisions, columns, pause
        self.length = divisions[-1].stop
        self.words = -(-self.length // columns)
        self.bench = b = bench(dut, seed=self.length)
        self.vectors = [b.random.getrandbits(self.length) for _ in range(count)]
        self.tags = [{"label": b.random.randrange(4), "learn": b.random.randrange(2)} for _ in range(count)]
        self.pending = [
            list(make_beats(vector, divisions, tag, b.random))
            for vector, tag in zip(self.vectors, self.tags, strict=True)
        ]
        self.sent, self.cycles, self.found, self.left = [], [], [], 0
        b.watch([dut.words], self._act)

    def _act(self, word):
        b, dut = self.bench, self.dut
        if word["valid"]:
            self.found.append(word)
            self.cycles.append(b.cycle)
            self.left += word["last"]
        number, beat = divmod(len(self.sent), len(self.divisions))
        blocked = not self.direct and beat == 0 and self.left < number - 1
        if number == len(self.vectors) or blocked or b.random.random() < self.pause:
            noise = {"data": b.random.getrandbits(beat_width(self.divisions)), "last": b.random.randrange(2)}
            return [(dut.beats, {"valid": 0, **noise})]
        self.sent.append(b.cycle + 1)
        return [(dut.beats, self.pending[number][beat])]

    def run(self):
        self.bench.run(lambda: self.left == len(self.vectors), rest=self.words + 5)
        assert len(self.found) == self.words * len(self.vectors)
        for number, (vector, tag) in enumerate(zip(self.vectors, self.tags, strict=True)):
            words = self.found[number * self.words : (number + 1) * self.words]
            assert [word["last"] for word in words] == [0] * (self.words - 1) + [1]
            assert sum(word["data"] << index * self.columns for index, word in enumerate(words)) == vector
            assert words[-1]["tag"] == tag

    def ends(self):
        """Cycles of the last beat and of the last word of every vector."""
        return self.sent[len(self.divisions) - 1 :: len(self.divisions)], self.cycles[self.words - 1 :: self.words]


@pytest.mark.parametrize(("divisions", "columns"), BEATS)
@pytest.mark.parametrize("pause", [0.0, 0.2, 0.7])
def test_repacks(bench, divisions, columns, pause):
    setup = Setup(bench, divisions, columns, 20, pause)
    setup.run()
    if pause == 0:
        return
    beats, words = setup.ends()
    if setup.direct or setup.words == 1:
        assert words == [cycle + 1 for cycle in beats]
    else:
        # A vector that is complete waits for the one before it, which takes a cycle a word.
        expected = [beats[0] + setup.words + 1]
        for beat in beats[1:]:
            expected.append(max(beat + 1, expected[-1]) + setup.words)
        assert words == expected


@pytest.mark.parametrize(("divisions", "columns"), BEATS)
def test_throughput(bench, divisions, columns):
    """A beat a cycle, or as many cycles a vector as it has words; the latency that is promised."""
    setup = Setup(bench, divisions, columns, 12)
    setup.run()
    beats, words = setup.ends()
    period = len(divisions) if setup.direct else max(len(divisions), setup.words)
    assert {later - earlier for earlier, later in pairwise(words[2:])} == {period}
    if setup.direct:
        assert setup.sent == list(range(setup.sent[0], setup.sent[0] + len(setup.sent)))
        completing = [n for n, bits in enumerate(divisions) if bits.stop % columns == 0 or bits is divisions[-1]]
        firsts = setup.sent[:: len(divisions)]
        assert setup.cycles == [first + n + 1 for first in firsts for n in completing], "each word, a cycle later"
    else:
        assert words[0] == beats[0] + (1 if setup.words == 1 else setup.words + 1)


def test_direct():
    """Only where every word is made up of whole beats, all in the places of the first one."""
    assert [Gearbox.direct(*case) for case in BEATS] == [True] * 14 + [False] * 7
