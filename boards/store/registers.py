"""The registers of a store: further rows of the trainer's map, for boards that have one."""

from __future__ import annotations

from bephw.boards.store.layout import words_of_a_step
from bephw.rtl_gen.registers.map import Field, Register
from bephw.settings import Settings

__all__ = ["FIRST_ADDRESS", "StoreCommand", "StoreStatus", "kept_values", "store_registers"]

FIRST_ADDRESS = 0x800
"""Behind all of the trainer's."""

FIELDS = {
    "store_status": (Field("busy", 0, 1, "a command is under way"),),
    "store_command": (
        Field("load", 0, 1, "keep the samples that come, as many as store_size has room for"),
        Field("check", 1, 1, "read all records, and compute their checksum"),
        Field("run", 2, 1, "send all records to the trainer, in the order of store_first and store_stride"),
    ),
}


class StoreCommand:
    """Bits of the `store_command` register: one at a time, while the store is not busy."""

    LOAD, CHECK, RUN = (field.mask for field in FIELDS["store_command"])


class StoreStatus:
    """Bits of the `store_status` register."""

    BUSY = FIELDS["store_status"][0].mask


def store_registers(depth: int, settings: Settings) -> dict[str, Register]:
    """By name, in address order, of a memory of `depth` words. Where samples are series of steps, which may be fewer
    than there is room for, there is `store_sent`; with `hardware.profile` the store counts waiting, too."""
    number = depth.bit_length()
    rows: list[tuple[str, int, bool, str]] = [
        ("store_status", 1, False, "bit 0: busy"),
        ("store_command", 3, True, "bit 0: load; bit 1: check; bit 2: run an epoch; reads as 0"),
        ("store_size", number, True, "words that all records take"),
        ("store_first", number, True, "address of the first record of an epoch"),
        ("store_stride", number, True, "words from one record of an epoch to the next, modulo store_size"),
        ("store_end", number, True, "address of the record before which an epoch stops; store_first for all of it"),
        ("store_checksum", 32, False, "CRC-32 of all records, of the last check"),
        ("store_correct", 32, False, "samples of the last epoch whose prediction was their label"),
    ]
    if settings.data.steps is not None:
        most = settings.data.steps * words_of_a_step(settings)
        rows.append(("store_sent", most.bit_length(), True, "words of each sample that are sent: those of its steps"))
    if settings.hardware.profile:
        rows.append(("store_waiting", 32, False, "cycles of the last epoch in which the trainer waited for a sample"))
    return {
        name: Register(name, FIRST_ADDRESS + index, width, writable, False, meaning, FIELDS.get(name, ()))
        for index, (name, width, writable, meaning) in enumerate(rows)
    }


def kept_values(settings: Settings) -> dict[str, int]:
    """The registers that keep what is written to them, by name, and their values after reset: all steps are sent."""
    values = dict.fromkeys(("store_size", "store_first", "store_stride", "store_end"), 0)
    steps = settings.data.steps
    return values if steps is None else {**values, "store_sent": steps * words_of_a_step(settings)}
