"""The emitted testbench: plain Verilog that drives the design as software and a data source would, and checks it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.flow.emitted.templates import render
from bephw.flow.emitted.vectors import Vectors
from bephw.rtl_gen.buses.names import AXI4_LITE, AXI4_STREAM, NATIVE, STREAMS, WISHBONE, clocking, stream_port
from bephw.rtl_gen.designs import timing
from bephw.rtl_gen.registers.map import Command, Transfer, per_classifier
from bephw.settings import Settings
from bephw.sim.words import words_per_sample
from bephw.state import NetworkState

__all__ = ["inference_testbench", "trainer_testbench"]

RUNS = 2
TEMPLATES = {NATIVE: "trainer_tb.v.j2", WISHBONE: "wishbone_tb.v.j2", AXI4_LITE: "axi4_lite_tb.v.j2"}
LINE = 32  # elements of the state on a line of the file


def trainer_testbench(settings: Settings, manifest: dict[str, Any], vectors: Vectors[NetworkState], origin: str) -> str:
    """Two runs of `vectors`: the first from the emitted state, the second after reset and with the state loaded.

    `manifest` is the trainer's; `origin` says in comments where all this is from.
    """
    element = 8 if settings.learning.bits <= 8 else 16
    spaces, before = _state_lines(vectors.before, element)
    _, after = _state_lines(vectors.after, element)
    return render(
        TEMPLATES[manifest["bus"]],
        **_common(manifest, vectors, origin),
        settings=settings,
        registers={register["name"]: register for register in manifest["registers"]},
        after_reset=_after_reset(manifest["registers"]),
        expected=_expected(settings, vectors),
        steps=vectors.x.shape[1] if settings.recurrent else None,
        start={
            **{f"generator_{layer}": int(value) for layer, value in enumerate(vectors.before.generators)},
            **{f"accumulator_{layer}": int(value) for layer, value in enumerate(vectors.before.accumulators)},
        },
        rates={f"rate_{layer}": rate for layer, rate in enumerate(vectors.rates)},
        load_first=any(settings.single_ports),
        spaces=spaces,
        layers=settings.network.layers,
        before=before,
        after=after,
        element=element,
        line=LINE,
        END_BATCH=Command.END_BATCH,
        CLEAR_STATISTICS=Command.CLEAR_STATISTICS,
        DUMP=Transfer.DUMP,
        timeout=_timeout(settings, vectors),
    )


def inference_testbench(manifest: dict[str, Any], vectors: Vectors[Any], origin: str) -> str:
    """Two runs of `vectors`: as fast as it goes, with latency and interval checked (of each sample, or where that holds
    on average only of all), and with both streams held back.

    Samples of a recurrent network have the steps that those of `vectors` have.
    """
    each = manifest["interval"] + manifest["streams"]["samples"]["words_per_sample"]
    settings = Settings.build(**manifest["settings"])
    steps = vectors.x.shape[1] if settings.recurrent else None
    kept_time = timing(settings.replace({"data.steps": steps}), vectors.before, manifest["inference"])
    latency, interval = kept_time.latency, kept_time.interval
    return render(
        "inference_tb.v.j2",
        **_common(manifest, vectors, origin),
        steps=steps,
        even=kept_time.even,
        latency=latency,
        interval=interval,
        all_intervals=latency + math.ceil((len(vectors.y) - 1) * interval),
        timeout=RUNS * (1000 + 8 * math.ceil(each) * len(vectors.y) + 2 * manifest["latency"]),
    )


def _common(manifest: dict[str, Any], vectors: Vectors[Any], origin: str) -> dict[str, Any]:
    samples = manifest["streams"]["samples"]
    return {
        "manifest": manifest,
        "name": manifest["name"],
        "origin": origin,
        "vectors": vectors,
        "words": words_per_sample(vectors.x, samples["inputs_per_word"]),
        "width": samples["inputs_per_word"],
        "label_width": manifest["fields"][stream_port(manifest["bus"], "predictions", "payload")][0]["width"],
        "taught_width": 1 if vectors.taught.ndim == 1 else vectors.taught.shape[1],
        "samples": [
            {"bits": bits, "label": int(label), "prediction": int(prediction), "taught": taught}
            for bits, label, prediction, taught in zip(
                _hex_bits(vectors.x, samples["inputs_per_word"]),
                vectors.y,
                vectors.prediction,
                _taught_bits(vectors.taught),
                strict=True,
            )
        ],
        "runs": RUNS,
        **_ports(manifest["bus"]),
    }


def _ports(bus: str) -> dict[str, Any]:
    """Names of ports; what those of clock and reset are connected with, as the testbench's own are `clk` and `rst`."""
    pins = clocking(bus)
    parts = ("valid", "ready", "payload") if bus == NATIVE else AXI4_STREAM
    return {
        "pins": pins,
        "connected": {pins.clock: "clk", pins.reset: "rst" if pins.active == "high" else "!rst"},
        "at": {stream: {part: stream_port(bus, stream, part) for part in parts} for stream in STREAMS},
        "packets": bus != NATIVE,
    }


def _taught_bits(taught: NDArray[np.bool_]) -> list[int]:
    """A number a sample, with a bit a classifier, the lowest layer's lowest."""
    bits = taught.reshape(len(taught), -1)
    return [sum(bit << place for place, bit in enumerate(row)) for row in bits.tolist()]


def _hex_bits(x: NDArray[np.uint8], width: int) -> list[str]:
    """Hexadecimal digits of every sample in words of `width` bits, its first input lowest; pad bits are ones, as they
    must not matter."""
    padding = [(0, 0)] * (x.ndim - 1) + [(0, -x.shape[-1] % width)]
    padded = np.pad(x, padding, constant_values=1).reshape(len(x), -1)
    digits = -(-padded.shape[1] // 4)
    packed = np.packbits(padded, axis=1, bitorder="little")
    return [f"{int.from_bytes(row.tobytes(), 'little'):0{digits}x}" for row in packed]


def _after_reset(registers: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Values of all registers but those that count or show what goes on."""
    changing = ("status", "cycles")
    return {
        register["name"]: register["reset"] & 0xFFFF_FFFF
        for register in registers
        if not register["name"].startswith(changing)
    }


def _expected(settings: Settings, vectors: Vectors[NetworkState]) -> dict[str, int]:
    """Values of the registers that the golden model knows, after the samples that learn."""
    counts = vectors.taught.reshape(len(vectors.taught), -1).sum(axis=0).tolist()
    return {
        "samples": vectors.learning,
        **dict(zip(per_classifier("taught", len(counts)), counts, strict=True)),
        "updates": vectors.updates,
        **{f"generator_{layer}": int(value) for layer, value in enumerate(vectors.after.generators)},
        **{f"accumulator_{layer}": int(value) for layer, value in enumerate(vectors.after.accumulators)},
    }


def _state_lines(state: NetworkState, element: int) -> tuple[list[dict[str, int]], list[str]]:
    """All state spaces as hexadecimal lines of `LINE` elements of so many bits, the first one lowest; and where each
    space begins. A space begins on a line of its own."""
    spaces: list[dict[str, int]] = []
    lines: list[str] = []
    matrices: list[NDArray[Any]] = [*state.counters, *state.all_prototypes]
    for matrix in matrices:
        spaces.append({"first": len(lines), "elements": int(matrix.size)})
        flat = np.zeros(-(-matrix.size // LINE) * LINE, "<u1" if element == 8 else "<u2")
        flat[: matrix.size] = (matrix.astype(np.int64) & ((1 << element) - 1)).ravel()
        lines += [row[::-1].astype(row.dtype.newbyteorder(">")).tobytes().hex() for row in flat.reshape(-1, LINE)]
    return spaces, lines


def _timeout(settings: Settings, vectors: Vectors[NetworkState]) -> int:
    """Cycles, generously: with one lane, every update in turn, and single-port memories."""
    matrices: list[NDArray[Any]] = [*vectors.before.counters, *vectors.before.all_prototypes]
    elements = sum(matrix.size for matrix in matrices)
    events = sum(rate >> 16 for rate in vectors.rates)
    sample = 1000 * (settings.data.steps or 1) + 16 * settings.work + 64 * events
    return RUNS * (20_000 + sample * len(vectors.y) + 60 * elements)
