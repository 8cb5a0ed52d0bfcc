"""From any component to Verilog: Amaranth's netlist, arranged for simulators and for readers, through Yosys."""

import contextlib
import gc
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from amaranth.hdl import Elaboratable

from bephw.errors import check
from bephw.files import errors_named
from bephw.netlist import bracket_free, order_ports, relax_memories
from bephw.rtl_gen.parts.emitted_once import Definitions
from bephw.rtl_gen.parts.memory_contents import memory_contents_by_word
from bephw.toolchain import run_yosys

__all__ = ["convert"]

INTERFACES = ("clk", "rst", "samples", "predictions", "csr", "load", "dump")
PARTS = ("payload", "valid", "ready", "address", "write_data", "write", "read_data")
# Yosys would write a signal of no bits as one of two, [-1:0], so those go.
# Expressions rather than processes: a process without inputs never runs in Icarus, and its signals stay
# unknown; nor does Icarus take Yosys' functions for wide multiplexers.
SCRIPT = "read_rtlil in.il; proc; pmuxtree; memory_collect; delete */s:0; write_verilog -norename out.v"


def convert(component: Elaboratable, name: str, ports: Sequence[str] = ()) -> str:
    """Verilog of any component with a signature; port names join their path by two underscores.

    Ports come in the order of `ports`; else as a trainer's are read about: clock and reset, then interface by
    interface.
    """
    with memory_contents_by_word(), _garbage_left():
        text = relax_memories(bracket_free(Definitions().netlist(component, name)))
    with tempfile.TemporaryDirectory(prefix="bephw-") as folder, errors_named(folder):
        # In that folder, by relative names: Yosys' scripts have no way to quote a path with a space.
        source, target = Path(folder) / "in.il", Path(folder) / "out.v"
        source.write_text(order_ports(text, ports.index if ports else _rank))
        run_yosys(SCRIPT, cwd=folder)
        verilog = target.read_text()
    check(verilog.rstrip().endswith("endmodule"), f"{target}: Yosys did not write it whole")
    return verilog


@contextlib.contextmanager
def _garbage_left() -> Iterator[None]:
    """No garbage collection meanwhile.

    A netlist is millions of small objects, and nearly all of them live until it is written: the collector walks them
    over and over, a third of the time, for a few per cent of the memory.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _rank(port: str) -> tuple[int, ...]:
    interface, _, part = port.partition("__")
    return tuple(
        known.index(word) if word in known else len(known) for known, word in ((INTERFACES, interface), (PARTS, part))
    )
