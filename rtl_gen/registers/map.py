"""The register map: one table that the hardware decodes and every driver addresses by name."""

from __future__ import annotations

from dataclasses import dataclass

from bephw.settings import Settings
from bephw.shape import LayerShape

__all__ = [
    "ADDRESS_WIDTH",
    "IDENTITY",
    "Command",
    "Field",
    "Register",
    "Status",
    "Transfer",
    "margin_width",
    "per_classifier",
    "register_map",
    "reset_margins",
]

ADDRESS_WIDTH = 12
IDENTITY = 0x42455031  # "BEP1"


@dataclass(frozen=True)
class Field:
    """Bits of a register that mean something of their own.

    Attributes:
        name: unique in its register.
        low, width: its lowest bit, and how many there are.
        meaning: one line.
    """

    name: str
    low: int
    width: int
    meaning: str

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.low


FIELDS = {
    "control": (Field("learn", 0, 1, "samples teach; cleared, they are classified only"),),
    "command": (
        Field("end_batch", 0, 1, "end the batch"),
        Field("clear_statistics", 1, 1, "clear the statistics"),
    ),
    "status": (
        Field("busy", 0, 1, "samples are in flight, or a batch end or the power-up refresh is under way"),
        Field("transfer", 1, 1, "state elements are being loaded or dumped"),
    ),
    "transfer": (
        Field("space", 0, 16, "whose elements move"),
        Field("dump", 16, 1, "out of the trainer; cleared, into it"),
    ),
}
"""Of the registers that have such; writing one to a field of `command` acts once."""


def _mask(register: str, name: str) -> int:
    (found,) = (field.mask for field in FIELDS[register] if field.name == name)
    return found


class Command:
    """Bits of the `command` register."""

    END_BATCH = _mask("command", "end_batch")
    CLEAR_STATISTICS = _mask("command", "clear_statistics")


class Transfer:
    """Fields of the `transfer` register: the state space, and the direction."""

    DUMP = _mask("transfer", "dump")


class Status:
    """Bits of the `status` register."""

    BUSY = _mask("status", "busy")
    TRANSFER = _mask("status", "transfer")


@dataclass(frozen=True)
class Register:
    """One 32-bit word of the register file.

    Attributes:
        name: unique; per-layer registers end in the layer's index.
        address: word address on the register bus.
        width: bits that exist; the others read as zero (as copies of the sign where `signed`).
        writable: whether a write does anything.
        signed: two's complement.
        meaning: one line for manuals and manifests.
        fields: where its bits mean different things.
    """

    name: str
    address: int
    width: int
    writable: bool
    signed: bool
    meaning: str
    fields: tuple[Field, ...] = ()


def margin_width(classifier: LayerShape) -> int:
    """Bits of the signed `margin` register: it holds +-(2 K_L + 1), beyond which R changes nothing."""
    return (2 * classifier.inputs + 1).bit_length() + 1


def per_classifier(name: str, classifiers: int) -> list[str]:
    """Names of a register that every one of so many classifiers has: numbered by layers where there are several."""
    return [name] if classifiers == 1 else [f"{name}_{index}" for index in range(classifiers)]


def reset_margins(settings: Settings) -> dict[str, int]:
    """What the margin registers hold after reset: R, clipped to where it changes nothing."""
    shapes = settings.classifier_shapes
    most = [2 * shape.inputs + 1 for shape in shapes]
    return {
        name: max(-bound, min(bound, R))
        for name, bound, R in zip(per_classifier("margin", len(shapes)), most, settings.margins, strict=True)
    }


def _steps(settings: Settings) -> list[tuple[str, int, bool, bool, str]]:
    """Of a recurrent network, the length of its samples."""
    most = settings.data.steps
    if most is None:
        return []
    return [("steps", most.bit_length(), True, False, f"steps of a sample, 1 to {most}, from the next one on")]


def register_map(settings: Settings) -> dict[str, Register]:
    """All registers of the trainer that `settings` describe, by name, in address order."""
    shapes = settings.classifier_shapes
    count = len(shapes)
    owners = [f" of layer {index}" for index in range(count)] if count > 1 else [""]
    spaces = "layers = prototypes" if count == 1 else "from layers on = prototypes of a layer"
    taught = [f" layer {index}" for index in range(count)] if count > 1 else [""]
    rows: list[tuple[str, int, bool, bool, str]] = [
        ("identity", 32, False, False, f"always {IDENTITY:#010x}"),
        ("control", 1, True, False, "bit 0: learn; cleared, samples are classified only"),
        ("command", 2, True, False, "bit 0: end the batch; bit 1: clear the statistics; reads as 0"),
        ("status", 2, False, False, "bit 0: busy; bit 1: transfer under way"),
        ("transfer", 17, True, False, f"start: bits 15-0 space (layer, or {spaces}), bit 16 dump"),
        ("batch", 32, True, False, "samples in a batch, at least 1"),
        *(
            (name, margin_width(shape), True, True, f"R{of}: below this margin a sample teaches{it}")
            for name, shape, of, it in zip(per_classifier("margin", count), shapes, owners, taught, strict=True)
        ),
        *_steps(settings),
        ("samples", 32, False, False, "samples classified"),
        *(
            (name, 32, False, False, f"samples that taught{it}")
            for name, it in zip(per_classifier("taught", count), taught, strict=True)
        ),
        ("updates", 32, False, False, "winner rows updated, all layers"),
        ("cycles", 32, False, False, "clock cycles while busy"),
    ]
    gated = {shape.index for shape in settings.gated_shapes}
    for shape in settings.shapes:
        at = shape.index
        if at in gated:
            rows.append((f"gate_{at}", shape.z_bits, True, False, f"G of layer {at}"))
        rows += [
            (f"rate_{at}", 32, True, False, f"reinforcement rate of layer {at}, 2^-16 events a sample"),
            (f"generator_{at}", 32, True, False, f"xorshift32 state of layer {at}, never 0"),
            (f"accumulator_{at}", 16, True, False, f"reinforcement accumulator of layer {at}"),
        ]
    if settings.hardware.profile:
        rows += [("cycles_batch_end", 32, False, False, "cycles in which no sample may enter, waiting for a batch end")]
        for shape in (*settings.shapes, settings.classifier_shape):
            rows.append((f"cycles_forward_{shape.index}", 32, False, False, f"busy cycles of array {shape.index}"))
        for shape in shapes[:-1]:
            at = shape.index
            rows.append(
                (f"cycles_classifier_{at}", 32, False, False, f"busy cycles of the array of layer {at}'s classifier")
            )
        for shape in settings.shapes:
            at = shape.index
            rows += [
                (f"cycles_winner_{at}", 32, False, False, f"busy cycles of layer {at}'s winner search"),
                (f"cycles_update_{at}", 32, False, False, f"busy cycles of layer {at}'s row updates"),
                (f"cycles_reinforce_{at}", 32, False, False, f"busy cycles of layer {at}'s reinforcement"),
            ]
            if at in gated:
                rows.append((f"cycles_credit_{at}", 32, False, False, f"busy cycles of layer {at}'s error propagation"))
    return {
        row[0]: Register(row[0], address, *row[1:], fields=FIELDS.get(row[0], ())) for address, row in enumerate(rows)
    }
