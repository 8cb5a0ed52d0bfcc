"""What a user of the Verilog must know of its ports, as plain data: the manifest's description of an interface."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from amaranth.lib.data import StructLayout

from bephw.boards.catalogue import board
from bephw.boards.store.plan import plan_store
from bephw.boards.store.registers import kept_values, store_registers
from bephw.golden.rates import rates
from bephw.rtl_gen.buses.names import NATIVE
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.designs import timing, word_width
from bephw.rtl_gen.inference import streams
from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.folded_parts import as_number
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY
from bephw.rtl_gen.registers.map import ADDRESS_WIDTH, Register, Transfer, register_map
from bephw.settings import Settings
from bephw.shape import LayerShape, ceil_div
from bephw.states import AnyState

__all__ = [
    "COMMON",
    "OF_A_TRAINER",
    "WRITE_SPACING",
    "bit_range",
    "described_registers",
    "described_store_registers",
    "fields",
    "inference_interface",
    "trainer_interface",
    "with_ports",
]

WRITE_SPACING = 2
"""Cycles from a write to the next one, at least."""

ACTIONS = ("command", "transfer", "store_command")  # Registers that act when they are written, and hold nothing.

COMMON = {
    "clk": "the clock; everything happens at its rising edge",
    "rst": "reset, synchronous, active high",
    "samples__valid": "a word of a sample is offered",
    "samples__ready": "a word that is offered is taken at the next edge",
    "predictions__valid": "a prediction is offered",
    "predictions__ready": "a prediction that is offered is taken at the next edge",
}
OF_A_TRAINER = {
    **COMMON,
    "csr__address": "address of a register, in words",
    "csr__write_data": "what is written",
    "csr__write": "write, in every cycle in which it is high",
    "csr__read_data": f"the register that csr__address named {READ_LATENCY} cycles before",
    "load__payload": "an element of the state; bits above the element's own are ignored",
    "load__valid": "an element is offered",
    "load__ready": "an element that is offered is taken at the next edge",
    "dump__payload": "an element of the state, with its sign in all bits above its own",
    "dump__valid": "an element is offered",
    "dump__ready": "an element that is offered is taken at the next edge",
}


def fields(layout: StructLayout) -> list[dict[str, Any]]:
    """Where each field of a payload lies: its lowest bit and its width."""
    return [{"name": str(name), "offset": field.offset, "width": field.width} for name, field in layout]


def trainer_interface(settings: Settings, reset_values: dict[str, int]) -> dict[str, Any]:
    """Meanings of ports, clock, reset, streams, register bus, registers, state spaces, duties of software."""
    width, classes = settings.hardware.stream_width, settings.network.classes
    label, classifiers = (classes - 1).bit_length(), len(settings.classifier_shapes)
    meanings = {
        **OF_A_TRAINER,
        "samples__payload": f"{bit_range(width)}: inputs, the first lowest; {bit_range(label, width)}: label",
        "predictions__payload": f"{bit_range(label)}: predicted class; {bit_range(classifiers, label)}: whether the "
        "sample " + ("taught" if classifiers == 1 else "taught, a bit a layer, the lowest layer's lowest"),
    }
    return {
        "bus": NATIVE,
        "ports": meanings,
        "clock": {"port": "clk", "edge": "rising", "domains": 1},
        "reset": {
            "port": "rst",
            "synchronous": True,
            "active": "high",
            "cycles": 1,
            "resets": "all registers, statistics and generators; samples and transfers under way are dropped",
            "keeps": "memories: counters and prototypes. A reset in the middle of an update may leave counters that "
            "are neither old nor new: load them anew",
            "afterwards": "the visible weights are read from the counters; status is busy, and samples__ready low, "
            "until that is done",
            "at_power_up": "as after reset, with the emitted state in the memories"
            + (" (but not in single-port RAM: load it)" if any(settings.single_ports) else ""),
        },
        "streams": {
            "samples": {
                **_words(settings, width),
                **_steps_of_a_sample(settings),
                "label": "accompanies every word; taken with the last one",
            },
            "predictions": {"order": "one for each sample, in the order of the samples"},
            "load": {"element": "one of a state space, in two's complement; row after row, inputs of a row in order"},
            "dump": {"element": "as load"},
        },
        "fields": {
            "samples__payload": fields(sample_layout(width, classes)),
            "predictions__payload": fields(prediction_layout(classes, classifiers)),
        },
        "register_bus": {
            "address_width": ADDRESS_WIDTH,
            "address_unit": "word",
            "data_width": 32,
            "read_latency": READ_LATENCY,
            "write_latency": WRITE_LATENCY,
            "write_spacing": WRITE_SPACING,
        },
        "registers": described_registers(settings, reset_values),
        "spaces": _spaces(settings),
        "transfers": {
            "load": "while status is 0, write the space to transfer; stream every element into load; wait until status "
            "is 0. After the last space write the generator and accumulator registers, then 1 to command, and wait "
            "until status is 0: the visible weights are then those of the new counters",
            "dump": f"while status is 0, write the space + {Transfer.DUMP} to transfer; take every element from dump; "
            "wait until status is 0",
            "cycles_per_element": "4 to 5, and some 15 a counter word",
        },
        "rates": _rates(settings),
        "software": _software(settings),
        "cycles_per_sample_at_least": _least_cycles(settings),
        **({"cycles_per_step_at_least": _least_cycles_a_step(settings)} if settings.recurrent else {}),
    }


def inference_interface(settings: Settings, state: AnyState, style: str) -> dict[str, Any]:
    """Meanings of ports, clock, reset, streams, timing."""
    width, kept_time = word_width(settings, style), timing(settings, state, style)
    meanings = {
        **COMMON,
        "samples__payload": f"{bit_range(width)}: inputs, the first lowest",
        "predictions__payload": "predicted class",
        "steps": f"steps of a sample, 1 to {settings.data.steps}; taken with its first word",
    }
    return {
        "inference": style,
        "bus": NATIVE,
        "latency": kept_time.latency,
        "interval": kept_time.interval,
        "interval_on_average": not kept_time.even,
        **_steps(settings),
        "ports": meanings,
        "clock": {"port": "clk", "edge": "rising", "domains": 1},
        "reset": {
            "port": "rst",
            "synchronous": True,
            "active": "high",
            "cycles": 1,
            "resets": "samples under way are dropped",
            "keeps": f"{'gates' if settings.learning.algorithm == 'logic' else 'weights'}, which never change",
            "at_power_up": "as after reset",
        },
        "streams": {
            "samples": _words(settings, width),
            "predictions": {"order": "one for each sample, in the order of the samples"},
        },
        "fields": {
            "samples__payload": fields(streams.sample_layout(width)),
            "predictions__payload": fields(streams.prediction_layout(settings.network.classes)),
        },
    }


def with_ports(description: dict[str, Any], ports: list[dict[str, Any]]) -> dict[str, Any]:
    """A description whose `ports` are those that the Verilog declares, each with the stream or bus that it belongs to,
    if any, and what it is for."""
    meanings = description["ports"]
    described = [
        {
            **port,
            "stream": port["name"].partition("__")[0] if "__" in port["name"] else None,
            "meaning": meanings[port["name"]],
        }
        for port in ports
    ]
    return {**description, "ports": described}


def bit_range(width: int, lowest: int = 0) -> str:
    """In words, of so many bits from `lowest` on."""
    return f"bit {lowest}" if width == 1 else f"bits {lowest + width - 1}-{lowest}"


def _words(settings: Settings, width: int) -> dict[str, Any]:
    inputs = settings.network.sizes[0]
    words, most = ceil_div(inputs, width), settings.data.steps
    of_steps = {} if most is None else {"most_steps": most, "words_per_step": words}
    what = "sample" if most is None else "step"
    return {
        "words_per_sample": words * (most or 1),
        **of_steps,
        "inputs_per_word": width,
        "pad_bits": words * width - inputs,
        "bit_order": f"input k of a {what} is bit k mod {width} of its word k div {width}; pad bits, the highest of "
        "the last word, are ignored",
    }


def _steps_of_a_sample(settings: Settings) -> dict[str, Any]:
    """How long the samples of a recurrent network are."""
    if not settings.recurrent:
        return {}
    return {
        "steps": "a sample has as many steps as register steps says, each of words_per_step words, the first step "
        "first; words_per_sample is for most_steps. steps may be written at any time (0 counts as 1, more than "
        "most_steps as that), and holds for the samples that begin afterwards, which wait until all before are done"
    }


def _steps(settings: Settings) -> dict[str, Any]:
    """How the time that a recurrent network takes depends on the steps of a sample; `latency` and `interval` are those
    of the longest."""
    if not settings.recurrent:
        return {}
    cell = CellShape.of(settings)
    return {"latency_per_step": cell.step_latency, "interval_per_step": as_number(cell.step_interval)}


def described_registers(settings: Settings, reset_values: dict[str, int]) -> list[dict[str, Any]]:
    """Every register as data: that of the map, how software gets at it, its value after reset."""
    return [_register(register, reset_values) for register in register_map(settings).values()]


def described_store_registers(settings: Settings) -> list[dict[str, Any]]:
    """Those that a board with the store of the settings has beside the trainer's; none where they ask for none.

    Raises `BephwError` where the board has no such store.
    """
    if settings.board.store == "none":
        return []
    plan = plan_store(board(settings.board.name), settings)
    assert plan is not None, "the settings ask for one"
    registers = store_registers(plan.depth, settings)
    reset = dict.fromkeys(registers, 0) | kept_values(settings)
    return [_register(register, reset) for register in registers.values()]


def _register(register: Register, reset_values: dict[str, int]) -> dict[str, Any]:
    access = "read"
    if register.writable:
        access = "write" if register.name in ACTIONS else "read/write"
    parts = {"fields": [asdict(field) for field in register.fields]}  # a list, as it is read back
    return {**asdict(register), **parts, "access": access, "reset": reset_values[register.name]}


def _spaces(settings: Settings) -> list[dict[str, Any]]:
    frames = settings.classifier_shapes
    return [
        *(
            {
                "space": shape.index,
                "what": f"counters of layer {shape.index}"
                + (": a row has the inputs of a step, then the cell's own outputs" if shape.steps is not None else ""),
                "shape": [shape.outputs, shape.inputs],
                "bits": settings.learning.bits,
            }
            for shape in settings.shapes
        ),
        *(
            {
                "space": space,
                "what": "prototypes" if len(frames) == 1 else f"prototypes of layer {index}",
                "shape": [shape.outputs, shape.inputs],
                "bits": 1,
            }
            for index, (space, shape) in enumerate(enumerate(frames, settings.network.layers))
        ),
    ]


def _rates(settings: Settings) -> dict[str, Any]:
    first = list(rates(settings, 1 / settings.network.classes))
    if settings.fixed_rates is not None:
        return {"fixed": True, "first_epoch": first}
    return {
        "fixed": False,
        "first_epoch": first,
        "at_accuracy_0": list(rates(settings, 0.0)),
        "formula": "rate of a layer = floor(its rate at accuracy 0 * sqrt(1 - accuracy)), accuracy: share of the "
        "training samples of the epoch before whose prediction was their label; before the first epoch 1 / classes",
    }


def _software(settings: Settings) -> list[str]:
    if settings.network.thresholds:
        return ["nothing: the network is for inference; control must stay 0"]
    steps = f"where samples have fewer than {settings.data.steps} steps write how many into steps"
    rates = "before every epoch write the reinforcement rates (see rates) into rate_0 and up, while status is 0"
    return [
        *([] if settings.fixed_rates is not None else [rates]),
        *([steps] if settings.recurrent else []),
        "stream the epoch's samples, and count the predictions that are right",
        "after the epoch's last sample write 1 to command, which ends its last batch, full or not",
        "to classify without learning write 0 to control, while status is 0; 1 goes on learning",
    ]


def _least_cycles(settings: Settings) -> int:
    """Cycles that the slowest forward pass, or the sample stream, takes for a sample."""
    return max(
        (settings.data.steps or 1) * _least_cycles_a_step(settings),
        *(_forward_cycles(shape) for shape in (*settings.shapes, *settings.classifier_shapes)),
    )


def _least_cycles_a_step(settings: Settings) -> int:
    """Cycles that the first layer, or the sample stream, takes for a sample, or for each step of it."""
    words = ceil_div(settings.network.sizes[0], settings.hardware.stream_width)
    return max(words, _forward_cycles(settings.shapes[0]))


def _forward_cycles(shape: LayerShape) -> int:
    """Cycles that a sample, or a step, takes of a forward pass that it shares with as many as may pass together."""
    return ceil_div(shape.forward_cycles, shape.samples)
