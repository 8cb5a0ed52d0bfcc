"""The folder that `bephw emit` leaves: Verilog, manifest, vectors, testbench."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import bephw
from bephw.errors import BephwError
from bephw.files import check_writable, write_json, write_text
from bephw.flow.emitted.bus_interface import on_bus
from bephw.flow.emitted.core import fusesoc_core
from bephw.flow.emitted.header import header, network, origin
from bephw.flow.emitted.interface import (
    described_store_registers,
    inference_interface,
    trainer_interface,
    with_ports,
)
from bephw.flow.emitted.registers import c_header, systemrdl
from bephw.flow.emitted.stimulus import Stimulus
from bephw.flow.emitted.testbench import inference_testbench, trainer_testbench
from bephw.flow.emitted.vectors import expect, expect_inference
from bephw.flow.hardware import check_hardware
from bephw.flow.names import check_module_name
from bephw.rtl_gen.buses.names import NATIVE
from bephw.rtl_gen.verilog import emit_inference, make_trainer, trainer_text
from bephw.rtl_gen.waivers import waivers
from bephw.settings import Settings
from bephw.state import NetworkState, save_arrays
from bephw.states import AnyState

__all__ = ["emit_files", "emit_inference_files", "ports"]

PORT = re.compile(r"^\s*(input|output)\s+(?:\[(\d+):0\]\s*)?(\S+?)\s*;", re.MULTILINE)
# Behind the module's name.
WAIVERS, TESTBENCH, VECTORS, ARRAYS = ".vlt", "_tb.v", "_vectors.json", "_vectors.npz"
SYSTEMRDL, C_HEADER, CORE = ".rdl", ".h", ".core"


def emit_files(
    settings: Settings,
    state: NetworkState,
    folder: Path,
    name: str = "bephw_trainer",
    *,
    stimulus: Stimulus | None = None,
    class_names: Sequence[str] | None = None,
    options: Sequence[str] = (),
    bus: str = NATIVE,
) -> dict[str, Any]:
    """Write the trainer with `state` in its memories to `folder`; return the manifest.

    The folder then has `name`.v, `name`.vlt (for Verilator's lint), `name`.core (for FuseSoC), `name`.json, the
    manifest, `name`.rdl and `name`.h, its registers in SystemRDL and for C (with those of the board's store, if
    `board.store` asks for one), and where there is a `stimulus` `name`_tb.v, `name`_vectors.json and (where such a file
    can say it) `name`_vectors.npz. The bytes depend on nothing but the arguments, and on `folder` not at all. The
    manifest has `class_names`, what labels 0, 1, .. stand for.
    `options` are shown as those of the command.
    On another `bus` than "native", ports and addresses are those of docs/integration.md.

    Raises `BephwError` where `name` is not a Verilog name, Yosys is missing or the folder cannot be written.
    """
    _check_target(folder, name)
    check_hardware(settings)
    trainer = make_trainer(settings, state, bus)
    text = trainer_text(trainer, name, bus)
    description = _on_bus(trainer_interface(settings, trainer.reset_values()), ports(text, name), bus)
    figures = {**_identity(settings, state, name, class_names), "lanes": settings.lanes, **description}
    lines = origin(settings, options, figures)
    registers = [*description["registers"], *described_store_registers(settings)]
    beside, arrays = {SYSTEMRDL: systemrdl(name, registers, bus), C_HEADER: c_header(name, registers, bus)}, None
    if stimulus is not None:
        vectors = expect(settings, state, stimulus)
        arrays = vectors.to_arrays(settings)
        beside |= {TESTBENCH: trainer_testbench(settings, figures, vectors, lines), VECTORS: vectors.to_json()}
    manifest = _write(folder, settings, figures, text, lines, beside, stimulus)
    if arrays is not None:
        save_arrays(folder / f"{name}{ARRAYS}", arrays)
    return manifest


def emit_inference_files(
    settings: Settings,
    state: AnyState,
    folder: Path,
    name: str = "bephw_inference",
    style: str = "unrolled",
    *,
    stimulus: Stimulus | None = None,
    class_names: Sequence[str] | None = None,
    options: Sequence[str] = (),
    bus: str = NATIVE,
) -> dict[str, Any]:
    """As `emit_files`, but the network with the weights of `state` and nothing that learns.

    Raises `BephwError` as `emit_files` and `emit_inference`.
    """
    _check_target(folder, name)
    text = emit_inference(settings, state, style=style, name=name, bus=bus)
    figures = {
        **_identity(settings, state, name, class_names),
        **_on_bus(inference_interface(settings, state, style), ports(text, name), bus),
    }
    lines, beside, arrays = origin(settings, options, figures), {}, None
    if stimulus is not None:
        vectors = expect_inference(settings, state, stimulus)
        arrays = vectors.to_arrays(settings)
        beside = {TESTBENCH: inference_testbench(figures, vectors, lines), VECTORS: vectors.to_json()}
    manifest = _write(folder, settings, figures, text, lines, beside, stimulus)
    if arrays is not None:
        save_arrays(folder / f"{name}{ARRAYS}", arrays)
    return manifest


def ports(text: str, name: str) -> list[dict[str, Any]]:
    """Name, direction and width of every port of module `name`, as the Verilog itself declares them."""
    start = re.search(rf"^module {re.escape(name)}\b", text, re.MULTILINE)
    if start is None:
        raise BephwError(f"the emitted Verilog has no module {name}")
    body = text[start.start() : text.index("endmodule", start.start())]
    return [
        {"name": port, "direction": direction, "width": int(high or 0) + 1}
        for direction, high, port in PORT.findall(body)
    ]


def _on_bus(native: dict[str, Any], declared: list[dict[str, Any]], bus: str) -> dict[str, Any]:
    return with_ports(native, declared) if bus == NATIVE else on_bus(native, declared, bus)


def _check_target(folder: Path, name: str) -> None:
    check_module_name(name)
    check_writable(folder / f"{name}.v")


def _identity(settings: Settings, state: AnyState, name: str, class_names: Sequence[str] | None) -> dict[str, Any]:
    """Where the Verilog comes from, and what its labels mean."""
    return {
        "command": "emit",
        "bephw": bephw.__version__,
        "name": name,
        "settings_sha256": hashlib.sha256(settings.to_json().encode()).hexdigest(),
        "state_sha256": _state_hash(state),
        "settings": settings.model_dump(mode="json"),
        "class_names": None if class_names is None else list(class_names),
    }


def _write(
    folder: Path,
    settings: Settings,
    figures: dict[str, Any],
    text: str,
    origin: str,
    beside: Mapping[str, str],
    stimulus: Stimulus | None,
) -> dict[str, Any]:
    """The Verilog with its header, the manifest, and the texts `beside` them, by the ends of their names; returns the
    manifest."""
    name = figures["name"]
    verilog = header(settings, figures, origin, testbench=TESTBENCH in beside) + text
    manifest = {
        **figures,
        "verilog": f"{name}.v",
        "verilog_sha256": hashlib.sha256(verilog.encode()).hexdigest(),
        "waivers": f"{name}{WAIVERS}",
        "testbench": f"{name}{TESTBENCH}" if TESTBENCH in beside else None,
        "vectors": f"{name}{VECTORS}" if VECTORS in beside else None,
        **({"systemrdl": f"{name}{SYSTEMRDL}", "c_header": f"{name}{C_HEADER}"} if SYSTEMRDL in beside else {}),
        "fusesoc": f"{name}{CORE}",
        "samples": None if stimulus is None else stimulus.source,
    }
    write_text(folder / f"{name}.v", verilog)
    write_text(folder / f"{name}{WAIVERS}", waivers(name))
    core = fusesoc_core(figures, network(settings), testbench=TESTBENCH in beside)
    write_text(folder / f"{name}{CORE}", core)
    for ending, content in beside.items():
        write_text(folder / f"{name}{ending}", content)
    write_json(folder / f"{name}.json", manifest)
    return manifest


def _state_hash(state: AnyState) -> str:
    """Over names, shapes and values of the arrays; the same on every machine."""
    digest = hashlib.sha256()
    for key, array in state.to_arrays().items():
        digest.update(f"{key}{array.shape}".encode())
        digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()
