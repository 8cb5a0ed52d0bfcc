"""One counter of a word: a step up or down, or the place of another counter."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.popcount.carry_chain import CarryChain, Slot

__all__ = ["CounterStep", "at_limit"]


def at_limit(m: Module, counter: Value) -> Value:
    """Whether an unsigned number is the largest or the smallest of its width.

    Synthesis would look for both (5 tables for 8 bits), unless it is made to keep whether some bits equal the highest
    one (3 tables).
    """
    equal = []
    for start in range(0, len(counter) - 1, 3):
        bits = counter[start : min(start + 3, len(counter) - 1)]
        if start + 3 < len(counter):
            equal.append(part := Signal(attrs={"keep": 1}, name=f"equal_{start}"))
            m.d.comb += part.eq(bits == counter[-1].replicate(len(bits)))
        else:
            equal.append(bits == counter[-1].replicate(len(bits)))
    return Cat(equal).all()


@emitted_once
class CounterStep(wiring.Component):
    """`result` is `counter`, one more where it `moves`, one less where it moves `down`; `other`, where not `keeps`:
    there it must not move. Nor may `down` be high where it does not.

    Combinational. On an ECP5 platform, or with `family="ecp5"`, the choice costs nothing: it is made in the tables of
    the carry cells.
    """

    def __init__(self, bits: int, family: str | None = None) -> None:
        self._family = family
        super().__init__(
            {
                "counter": In(bits),
                "moves": In(1),
                "down": In(1),
                "keeps": In(1),
                "other": In(bits),
                "result": Out(bits),
            }
        )

    def elaborate(self, platform):
        m = Module()
        if (self._family or getattr(platform, "family", None)) != "ecp5":
            step = Cat(self.moves, self.down.replicate(len(self.counter) - 1))
            m.d.comb += self.result.eq(Mux(self.keeps, self.counter + step, self.other))
            return m
        # The lowest bit needs no carry; the chain starts with the one that it makes.
        m.submodules.chain = chain = CarryChain()
        chain.append(Slot.carry_and(self.counter[0], self.moves))
        for counter, other in zip(self.counter[1:], self.other[1:], strict=True):
            chain.append(Slot.add_unless(counter, self.down, other, self.keeps))
        chain.connect(upper := Signal(len(self.counter) - 1), 1)
        m.d.comb += self.result.eq(Cat(Mux(self.keeps, self.counter[0] ^ self.moves, self.other[0]), upper))
        return m
