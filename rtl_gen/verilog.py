"""Emission of Verilog."""

import tempfile
from pathlib import Path

from amaranth.back import rtlil
from amaranth.hdl import Elaboratable

from bephw.errors import check
from bephw.files import errors_named
from bephw.netlist import bracket_free, order_ports, relax_memories
from bephw.rtl_gen.parts.memory_contents import memory_contents_by_word
from bephw.rtl_gen.supported import check_trainer
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.toolchain import run_yosys

__all__ = ["convert", "emit"]

INTERFACES = ("clk", "rst", "samples", "predictions", "csr", "load", "dump")
PARTS = ("payload", "valid", "ready", "address", "write_data", "write", "read_data")
# Yosys would write a signal of no bits as one of two, [-1:0], so those go.
# Expressions rather than processes: a process without inputs never runs in Icarus, and its signals stay
# unknown; nor does Icarus take Yosys' functions for wide multiplexers.
SCRIPT = "read_rtlil in.il; proc; pmuxtree; memory_collect; delete */s:0; write_verilog -norename out.v"


def emit(settings: Settings, state: NetworkState | None = None, *, name: str = "bephw_trainer") -> str:
    """Verilog of the trainer that `settings` describe, memories initialised from `state`.

    The same settings and state give the same text. Raises `BephwError` as `check_trainer`, and where Yosys is missing.
    """
    check_trainer(settings, state)  # Amaranth warns of components that are made in vain.
    return convert(Trainer(settings, state), name)


def convert(component: Elaboratable, name: str) -> str:
    """Verilog of any component with a signature; port names join their path by two underscores.

    Ports come as a trainer's are read about: clock and reset, then interface by interface.
    """
    with memory_contents_by_word():
        text = relax_memories(bracket_free(rtlil.convert(component, name=name, emit_src=False)))
    with tempfile.TemporaryDirectory(prefix="bephw-") as folder, errors_named(folder):
        # In that folder, by relative names: Yosys' scripts have no way to quote a path with a space.
        source, target = Path(folder) / "in.il", Path(folder) / "out.v"
        source.write_text(order_ports(text, _rank))
        run_yosys(SCRIPT, cwd=folder)
        verilog = target.read_text()
    check(verilog.rstrip().endswith("endmodule"), f"{target}: Yosys did not write it whole")
    return verilog


def _rank(port: str) -> tuple[int, ...]:
    interface, _, part = port.partition("__")
    return tuple(
        known.index(word) if word in known else len(known) for known, word in ((INTERFACES, interface), (PARTS, part))
    )
