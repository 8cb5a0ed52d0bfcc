"""XNOR-popcount: how many inputs of one output agree with its weights."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.popcount.carry_chain import CarryChain, Slot
from bephw.rtl_gen.popcount.count_tree import CARRY_CELLS, LEVELS_A_CYCLE, TABLES, CountNode, count_tree, tree_depth
from bephw.rtl_gen.popcount.counting import add_level, batches, count_in_logic

__all__ = ["XnorPopcount"]

ADDER_BITS = 24
CHAIN_SLOTS = 22  # of one carry chain on ECP5; a signal passes two in a cycle


@emitted_once
class XnorPopcount(wiring.Component):
    """`columns` lanes of one output, at least 1.

    `count + carry` is the number of lanes in which `weights` equals `activations`. A lane that shall not count
    (padding) has weight 1 and activation 0. The inputs should come from registers: two levels of adders follow them.

    `spare`: the sum is added to another one, whose adder has a carry to spare: then `carry` is the last lane, if there
    is another one. It is what makes 8, 16, 32 lanes cost little more than 7, 15, 31. Otherwise `carry` is 0.

    Latency: `latency(columns, spare=spare)` cycles in which `enable` is high. Throughput: one word a cycle. `ahead`:
    the inputs come a cycle earlier, from memories, and are kept as counts of up to four lanes, which are fewer bits.

    On an ECP5 platform, or with `family="ecp5"`, the lanes are counted in carry cells, which take two XNOR gates a
    4-input table; everywhere else in plain logic and adders. The values and the latency are the same.
    """

    def __init__(self, columns: int, family: str | None = None, *, ahead: bool = False, spare: bool = False) -> None:
        self._counted = columns - (spare and columns > 1)
        self._columns = columns
        self._family = family
        self._ahead = ahead
        self._agreeing = Signal(columns, name="agreeing")
        super().__init__(
            {
                "enable": In(1),
                "weights": In(columns),
                "activations": In(columns),
                "count": Out(range(self._counted + 1)),
                "carry": Out(1),
            }
        )

    @staticmethod
    def latency(columns: int, *, spare: bool = False) -> int:
        """Cycles from input to `count`: 1 up to 8 columns, 2 up to 32, 3 up to 128, 4 up to 512, and one more column
        where it is the carry."""
        return -(-tree_depth(columns - (spare and columns > 1)) // LEVELS_A_CYCLE)

    def elaborate(self, platform):
        m = Module()
        family = self._family or getattr(platform, "family", None)
        kind, costs = self._kind_and_costs(None if self._ahead else family)
        root, cells = count_tree(self._counted, costs), kind(m, self)
        m.d.comb += self._agreeing.eq(~(self.weights ^ self.activations))
        counts: dict[CountNode, Value] = {}
        late = {lane: self._enter(lane, costs.late_bits) for node in root.nodes() if node.parts for lane in node.lanes}
        late |= {lane: self._agree(lane) for lane in range(self._counted, self._columns)}
        if self._ahead:
            self._keep_few(m, root, counts, late)
        for cycle in range(root.cycle + 1):
            nodes = [node for node in root.nodes() if node.cycle == cycle]
            cells.count(nodes, counts, late)
            for node in nodes:
                late = {lane: value for lane, value in late.items() if lane not in node.lanes}
            counts = {
                node: self._register(m, counts[node], f"count_{cycle}_{index}")
                for index, node in enumerate(root.kept(cycle))
            }
            late = {lane: self._register(m, value, f"lane_{cycle}_{lane}") for lane, value in late.items()}
        m.d.comb += [self.count.eq(counts[root]), self.carry.eq(Cat(late.values()))]
        return m

    @staticmethod
    def _kind_and_costs(family: str | None):
        """How counts are made, and what that costs."""
        return (_Ecp5, CARRY_CELLS) if family == "ecp5" else (_Plain, TABLES)

    def _keep_few(self, m: Module, root: CountNode, counts: dict[CountNode, Value], late: dict[int, Value]) -> None:
        """Registers of the counts of leaves, and of what is kept of all other lanes."""
        for node in root.nodes():
            if not node.parts:
                count = count_in_logic([self._agree(lane) for lane in node.lanes])
                counts[node] = self._register(m, count, f"early_{node.lanes[0]}")
        late |= {lane: self._register(m, value, f"early_{lane}") for lane, value in late.items()}

    def _agree(self, lane: int) -> Value:
        return self._agreeing[lane]

    def _enter(self, lane: int, bits: int) -> Value:
        """What is kept of a lane that enters later: whether its bits agree, or both."""
        return self._agree(lane) if bits == 1 else Cat(self.weights[lane], self.activations[lane])

    def _register(self, m: Module, value: Value, name: str) -> Signal:
        register = Signal(len(value), name=name, reset_less=True)
        with m.If(self.enable):
            m.d.sync += register.eq(value)
        return register


class _Plain:
    """Counts in logic and joined additions."""

    def __init__(self, m: Module, lanes: XnorPopcount) -> None:
        self._m = m
        self._lanes = lanes

    def count(self, nodes: list[CountNode], counts: dict[CountNode, Value], late: dict[int, Value]) -> None:
        """Adds the counts of `nodes`, all of one cycle, to `counts`."""
        for node in nodes:
            if not node.parts and node not in counts:
                counts[node] = count_in_logic([self._lanes._agree(lane) for lane in node.lanes])
        for depth in sorted({node.depth for node in nodes if node.parts}):
            level = [node for node in nodes if node.depth == depth]
            carries = [[_agreement(late[lane]) for lane in node.lanes] for node in level]
            parts = [[counts[part] for part in node.parts] for node in level]
            counts.update(zip(level, add_level(self._m, level, carries, parts, ADDER_BITS), strict=True))


class _Ecp5:
    """Counts in the carry cells of ECP5, in which a slot takes two lanes, or a bit of two counts, and the carry.

    A leaf of three lanes is two slots: one lane is the carry of the other two. Such a slot can only count lanes that
    differ, so the sum above adds the complement. Sums share the slots between them as in `add_level`. A chain goes
    through both levels of a cycle, one after the other, so that no path, be it a false one, leaves it more than once.
    """

    def __init__(self, m: Module, lanes: XnorPopcount) -> None:
        self._m = m
        self._lanes = lanes
        self._differing: set[CountNode] = set()  # nodes that count lanes which differ

    def count(self, nodes: list[CountNode], counts: dict[CountNode, Value], late: dict[int, Value]) -> None:
        """Adds the counts of `nodes`, all of one cycle, to `counts`."""
        chained = {node for node in nodes if node.parts or (len(node.lanes) == 3 and len(nodes) > 1)}
        for node in nodes:
            if node not in chained:
                counts[node] = count_in_logic([self._lanes._agree(lane) for lane in node.lanes])
        self._differing |= {node for node in chained if not node.parts}
        inner = {part for node in nodes for part in node.parts}
        subtrees = [[node for node in root.nodes() if node in chained] for root in nodes if root not in inner]
        for joined in batches([subtree for subtree in subtrees if subtree], CHAIN_SLOTS):
            self._m.submodules += self._chain(joined, counts, late)

    def _chain(self, nodes: list[CountNode], counts: dict[CountNode, Value], late: dict[int, Value]) -> CarryChain:
        chain = CarryChain()
        for node in sorted(nodes, key=lambda node: node.depth):
            if node.parts:
                start = self._add(chain, node, counts, late)
            else:
                first, *others = [(self._lanes.weights[lane], self._lanes.activations[lane]) for lane in node.lanes]
                chain.append(Slot.carry_xor(*first))
                start = chain.append(Slot.add_xors(*others[0], *others[1]))
            # Its highest bit may be the sum of the slot that comes next.
            counts[node] = Signal(node.width, name=f"sum_{node.depth}_{start}")
            chain.connect(counts[node], start)
        return chain

    def _add(self, chain: CarryChain, node: CountNode, counts: dict[CountNode, Value], late: dict[int, Value]) -> int:
        pairs = [late[lane] for lane in node.lanes]
        carry = Slot.carry_xor(*pairs[0], complement=True) if pairs else Slot.carry()
        start = chain.append(carry) + 1
        left, right = node.parts
        complements = left in self._differing, right in self._differing
        for bit in range(right.width):
            if bit < left.width:
                chain.append(Slot.add(counts[left][bit], counts[right][bit], complements))
            else:
                chain.append(Slot.pass_on(counts[right][bit], complements[1]))
        return start


def _agreement(kept: Value) -> Value:
    """Whether a lane's bits agree, of what is kept of it."""
    return kept if len(kept) == 1 else ~kept.xor()
