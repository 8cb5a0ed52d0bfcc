"""The emitted Verilog and its manifest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from amaranth.lib.data import StructLayout

import bephw
from bephw.errors import BephwError
from bephw.files import check_writable, write_json, write_text
from bephw.flow.hardware import check_hardware
from bephw.flow.names import check_module_name
from bephw.rtl_gen.classifier import prediction_layout
from bephw.rtl_gen.inference import streams
from bephw.rtl_gen.inference.verilog import STYLES, emit_inference
from bephw.rtl_gen.layouts import sample_layout
from bephw.rtl_gen.registers import register_map
from bephw.rtl_gen.verilog import emit
from bephw.rtl_gen.waivers import waivers
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["emit_files", "emit_inference_files", "manifest", "ports"]

PORT = re.compile(r"^\s*(input|output)\s+(?:\[(\d+):0\]\s*)?(\S+?)\s*;", re.MULTILINE)


def emit_files(settings: Settings, state: NetworkState, folder: Path, name: str = "bephw_trainer") -> dict[str, Any]:
    """Write `folder`/`name`.v, with `state` in its memories, and `folder`/`name`.json; return the manifest.

    Raises `BephwError` where `name` is not a Verilog name, Yosys is missing or the folder cannot be written.
    """
    verilog = _target(folder, name)
    check_hardware(settings)
    text = emit(settings, state, name=name)
    return _write(folder, name, text, manifest(settings, state, text, name, str(verilog)))


def emit_inference_files(
    settings: Settings, state: NetworkState, folder: Path, name: str = "bephw_inference", style: str = "unrolled"
) -> dict[str, Any]:
    """Write `folder`/`name`.v, the network with the weights of `state` and nothing that learns, and its manifest.

    Raises `BephwError` as `emit_files` and `emit_inference`.
    """
    verilog = _target(folder, name)
    text = emit_inference(settings, state, style=style, name=name)
    component = STYLES[style]
    figures = {
        **_identity(settings, state, text, name, str(verilog)),
        "inference": style,
        "latency": component.latency(settings),
        "interval": component.interval(settings),
        "fields": {
            "samples__payload": _fields(streams.sample_layout(component.word_width(settings))),
            "predictions__payload": _fields(streams.prediction_layout(settings.network.classes)),
        },
    }
    return _write(folder, name, text, figures)


def _target(folder: Path, name: str) -> Path:
    check_module_name(name)
    verilog = folder / f"{name}.v"
    check_writable(verilog)
    return verilog


def _write(folder: Path, name: str, text: str, figures: dict[str, Any]) -> dict[str, Any]:
    write_text(folder / f"{name}.v", text)
    write_text(folder / f"{name}.vlt", waivers(name))
    write_json(folder / f"{name}.json", figures)
    return figures


def manifest(settings: Settings, state: NetworkState, text: str, name: str, path: str) -> dict[str, Any]:
    """What a user of the Verilog must know: settings, hashes, ports, registers, state spaces."""
    return {
        **_identity(settings, state, text, name, path),
        "lanes": settings.lanes,
        "fields": {
            "samples__payload": _fields(sample_layout(settings.hardware.stream_width, settings.network.classes)),
            "predictions__payload": _fields(prediction_layout(settings.network.classes)),
        },
        "registers": [asdict(register) for register in register_map(settings).values()],
        "spaces": [
            *(
                {
                    "space": shape.index,
                    "what": f"counters of layer {shape.index}",
                    "shape": [shape.outputs, shape.inputs],
                }
                for shape in settings.shapes
            ),
            {
                "space": settings.network.layers,
                "what": "prototypes",
                "shape": [settings.network.classes, settings.network.sizes[-1]],
            },
        ],
    }


def _identity(settings: Settings, state: NetworkState, text: str, name: str, path: str) -> dict[str, Any]:
    """What both kinds of Verilog have: where it came from, and ports."""
    return {
        "command": "emit",
        "bephw": bephw.__version__,
        "name": name,
        "verilog": path,
        "verilog_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "settings_sha256": hashlib.sha256(settings.to_json().encode()).hexdigest(),
        "state_sha256": _state_hash(state),
        "settings": settings.model_dump(mode="json"),
        "ports": ports(text, name),
    }


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


def _fields(layout: StructLayout) -> list[dict[str, Any]]:
    """Where each field of a payload lies: its lowest bit and its width."""
    return [{"name": str(name), "offset": field.offset, "width": field.width} for name, field in layout]


def _state_hash(state: NetworkState) -> str:
    """Over names, shapes and values of the arrays; the same on every machine."""
    digest = hashlib.sha256()
    for key, array in state.to_arrays().items():
        digest.update(f"{key}{array.shape}".encode())
        digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()
