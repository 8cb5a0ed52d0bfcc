"""The simplified netlist of a network of gates, proved equal to the network as it was learnt, by Yosys' solver."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bephw.errors import check
from bephw.files import make_folder, write_text
from bephw.golden.logic_model import LogicModel
from bephw.logic_state import LogicState
from bephw.rtl_gen.conversion import convert
from bephw.rtl_gen.logic.gates import PipelinedGates
from bephw.rtl_gen.logic.netlist import Netlist
from bephw.rtl_gen.logic.pipeline import Pipeline
from bephw.rtl_gen.logic.reference import reference_verilog
from bephw.rtl_gen.logic.simplify import simplified
from bephw.settings import Settings
from bephw.toolchain import YosysTimeout, run_yosys
from bephw.words import counted

__all__ = ["LOG", "Proof", "prove"]

REFERENCE, NETLIST = "reference.v", "netlist.v"
REGISTERS, MASKS, SCRIPT, LOG = "registers.v", "masks.v", "prove.ys", "prove.log"
VECTORS = 16_384  # random samples, where the solver gives up

# A pipeline without loops computes the same, only later: without the delay it can be compared with the network. Outputs
# are masked, so that each is a signal of its own: Yosys takes signals of one name
# for equal where others read them, and one that is two outputs at once would be its own proof.
NO_REGISTERS = """(* techmap_celltype = "$dff" *)
module no_register(input CLK, input [WIDTH-1:0] D, output [WIDTH-1:0] Q);
parameter WIDTH = 1;
parameter CLK_POLARITY = 1;
assign Q = D;
endmodule
"""
MASKED = """module masked_{name}(inputs, mask, outputs);
input [{inputs}-1:0] inputs;
input [{outputs}-1:0] mask;
output [{outputs}-1:0] outputs;
wire [{outputs}-1:0] of_{name};
{name} the_{name}(.inputs(inputs), .outputs(of_{name}));
assign outputs = of_{name} ^ mask;
endmodule
"""
PROVE = f"""read_verilog {REFERENCE}
read_verilog {NETLIST}
read_verilog {MASKS}
proc
techmap -map {REGISTERS} netlist
select -assert-none t:$*dff* t:$*latch* t:$mem*
simplemap
flatten masked_reference masked_netlist
opt_clean
equiv_make masked_reference masked_netlist equal
hierarchy -top equal
opt_clean
equiv_simple
equiv_status
"""
TRIED = re.compile(r"Trying to prove \$equiv for \\outputs \[(\d+)\]:[^:]*?(success!|failed\.)")
DONE = re.compile(r"Of those cells (\d+) are proven and (\d+) are unproven")


@dataclass(frozen=True)
class Proof:
    """What came of it.

    Attributes:
        outputs: of the network.
        gates, netlist_gates: of the network, and of the netlist.
        proved: how many outputs the solver proved equal.
        unproved: numbers of the others, which agreed on random samples where they are not in `different`.
        different: numbers of outputs of which a random sample is a counterexample.
        vectors: random samples that `unproved` were compared on.
        seconds: that the solver took.
        log: what Yosys said.
    """

    outputs: int
    gates: int
    netlist_gates: int
    proved: int
    unproved: tuple[int, ...]
    different: tuple[int, ...]
    vectors: int
    seconds: float
    log: str


def prove(settings: Settings, state: LogicState, folder: Path, *, timeout: float = 600) -> Proof:
    """Prove, output by output, that the pipeline that is emitted computes the network `state` of `settings`.

    Both are written as Verilog, by code that shares nothing; Yosys takes the pipeline's registers away and compares.
    What is not proved after `timeout` seconds is compared on random samples, the netlist with the golden model.

    Leaves in `folder`: both Verilog files, the script `prove.ys`, with which Yosys does it again, and `prove.log`.
    Raises `BephwError` where `state` is not one of `settings`, or Yosys is missing or fails.
    """
    state.validate(settings)
    check(timeout > 0, f"timeout must be above 0 seconds, not {timeout}")
    inputs = settings.network.sizes[0]
    netlist = simplified(state, inputs)
    make_folder(folder)
    write_text(folder / REFERENCE, reference_verilog(state, inputs, "reference"))
    write_text(folder / NETLIST, convert(PipelinedGates(Pipeline(netlist, settings.logic.levels)), "netlist"))
    masks = [MASKED.format(name=name, inputs=inputs, outputs=len(netlist.outputs)) for name in ("reference", "netlist")]
    write_text(folder / REGISTERS, NO_REGISTERS)
    write_text(folder / MASKS, "".join(masks))
    write_text(folder / SCRIPT, PROVE)
    start = time.monotonic()
    try:
        said = run_yosys(PROVE, cwd=folder, log=folder / LOG, timeout=timeout)
    except YosysTimeout as stopped:
        said = stopped.output
    seconds = time.monotonic() - start
    outputs = len(netlist.outputs)
    unproved = _unproved(said, outputs)
    return Proof(
        outputs=outputs,
        gates=sum(len(layer.gate) for layer in state.layers),
        netlist_gates=len(netlist.gates),
        proved=outputs - len(unproved),
        unproved=unproved,
        different=_different(settings, state, netlist, unproved) if unproved else (),
        vectors=VECTORS if unproved else 0,
        seconds=round(seconds, 1),
        log=str(folder / LOG),
    )


def _unproved(said: str, outputs: int) -> tuple[int, ...]:
    """Numbers of the outputs that are not proved by what Yosys said.

    When it has come to the end, those are the ones that it tried in vain: others it found equal before it tried.
    """
    tried = {int(number): result == "success!" for number, result in TRIED.findall(said)}
    done = DONE.search(said)
    unproved = tuple(number for number in range(outputs) if not tried.get(number, done is not None))
    numbers = (outputs - len(unproved), len(unproved))
    right = done is None or tuple(map(int, done.groups())) == numbers
    check(right, f"yosys: {counted(outputs, 'output')} cannot be told from what it says")
    return unproved


def _different(settings: Settings, state: LogicState, netlist: Netlist, suspected: Sequence[int]) -> tuple[int, ...]:
    """Which of the outputs differ, on random samples, between netlist and golden model."""
    x = np.random.default_rng(settings.learning.seed).integers(0, 2, (VECTORS, netlist.inputs), np.uint8)
    expected = LogicModel(settings, state).outputs(x)
    got = netlist.evaluate([_number(column) for column in x.T], len(x))
    return tuple(number for number in suspected if got[number] != _number(expected[:, number]))


def _number(bits: np.ndarray) -> int:
    """A number with a bit a sample."""
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")
