"""From settings to a bitstream: checks, synthesis, place and route, packing."""

from __future__ import annotations

import importlib.metadata
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from amaranth.hdl import Elaboratable

from bephw.boards.bitstream.fit import check_fit
from bephw.boards.bitstream.floor_plan import FloorPlan, read_floor_plan
from bephw.boards.bitstream.inference_top import InferenceTop
from bephw.boards.bitstream.place_and_route import synthesise_and_place
from bephw.boards.bitstream.reports import read_store_clock
from bephw.boards.bitstream.stages import LOG, NAME, PLACED, REPORT, commands, plan, run_stage
from bephw.boards.bitstream.top import Top, clock_and_bit
from bephw.boards.catalogue import board_for
from bephw.boards.definition import Board
from bephw.files import check_writable, errors_named, make_folder, write_bytes
from bephw.rtl_gen.designs import check_style, make_design
from bephw.rtl_gen.inference.supported import check_inference
from bephw.rtl_gen.supported import check_trainer
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.states import AnyState
from bephw.toolchain import require

__all__ = ["BuildResult", "build", "build_design", "build_inference", "prepare"]

RESULT = "build.json"

MakeTop = Callable[[Board, Settings, Elaboratable], Elaboratable]
"""All that is on a board, of the board, the settings and what it is made for."""


@dataclass(frozen=True)
class BuildResult:
    """A bitstream and what it takes.

    Attributes:
        board, device: where it runs.
        luts, luts_available: look-up tables (iCE40: logic cells).
        ffs: flip-flops, those inside block RAMs aside.
        ram_registers: bits of output registers in use inside block RAMs.
        brams, brams_available: block RAMs.
        sprams, sprams_available: single-port RAMs.
        dsps: multipliers.
        fmax_mhz: the highest clock that place and route vouches for.
        clock_mhz: the clock that the PLL makes.
        memory_fmax_mhz, memory_clock_mhz: the same two of a store's memory; None where that has no clock of its own.
        meets_timing: whether neither clock is above the highest.
        bitstream: path of the file.
        seconds: from settings to bitstream.
        floor_plan: where the parts lie on the chip; None where nextpnr did not say it.
    """

    board: str
    device: str
    luts: int
    luts_available: int
    ffs: int
    ram_registers: int
    brams: int
    brams_available: int
    sprams: int
    sprams_available: int
    dsps: int
    fmax_mhz: float
    clock_mhz: float
    memory_fmax_mhz: float | None
    memory_clock_mhz: float | None
    meets_timing: bool
    bitstream: str
    seconds: float
    floor_plan: FloorPlan | None = None


def build(
    settings: Settings,
    state: NetworkState | None = None,
    *,
    output: str | Path,
    on_line: Callable[[str], None] | None = None,
) -> BuildResult:
    """Build the trainer of `settings` for `settings.board`, its memories holding `state`.

    Leaves in `output`: the bitstream, `report.json` (nextpnr's), `synthesis.log`, `place_and_route.log` and
    `build.json` (the result); all of them or none.

    Args:
        on_line: called with every line of progress: bephw's own, "synthesis: yosys 0.70 (wheel)", and the tools'.

    Raises `BephwError` as `check_trainer`, and where the network cannot fit (before any tool runs), a clock or baud
    rate cannot be made, a tool is missing or fails. A clock that is missed is no error: see `meets_timing`.
    """
    target = board_for(settings)
    check_trainer(settings, state)
    check_fit(target, settings)
    return build_design(target, settings, lambda: Trainer(settings, state), output=output, on_line=on_line)


def build_inference(
    settings: Settings,
    state: AnyState,
    style: str,
    *,
    output: str | Path,
    on_line: Callable[[str], None] | None = None,
) -> BuildResult:
    """As `build`, but the trained network `state` alone, in a style of `emit_inference`, behind the serial port as
    `InferenceTop` says.

    Raises `BephwError` as `check_inference` and `build_design`; what does not fit is found by place and route.
    """
    target = board_for(settings)
    check_style(style)
    check_inference(settings, state, style)
    return build_design(
        target,
        settings,
        lambda: make_design(settings, state, style),
        output=output,
        on_line=on_line,
        make_top=InferenceTop,
    )


def prepare(
    board: Board, settings: Settings, make_component: Callable[[], Elaboratable], make_top: MakeTop = Top
) -> dict[str, str]:
    """The files of Amaranth's build plan, memories relaxed (bephw/netlist.py). Runs no tool.

    Raises `BephwError` as `clock_and_bit` does.
    """
    clock_and_bit(board, settings)
    return plan(board.platform(), make_top(board, settings, make_component()), board.options, placement=True)


def build_design(
    board: Board,
    settings: Settings,
    make_component: Callable[[], Elaboratable],
    *,
    output: str | Path,
    on_line: Callable[[str], None] | None = None,
    make_top: MakeTop = Top,
) -> BuildResult:
    """`build` for any component with a trainer's ports, or what `make_top` wants, without the check that it fits.

    The component is made after all checks: Amaranth complains of components that are made and not used.
    """
    start = time.monotonic()
    say = on_line or (lambda line: None)
    clock_mhz, _ = clock_and_bit(board, settings)
    tools = {name: require(name) for name in board.tools}
    output = Path(output)
    make_folder(output)
    kept = _kept(board)
    check_writable(*(output / final for final in kept.values()))
    # Inside the output folder, and not below /tmp by an absolute path, which the WebAssembly tools see as another
    # folder: they get relative names only.
    with (
        errors_named(output),
        tempfile.TemporaryDirectory(dir=output, prefix=".build-", ignore_cleanup_errors=True) as folder,
    ):
        scratch = Path(folder)
        say(f"{board.name}: elaboration: amaranth {importlib.metadata.version('amaranth')}")
        files = prepare(board, settings, make_component, make_top)
        usage = synthesise_and_place(board.name, board.family, files, tools, scratch, say, clock_mhz=clock_mhz)
        packer, *arguments = commands(files)[2]
        run_stage(f"{board.name}: packing", tools[packer], arguments, scratch, say)
        memory_fmax_mhz, memory_clock_mhz = read_store_clock(scratch / REPORT) or (None, None)
        result = BuildResult(
            board=board.name,
            device=board.device,
            **asdict(usage),
            clock_mhz=clock_mhz,
            memory_fmax_mhz=memory_fmax_mhz,
            memory_clock_mhz=memory_clock_mhz,
            meets_timing=usage.fmax_mhz >= clock_mhz and (memory_fmax_mhz or 0) >= (memory_clock_mhz or 0),
            bitstream=str(output / f"{NAME}{board.bitstream}"),
            seconds=round(time.monotonic() - start, 1),
            floor_plan=read_floor_plan(scratch / PLACED, *board.grid),
        )
        (scratch / RESULT).write_text(json.dumps(asdict(result), indent=2) + "\n")
        for name, final in kept.items():
            write_bytes(output / final, (scratch / name).read_bytes())
        return result


def _kept(board: Board) -> dict[str, str]:
    """What the user keeps: the tools' file and its name in the output folder, the result last."""
    bitstream = f"{NAME}{board.bitstream}"
    return {
        bitstream: bitstream,
        f"{NAME}.rpt": "synthesis.log",
        LOG: "place_and_route.log",
        REPORT: REPORT,
        RESULT: RESULT,
    }
