"""Emission of Verilog."""

import tempfile
from pathlib import Path

from amaranth.back import rtlil
from amaranth.hdl import Elaboratable

from bephw.errors import check
from bephw.files import errors_named
from bephw.netlist import bracket_free, relax_memories
from bephw.rtl_gen.memory_contents import memory_contents_by_word
from bephw.rtl_gen.supported import check_trainer
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.toolchain import run_yosys

__all__ = ["convert", "emit"]


def emit(settings: Settings, state: NetworkState | None = None, *, name: str = "bephw_trainer") -> str:
    """Verilog of the trainer that `settings` describe, memories initialised from `state`.

    The same settings and state give the same text. Raises `BephwError` as `check_trainer`, and where Yosys is missing.
    """
    check_trainer(settings, state)  # Amaranth warns of components that are made in vain.
    return convert(Trainer(settings, state), name)


def convert(component: Elaboratable, name: str) -> str:
    """Verilog of any component with a signature; port names join their path by two underscores."""
    with memory_contents_by_word():
        text = relax_memories(bracket_free(rtlil.convert(component, name=name, emit_src=False)))
    with tempfile.TemporaryDirectory(prefix="bephw-") as folder, errors_named(folder):
        source, target = Path(folder) / "in.il", Path(folder) / "out.v"
        source.write_text(text)
        # Expressions rather than processes: a process without inputs never runs in Icarus, and its signals stay
        # unknown; nor does Icarus take Yosys' functions for wide multiplexers.
        run_yosys(f"read_rtlil {source}; proc; pmuxtree; memory_collect; write_verilog -norename {target}")
        verilog = target.read_text()
        check(verilog.rstrip().endswith("endmodule"), f"{target}: Yosys did not write it whole")
        return verilog
